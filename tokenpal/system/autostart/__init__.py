"""Start with the session: one file per system, each reading the state back from the system (architecture 2.7).

``state()``, ``enable()``, ``disable()`` and ``repair()`` here choose the file; what to write is decided by pure functions
in it, so that all three are tested on any system. May import the standard library only.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from types import ModuleType

from tokenpal.system.autostart.base import Launch, State

__all__ = ["Launch", "State", "disable", "enable", "launch", "repair", "state"]


def launch() -> Launch:
    """How this program is started, in this installation: AppImage, bundle, script on the path, or the interpreter."""
    if image := os.environ.get("APPIMAGE"):
        return Launch((image, "--background"))  # the mounted program's own path is gone after the next start
    if getattr(sys, "frozen", False):
        return Launch((sys.executable, "--background"))
    script = Path(sys.executable).with_name("tokenpal.exe" if sys.platform == "win32" else "tokenpal")
    if script.exists():
        return Launch((str(script), "--background"))
    if found := shutil.which("tokenpal"):
        return Launch((found, "--background"))
    python = Path(sys.executable)
    quiet = python.with_name("pythonw.exe")  # no console window
    return Launch((str(quiet if quiet.exists() else python), "-m", "tokenpal", "--background"))


def _system() -> ModuleType:
    if sys.platform == "darwin":
        from tokenpal.system.autostart import macos

        return macos
    if sys.platform == "win32":
        from tokenpal.system.autostart import windows

        return windows
    from tokenpal.system.autostart import linux

    return linux


def state() -> State:
    """What the system says now."""
    found: State = _system().state()
    return found


def enable() -> State:
    """Start with the session from now on; returns what the system says afterwards. Raises OSError."""
    _system().enable(launch())
    return state()


def disable() -> State:
    """The opposite of ``enable``. Raises OSError."""
    _system().disable()
    return state()


def repair() -> bool:
    """At each start: when autostart is on with a path of the past (an AppImage was moved or updated), write it again."""
    found = state()
    if not found.on or found.command == launch().words or found.command is None:
        return False
    try:
        _system().enable(launch())
    except OSError:
        return False
    return True
