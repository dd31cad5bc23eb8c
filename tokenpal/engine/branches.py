"""The branch that was checked out when an agent worked, for agents whose logs name none (agent-logs 2.9): inferred, and said so.

From the repository's own record of checkouts (``logs/HEAD``), and from ``HEAD`` where there was none: a new worktree's names its
branch only there. Nothing else of the repository is read, of the record nothing but times and names of branches.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

import msgspec

from tokenpal.engine.homes import is_slow
from tokenpal.engine.places import DEEPEST, READ_LIMIT, local_path, normalise
from tokenpal.model.names import plain
from tokenpal.sources import registry
from tokenpal.sources.base import Kind
from tokenpal.system.folders import network_mounts

NAMED: Final = frozenset({"claude-code", "codex", "qwen-code"})
"""Agents whose logs say the branch themselves (agent-logs 2.9); for them nothing is inferred."""
MOST: Final = 1 << 20  # bytes of the record, from its end
CHECKOUT: Final = re.compile(rb"^[^\t\n]*> (\d{1,12}) [+-]\d{4}\tcheckout: moving from (\S+) to (\S+)$", re.MULTILINE)
COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")
HEAD: Final = "ref: refs/heads/"


def is_inferred(agent: str, branch: str) -> bool:
    """Whether a session's branch was inferred: its agent names none."""
    if not branch or agent in NAMED:
        return False
    source = registry.source(agent)
    return source is not None and source.INFO.kind is Kind.LOG


class Record(msgspec.Struct, frozen=True):
    """Checkouts in order: when, and the branch from then on; ``before`` is the one until the first."""

    times: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    before: str = ""

    def at(self, moment: int) -> str:
        """The branch at a moment; "" = none, or unknown."""
        place = bisect_right(self.times, moment)
        return self.names[place - 1] if place else self.before


class Branches:
    """``branches(folder, at)``; one object lives as long as the app, see ``forget``."""

    def __init__(self, mounts: Sequence[str] | None = None) -> None:
        self._mounts = mounts
        self._known: dict[str, Record] = {}

    def forget(self) -> None:
        """Ask the disk again, at the start of each full scan."""
        self._known.clear()

    def __call__(self, folder: str, at: int) -> str:
        found = self._known.get(folder)
        if found is None:
            found = self._known[folder] = self._find(folder)
        return found.at(at)

    def _find(self, folder: str) -> Record:
        local = local_path(normalise(folder))
        if self._mounts is None:
            self._mounts = network_mounts()
        if local is None or is_slow(local, self._mounts):
            return Record()
        git = folder_of_git(local)
        return Record() if git is None else record(git)


def folder_of_git(folder: str) -> str | None:
    """Where git keeps what belongs to the checkout that a folder is in; None = it is in none. A worktree has its own."""
    for _ in range(DEEPEST):
        marker = os.path.join(folder, ".git")
        try:
            if os.path.isdir(marker):
                return marker
            if os.path.isfile(marker):
                pointer = _read(marker, READ_LIMIT).decode("utf-8", "surrogateescape").strip()
                return os.path.normpath(os.path.join(folder, pointer[7:].strip())) if pointer.startswith("gitdir:") else None
        except (OSError, ValueError):  # ValueError: a folder name with a zero byte
            return None
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return None


def record(git: str) -> Record:
    """The checkouts that a folder of git remembers. Never raises."""
    try:
        said = CHECKOUT.findall(_read(os.path.join(git, "logs", "HEAD"), MOST))
    except OSError:
        said = []
    if not said:
        try:
            head = _read(os.path.join(git, "HEAD"), READ_LIMIT).decode("utf-8", "replace").strip()
        except OSError:
            head = ""
        return Record(before=plain(head.removeprefix(HEAD)) if head.startswith(HEAD) else "")
    # In the order of the record, not of the clock: a clock that was set back moves no branch.
    times: list[int] = []
    for at, _, _ in said:
        times.append(max(int(at), times[-1] if times else 0))
    return Record(tuple(times), tuple(_branch(name) for _, _, name in said), _branch(said[0][1]))


def _branch(name: bytes) -> str:
    """A branch; "" for a commit that was looked at by itself."""
    text = plain(name.decode("utf-8", "replace"))
    return "" if text == "HEAD" or COMMIT.fullmatch(text) else text


def _read(path: str, most: int) -> bytes:
    """The last bytes of a file."""
    with open(path, "rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - most))
        return file.read(most)
