"""The key from the X server: XCB through ctypes, on a connection of its own, so that an error there is an answer and not the end.

Caps Lock and Num Lock count as modifiers to the server, so the key is grabbed with each of their four states.
"""

from __future__ import annotations

import ctypes
import os
import select
import threading
from collections.abc import Callable
from typing import Any, Final

from tokenpal.model.errors import UsageError
from tokenpal.system.keys import Key, taken
from tokenpal.translation import tr

MASKS: Final = {"Shift": 1, "Ctrl": 4, "Alt": 8, "Super": 64}
LOCKS: Final = (0, 2, 16, 18)  # none, Caps Lock, Num Lock (Mod2 everywhere), both
KEY_PRESS: Final = 2
SYMS: Final = {
    "Space": 0x20, "Tab": 0xFF09, "Home": 0xFF50, "Left": 0xFF51, "Up": 0xFF52, "Right": 0xFF53, "Down": 0xFF54, "PgUp": 0xFF55,
    "PgDown": 0xFF56, "End": 0xFF57, "Insert": 0xFF63, "Delete": 0xFFFF, "Pause": 0xFF13,
}  # fmt: skip


class _Cookie(ctypes.Structure):
    _fields_ = (("sequence", ctypes.c_uint),)


class _Screens(ctypes.Structure):
    _fields_ = (("data", ctypes.POINTER(ctypes.c_uint32)), ("rem", ctypes.c_int), ("index", ctypes.c_int))


def keysym(key: Key) -> int:
    """The X keysym of the key without its modifiers."""
    if key.key in SYMS:
        return SYMS[key.key]
    return 0xFFBE + int(key.key[1:]) - 1 if len(key.key) > 1 else ord(key.key.lower())


def _library() -> tuple[Any, Any]:
    try:
        xcb, libc = ctypes.CDLL("libxcb.so.1"), ctypes.CDLL(None)
    except OSError as error:
        raise UsageError(tr("The library libxcb is missing, so there is no shortcut.")) from error
    pointer = ctypes.c_void_p
    for name, result, arguments in (
        ("xcb_connect", pointer, (ctypes.c_char_p, pointer)), ("xcb_connection_has_error", ctypes.c_int, (pointer,)),
        ("xcb_disconnect", None, (pointer,)), ("xcb_get_setup", ctypes.POINTER(ctypes.c_uint8), (pointer,)),
        ("xcb_setup_roots_iterator", _Screens, (pointer,)), ("xcb_get_file_descriptor", ctypes.c_int, (pointer,)),
        ("xcb_get_keyboard_mapping", _Cookie, (pointer, ctypes.c_uint8, ctypes.c_uint8)),
        ("xcb_get_keyboard_mapping_reply", ctypes.POINTER(ctypes.c_uint8), (pointer, _Cookie, pointer)),
        ("xcb_get_keyboard_mapping_keysyms", ctypes.POINTER(ctypes.c_uint32), (pointer,)),
        ("xcb_grab_key_checked", _Cookie, (pointer, ctypes.c_uint8, ctypes.c_uint32, ctypes.c_uint16, ctypes.c_uint8, ctypes.c_uint8, ctypes.c_uint8)),
        ("xcb_request_check", pointer, (pointer, _Cookie)), ("xcb_poll_for_event", ctypes.POINTER(ctypes.c_uint8), (pointer,)),
    ):  # fmt: skip
        function = getattr(xcb, name)
        function.restype, function.argtypes = result, arguments
    libc.free.argtypes = (pointer,)
    return xcb, libc


class X11Key:
    """The grab lasts as long as the connection."""

    def __init__(self, key: Key, pressed: Callable[[], None]) -> None:
        self._xcb, self._libc = _library()
        self._pressed = pressed
        self._bus = self._xcb.xcb_connect(None, None)
        try:
            if self._xcb.xcb_connection_has_error(self._bus):
                raise UsageError(tr("The display cannot be reached, so there is no shortcut."))
            setup = self._xcb.xcb_get_setup(self._bus)
            root = self._xcb.xcb_setup_roots_iterator(ctypes.cast(setup, ctypes.c_void_p)).data[0]
            mask = sum(MASKS[one] for one in key.modifiers)
            codes = self._codes(setup[34], setup[35], keysym(key))  # xcb_setup_t: min_keycode, max_keycode
            if not codes:
                raise UsageError(tr("This keyboard has no {key}.", key=key.key))
            for code in codes:
                for lock in LOCKS:
                    cookie = self._xcb.xcb_grab_key_checked(self._bus, 1, root, mask | lock, code, 1, 1)
                    error = self._xcb.xcb_request_check(self._bus, cookie)
                    if error:
                        self._libc.free(error)
                        raise taken(key)
        except UsageError:
            self._xcb.xcb_disconnect(self._bus)  # which gives back what was grabbed so far
            raise
        self._read, self._write = os.pipe()
        self._thread = threading.Thread(target=self._listen, name="hotkey", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Give the key back."""
        os.write(self._write, b".")
        self._thread.join(2)

    def _codes(self, least: int, most: int, symbol: int) -> list[int]:
        """The key codes that give this symbol without Shift, or with it."""
        reply = self._xcb.xcb_get_keyboard_mapping_reply(self._bus, self._xcb.xcb_get_keyboard_mapping(self._bus, least, most - least + 1), None)
        if not reply:
            return []
        each = reply[1]  # keysyms_per_keycode
        symbols = self._xcb.xcb_get_keyboard_mapping_keysyms(ctypes.cast(reply, ctypes.c_void_p))
        found = [least + place for place in range(most - least + 1) if symbol in (symbols[place * each], symbols[place * each + min(1, each - 1)])]
        self._libc.free(ctypes.cast(reply, ctypes.c_void_p))
        return found

    def _listen(self) -> None:
        end = self._xcb.xcb_get_file_descriptor(self._bus)
        while not self._xcb.xcb_connection_has_error(self._bus):
            event = self._xcb.xcb_poll_for_event(self._bus)
            if event:
                kind = event[0] & 0x7F
                self._libc.free(ctypes.cast(event, ctypes.c_void_p))
                if kind == KEY_PRESS:
                    self._pressed()
                continue
            ready, _, _ = select.select([end, self._read], [], [])
            if self._read in ready:
                break
        self._xcb.xcb_disconnect(self._bus)
        for one in (self._read, self._write):
            os.close(one)
