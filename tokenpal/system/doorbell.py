"""A socket in the file system by which a second start of tokenpal says a word to the first. Linux and macOS; no Qt, nothing waits.

Where it lies is where Qt's local sockets lie, so that versions which used those are found and find this one (architecture 2.7).
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

LONGEST: Final = 64  # bytes of a word
MOST: Final = 16  # who speak at the same time
ANSWER: Final = b"ok\n"


def place(name: str) -> Path:
    """The socket's path."""
    return Path(os.environ.get("TMPDIR") or "/tmp") / name  # noqa: S108 - as Qt does; only its owner may connect


def ring(name: str, word: str, connect_seconds: float, answer_seconds: float) -> bool:
    """Say ``word`` to whoever listens; False when nobody does, or no answer comes. It may still be starting, so it has time."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bell:
        try:
            if place(name).stat().st_uid != os.getuid():
                return False  # the folder is everybody's, and the name can be guessed: who answers there is not us
            bell.settimeout(connect_seconds)
            bell.connect(str(place(name)))
            bell.settimeout(answer_seconds)
            bell.sendall(word.encode() + b"\n")
            return bell.recv(LONGEST).startswith(ANSWER[:2])
        except OSError:
            return False


class Doorbell:
    """Listens under ``name`` until ``close``. Raises OSError where nothing can listen.

    Give ``fileno`` to whatever waits for something to read, and call ``take`` then; the same for each ``Caller`` it returns.
    """

    def __init__(self, name: str) -> None:
        self._path = place(name)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            try:
                self._listen()
            except OSError:  # left over: whoever asks for this had no answer there
                with suppress(OSError):
                    self._path.unlink()
                self._listen()
            self._own = self._path.stat().st_ino
        except OSError:
            self._socket.close()
            raise

    def _listen(self) -> None:
        with suppress(OSError):
            os.fchmod(self._socket.fileno(), 0o600)  # Linux makes the file with these rights; where it may not be done, the next but one does it
        self._socket.bind(str(self._path))
        self._path.chmod(0o600)
        self._socket.listen(MOST)
        self._socket.setblocking(False)

    def fileno(self) -> int:
        return self._socket.fileno()

    def take(self) -> Caller | None:
        """Who has come, or None."""
        try:
            caller, _ = self._socket.accept()
        except OSError:
            return None
        caller.setblocking(False)
        return Caller(caller)

    def close(self) -> None:
        """Listen no more; a socket that another process has put there since stays."""
        self._socket.close()
        with suppress(OSError):
            if self._path.stat().st_ino == self._own:
                self._path.unlink()


class Caller:
    """Somebody at the door."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._heard = b""
        self.since = time.monotonic()

    def fileno(self) -> int:
        return self._connection.fileno()

    def hear(self) -> str | None:
        """The word, once it is complete; None = not yet. Raises OSError when nothing more can come of it: send the caller away."""
        try:
            part = self._connection.recv(LONGEST)
        except BlockingIOError:
            return None
        self._heard += part
        word, end, _ = self._heard.partition(b"\n")
        if end and len(word) < LONGEST:
            return word.decode("ascii", "replace").strip()
        if not part or len(self._heard) >= LONGEST:
            raise ConnectionError("no word")
        return None

    def answer(self) -> None:
        with suppress(OSError):
            self._connection.send(ANSWER)

    def leave(self) -> None:
        self._connection.close()
