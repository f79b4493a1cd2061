"""The list of changes: read, checked, and found again in a kernel tree."""
import dataclasses
import pathlib
import re
import tomllib


class Mistake(Exception):
    """The list, a scenario or the command line is wrong."""


@dataclasses.dataclass(frozen=True)
class Change:
    """One line of a kernel, and what takes its place."""
    name: str
    file: str             # in the tree
    function: str         # or the name of a table, around the line
    line: str             # as it is, without its indentation
    becomes: str          # what takes its place; empty: nothing
    breaks: str           # the behaviour that is gone then, in a few words
    entries: tuple        # of the catalogue: their scenarios are played
    number: int = 0       # which of several such lines; 0: there is only one
    scenarios: tuple = ()  # more of them, as paths below tests/scenarios

    def apply(self, text):
        """The text of the file with this change."""
        begin, end = self._extent(text)
        body = text[begin:end]
        whole_line = re.compile(
            r"^([ \t]*)" + re.escape(self.line) + r"[ \t]*$", re.MULTILINE)
        found = list(whole_line.finditer(body))
        if len(found) < self.number or (not self.number and len(found) != 1):
            raise Mistake(f"{self.name}: {self.file} has this line "
                          f"{len(found)} times in {self.function}: {self.line}")
        match = found[max(self.number, 1) - 1]
        indented = match[1] + self.becomes if self.becomes else ""
        return (text[:begin + match.start()] + indented +
                text[begin + match.end():])

    def _extent(self, text):
        """Where the function is: from its name at the left to the first
        closing brace at the left."""
        definition = re.compile(
            r"^(?:\w[^;\n]*)?\b" + re.escape(self.function) +
            r"\b(?:\([^;{}]*\)\s*\n|[^;(\n]*=\s*)\{", re.MULTILINE)
        match = definition.search(text)
        if not match:
            raise Mistake(f"{self.name}: {self.file} has no {self.function}")
        return match.start(), text.index("\n}", match.end())


def load(folder):
    """All changes of the folder's files, in the order of the files that they
    change: neighbours share what has to be compiled."""
    changes = []
    for path in sorted(folder.glob("*.toml")):
        for table in tomllib.loads(path.read_text())["change"]:
            try:
                changes.append(Change(**{
                    key: tuple(value) if isinstance(value, list) else value
                    for key, value in table.items()}))
            except TypeError as error:
                raise Mistake(f"{path}: {table.get('name')}: {error}") from None
    names = [change.name for change in changes]
    for name in names:
        if names.count(name) > 1:
            raise Mistake(f"there are two changes called {name}")
    return sorted(changes, key=lambda change: (
        change.file.startswith("include/"), change.file))


class Scenarios:
    """What there is to be played, by the entries of the catalogue."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._of_entry = {}
        for path in sorted(self.folder.rglob("*.toml")):
            try:
                about = tomllib.loads(path.read_text()).get("behaviour", {})
            except tomllib.TOMLDecodeError as error:
                raise Mistake(f"{path}: {error}") from None
            for entry in about.get("entries", []):
                self._of_entry.setdefault(entry, []).append(path)

    def of(self, change):
        """The files that are about what the change breaks, by name."""
        files = {path for entry in change.entries
                 for path in self._of_entry.get(entry, [])}
        files |= {self.folder / name for name in change.scenarios}
        return sorted(path for path in files if path.exists())

    def name(self, path):
        return str(path.relative_to(self.folder))
