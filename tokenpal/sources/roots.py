"""Where agents keep their files on the three systems, and the folders that environment variables name (agent-logs 2.3.7).

Every place is named whatever the system is: a home folder may be of another one (WSL), and what does not exist costs nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path


def named(home: Path, env: Mapping[str, str], *variables: str, below: str = "") -> list[Path]:
    """The folders in these variables, several with a comma or the system's path separator; ``below`` is put behind each."""
    found: list[Path] = []
    for variable in variables:
        for part in env.get(variable, "").split(","):
            for said in part.split(os.pathsep):
                if said.strip():
                    found.append(_expanded(said.strip(), home) / below)
    return found


def _expanded(said: str, home: Path) -> Path:
    return home / said[2:] if said == "~" or said.startswith(("~/", "~\\")) else Path(said)


def data(home: Path, env: Mapping[str, str], *names: str) -> list[Path]:
    """Folders of these names where programs keep data: XDG, macOS, Windows."""
    bases = [*named(home, {"X": env.get("XDG_DATA_HOME", "")}, "X"), home / ".local" / "share", support(home), *local(home, env)]
    return [base / name for base in bases for name in names]


def support(home: Path) -> Path:
    return home / "Library" / "Application Support"


def local(home: Path, env: Mapping[str, str]) -> list[Path]:
    return [*([Path(env["LOCALAPPDATA"])] if env.get("LOCALAPPDATA") else []), home / "AppData" / "Local"]


def roaming(home: Path, env: Mapping[str, str]) -> list[Path]:
    return [*([Path(env["APPDATA"])] if env.get("APPDATA") else []), home / "AppData" / "Roaming"]


def config(home: Path, env: Mapping[str, str]) -> list[Path]:
    return [*([Path(env["XDG_CONFIG_HOME"])] if env.get("XDG_CONFIG_HOME") else []), home / ".config"]


def once(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Each place once, in order, however it is spelled."""
    unique: dict[str, Path] = {}
    real = Resolver()
    for path in paths:
        unique.setdefault(os.path.normcase(real(path)[0]), path)
    return tuple(unique.values())


class Resolver:
    """``real(path)`` is ``os.path.realpath`` and whether it is there. Below a folder that is not there nothing is looked for.

    Agents may lie in hundreds of places: each folder on the way is asked once for as long as the resolver is kept. No closures that
    know each other: what a look leaves behind has to go without the garbage collector, which runs on the window's thread.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, bool]] = {}

    def __call__(self, path: Path) -> tuple[str, bool]:
        return self._asked(os.fspath(path))

    def _asked(self, path: str) -> tuple[str, bool]:
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = self._look(path)
        return found

    def _look(self, path: str) -> tuple[str, bool]:
        above, name = os.path.split(path)
        if not name or name in {os.curdir, os.pardir}:
            return _whole(path)
        folder, there = self._asked(above or os.curdir)
        place = os.path.join(folder, name)
        try:
            link = there and stat.S_ISLNK(os.lstat(place).st_mode)
        except (OSError, ValueError):
            return place, False
        return _whole(place) if link or (there and os.name == "nt") else (place, there)  # Windows: short names


def _whole(path: str) -> tuple[str, bool]:
    try:
        real = os.path.realpath(path)
    except ValueError:  # a zero byte
        return path, False
    return real, os.path.exists(real)


def below(root: Path, *names: str, own: Iterable[str] = ()) -> list[str]:
    """What to walk: the first of the folders ``names`` in the root; else the root itself, which may be such a folder, or a file.

    ``own``: names of the agent's own folder, in which other files than logs lie: then nothing but ``names`` is read.
    """
    for name in names:
        if (root / name).is_dir():
            return [str(root / name)]
    return [] if root.name in own else [str(root)]
