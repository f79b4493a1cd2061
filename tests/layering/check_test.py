#!/usr/bin/env python3
"""Proves that check.py finds each kind of violation, and only those."""

import pathlib
import tempfile
import unittest

import check

CMAKE = """set(FINWAIT_ROOMS base scenario netns netlink process
                  lab gtest)
"""


class CheckerTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("framework/CMakeLists.txt", CMAKE)
        self.write("framework/base/units.h", "// Units.\n#pragma once\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def violations(self):
        return check.Checker(self.root).check()

    def assert_only_violation(self, path, text):
        """`text` as the only odd file gives one violation, at its last line."""
        self.write(path, text)
        found = self.violations()
        self.assertEqual(len(found), 1, found)
        place = f"{path}:{len(text.splitlines())}: "
        self.assertTrue(found[0].startswith(place), found)

    def test_a_tidy_tree_has_none(self):
        self.write("framework/lab/lab.cc",
                   '// Lab.\n#include "base/units.h"\n#include <vector>\n')
        self.write("framework/process/program.cc",
                   "// Programs.\n#include <boost/process.hpp>\n")
        self.write("framework/gtest/matchers.h",
                   "// Matchers.\n#pragma once\n#include <gtest/gtest.h>\n")
        self.write("tests/unit/base/units_test.cc",
                   "// Units.\n#include <gtest/gtest.h>\n")
        self.write("build/generated.cc", "sleep(1);\n")
        self.assertEqual(self.violations(), [])

    def test_a_room_that_comes_later(self):
        self.write("framework/lab/lab.h", "// Lab.\n#pragma once\n")
        self.assert_only_violation("framework/netns/namespace.cc",
                                   '// Netns.\n#include "lab/lab.h"\n')

    def test_a_library_away_from_home(self):
        for library in ["toml++/toml.hpp", "netlink/socket.h", "pcap.h",
                        "pcap/pcap.h", "boost/process.hpp",
                        "nlohmann/json.hpp", "gtest/gtest.h", "CLI/CLI.hpp"]:
            with self.subTest(library):
                self.assert_only_violation(
                    "framework/base/error.cc",
                    f"// Errors.\n#include <{library}>\n")

    def test_a_library_with_the_name_of_a_room(self):
        self.write("framework/netlink/socket.h", "// Socket.\n#pragma once\n")
        self.assert_only_violation("framework/lab/lab.cc",
                                   "// Lab.\n#include <netlink/socket.h>\n")

    def test_namespaces_away_from_netns(self):
        self.assert_only_violation("framework/lab/lab.cc",
                                   "// Lab.\nvoid F() { setns(1, 0); }\n")

    def test_sleep(self):
        for call in ["sleep(1);", "::usleep(5);", "nanosleep(&a, nullptr);",
                     "std::this_thread::sleep_for(1ms);",
                     "poll(nullptr, 0, 10);"]:
            with self.subTest(call):
                self.assert_only_violation("tests/kernel/lab/lab_test.cc",
                                           f"// Lab.\n{call}\n")

    def test_sleep_in_a_script(self):
        for line in ["  sleep 1", "while busy; do sleep 1; done"]:
            with self.subTest(line):
                self.assert_only_violation("tools/demo",
                                           f"#!/bin/bash\n{line}\n")

    def test_words_about_sleep_are_fine(self):
        self.write("framework/base/clock.cc",
                   '// Clock.\n// No sleep() here.\nauto a = "sleep(1)";\n')
        self.assertEqual(self.violations(), [])

    def test_a_long_file(self):
        self.assert_only_violation("framework/base/long.cc", "//\n" * 501)

    def test_long_data_is_fine(self):
        self.write("framework/scenario/schema.json", "{\n}\n" * 500)
        self.assertEqual(self.violations(), [])

    def test_a_header_without_guard(self):
        self.assert_only_violation("framework/base/clock.h", "// Clock.\n")

    def test_a_file_without_a_word(self):
        self.assert_only_violation("framework/base/clock.cc", "int a;\n")

    def test_a_file_after_its_header_needs_no_word(self):
        for file in ["framework/base/units.cc",
                     "tests/unit/base/units_test.cc"]:
            self.write(file, '#include "base/units.h"\n')
        self.assertEqual(self.violations(), [])

    def test_a_vague_name(self):
        self.assert_only_violation("tools/run.cc",
                                   "// Run.\nclass RunManager;\n")

    def test_an_unknown_room(self):
        self.write("framework/cellar/wine.h", "// Wine.\n#pragma once\n")
        self.assertEqual(len(self.violations()), 1)

    def test_clutter_at_the_top(self):
        self.assert_only_violation("notes.txt", "Remember the milk.\n")


if __name__ == "__main__":
    unittest.main()
