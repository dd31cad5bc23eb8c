"""The glass a headless weston shares its screen with, and the keys pressed on it: ``python glass.py SOCKET``.

Weston's headless backend has no keyboard, but its module screen-share hands on whatever keys are pressed where the screen is
shown. This is such a place: a Wayland server for that one client, told on ``SOCKET`` which keys to press. A line there is a JSON
list of ``[code, down]`` (codes of linux/input.h) or the name of a PNG file to be written; each is answered with a line when done.
"""

from __future__ import annotations

import array
import json
import mmap
import os
import selectors
import socket
import struct
import sys
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

DISPLAY: Final = 1
GLOBALS: Final = {1: ("wl_compositor", 1), 2: ("wl_shm", 1), 3: ("wl_output", 1), 4: ("zwp_fullscreen_shell_v1", 1)}
SEAT: Final = 5  # announced later: weston 10 falls over a seat that is there before its screen is shared
WITH_KEYS: Final = 2
NO_KEYMAP: Final = 0  # weston takes its own: a keyboard of the United States
XRGB: Final = 1
FDS: Final = 8
PAUSE: Final = 0.002  # seconds from one key to the next


def text(words: str) -> bytes:
    """A string as Wayland sends it."""
    raw = words.encode() + b"\0"
    return struct.pack("=I", len(raw)) + raw + bytes(-len(raw) % 4)


class Glass:
    """One connection. ``kinds`` says what each object of the client is."""

    def __init__(self, wire: socket.socket) -> None:
        self.wire, self.kinds = wire, {DISPLAY: "wl_display"}
        self._read, self._fds = b"", array.array("i")
        self._registry = self._surface = self._keyboard = self._attached = self._serial = 0
        self._frames: list[int] = []
        self._pools: dict[int, mmap.mmap] = {}
        self._buffers: dict[int, tuple[mmap.mmap, int, int, int]] = {}
        self.shown: tuple[mmap.mmap, int, int, int] | None = None

    def hear(self) -> bool:
        """Take what has come; False when weston is gone."""
        try:
            read, fds, _, _ = socket.recv_fds(self.wire, 65536, FDS)
        except ConnectionError:
            return False
        self._fds.extend(fds)
        self._read += read
        while len(self._read) >= 8:
            one, head = struct.unpack_from("=II", self._read)
            size = head >> 16
            if len(self._read) < size:
                break
            body, self._read = self._read[8:size], self._read[size:]
            self._take(one, self.kinds.get(one, ""), head & 0xFFFF, body)
        return bool(read)

    def press(self, keys: Sequence[tuple[int, bool]]) -> None:
        """Keys down and up, a little apart."""
        for code, down in keys:
            self._say(self._keyboard, 3, self._next(), _now(), code, int(down))
            time.sleep(PAUSE)

    @property
    def ready(self) -> bool:
        """Whether there is a keyboard and something to be seen."""
        return bool(self._keyboard and self.shown)

    def _take(self, one: int, kind: str, request: int, body: bytes) -> None:
        number = struct.unpack_from(f"={len(body) // 4}I", body)
        match kind, request:
            case "wl_display", 0:  # sync
                self._done(number[0])
            case "wl_display", 1:
                self._registry = self._new(number[0], "wl_registry")
                for name, (interface, version) in GLOBALS.items():
                    self._announce(name, interface, version)
            case "wl_registry", 0:
                self._bound(number[0], number[-1])
            case "wl_compositor", 0:
                self._surface = self._new(number[0], "wl_surface")
            case "wl_shm", 0:
                fd = self._fds.pop(0)
                self._pools[self._new(number[0], "wl_shm_pool")] = mmap.mmap(fd, number[1], prot=mmap.PROT_READ)
                os.close(fd)
            case "wl_shm_pool", 0:
                self._buffers[self._new(number[0], "wl_buffer")] = (self._pools[one], *number[2:5])
            case "wl_shm_pool", 1:
                del self._pools[one]
                self._gone(one)
            case "wl_surface", 1:
                self._attached = number[0]
            case "wl_surface", 3:
                self._frames.append(number[0])
            case "wl_surface", 6:
                self._committed()
            case "zwp_fullscreen_shell_v1", 2:  # present_surface_for_mode
                self._say(self._new(number[3], "mode_feedback"), 0)
                self._announce(SEAT, "wl_seat", 1)
            case "wl_seat", 1:
                self._keyboard = self._new(number[0], "wl_keyboard")
                with open(os.devnull, "rb") as nothing:  # a device, whose number is sent
                    self._say(self._keyboard, 0, NO_KEYMAP, 0, fd=nothing.fileno())
                self._say(self._keyboard, 1, self._next(), self._surface, 0)
            case ("wl_buffer" | "wl_surface", 0):
                self._buffers.pop(one, None)
                self._gone(one)

    def _bound(self, name: int, one: int) -> None:
        interface = "wl_seat" if name == SEAT else GLOBALS[name][0]
        self._new(one, interface)
        if interface == "wl_shm":
            self._say(one, 0, XRGB)
        if interface == "wl_seat":
            self._say(one, 0, WITH_KEYS)

    def _committed(self) -> None:
        """What was attached is seen at once, and the next may come."""
        if self._attached:
            self.shown = self._buffers[self._attached]
            self._say(self._attached, 0)
            self._attached = 0
        for one in self._frames:
            self._done(one)
        self._frames.clear()

    def _announce(self, name: int, interface: str, version: int) -> None:
        self._send(self._registry, 0, struct.pack("=I", name) + text(interface) + struct.pack("=I", version))

    def _new(self, one: int, kind: str) -> int:
        self.kinds[one] = kind
        return one

    def _gone(self, one: int) -> None:
        self.kinds.pop(one, None)
        self._say(DISPLAY, 1, one)

    def _done(self, callback: int) -> None:
        self._say(callback, 0, _now())
        self._gone(callback)

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _say(self, one: int, event: int, *numbers: int, fd: int | None = None) -> None:
        self._send(one, event, struct.pack(f"={len(numbers)}I", *numbers), fd)

    def _send(self, one: int, event: int, body: bytes, fd: int | None = None) -> None:
        raw = struct.pack("=II", one, (8 + len(body)) << 16 | event) + body
        if fd is None:
            self.wire.sendall(raw)
        else:
            socket.send_fds(self.wire, [raw], [fd])


