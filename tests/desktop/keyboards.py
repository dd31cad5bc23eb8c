"""The keyboard of the X server (xdotool). Whoever has the focus gets the keys: a window, or a weston that is one."""

from __future__ import annotations

from typing import Final

from tests.desktop.conftest import Desktop

NAMES: Final = {"Ctrl": "ctrl", "Shift": "shift", "Alt": "alt", "Space": "space", "Esc": "Escape", "Del": "Delete"}
PAUSE: Final = 4  # ms from key to key


class Keyboard:
    """Keys by Qt's portable names: "Ctrl+2", "Tab", "Return"."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop

    def press(self, *keys: str, pause: int = PAUSE) -> None:
        """One after the other, so many ms apart."""
        self._desktop.run("xdotool", "key", "--delay", str(pause), *("+".join(name(part) for part in key.split("+")) for key in keys))

    def write(self, text: str) -> None:
        """Letter by letter."""
        self._desktop.run("xdotool", "type", "--delay", str(PAUSE), "--", text)


def name(part: str) -> str:
    """How xdotool calls a key; a capital letter would come with Shift."""
    return NAMES.get(part, part.lower() if len(part) == 1 else part)
