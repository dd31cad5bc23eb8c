"""A LaunchAgent in ``~/Library/LaunchAgents``. Only written, never loaded: loading would start a second copy at once."""

from __future__ import annotations

import os
import plistlib
from pathlib import Path
from typing import Any, Final

from tokenpal.system.autostart.base import Launch, State

LABEL: Final = "dev.tokenpal.tokenpal"


def path(env: dict[str, str] | None = None) -> Path:
    found = dict(os.environ) if env is None else env
    return Path(found.get("HOME") or Path.home()) / "Library" / "LaunchAgents" / f"{LABEL}.plist"


def entry(launch: Launch) -> bytes:
    """The plist. ``AssociatedBundleIdentifiers`` makes System Settings show our name (UsefulSoftwareCo/executor#1283)."""
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": list(launch.words),
            "RunAtLoad": True,
            "KeepAlive": False,
            "ProcessType": "Interactive",  # else App Nap slows the timers
            "LimitLoadToSessionType": "Aqua",
            "AssociatedBundleIdentifiers": [LABEL],
        }
    )


def read(data: bytes) -> State:
    try:
        found: Any = plistlib.loads(data)
    except Exception:
        return State(on=False)
    if not isinstance(found, dict):
        return State(on=False)
    words = found.get("ProgramArguments")
    command = tuple(words) if isinstance(words, list) and all(isinstance(word, str) for word in words) else ()
    return State(on=bool(command) and found.get("RunAtLoad") is True and found.get("Disabled") is not True, command=command or None)


def state() -> State:
    try:
        return read(path().read_bytes())
    except OSError:
        return State(on=False)


def enable(launch: Launch) -> None:
    place = path()
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_suffix(".partial")
    partial.write_bytes(entry(launch))
    partial.replace(place)


def disable() -> None:
    path().unlink(missing_ok=True)
