"""The key from Windows: RegisterHotKey and a message loop in a thread of its own. Written from its documentation; never run by its tests."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any, Final

from tokenpal.model.errors import UsageError
from tokenpal.system.keys import Key, taken

MASKS: Final = {"Alt": 1, "Ctrl": 2, "Shift": 4, "Super": 8}
NO_REPEAT: Final = 0x4000
WM_HOTKEY: Final = 0x0312
WM_QUIT: Final = 0x0012
CODES: Final = {
    "Space": 0x20, "Tab": 0x09, "PgUp": 0x21, "PgDown": 0x22, "End": 0x23, "Home": 0x24, "Left": 0x25, "Up": 0x26, "Right": 0x27,
    "Down": 0x28, "Insert": 0x2D, "Delete": 0x2E, "Pause": 0x13,
}  # fmt: skip


def virtual_key(key: Key) -> int:
    """The virtual key code of the key without its modifiers."""
    if key.key in CODES:
        return CODES[key.key]
    return 0x70 + int(key.key[1:]) - 1 if len(key.key) > 1 else ord(key.key)


class WindowsKey:  # pragma: no cover - only there
    """The key belongs to the thread that registered it."""

    def __init__(self, key: Key, pressed: Callable[[], None]) -> None:
        self._key, self._pressed = key, pressed
        self._begun = threading.Event()
        self._error: UsageError | None = None
        self._id = 0
        self._thread = threading.Thread(target=self._listen, name="hotkey", daemon=True)
        self._thread.start()
        self._begun.wait(5)
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Give the key back."""
        windll: Any = ctypes.windll  # type: ignore[attr-defined,unused-ignore]  # only there
        windll.user32.PostThreadMessageW(self._id, WM_QUIT, 0, 0)
        self._thread.join(2)

    def _listen(self) -> None:
        from ctypes import wintypes

        windll: Any = ctypes.windll  # type: ignore[attr-defined,unused-ignore]  # only there
        user, self._id = windll.user32, windll.kernel32.GetCurrentThreadId()
        modifiers = sum(MASKS[one] for one in self._key.modifiers) | NO_REPEAT
        if not user.RegisterHotKey(None, 1, modifiers, virtual_key(self._key)):
            self._error = taken(self._key)
            self._begun.set()
            return
        self._begun.set()
        message = wintypes.MSG()
        while user.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            if message.message == WM_HOTKEY:
                self._pressed()
        user.UnregisterHotKey(None, 1)
