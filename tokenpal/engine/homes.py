r"""Home folders on this machine besides the person's own: those of Linux inside Windows (agent-logs 2.3.8, 2.9).

Windows shows them below ``\\wsl.localhost\<distribution>``, older versions below ``\\wsl$``. Only distributions that run are
looked into: opening a file of one that sleeps would start it. They are told to be slow, so nobody watches them closely.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

SHARES: Final = ("\\\\wsl.localhost", "\\\\wsl$")
NOT_FOR_PEOPLE: Final = ("docker-desktop", "rancher-desktop", "podman-machine")
PATIENCE: Final = 5.0
MOST: Final = 20  # homes of one distribution
NO_WINDOW: Final = 0x0800_0000


class Home(msgspec.Struct, frozen=True):
    """One more home. ``share`` is what stands before its paths as Linux spells them; ``name`` tells it from others."""

    path: Path
    share: str
    name: str


Distros = Callable[[], Sequence[str]]
Listing = Callable[[str], Sequence[str]]


def running(platform: str = sys.platform) -> list[str]:
    """Names of the distributions that run now; none where there is no such thing."""
    if platform != "win32":
        return []
    try:
        done = subprocess.run(
            ["wsl.exe", "--list", "--running", "--quiet"], capture_output=True, timeout=PATIENCE, creationflags=NO_WINDOW if sys.platform == "win32" else 0, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return names(done.stdout) if done.returncode == 0 else []


def names(said: bytes) -> list[str]:
    """What ``wsl --list --quiet`` printed: UTF-16 as a rule, UTF-8 where WSL_UTF8 is set."""
    text = said.decode("utf-16-le" if b"\0" in said[:4] else "utf-8", "replace").lstrip("\ufeff")
    found = [line.strip() for line in text.splitlines()]
    return [name for name in found if name and name.isprintable() and not any(c in name for c in '\\/:*?"<>|')]


def listing(folder: str) -> list[str]:
    """Names in a folder; nothing where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except OSError:
        return []


def found(distros: Distros = running, folders: Listing = listing, shares: Sequence[str] = SHARES) -> tuple[Home, ...]:
    """The homes of people in the distributions that run. ``distros`` and ``folders`` are for tests."""
    homes: list[Home] = []
    for distro in distros():
        if distro.startswith(NOT_FOR_PEOPLE):
            continue
        for share in shares:
            base = f"{share}{_bar(share)}{distro}"
            people = folders(f"{base}{_bar(share)}home")[:MOST]
            if people:
                name = distro if len(people) == 1 else ""
                homes += [Home(Path(f"{base}{_bar(share)}home{_bar(share)}{one}"), base, name or f"{distro}, {one}") for one in people]
            if "root" in folders(base):
                homes.append(Home(Path(f"{base}{_bar(share)}root"), base, f"{distro}, root"))
            if people or (homes and homes[-1].share == base):
                break  # the other share shows the same
    return tuple(homes)


def shares_of(homes: Sequence[Home]) -> tuple[str, ...]:
    """What may stand before a path that Linux spelled."""
    return tuple(dict.fromkeys(home.share for home in homes))


def is_slow(root: str, mounts: Sequence[str] = ()) -> bool:
    """Whether a look at this folder goes over a network, or to another system; ``mounts`` are those of the network."""
    if root.startswith(("\\\\", "//")):
        return True
    return any(root == mount or root.startswith(mount.rstrip("/") + "/") for mount in mounts)


def _bar(share: str) -> str:
    return "\\" if share.startswith("\\") else "/"
