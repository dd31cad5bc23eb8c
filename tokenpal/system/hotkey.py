"""One key for the whole desktop, where the platform gives such a thing. No Qt.

``open_hotkey`` gives an object that waits in a thread of its own: the X server grabs the key (XCB, through ctypes), Windows
registers it, Wayland asks the desktop's portal, where the person confirms it. macOS has no such call without a permission to
read the keyboard, which tokenpal does not ask for. What cannot be had is said in a sentence (UsageError).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Protocol

from tokenpal.model.errors import UsageError
from tokenpal.system.keys import parse
from tokenpal.translation import tr


class Hotkey(Protocol):
    """A key that was given to us."""

    def close(self) -> None:
        """Give it back."""


def platform() -> str:
    """Which way there is: x11, portal, windows, or "" for none."""
    if sys.platform == "win32":
        return "windows"
    if sys.platform == "darwin":
        return ""
    if os.environ.get("WAYLAND_DISPLAY"):
        return "portal"
    return "x11" if os.environ.get("DISPLAY") else ""


def why_not() -> str:
    """Why there is no such key here, in a sentence; "" where there may be."""
    return "" if platform() else tr("This system gives programs no key of their own without reading the keyboard, which tokenpal does not do.")


def open_hotkey(text: str, pressed: Callable[[], None]) -> Hotkey:
    """Take the key and call ``pressed`` from another thread. May take seconds. Raises UsageError: no key, taken, not possible here."""
    key = parse(text)
    way = platform()
    if way == "x11":
        from tokenpal.system.hotkey_x11 import X11Key

        return X11Key(key, pressed)
    if way == "portal":
        from tokenpal.system.hotkey_portal import PortalKey

        return PortalKey(key, pressed)
    if way == "windows":
        from tokenpal.system.hotkey_windows import WindowsKey

        return WindowsKey(key, pressed)
    raise UsageError(why_not())