def _now() -> int:
    return int(time.monotonic() * 1000) & 0xFFFFFFFF


def png(memory: mmap.mmap, width: int, height: int, stride: int) -> bytes:
    """The picture of a buffer of 32 bits a dot: blue, green, red, nothing."""
    rows = bytearray()
    for y in range(height):
        row = memory[y * stride : y * stride + width * 4]
        line = bytearray(width * 3)
        line[0::3], line[1::3], line[2::3] = row[2::4], row[1::4], row[0::4]
        rows += b"\0" + line
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts)


def obey(glass: Glass, line: str) -> None:
    """Press keys, or keep a picture."""
    wanted = json.loads(line)
    if isinstance(wanted, str):
        assert glass.shown is not None
        Path(wanted).write_bytes(png(*glass.shown))
    else:
        glass.press(wanted)


def main(address: str) -> None:
    glass = Glass(socket.socket(fileno=int(os.environ["WAYLAND_SERVER_SOCKET"])))
    while not glass.ready:
        if not glass.hear():
            return
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    waiting = selectors.DefaultSelector()
    waiting.register(glass.wire, selectors.EVENT_READ)
    waiting.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is glass.wire:
                if not glass.hear():
                    return
                continue
            with listener.accept()[0] as asked, asked.makefile("rw") as lines:
                obey(glass, lines.readline())
                lines.write("done\n")


if __name__ == "__main__":
    main(sys.argv[1])
