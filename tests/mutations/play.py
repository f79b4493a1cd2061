"""Kernels and scenarios by the finwait command."""
import dataclasses
import os
import pathlib
import re
import signal
import subprocess

# Their names in finwait's cache: one is played on while the next is built.
KERNELS = ("mutant-1", "mutant-2")

# Many times what was ever seen, on a busy machine. finwait gives up a guest of
# which it hears nothing for 120 s.
BUILD_LIMIT = 3600
PLAY_LIMIT = 900

# Compilers that remember what they compiled, where Debian puts them.
COMPILER_CACHE = "/usr/lib/ccache"

VERDICT = re.compile(
    r"^(PASS|FAIL|BROKEN|UNSUPPORTED)  (\S+\.toml)( \[[^]]*\])?", re.MULTILINE)


@dataclasses.dataclass
class Outcome:
    """Cases of one scenario by verdict."""
    verdicts: dict  # case: verdict

    def count(self, verdict):
        return list(self.verdicts.values()).count(verdict)

    @property
    def red(self):
        return self.count("FAIL") > 0

    @property
    def green(self):
        return set(self.verdicts.values()) == {"PASS"}


class Finwait:
    """The command. What it says goes to a log, one for each change."""

    def __init__(self, command, logs):
        self._command = str(command)
        self._logs = logs
        self._environment = dict(os.environ)
        if pathlib.Path(COMPILER_CACHE).is_dir():
            self._environment["PATH"] = (COMPILER_CACHE + ":" +
                                         os.environ["PATH"])
        logs.mkdir(parents=True, exist_ok=True)

    def build(self, tree, kernel, name, jobs):
        """Whether the tree compiles."""
        arguments = ["kernel", "build", str(tree.folder), "--name", kernel]
        if jobs:
            arguments += ["--jobs", str(jobs)]
        status, _ = self._run(arguments, name + ".build", BUILD_LIMIT)
        return status == 0

    def play(self, files, kernel, name):
        """What became of each file. A verdict names no folder: files of the
        same name are played one after the other."""
        outcomes = {}
        rounds = {}
        for path in files:
            rounds.setdefault(
                sum(path.name == other.name for other in outcomes),
                []).append(path)
            outcomes[path] = Outcome({})
        for number, of_round in rounds.items():
            log = name if number == 0 else f"{name}.{number + 1}"
            _, text = self._run(
                ["run", "--kernel", kernel, "--color", "never",
                 *map(str, of_round)], log, PLAY_LIMIT)
            by_name = {path.name: path for path in of_round}
            for verdict, file, case in VERDICT.findall(text):
                if file in by_name:
                    outcomes[by_name[file]].verdicts[case] = verdict
        return outcomes

    def accepts(self, path):
        status, _ = self._run(["check", str(path)], "check", 60)
        return status == 0

    def remove_kernels(self):
        for kernel in KERNELS:
            self._run(["kernel", "remove", kernel], "remove", 60)

    def _run(self, arguments, log, limit):
        """Exit status (None after the limit) and what was said. A session of
        its own, so that all of it can be ended."""
        path = self._logs / (log + ".log")
        with open(path, "w") as out:
            child = subprocess.Popen(
                [self._command, *arguments], stdout=out,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                env=self._environment, start_new_session=True)
            try:
                status = child.wait(limit)
            except BaseException as error:
                os.killpg(child.pid, signal.SIGTERM)
                child.wait()
                if not isinstance(error, subprocess.TimeoutExpired):
                    raise
                status = None
        return status, path.read_text(errors="replace")
