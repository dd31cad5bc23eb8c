"""Makes beforehand, a few milliseconds at a time, what opening it would keep the person waiting for (issue 5: 16 ms).

Modules are read by a thread of their own; pages grow in turns of the event loop once the window is shown. In the tray nothing
is made: memory is for what somebody looks at.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from tokenpal.ui.theme import TYPE, font

if TYPE_CHECKING:
    from tokenpal.ui.desktop import Desktop
    from tokenpal.ui.page import Page
    from tokenpal.ui.window import MainWindow

SLICE: Final = 0.004  # seconds of work in a turn of the event loop
BREATH_MS: Final = 8  # between two turns: what the person does comes first
SOON_MS: Final = 300  # after the window was shown: its own page has its figures first
GLANCE: Final = ("tokenpal.ui.glance",)
WINDOW: Final = ("tokenpal.ui.window", "tokenpal.ui.pages.overview")
REST: Final = tuple(f"tokenpal.ui.pages.{name}" for name in ("sessions", "tasks", "checkin", "sharing", "accounts", "settings")) + tuple(
    f"tokenpal.ui.dialogs.{name}" for name in ("find", "shortcuts", "account", "budgets", "range", "task", "templates")
)


class Reading(QObject):
    """Imports modules in a thread of its own and calls back on the thread it was made in."""

    _read = Signal()

    def __init__(self, names: tuple[str, ...], then: Callable[[], None], parent: QObject) -> None:
        """``then``: a bound method."""
        super().__init__(parent)
        self._names = names
        self._read.connect(then, Qt.ConnectionType.QueuedConnection)
        threading.Thread(target=self._run, name="reading", daemon=True).start()

    def _run(self) -> None:
        for name in self._names:
            try:
                import_module(name)
            except ImportError:  # whoever opens it is told
                continue
            sleep(0.002)
        if self._names == REST:
            from tokenpal.ui.settings.controls import zones

            zones()
        if isValid(self):
            self._read.emit()


class Ahead(QObject):
    """The pages of one window, while it is shown."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        window.visible_changed.connect(self._shown)
        self._window = window
        self._work: Iterator[None] | None = None
        self._reading: Reading | None = None
        self._soon = self._timer(SOON_MS, self._read)
        self._turn = self._timer(BREATH_MS, self._go_on)

    def _timer(self, interval: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(slot)
        return timer

    @property
    def busy(self) -> bool:
        """Whether something is still to be made."""
        return self._soon.isActive() or self._turn.isActive() or (self._reading is not None and self._work is None)

    @Slot(bool)
    def _shown(self, shown: bool) -> None:
        """Go on with what is missing; while nobody looks, nothing more is made."""
        if not shown:
            self._soon.stop()
            self._turn.stop()
        elif self._reading is None:
            self._soon.start()
        elif self._work is not None:
            self._turn.start()

    @Slot()
    def _read(self) -> None:
        self._reading = Reading(REST, self._all_read, self)

    @Slot()
    def _all_read(self) -> None:
        self._work = self._pages()
        if self._window.isVisible():
            self._turn.start()

    @Slot()
    def _go_on(self) -> None:
        end = perf_counter() + SLICE
        while self._work is not None and perf_counter() < end:
            if next(self._work, self) is self:
                return
        self._turn.start()

    def _pages(self) -> Iterator[None]:
        while key := self._window.next_unmade():
            yield from self._grown(self._window.begin_page(key), key)

    def _grown(self, page: Page, key: str) -> Iterator[None]:
        while isValid(page) and not page.grow(SLICE):
            yield
        if isValid(page) and self._window.finish_page(key) is page:
            yield from settled(page)


def settled(page: QWidget) -> Iterator[None]:
    """Sizes, places and first picture of what is not shown yet: fonts and icons are drawn once beforehand."""
    if (around := page.parentWidget()) is not None:
        page.resize(around.size())
    parts = page.findChildren(QWidget)
    for part in parts:
        if isValid(part):
            part.ensurePolished()
            part.sizeHint()
        yield
    for part in (page, *parts):
        if isValid(part) and (layout := part.layout()) is not None:
            layout.activate()
        yield
    for part in reversed(parts):
        if isValid(part) and not part.isHidden() and not part.children() and not part.size().isEmpty() and not page.isVisible():
            part.grab()
        yield


class First(QObject):
    """The first window and the first glance, for ``Desktop``: modules by a thread, parts in turns, then it is opened as always."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(desktop)
        self._desktop = desktop
        self._reading: Reading | None = None
        self._work: Iterator[None] = iter(())

    def window(self) -> None:
        """Open the window once it is made."""
        if self._reading is None:
            self._reading = Reading(WINDOW, self._window_read, self)

    def glance(self) -> None:
        """Open the glance once its modules are there."""
        if self._reading is None:
            self._reading = Reading(GLANCE, self._glance_read, self)

    @Slot()
    def _glance_read(self) -> None:
        self._reading = None
        self._desktop.toggle_glance()

    @Slot()
    def _window_read(self) -> None:
        self._work = self._made()
        QTimer.singleShot(0, self._go_on)

    def _made(self) -> Iterator[None]:
        for role, (_, weight, _) in TYPE.items():  # reading a font takes its time, once
            QFontMetrics(font(role, weight)).horizontalAdvance("0 %")
            yield
        window = self._desktop.make_window()
        yield
        page = window.begin_page("overview")
        while not window.page_key and not page.grow(SLICE):
            yield
        if not window.page_key:
            yield from settled(window.finish_page("overview"))

    @Slot()
    def _go_on(self) -> None:
        end = perf_counter() + SLICE
        while perf_counter() < end and not self._desktop.windows_shown():
            if next(self._work, self) is self:
                break
        else:
            if not self._desktop.windows_shown():
                QTimer.singleShot(0, self._go_on)
                return
        self._reading = None
        self._desktop.open()
