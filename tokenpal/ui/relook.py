"""Another look of everything: another theme, numbers as dots. Done in slices behind the picture of every window, then shown part
by part (``ui.still``), so that nobody waits for it and nobody sees half of it (issue 5: 16 ms).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from tokenpal.ui.theme import theme
from tokenpal.ui.turns import Turns

if TYPE_CHECKING:
    from tokenpal.ui.desktop import Desktop
    from tokenpal.ui.still import Still

Then = Callable[[], object]
_PASSING = (Qt.WindowType.Popup, Qt.WindowType.ToolTip, Qt.WindowType.SplashScreen)


class Relook(QObject):
    """One for the app. Where nothing is made beforehand (``Desktop.beforehand``) all is done in the call."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(desktop)
        self._desktop = desktop
        self._queue: deque[tuple[Iterator[None], Then | None]] = deque()
        self._held: list[Still] = []
        self._turns = Turns(self)
        theme().in_turns = self.begin

    @property
    def busy(self) -> bool:
        """Whether a look is on its way."""
        return self._turns.busy

    def begin(self, work: Iterator[None], then: Then | None = None, *, blank: bool = False) -> None:
        """Do this with every picture held; one after the other where several come at a time.

        ``blank``: nothing of the old pictures is to be seen from this call on.
        """
        if not isValid(self) or not self._desktop.beforehand:
            for _ in work:
                pass
            if then is not None:
                then()
            return
        self._queue.append((work, then))
        if blank or not self._turns.busy:
            self._hold(blank)
        if not self._turns.going:
            self._turns.begin(self._all(), self._show)

    def _hold(self, blank: bool) -> None:
        from tokenpal.ui import still  # no window, no pictures: an idle tray does without

        for window in QApplication.topLevelWidgets():
            if not isValid(window) or not window.isVisible():
                continue
            if window.windowType() in _PASSING:
                if blank:
                    window.hide()  # it may tell a figure
            elif (one := still.of(window)) is not None:
                one.hold(window, work=self._turns, blank=blank)
                self._held.append(one)

    def finish(self) -> None:
        """Do the rest now."""
        self._turns.finish()

    def _all(self) -> Iterator[None]:
        while self._queue:
            work, then = self._queue.popleft()
            yield from work
            if then is not None:
                then()
                yield

    def _show(self) -> None:
        for one in self._held:
            if isValid(one):
                one.let_go()
        self._held = []
