"""Work done a few milliseconds at a time, so that what the person does comes first (issue 5: no call takes longer than a frame).

The one runner of such work: pages that grow, lists that fill, a theme that changes, veils that go. Work is an iterator; every
``yield`` is a place to stop and to go on in a later turn of the event loop::

    self._turns = Turns(self)  # dies with its owner, and its timer with it
    self._turns.begin(self._parts(), self._all_there)
    self._turns.finish()  # somebody needs it now: do the rest in this call
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot
from shiboken6 import isValid

SLICE: Final = 0.004  # seconds of work in a turn of the event loop
_DONE: Final[Iterator[None]] = iter(())  # stands for work that was done, while what follows waits for its turn


class Turns(QObject):
    """Does one piece of work at a time; beginning another drops what is left of the one before."""

    def __init__(self, parent: QObject, *, pause_ms: int = 0, seconds: float = SLICE) -> None:
        """``pause_ms``: between two turns; ``seconds``: how long a turn may be."""
        super().__init__(parent)
        self._work: Iterator[None] | None = None
        self._then: Callable[[], object] | None = None
        self._running = False
        self._seconds = seconds
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(pause_ms)
        self._timer.timeout.connect(self._go_on)

    @property
    def busy(self) -> bool:
        """Whether something is left to do, be it only what follows the work."""
        return self._work is not None

    @property
    def going(self) -> bool:
        """Whether the work itself goes on: what it draws on may still be added to."""
        return self._work is not None and self._work is not _DONE

    def begin(self, work: Iterator[None], then: Callable[[], object] | None = None, *, at_once: bool = False) -> None:
        """Do this instead of what was going on; ``then`` is called when it is done, not when it was stopped.

        ``at_once``: the first turn is this call.
        """
        self._work, self._then = work, then
        if at_once and not self._running:
            self._go_on()
        else:
            self._timer.start()

    def finish(self) -> None:
        """Do all that is left now."""
        self._do(None)

    def stop(self) -> None:
        """Drop what is left; ``then`` is not called."""
        self._timer.stop()
        self._work = self._then = None

    def pause(self) -> None:
        """Leave off until ``go_on``."""
        self._timer.stop()

    def go_on(self) -> None:
        """Go on after a pause."""
        if self._work is not None:
            self._timer.start()

    @Slot()
    def _go_on(self) -> None:
        self._do(self._seconds)

    def _do(self, seconds: float | None) -> None:
        if self._running:  # asked for by the work itself
            return
        end = None if seconds is None else perf_counter() + seconds
        late = None if seconds is None else perf_counter() + seconds / 2
        self._running = True
        try:
            while (work := self._work) is not None:
                if next(work, self) is self and isValid(self) and self._work is work:
                    if late is not None and perf_counter() >= late and work is not _DONE:
                        self._work = _DONE  # what follows may take its time, too: it has a turn of its own
                        break
                    self._done()
                if not isValid(self):
                    return
                if end is not None and perf_counter() >= end:
                    break
        except BaseException:
            if isValid(self):
                self.stop()  # work that failed is not tried again
            raise
        finally:
            self._running = False
        if self._work is not None:
            self._timer.start()

    def _done(self) -> None:
        then = self._then
        self.stop()
        if then is not None:
            then()
