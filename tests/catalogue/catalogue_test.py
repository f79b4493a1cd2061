#!/usr/bin/env python3
"""What tools/catalogue makes of scenarios, lists and finwait's output."""

import importlib.machinery
import importlib.util
import pathlib
import stat
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parent.parent.parent / "tools/catalogue"
LOADER = importlib.machinery.SourceFileLoader("catalogue", str(TOOL))
SPEC = importlib.util.spec_from_loader("catalogue", LOADER)
catalogue = importlib.util.module_from_spec(SPEC)
LOADER.exec_module(catalogue)

SCENARIO = """\
title = "It ends"
[behaviour]
entries = ["FW2-01"]
formula = "2 * N"
sources = ["tcp.c f()"]
catches = "__f() waiting"
[[differs]]
where  = "kernel < 6.1"
reason = "it came later"
source = "tcp.c g()"
"""


def scenario(text=SCENARIO, name="fin_wait2/ends.toml"):
    with tempfile.TemporaryDirectory() as folder:
        catalogue.SCENARIOS = pathlib.Path(folder)
        file = catalogue.SCENARIOS / name
        file.parent.mkdir()
        file.write_text(text)
        return catalogue.Scenario(file)


class Page(unittest.TestCase):
    def test_section_says_everything(self):
        text = catalogue.section(scenario(), {
            "fin_wait2/ends.toml": ["5.10.0", "7.3.4"]})
        for part in ["### It ends", "FW2-01: [fin_wait2/ends.toml]",
                     "**Law**: 2 \\* N", "`tcp.c f()`", r"\__f() waiting",
                     "where kernel < 6.1: it came later (`tcp.c g()`)",
                     "on Linux 5.10.0, 7.3.4"]:
            self.assertIn(part, text)

    def test_entries_are_somewhere(self):
        text = catalogue.page(
            {"FW2-01": "one", "FW2-02": "two", "FW2-03": "three"},
            [scenario()], {"FW2-02": "no way"})
        self.assertIn("| FW2-01 | one | [fin_wait2/ends.toml]", text)
        self.assertIn("## Not covered\n\n- **FW2-02** two: no way", text)
        self.assertIn("## Not yet written\n\n- **FW2-03** three", text)

    def test_mistakes(self):
        wrong = list(catalogue.mistakes(
            {"FW2-02": "two"}, [scenario(name="other/ends.toml")],
            {"FW2-01": "no way"}))
        self.assertEqual(len(wrong), 4)


class Playing(unittest.TestCase):
    def test_same_names_are_apart(self):
        self.assertEqual(
            catalogue.batches(["a/x.toml", "b/x.toml", "b/y.toml"]),
            [{"x.toml": "a/x.toml", "y.toml": "b/y.toml"},
             {"x.toml": "b/x.toml"}])

    def test_the_worst_case_counts(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "finwait"
            program.write_text(
                "#!/bin/sh\ncat <<END\n"
                "PASS  x.toml [a=1]  5.2s  (margin 63ms)\n"
                "FAIL  client counters: TcpExtTW  (a/x.toml:3:1)\n"
                "FAIL  x.toml [a=2]  5.2s  client counters: TcpExtTW: 1\n"
                "PASS  y.toml  0s\n2 pass, 1 fail\nEND\n")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            self.assertEqual(
                catalogue.play(str(program), "uml", {
                    "x.toml": "a/x.toml", "y.toml": "b/y.toml"}),
                {"a/x.toml": "fail", "b/y.toml": "pass"})


if __name__ == "__main__":
    unittest.main()
