"""What the panes show follows what the person does, a few milliseconds at a time (issue 5: no call takes longer than a frame).

Whose session the lines and buttons of a pane are about is settled at once; words, figures and pictures come after it, while the
old picture of the panes is held (``ui.still``). Where everything is to happen at once, it does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from tokenpal.ui import still
from tokenpal.ui.bridge import Bridge
from tokenpal.ui.turns import Turns

LOOK_MS: Final = 5
LOOKS: Final = 20  # then what is there is shown without the answers that still miss


class Following(QObject):
    """Works off one piece after the other. A session that is passed before it was shown is left out (``anew``)."""

    def __init__(self, bridge: Bridge, *over: QWidget) -> None:
        """``over``: what is held while there is work; it ends with the first of them."""
        super().__init__(over[0])
        self._bridge, self._over = bridge, over
        self._turns = Turns(self)
        self._pieces: deque[tuple[Iterator[None], bool]] = deque()
        self._held: still.Still | None = None
        self._holds = self._asked = self._looks = 0
        self._working = False
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(LOOK_MS)
        self._wait.timeout.connect(self._shown)

    @property
    def busy(self) -> bool:
        """Whether something is still to be shown."""
        return bool(self._pieces)

    def anew(self, work: Iterator[None], *also: QWidget) -> None:
        """Another session: what is left of the one before is not shown any more."""
        self._pieces = deque(piece for piece in self._pieces if not piece[1])
        self.add(work, *also, passing=True)

    def add(self, work: Iterator[None], *also: QWidget, passing: bool = False) -> None:
        """Something more of the same; ``also``: held, too. ``passing``: not needed once another session is shown."""
        self._pieces.append((work, passing))
        held = still.of(self._over[0]) if self._over[0].isVisible() else None
        if held is None:
            self.finish()
            return
        if self._held is None:
            self._looks = LOOKS
            also = (*self._over, *also)
        for one in also:
            held.hold(one, work=self._turns)
            self._holds += 1
        self._held = held
        self._wait.stop()
        if not self._turns.going:
            self._turns.begin(self._all(), self._shown)

    def wait(self) -> None:
        """What was asked just now belongs to the same picture: one change is seen instead of two."""
        self._asked = self._bridge.newest

    def finish(self) -> None:
        """Show all that is left now."""
        if self._turns.going:
            self._turns.finish()
        elif not self._working:  # else who works does this, too
            self._working = True
            try:
                for _ in self._all():
                    pass
            finally:
                self._working = False

    def _all(self) -> Iterator[None]:
        while self._pieces:
            piece = self._pieces[0]
            while self._pieces and self._pieces[0] is piece:
                if next(piece[0], self) is self:
                    if self._pieces and self._pieces[0] is piece:
                        self._pieces.popleft()
                    break
                yield

    @Slot()
    def _shown(self) -> None:
        if self._looks > 0 and not self._bridge.answered(self._asked):
            self._looks -= 1
            self._wait.start()
            return
        held, holds = self._held, self._holds
        self._held, self._holds = None, 0
        if held is not None and isValid(held):
            for _ in range(holds):
                held.let_go()
