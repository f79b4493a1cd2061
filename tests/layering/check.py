#!/usr/bin/env python3
"""Holds the source tree against the rules of docs/contributing.md.

usage: check.py [ROOT]

Prints one line per violation, "file:line: what: which rule", and exits with 1
if there is any. The order of the rooms is read from FINWAIT_ROOMS in
framework/CMakeLists.txt: a room may include what stands before it there.
"""

import pathlib
import re
import sys

# A library's first folder or header in #include, and the places for it.
LIBRARY_HOMES = {
    "toml++": ["framework/scenario"],
    "nlohmann": ["framework/report", "framework/kernel"],
    "netlink": ["framework/netlink"],
    "nftables": ["framework/netlink"],
    "boost": ["framework/process"],
    "pcap": ["framework/observe"],
    "bpf": ["framework/observe"],
    "gtest": ["framework/gtest"],
    "gmock": ["framework/gtest"],
    "CLI": ["tools"],
    "libkmod": ["framework/kernel"],
    "lzma": ["framework/kernel"],
    "zstd": ["framework/kernel"],
}

# Calls with one place for them (None: no place at all), and why.
CALLS = [
    (r"\b(setns|unshare)\s*\(", "framework/netns",
     "only netns/ moves between namespaces"),
    (r"\b(u|nano|clock_nano)?sleep(_for|_until)?\s*\(", None,
     "wait for an event, never sleep"),
    (r"\bpoll\s*\(\s*(nullptr|NULL)", None,
     "wait for an event, never sleep"),
]
SHELL_SLEEP = re.compile(r"(^|[;&|]|\bdo|\bthen)\s*(sudo\s+)?sleep\s")
PYTHON_SLEEP = re.compile(r"\btime\.sleep\(")

LONGEST_FILE = 500  # lines; but data may be as long as it is
DATA = {".csv", ".json"}
SOURCE_FOLDERS = ["framework", "tools", "tests"]
TOP_LEVEL = {
    "CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "docs",
    "framework", "tests", "tools", "topologies",
}
MADE_BY_BUILDS = re.compile(r"build(-.*)?|compile_commands\.json|\..*")

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
VAGUE_NAME = re.compile(
    r"\b(?:class|struct)\s+(\w*(?:Manager|Helper|Utils?|Impl))\b")
COMMENT_OR_STRING = re.compile(r'//.*|"(?:\\.|[^"\\])*"')


def says_what_it_is(path, first_line):
    """A comment does, or the file's own header, if that comes first."""
    include = INCLUDE.match(first_line)
    if include:
        header = pathlib.PurePath(include.group(2))
        return path.stem in (header.stem, header.stem + "_test")
    return first_line.startswith("//")


class Checker:
    """Collects the violations of one tree."""

    def __init__(self, root):
        self.root = root
        self.violations = []
        self.rooms = self.read_rooms()

    def read_rooms(self):
        text = (self.root / "framework/CMakeLists.txt").read_text()
        rooms = re.search(r"set\(FINWAIT_ROOMS([^)]*)\)", text)
        return rooms.group(1).split()

    def report(self, path, line, text):
        self.violations.append(f"{path}:{line}: {text}")

    def check(self):
        self.check_top_level()
        self.check_rooms()
        for folder in SOURCE_FOLDERS:
            for path in sorted((self.root / folder).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    self.check_file(path.relative_to(self.root))
        return self.violations

    def check_top_level(self):
        for entry in sorted(self.root.iterdir()):
            name = entry.name
            if name not in TOP_LEVEL and not MADE_BY_BUILDS.fullmatch(name):
                self.report(name, 1, "the top level has no place for this")

    def check_rooms(self):
        for entry in sorted((self.root / "framework").iterdir()):
            if entry.is_dir() and entry.name not in self.rooms:
                self.report(f"framework/{entry.name}", 1,
                            "not a room of FINWAIT_ROOMS")

    def check_file(self, path):
        try:
            lines = (self.root / path).read_text().splitlines()
        except UnicodeDecodeError:
            return  # a captured packet or the like: no source
        if len(lines) > LONGEST_FILE and path.suffix not in DATA:
            self.report(path, len(lines), f"more than {LONGEST_FILE} lines")
        if path.suffix in (".cc", ".h"):
            self.check_cpp(path, lines)
        elif path.suffix == ".sh" or lines and lines[0].startswith("#!"):
            self.check_script(path, lines)

    def check_script(self, path, lines):
        sleep = PYTHON_SLEEP if path.suffix == ".py" else SHELL_SLEEP
        for number, line in enumerate(lines, 1):
            if sleep.search(line.split("#")[0]):
                self.report(path, number, "wait for an event, never sleep")

    def check_cpp(self, path, lines):
        if not says_what_it_is(path, lines[0] if lines else ""):
            self.report(path, 1, "no comment says what this file is")
        if path.suffix == ".h" and "#pragma once" not in lines:
            self.report(path, 1, "no #pragma once")
        for number, line in enumerate(lines, 1):
            include = INCLUDE.match(line)
            if include:
                self.check_include(path, number, *include.groups())
            else:
                self.check_code(path, number, COMMENT_OR_STRING.sub("", line))

    def check_include(self, path, number, quote, included):
        top = pathlib.PurePath(included).parts[0]
        ours = (self.root / "framework" / included).is_file()
        if quote == '"' and ours:
            self.check_room_include(path, number, top)
        elif path.parts[0] != "tests":
            homes = LIBRARY_HOMES.get(top.removesuffix(".h"))
            if homes and not any(map(path.is_relative_to, homes)):
                self.report(path, number,
                            f"only {'/, '.join(homes)}/ includes {included}")

    def check_room_include(self, path, number, included_room):
        if path.parts[0] != "framework" or path.parts[1] not in self.rooms:
            return
        room = path.parts[1]
        if self.rooms.index(included_room) > self.rooms.index(room):
            self.report(path, number,
                        f"{room}/ may not include {included_room}/, "
                        "which comes after it")

    def check_code(self, path, number, code):
        for pattern, home, rule in CALLS:
            call = re.search(pattern, code)
            if call and not (home and path.is_relative_to(home)):
                self.report(path, number, f"{call.group().strip()}: {rule}")
        vague = VAGUE_NAME.search(code)
        if vague:
            self.report(path, number, f"{vague.group(1)}: say what it does")


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    violations = Checker(pathlib.Path(root)).check()
    print("\n".join(violations) or "every file keeps the rules")
    sys.exit(1 if violations else 0)


if __name__ == "__main__":
    main()
