"""From the folder an agent worked in to the project: the root of its repository (agent-logs 2.9, product 3).

A worktree belongs to its repository. A folder that is gone or cannot be read stays as text: its tokens still count. The
same folder seen from Windows and from WSL is one. Asking the disk is cached, and a dead network drive is asked once.
"""

from __future__ import annotations

import os
import posixpath
import re
import sys
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from tokenpal.system.folders import network_mounts

DRIVE: Final = re.compile(r"^([A-Za-z]):(?=[\\/]|$)")
WSL_SHARE: Final = re.compile(r"^[\\/]{2}wsl(?:\$|\.localhost)[\\/][^\\/]+", re.IGNORECASE)
WSL_MOUNT: Final = re.compile(r"^/mnt/([A-Za-z])(?=/|$)")
GIT_BASH: Final = re.compile(r"^/([A-Za-z])(?=/|$)")
PATIENCE: Final = 1.0  # seconds for a drive that may be dead
DEEPEST: Final = 64
READ_LIMIT: Final = 4096


@lru_cache(maxsize=1)
def in_wsl() -> bool:
    """Whether this is Linux inside Windows, where /mnt/c is the drive C."""
    if sys.platform != "linux":
        return False
    if os.environ.get("WSL_DISTRO_NAME"):
        return True
    try:
        return "microsoft" in Path("/proc/sys/kernel/osrelease").read_text(encoding="ascii", errors="replace").lower()
    except OSError:
        return False


def normalise(folder: str, *, windows: bool = sys.platform == "win32", wsl: bool | None = None) -> str:
    r"""One spelling of a folder: `c:/a`, `\\?\C:\a` and, in WSL, `/mnt/c/a` are `C:\a`; `\\wsl$\Debian\home` is `/home`."""
    wsl = in_wsl() if wsl is None else wsl
    text, before = folder.strip(), None
    while text != before:  # what one rule leaves may be another's: a space before a last slash
        text, before = _spelt(text, windows=windows, wsl=wsl).strip(), text
    return text


def _spelt(text: str, *, windows: bool, wsl: bool) -> str:
    if text.startswith("file://"):
        text = unquote(urlsplit(text).path)
        text = text[1:] if DRIVE.match(text[1:]) else text
    if text.startswith(("\\\\?\\UNC\\", "\\\\?\\")):
        text = "\\\\" + text[8:] if text.startswith("\\\\?\\UNC\\") else text[4:]
    if share := WSL_SHARE.match(text):
        text = text[share.end() :].replace("\\", "/") or "/"
    if mount := (WSL_MOUNT.match(text) if wsl or windows else None) or (GIT_BASH.match(text) if windows else None):
        text = f"{mount.group(1)}:{text[mount.end() :] or '/'}"
    if drive := DRIVE.match(text):
        parts = [part for part in re.split(r"[\\/]+", text[2:]) if part not in {"", "."}]
        return f"{drive.group(1).upper()}:\\" + "\\".join(parts)
    if text.startswith("\\\\"):
        return "\\\\" + "\\".join(part for part in re.split(r"[\\/]+", text) if part)
    if not text:
        return ""
    text = posixpath.normpath(text)
    return text[1:] if text.startswith("//") else text


