"""A page that was never seen comes with its figures: an empty ground until its first answers are there, then part by part.

Else its cards would be painted three times in a second, empty, half full and full, each time in other places (issue 5: no call
on the GUI thread takes longer than a frame). Who has to wait for long sees the page all the same.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from tokenpal.ui import still
from tokenpal.ui.bridge import Bridge

LONGEST_MS: Final = 400
LOOK_MS: Final = 10


def wait(page: QWidget, over: QWidget, bridge: Bridge) -> None:
    """Hold an empty picture of ``over`` until the page's questions of just now are answered, or another page is shown there.

    Where everything is to happen at once (``ui.still``) nothing is held.
    """
    held = still.of(over) if over.isVisible() else None
    if held is not None:
        held.hold(over, blank=True)
        _Wait(page, bridge, held)


class _Wait(QObject):
    """Lets go of what it was made with."""

    def __init__(self, page: QWidget, bridge: Bridge, held: still.Still) -> None:
        super().__init__(held)
        self._page, self._bridge, self._held = page, bridge, held
        self._asked, self._looks = bridge.newest, LONGEST_MS // LOOK_MS
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        self._looks -= 1
        gone = not isValid(self._page) or not self._page.isVisible()
        if gone or self._looks <= 0 or self._bridge.answered(self._asked):
            self._timer.stop()
            self._held.let_go()
            self.deleteLater()
