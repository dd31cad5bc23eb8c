"""Finds the log files below some folders: links followed once, newest first (agent-logs 2.3.8).

A running app keeps what it saw in ``Context.memory``. Then a look at every folder (a new or removed file changes its
time) and at the 200 newest files (an append changes theirs) is enough between full walks (performance 5).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from tokenpal.model.usage import Problem

NEWEST: Final = 200
DEEPEST: Final = 40
SETTLED_NS: Final = 2_000_000_000  # a folder changed more recently may change again without a new time
REPARSE: Final = 0x400  # Windows: junctions and the like


class Found(msgspec.Struct, frozen=True, gc=False):
    """One log file as the folder shows it. ``inode`` is 0 where only opening the file tells (Windows)."""

    path: str  # real path: links resolved
    inode: int
    size: int
    mtime_ns: int


class Known(msgspec.Struct):
    """What the last look saw."""

    folders: dict[str, int]  # path -> mtime in ns when it was listed, 0 = list it again
    files: dict[str, Found]
    newest: list[str]


class Look(msgspec.Struct, frozen=True):
    """Files newest first, and what could not be read."""

    files: list[Found]
    problems: list[Problem]


def look(
    bases: Iterable[str],
    wanted: Callable[[str], bool],
    *,
    skip: frozenset[str] = frozenset(),
    depth: int = DEEPEST,
    memory: dict[str, Any] | None = None,
    full: bool = True,
    now_ns: int = 0,
) -> Look:
    """All files below ``bases`` (folders, or single files) whose name is ``wanted``; ``skip`` names folders to leave out."""
    walker = _Walker(wanted, skip, depth, now_ns)
    known: Known | None = memory.get("walk") if memory is not None else None
    real = walker.bases = list(dict.fromkeys(os.path.realpath(base) for base in bases))
    if full or known is None:
        for base in real:
            walker.walk(base)
        walker.follow()
    else:
        walker.again(known, real)
    files = sorted(walker.files.values(), key=_newest_first)
    if memory is not None:
        memory["walk"] = Known(walker.folders, walker.files, [found.path for found in files[:NEWEST]])
    return Look(files, walker.problems)


def _lies_in(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)


def _newest_first(found: Found) -> tuple[int, str]:
    return (-found.mtime_ns, found.path)


class _Walker:
    def __init__(self, wanted: Callable[[str], bool], skip: frozenset[str], depth: int, now_ns: int) -> None:
        self.wanted = wanted
        self.skip = skip
        self.depth = depth
        self.now_ns = now_ns
        self.bases: list[str] = []
        self.files: dict[str, Found] = {}
        self.folders: dict[str, int] = {}
        self.links: list[tuple[str, int]] = []
        self.problems: list[Problem] = []

    def walk(self, base: str, level: int = 0) -> None:
        """Everything below a real path; links are noted for ``follow``."""
        try:
            about = os.stat(base)
        except OSError:
            return  # a root need not exist
        if stat.S_ISREG(about.st_mode):
            if self.wanted(os.path.basename(base)):
                self.files[base] = Found(base, about.st_ino, about.st_size, about.st_mtime_ns)
            return
        self.descend([(base, level, about.st_mtime_ns)])

    def descend(self, waiting: list[tuple[str, int, int]]) -> None:
        while waiting:
            folder, level, changed = waiting.pop()
            if folder not in self.folders:
                waiting += self.listing(folder, level, changed)

    def listing(self, folder: str, level: int, changed: int) -> list[tuple[str, int, int]]:
        """Notes the files of one folder; returns its sub-folders with their level and time."""
        self.folders[folder] = changed if changed < self.now_ns - SETTLED_NS else 0
        below: list[tuple[str, int, int]] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    try:
                        if entry.is_symlink():
                            self.links.append((entry.path, level + 1))
                        elif entry.is_dir(follow_symlinks=False):
                            about = entry.stat(follow_symlinks=False)
                            if getattr(about, "st_file_attributes", 0) & REPARSE:
                                self.links.append((entry.path, level + 1))
                            elif level < self.depth and entry.name not in self.skip:
                                below.append((entry.path, level + 1, about.st_mtime_ns))
                        elif self.wanted(entry.name) and entry.is_file(follow_symlinks=False) and self.is_text(entry.path):
                            about = entry.stat(follow_symlinks=False)
                            self.files[entry.path] = Found(entry.path, about.st_ino, about.st_size, about.st_mtime_ns)
                    except FileNotFoundError:
                        continue  # gone since the folder was opened
        except FileNotFoundError:
            self.folders.pop(folder, None)
        except OSError as problem:
            self.problems.append(Problem(folder, "folder", f"cannot be read: {problem.strerror or 'unknown error'}"))
        return below

    def is_text(self, path: str) -> bool:
        """Whether the path can be written down: cursors and problems are kept as text."""
        try:
            path.encode()
        except UnicodeEncodeError:
            shown = os.fsencode(path).decode("utf-8", "backslashreplace")
            self.problems.append(Problem(shown, "file", "has a name that is not UTF-8, so it is not read; rename it"))
            return False
        return True

    def follow(self) -> None:
        """Each link's target once; a target inside what was walked, a loop, or a folder that all of it lies in adds nothing."""
        while self.links:
            link, level = self.links.pop()
            if level > self.depth or os.path.basename(link) in self.skip:
                continue
            try:
                target = os.path.realpath(link)
            except OSError as problem:
                self.problems.append(Problem(link, "folder", f"cannot be followed: {problem.strerror or 'unknown error'}"))
                continue
            if target in self.folders or target in self.files or any(_lies_in(base, target) for base in self.bases):
                continue
            if os.path.isdir(target) or self.wanted(os.path.basename(target)) or self.wanted(os.path.basename(link)):
                self.walk_target(target, level)

    def walk_target(self, target: str, level: int) -> None:
        if os.path.isdir(target):
            self.walk(target, level)
            return
        try:
            about = os.stat(target)
        except OSError:
            return  # a dangling link
        if stat.S_ISREG(about.st_mode) and self.is_text(target):
            self.files[target] = Found(target, about.st_ino, about.st_size, about.st_mtime_ns)

    def again(self, known: Known, bases: list[str]) -> None:
        """Lists only the folders whose time changed, and looks at the newest files."""
        changed: list[tuple[str, int]] = []
        for folder, before in known.folders.items():
            try:
                now = os.stat(folder).st_mtime_ns
            except OSError:
                changed.append((folder, -1))
                continue
            if now != before:
                changed.append((folder, now))
        self.folders = dict(known.folders)
        self.files = dict(known.files)
        if changed:
            gone = {folder for folder, _ in changed}
            self.files = {path: found for path, found in self.files.items() if os.path.dirname(path) not in gone}
            for folder, _ in changed:
                del self.folders[folder]
            for folder, now in changed:
                if now >= 0:
                    self.descend(self.listing(folder, 0, now))
        for base in bases:
            if base not in self.folders and base not in self.files:
                self.walk(base)
        self.follow()
        for path in known.newest:
            if path in self.files:
                try:
                    about = os.stat(path)
                except OSError:
                    del self.files[path]
                    continue
                self.files[path] = Found(path, about.st_ino, about.st_size, about.st_mtime_ns)
