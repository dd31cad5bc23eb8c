"""One tokenpal per data folder: a second start asks the first to show itself (architecture 2.7).

The lock on the data folder decides who runs; this socket only carries a word such as ``show``. Its name is a hash of the
user and the folder and holds no version, so that an old and a new tokenpal find each other.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QSocketNotifier, Signal

from tokenpal.system.doorbell import LONGEST, MOST, Caller, Doorbell, ring

log = logging.getLogger(__name__)
WORDS = frozenset({"show", "glance", "quit"})


def socket_name(folder: Path) -> str:
    """The same for every start of this user on this folder."""
    from getpass import getuser
    from hashlib import sha256

    digest = sha256(f"{getuser()}\0{folder.resolve()}".encode()).hexdigest()
    return f"tokenpal-{digest[:20]}"


def tell(folder: Path, word: str, timeout_ms: int = 1500, answer_ms: int = 15_000) -> bool:
    """Say ``word`` to the tokenpal that already runs; False when nobody answers. It may still be starting, so it has time."""
    if sys.platform == "win32":
        from tokenpal.ui import pipes

        return pipes.ring(socket_name(folder), word, timeout_ms, answer_ms)
    return ring(socket_name(folder), word, timeout_ms / 1000, answer_ms / 1000)


class Listener(QObject):
    """Receives the words. Made only by the process that had no answer, so a leftover socket may be removed."""

    asked = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._door: Doorbell | None = None
        self._callers: dict[int, tuple[Caller, QSocketNotifier]] = {}
        name = socket_name(folder)
        if sys.platform == "win32":
            from tokenpal.ui.pipes import Pipe

            self._pipe = Pipe(name, LONGEST, self._heard, self)
            return
        try:
            self._door = Doorbell(name)
        except OSError as problem:
            log.info("no socket for a second start: %s", problem.strerror)
            return
        self._notifier = QSocketNotifier(self._door.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._come)

    def close(self) -> None:
        """At the end: nobody is heard any more."""
        for number in tuple(self._callers):
            self._send_away(number)
        if self._door is not None:
            self._notifier.setEnabled(False)
            self._door.close()
            self._door = None

    def _heard(self, word: str) -> bool:
        if word in WORDS:
            self.asked.emit(word)
        return word in WORDS

    def _come(self, *_: object) -> None:
        while self._door is not None and (caller := self._door.take()) is not None:
            if len(self._callers) >= MOST:
                self._send_away(min(self._callers, key=lambda number: self._callers[number][0].since))
            notifier = QSocketNotifier(caller.fileno(), QSocketNotifier.Type.Read, self)
            self._callers[caller.fileno()] = caller, notifier
            # A partial might hold the last reference to this object: the notifier's end would end its own parent, and so itself twice.
            notifier.activated.connect(self._read)

    def _read(self, *_: object) -> None:
        notifier = self.sender()
        number = notifier.socket() if isinstance(notifier, QSocketNotifier) else -1
        if number not in self._callers:
            return
        caller = self._callers[number][0]
        try:
            word = caller.hear()
        except OSError:
            self._send_away(number)
            return
        if word is not None:
            if word in WORDS:
                caller.answer()  # before the word is obeyed: it may be the last thing done here
            self._send_away(number)
            self._heard(word)

    def _send_away(self, number: int) -> None:
        caller, notifier = self._callers.pop(number)
        notifier.setEnabled(False)
        notifier.deleteLater()
        caller.leave()
