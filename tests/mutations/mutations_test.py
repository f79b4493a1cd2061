"""Tests of the list of changes and of the copy that they are made in."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

import changes
import kernel_tree

SOURCE = """static int answer(struct sock *sk,
\t\t  int how)
{
\tif (how)
\t\treturn 1;
\tif (sk)
\t\treturn 1;
\treturn 42;
}

static const int table[2] = {
\t[0] = 1,
};
"""


def change(**differences):
    return changes.Change(**{
        "name": "x", "file": "net/a.c", "function": "answer",
        "line": "return 42;", "becomes": "return 41;", "breaks": "it",
        "entries": (), **differences})


class ChangeTest(unittest.TestCase):
    def test_replaces_the_line_and_keeps_its_indentation(self):
        self.assertEqual(change().apply(SOURCE),
                         SOURCE.replace("\treturn 42;", "\treturn 41;"))

    def test_finds_a_line_of_a_table(self):
        changed = change(function="table", line="[0] = 1,", becomes="[0] = 2,")
        self.assertIn("\t[0] = 2,\n", changed.apply(SOURCE))

    def test_counts_among_equal_lines(self):
        changed = change(line="return 1;", becomes="return 2;", number=2)
        self.assertIn("if (sk)\n\t\treturn 2;", changed.apply(SOURCE))

    def test_refuses_a_line_that_is_not_unique(self):
        with self.assertRaisesRegex(changes.Mistake, "2 times"):
            change(line="return 1;").apply(SOURCE)

    def test_refuses_a_line_that_is_not_there(self):
        with self.assertRaisesRegex(changes.Mistake, "0 times"):
            change(line="return 43;").apply(SOURCE)

    def test_refuses_an_unknown_function(self):
        with self.assertRaisesRegex(changes.Mistake, "no question"):
            change(function="question").apply(SOURCE)


class KernelTreeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.given = pathlib.Path(folder.name) / "linux"
        self.work = pathlib.Path(folder.name) / "work"
        (self.given / "net").mkdir(parents=True)
        (self.given / "net/a.c").write_text(SOURCE)
        (self.given / "Makefile").write_text("VERSION = 7\n")
        (self.given / "again").symlink_to("net")

    def tree(self):
        tree = kernel_tree.KernelTree(self.given, self.work)
        tree.prepare()
        self.addCleanup(tree.close)
        return tree

    def test_changes_the_copy_alone(self):
        tree = self.tree()
        tree.change("net/a.c", "changed")
        self.assertEqual((tree.folder / "again/a.c").read_text(), "changed")
        self.assertEqual((self.given / "net/a.c").read_text(), SOURCE)

    def test_restores_what_a_killed_run_has_left(self):
        killed = self.tree()
        killed.change("net/a.c", "changed")
        killed.close()
        self.assertEqual((self.tree().folder / "net/a.c").read_text(), SOURCE)

    def test_git_knows_every_file(self):
        tree = self.tree()
        git = ["git", "-C", tree.folder]
        status = subprocess.check_output([*git, "status", "--porcelain"])
        self.assertEqual(status, b"")
        tree.change("net/a.c", "changed")
        status = subprocess.check_output([*git, "status", "--porcelain"])
        self.assertEqual(status, b" T net/a.c\n")


if __name__ == "__main__":
    unittest.main()
