"""Python's garbage collector, pinned to the GUI thread (architecture 1.3 rule 8, decisions section 6).

Collected on another thread, Qt objects die there and the process with them. So the automatic collector is off, and this
object collects on its own thread after activity: small generations soon, a full collection only while the window is
hidden. Without activity there is no timer. What would take longer than a few milliseconds to look through (modules that were
just read, a page that was just filled) is left alone until that full collection (issue 5).
"""

from __future__ import annotations

import gc
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

SOON_MS = 2_000  # after the first activity
ENOUGH = (700, 10)  # new objects, and young collections, that make a collection worth its time
MUCH = 16_000  # objects that are looked through in one go: 64,000 were seen to take 10 ms
FULL_AFTER_MS = 2_000  # after the window was hidden


def count(generations: int) -> int:
    """How many objects the youngest generations hold.

    One call of C, so that no other thread runs while the lists exist: a tuple that another thread is just filling would have a
    second owner, and Python fails it with a SystemError (bpo-15108).
    """
    return sum(map(len, map(gc.get_objects, range(generations))))


class Collector(QObject):
    """Make one in the GUI thread before other threads start, keep it, and call `touch` on every event of the engine,
    after a page was opened and after a dialog closed. `hidden` tells whether no window is shown.
    """

    def __init__(self, hidden: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hidden = hidden
        self._small = self._timer(SOON_MS, self._collect_small)
        self._full = self._timer(FULL_AFTER_MS, self._collect_full)
        self._since_full = 0  # collections since the last full one
        gc.disable()

    def _timer(self, interval: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(slot)
        return timer

    @Slot()
    def touch(self) -> None:
        """Something happened: collect a little while later. Cheap; call it as often as you like."""
        if not self._small.isActive():
            self._small.start()

    def keep(self) -> None:
        """What is there now is left alone until the next full collection. Takes no time; any thread may do it (``gc.freeze``)."""
        self._since_full += 1
        gc.freeze()

    @Slot()
    def window_hidden(self) -> None:
        """The last window went away: a full collection once it is quiet, unless a window is back by then."""
        self._full.start()

    def idle(self) -> bool:
        """True while no timer runs."""
        return not self._small.isActive() and not self._full.isActive()

    def stop(self) -> None:
        """At the end of the app: no timers, and the automatic collector on again."""
        self._small.stop()
        self._full.stop()
        gc.unfreeze()
        gc.enable()

    @Slot()
    def _collect_small(self) -> None:
        young, middle, _ = gc.get_count()
        both = middle >= ENOUGH[1]
        if both or young >= ENOUGH[0]:
            # The count says little of what is to be looked through: it falls with every object that ends, however old.
            if count(1 + both) > MUCH:
                self.keep()
            else:
                gc.collect(int(both))
                self._since_full += 1
        if self._since_full and self._hidden():
            self._full.start()

    @Slot()
    def _collect_full(self) -> None:
        if self._hidden():
            gc.unfreeze()
            gc.collect()
            self._since_full = 0
