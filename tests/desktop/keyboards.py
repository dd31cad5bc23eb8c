"""Two keyboards: that of the X server (xdotool), where whoever has the focus gets the keys, and that of a headless weston (``glass``)."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Final, Protocol

from tests.desktop.conftest import Desktop

NAMES: Final = {"Ctrl": "ctrl", "Shift": "shift", "Alt": "alt", "Space": "space", "Esc": "Escape", "Del": "Delete"}
PAUSE: Final = 4  # ms from key to key
ROWS: Final = {2: "1234567890-=", 16: "qwertyuiop[]", 30: "asdfghjkl;'`", 43: "\\zxcvbnm,./", 57: " "}
UPPER: Final = {2: "!@#$%^&*()_+", 16: "QWERTYUIOP{}", 30: 'ASDFGHJKL:"~', 43: "|ZXCVBNM<>?"}
CODES: Final = {
    "Esc": 1, "Tab": 15, "Return": 28, "Ctrl": 29, "Shift": 42, "Alt": 56, "Space": 57, "F5": 63, "Up": 103, "Left": 105, "Right": 106, "Down": 108, "Del": 111,
}  # fmt: skip
"""Codes of linux/input.h, as the keys of a keyboard of the United States lie: rows by their first code, the rest by name."""
LETTERS: Final = {letter: first + at for first, row in ROWS.items() for at, letter in enumerate(row)}
SHIFTED: Final = {letter: first + at for first, row in UPPER.items() for at, letter in enumerate(row)}


class Keyboard(Protocol):
    """Keys by Qt's portable names: "Ctrl+2", "Tab", "Return"."""

    def press(self, *keys: str, pause: int = PAUSE) -> None:
        """One after the other, so many ms apart."""

    def write(self, text: str) -> None:
        """Letter by letter."""


class XKeyboard:
    """The one of the X server."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop

    def press(self, *keys: str, pause: int = PAUSE) -> None:
        """One after the other, so many ms apart."""
        self._desktop.run("xdotool", "key", "--delay", str(pause), *("+".join(name(part) for part in key.split("+")) for key in keys))

    def write(self, text: str) -> None:
        """Letter by letter."""
        self._desktop.run("xdotool", "type", "--delay", str(PAUSE), "--", text)


class GlassKeyboard:
    """The one of a headless weston, pressed on the glass that listens at ``address``."""

    def __init__(self, address: Path) -> None:
        self._address = address

    def press(self, *keys: str, pause: int = PAUSE) -> None:
        """One after the other, so many ms apart."""
        for key in keys:
            held = [LETTERS[part.lower()] if len(part) == 1 else CODES[part] for part in key.split("+")]
            self._ask(stroke(held))
            time.sleep(pause / 1000)  # as xdotool does

    def write(self, text: str) -> None:
        """Letter by letter."""
        strokes = [stroke([LETTERS[letter]] if letter in LETTERS else [CODES["Shift"], SHIFTED[letter]]) for letter in text]
        self._ask([one for keys in strokes for one in keys])

    def picture(self, file: Path) -> None:
        """What is on the screen, as a PNG."""
        self._ask(str(file))

    def _ask(self, what: object) -> None:
        with socket.socket(socket.AF_UNIX) as wire:
            wire.connect(str(self._address))
            with wire.makefile("rw") as lines:
                lines.write(json.dumps(what) + "\n")
                lines.flush()
                assert lines.readline() == "done\n", "the glass is gone"


def stroke(held: list[int]) -> list[tuple[int, bool]]:
    """Down one after the other, up in the opposite order."""
    return [*((code, True) for code in held), *((code, False) for code in reversed(held))]


def name(part: str) -> str:
    """How xdotool calls a key; a capital letter would come with Shift."""
    return NAMES.get(part, part.lower() if len(part) == 1 else part)
