"""A kernel tree that may be changed, made of one that may not.

It has a symbolic link for each file of the given tree, so that it costs no
room and nothing is ever written to that. A file that is to be changed takes the
place of its link. Its own git knows all of it, so that `finwait kernel build`
asks git what is in the tree, and does not read it.
"""
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess


def files_and_links(folder, folders, files):
    """What os.walk() does not go into. `.git` may be a file (git worktree)."""
    links = [name for name in folders if os.path.islink(f"{folder}/{name}")]
    return [name for name in files + links if name != ".git"]


class KernelTree:
    """The links to one given tree. Another process with the same waits."""

    def __init__(self, given, work):
        self._given = pathlib.Path(given).resolve()
        mark = hashlib.sha256(str(self._given).encode()).hexdigest()[:8]
        work.mkdir(parents=True, exist_ok=True)
        self._work = work
        self.folder = work / f"{self._given.name}-{mark}"
        self._changed = work / f"{self.folder.name}.changed"
        self._lock = open(work / f"{self.folder.name}.lock", "w")

    def prepare(self):
        """Makes the links if there are none yet, and takes back what a run that
        was killed has left."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if not self.folder.exists():
            coming = self._work / "coming"
            shutil.rmtree(coming, ignore_errors=True)
            self._link(coming)
            self._commit(coming)
            coming.rename(self.folder)
        self.restore()

    def close(self):
        """Takes the last change back and lets others begin."""
        self.restore()
        self._lock.close()

    def read(self, file):
        return (self._given / file).read_text()

    def change(self, file, text):
        """The name is noted first: whatever happens, restore() finds it."""
        self._changed.write_text(file)
        self._write(file, text)

    def restore(self):
        """Written anew rather than linked: what was compiled of the change is
        newer than the given file, and would be kept."""
        if not self._changed.exists():
            return
        file = self._changed.read_text()
        if file:
            self._write(file, self.read(file))
        self._changed.unlink()

    def _write(self, file, text):
        coming = self.folder / (file + ".coming")
        coming.write_text(text)
        coming.rename(self.folder / file)

    def _link(self, target):
        for folder, folders, files in os.walk(self._given):
            if ".git" in folders:
                folders.remove(".git")
            here = target / os.path.relpath(folder, self._given)
            here.mkdir()
            for name in files_and_links(folder, folders, files):
                path = f"{folder}/{name}"
                is_link = os.path.islink(path)
                os.symlink(os.readlink(path) if is_link else path, here / name)

    def _commit(self, target):
        """One pack instead of a hundred thousand objects."""
        def git(*arguments, **options):
            subprocess.run(["git", "-C", str(target), *arguments], check=True,
                           **options)
        git("init", "--quiet", "--initial-branch=main")
        git("fast-import", "--quiet", input=self._history(target))
        git("reset", "--quiet", stderr=subprocess.DEVNULL)

    @staticmethod
    def _history(target):
        parts = [b"commit refs/heads/main\n"
                 b"committer finwait <finwait@localhost> 0 +0000\n"
                 b"data 0\n"]
        for folder, folders, files in os.walk(target):
            if ".git" in folders:
                folders.remove(".git")
            for name in files_and_links(folder, folders, files):
                path = f"{folder}/{name}"
                link = os.readlink(path).encode()
                inside = os.path.relpath(path, target)
                parts.append(b"M 120000 inline %s\ndata %d\n%s\n" % (
                    inside.encode(), len(link), link))
        return b"".join(parts)
