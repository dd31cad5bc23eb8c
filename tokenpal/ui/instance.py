"""One tokenpal per data folder: a second start asks the first to show itself (architecture 2.7).

The lock on the data folder decides who runs; this socket only carries a word such as ``show``. Its name is a hash of the
user and the folder and holds no version, so that an old and a new tokenpal find each other.
"""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

log = logging.getLogger(__name__)
LONGEST = 64  # bytes of a word
WORDS = frozenset({"show", "glance", "quit"})


def socket_name(folder: Path) -> str:
    """The same for every start of this user on this folder."""
    from getpass import getuser
    from hashlib import sha256

    digest = sha256(f"{getuser()}\0{folder.resolve()}".encode()).hexdigest()
    return f"tokenpal-{digest[:20]}"


def tell(folder: Path, word: str, timeout_ms: int = 1500, answer_ms: int = 15_000) -> bool:
    """Say ``word`` to the tokenpal that already runs; False when nobody answers. It may still be starting, so it has time."""
    socket = QLocalSocket()
    socket.connectToServer(socket_name(folder))
    if not socket.waitForConnected(timeout_ms):
        return False
    socket.write(word.encode() + b"\n")
    answered = socket.waitForReadyRead(answer_ms) and bytes(socket.readAll().data()).startswith(b"ok")
    socket.disconnectFromServer()
    return bool(answered)


class Listener(QObject):
    """Receives the words. Made only by the process that holds the lock, so a leftover socket may be removed."""

    asked = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)
        name = socket_name(folder)
        if not self._server.listen(name):
            QLocalServer.removeServer(name)
            if not self._server.listen(name):
                log.info("no socket for a second start: %s", self._server.errorString())

    @Slot()
    def _connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.setReadBufferSize(LONGEST)
            socket.readyRead.connect(self._read)
            socket.disconnected.connect(socket.deleteLater)

    @Slot()
    def _read(self) -> None:
        socket = self.sender()
        if not isinstance(socket, QLocalSocket):
            return
        if socket.bytesAvailable() >= LONGEST and not socket.canReadLine():
            socket.abort()  # no word is that long
        elif socket.canReadLine():
            word = bytes(socket.readLine(LONGEST).data()).decode("ascii", "replace").strip()
            if word in WORDS:
                socket.write(b"ok\n")
                socket.flush()
                self.asked.emit(word)
            else:
                socket.abort()