class Places:
    """``place(folder)`` is the project path, "" for no folder. One object lives as long as the app; see ``forget``."""

    def __init__(self, home: str | None = None, shares: Sequence[str] = ()) -> None:
        self.shares = tuple(shares)  # what may stand before a path of Linux inside Windows (engine.homes)
        self._home = normalise(home if home is not None else str(Path.home()))
        self._known: dict[str, str] = {}
        self._roots: dict[str, str | None] = {}
        self._dead: set[str] = set()
        self._network: tuple[str, ...] | None = None

    def forget(self) -> None:
        """Ask the disk again: repositories come and go. At the start of each full scan."""
        self._known.clear()
        self._roots.clear()
        self._dead.clear()
        self._network = None

    def __call__(self, folder: str) -> str:
        try:
            return self._known[folder]
        except KeyError:
            pass
        project = self._find(folder)
        self._known[folder] = project
        return project

    def _find(self, folder: str) -> str:
        text = normalise(folder)
        local = local_path(text)
        if local is None:
            return self._find_inside(text) if text.startswith("/") else text
        slow = self._slow_mount(local)
        if slow is None:
            found = self._root(local)
        elif slow in self._dead:
            return text
        else:
            found, answered = _with_patience(lambda: self._root(local))
            if not answered:
                self._dead.add(slow)
        return normalise(found) if found else text

    def _find_inside(self, text: str) -> str:
        """The repository of a folder as Linux spells it, seen from outside: the first system that has such a folder."""
        for share in self.shares:
            if share in self._dead:
                continue
            outside = share + (text.replace("/", "\\") if share.startswith("\\") else text)
            found, answered = _with_patience(lambda: self._root(outside) if os.path.isdir(outside) else None)  # noqa: B023 - waited for
            if not answered:
                self._dead.add(share)
            elif found:
                return normalise(found.removeprefix(share))
        return text

    def _slow_mount(self, path: str) -> str | None:
        if path.startswith("\\\\"):
            return path.split("\\")[2] if path.count("\\") > 2 else path
        if self._network is None:
            self._network = network_mounts()
        for mount in self._network:
            if path == mount or path.startswith(mount.rstrip("/") + "/"):
                return mount
        return None

    def _root(self, path: str) -> str | None:
        """The repository that ``path`` is in, by walking up; every folder on the way is remembered."""
        seen: list[str] = []
        found: str | None = None
        for _ in range(DEEPEST):
            if path in self._roots:
                found = self._roots[path]
                break
            seen.append(path)
            # Dotfiles kept in a repository at home do not make everything below one project.
            if len(seen) == 1 or normalise(path) != self._home:
                found = repository(path)
            if found:
                break
            parent = os.path.dirname(path)
            if parent == path:
                break
            path = parent
        for folder in seen:
            self._roots[folder] = found
        return found


def local_path(text: str) -> str | None:
    """``text`` as this system opens it; None = it belongs to another system and stays text."""
    windows = bool(DRIVE.match(text)) or text.startswith("\\\\")
    if sys.platform == "win32":
        return text if windows else None
    if windows:
        return f"/mnt/{text[0].lower()}/" + text[3:].replace("\\", "/") if in_wsl() and text[1:2] == ":" else None
    return text if text.startswith("/") else None


def repository(folder: str) -> str | None:
    """The root of the repository when ``folder`` is one or is a worktree; None otherwise. Never raises."""
    marker = os.path.join(folder, ".git")
    try:
        if os.path.isdir(marker):
            return folder
        if not os.path.isfile(marker):
            return None
        pointer = _read(marker)
    except (OSError, ValueError):  # ValueError: a folder name with a zero byte
        return None
    if not pointer.startswith("gitdir:"):
        return None
    git = os.path.normpath(os.path.join(folder, pointer[7:].strip()))
    try:
        common = os.path.normpath(os.path.join(git, _read(os.path.join(git, "commondir")).strip()))
    except (OSError, ValueError):
        # The repository is gone or elsewhere: the shape of the pointer still tells a worktree from a submodule.
        head, middle, _ = git.replace("\\", "/").rpartition("/worktrees/")
        if not middle:
            return folder
        common = head
    return os.path.dirname(common) if os.path.basename(common) == ".git" else common.removesuffix(".git")


def _read(path: str) -> str:
    with open(path, "rb") as file:
        return file.read(READ_LIMIT).decode("utf-8", "surrogateescape").strip()


def _with_patience(ask: Callable[[], str | None]) -> tuple[str | None, bool]:
    """Ask in a thread that may be left behind: a dead network drive never answers and cannot be interrupted."""
    answer: list[str | None] = []
    done = threading.Event()

    def run() -> None:
        try:
            answer.append(ask())
        finally:
            done.set()

    threading.Thread(target=run, name="places", daemon=True).start()
    answered = done.wait(PATIENCE) and bool(answer)
    return (answer[0] if answered else None), answered
