"""What ``system.doorbell`` is on Linux and macOS, for Windows: Qt's named pipe. Imported there only: QtNetwork is 3 MB of an idle tray."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

log = logging.getLogger(__name__)


def ring(name: str, word: str, connect_ms: int, answer_ms: int) -> bool:
    """Say ``word`` to whoever listens under this name; False when nobody answers."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(connect_ms):
        return False
    socket.write(word.encode() + b"\n")
    answered = socket.waitForReadyRead(answer_ms) and bytes(socket.readAll().data()).startswith(b"ok")
    socket.disconnectFromServer()
    return bool(answered)


class Pipe(QObject):
    """Listens under ``name``; ``heard(word)`` says whether it is a word to answer."""

    def __init__(self, name: str, longest: int, heard: Callable[[str], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._longest, self._heard = longest, heard
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)
        if not self._server.listen(name):
            QLocalServer.removeServer(name)
            if not self._server.listen(name):
                log.info("no socket for a second start: %s", self._server.errorString())

    @Slot()
    def _connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.setReadBufferSize(self._longest)
            socket.readyRead.connect(self._read)
            socket.disconnected.connect(socket.deleteLater)

    @Slot()
    def _read(self) -> None:
        socket = self.sender()
        if not isinstance(socket, QLocalSocket):
            return
        if socket.bytesAvailable() >= self._longest and not socket.canReadLine():
            socket.abort()  # no word is that long
        elif socket.canReadLine():
            if self._heard(bytes(socket.readLine(self._longest).data()).decode("ascii", "replace").strip()):
                socket.write(b"ok\n")
                socket.flush()
            else:
                socket.abort()
