"""Makes beforehand, a few milliseconds at a time, what opening it would keep the person waiting for (issue 5: 16 ms).

Modules are read by a thread of their own; pages grow in turns of the event loop once the window is shown. In the tray nothing
is made: memory is for what somebody looks at.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from time import sleep
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPixmap, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget
from shiboken6 import isValid

from tokenpal.ui.theme import TYPE, font
from tokenpal.ui.turns import Turns

if TYPE_CHECKING:
    from tokenpal.ui.desktop import Desktop
    from tokenpal.ui.page import Page
    from tokenpal.ui.window import MainWindow

BREATH_MS: Final = 8  # between two turns: what the person does comes first
PASSES: Final = 6  # three or four do
FIGURES_MS: Final = 200  # a window that opens with its figures may come so much later
LOOK_MS: Final = 5
SOON_MS: Final = 300  # after the window was shown: its own page has its figures first
GLANCE: Final = ("tokenpal.ui.glance",)
WINDOW: Final = ("tokenpal.ui.window", "tokenpal.ui.pages.overview")
REST: Final = (
    *(f"tokenpal.ui.pages.{name}" for name in ("sessions", "tasks", "checkin", "sharing", "accounts", "settings")),
    *(
        f"tokenpal.ui.dialogs.{name}"
        for name in (
            "find", "shortcuts", "account", "accountoptions", "ask", "away", "budgets", "importing", "insight", "job", "key", "modelswitch", "range", "rates",
            "reprice", "statusline", "task", "templates",
        )
    ),
    *(f"tokenpal.ui.sharing.{name}" for name in ("entry", "invitation", "invite", "leaving", "publish", "start")),
    "tokenpal.ui.help.browser",
    "tokenpal.ui.noticelist",
)  # fmt: skip


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
        if self._names == WINDOW:
            _know_types()
        if self._names == REST:
            _know_what_dialogs_ask()
        gc.freeze()  # what modules brought stays: looking through it takes 20 ms (``ui.collector``)
        if isValid(self):
            self._read.emit()


def _know_what_dialogs_ask() -> None:
    """What is worked out once, and takes its time."""
    from tokenpal.engine import providers
    from tokenpal.engine.sharing.pasted import findings
    from tokenpal.translation import language
    from tokenpal.ui.help.guide import subjects
    from tokenpal.ui.settings.controls import zones

    zones()
    providers.every()
    findings("")
    subjects(language())


def module_of(page: str) -> str:
    """Where a page of the window is written."""
    return f"tokenpal.ui.pages.{page.replace('-', '')}"


def is_read(module: str) -> bool:
    """Whether importing it takes no time."""
    found = sys.modules.get(module)
    return found is not None and not getattr(found.__spec__, "_initializing", False)


def _know_types() -> None:
    """PySide makes the types nobody named yet all at once, with the first widget that needs one of them: 30 ms."""
    for module in [one for name, one in sys.modules.copy().items() if name.startswith("PySide6.Qt")]:  # others import meanwhile
        for number, name in enumerate(dir(module)):
            getattr(module, name, None)
            if number % 100 == 0:
                sleep(0)


class Ahead(QObject):
    """The pages of one window, while it is shown."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        window.visible_changed.connect(self._shown)
        self._window = window
        self._reading: Reading | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self._read)
        self._turns = Turns(self, pause_ms=BREATH_MS)
        self._all = False  # modules are read
        self._wish: tuple[str, object, bool] | None = None
        self._wished = Turns(self)
        self._ground = QWidget()  # stands where the page will be
        window.stack.addWidget(self._ground)
        window.ahead = self

    @property
    def busy(self) -> bool:
        """Whether something is still to be made."""
        return self._soon.isActive() or self._turns.busy or self._wish is not None or (self._reading is not None and not self._all)

    @property
    def wanted(self) -> str:
        """The page that is made now because it was asked for, "" for none."""
        return self._wish[0] if self._wish is not None else ""

    # ---- what somebody asked for --------------------------------------------------------------------------
    def open(self, key: str, item: object, *, keyboard: bool) -> None:
        """Make a page that is not there yet, now but in turns, and open it; the page before it is gone at once, with its keys."""
        self._turns.pause()
        self._wish = (key, item, keyboard)
        self._window.stack.setCurrentWidget(self._ground)
        if self._all:
            self._make()
        else:
            Reading((module_of(key),), self._make, self)

    def forget(self) -> None:
        """Another page was asked for, or this one once more."""
        if self._wish is not None:
            self._wish = None
            self._wished.stop()
            self._turns.go_on()

    @Slot()
    def _make(self) -> None:
        if self._wish is not None and is_read(module_of(self._wish[0])):
            key = self._wish[0]
            self._wished.begin(self._grown(self._window.begin_page(key), key), self._open)

    def _open(self) -> None:
        if self._wish is not None:
            key, item, keyboard = self._wish
            self.forget()
            self._window.open_page(key, item, keyboard=keyboard)

    # ---- what nobody asked for yet ------------------------------------------------------------------------

    @Slot(bool)
    def _shown(self, shown: bool) -> None:
        """Go on with what is missing; while nobody looks, nothing more is made."""
        if not shown:
            self._soon.stop()
            self._turns.pause()
        elif self._reading is None:
            self._soon.start()
        elif self._wish is None:
            self._turns.go_on()

    @Slot()
    def _read(self) -> None:
        self._reading = Reading(REST, self._all_read, self)

    @Slot()
    def _all_read(self) -> None:
        self._all = True
        self._turns.begin(self._pages())
        if not self._window.isVisible() or self._wish is not None:
            self._turns.pause()

    def _pages(self) -> Iterator[None]:
        while key := self._window.next_unmade():
            yield from self._grown(self._window.begin_page(key), key)

    def _grown(self, page: Page, key: str) -> Iterator[None]:
        while isValid(page) and not page.grow(0):
            yield
        if isValid(page):
            yield from settled(page)
        if isValid(page):
            self._window.finish_page(key)  # once it is laid out: the window asks for its size at once


def settled(page: QWidget) -> Iterator[None]:
    """Sizes and places of what is not shown yet: then showing it only paints."""
    if (around := page.parentWidget()) is not None:
        page.resize(around.size())
    parts = page.findChildren(QWidget)
    for part in reversed(parts):  # what is inside first: what is around it asks for its size
        if isValid(part):
            part.ensurePolished()
            part.sizeHint()
        yield
    for _ in range(PASSES):  # from outside: places; a scroll bar that comes takes its room from what is placed already
        rest = True
        for part in (page, *parts):
            if not isValid(part) or page.isVisible():
                return
            if part.testAttribute(Qt.WidgetAttribute.WA_PendingResizeEvent):
                part.setAttribute(Qt.WidgetAttribute.WA_PendingResizeEvent, on=False)
                QCoreApplication.sendEvent(part, QResizeEvent(part.size(), part.size()))
                if isinstance(around := part.parentWidget(), QAbstractScrollArea):
                    QCoreApplication.sendEvent(around, QEvent(QEvent.Type.LayoutRequest))  # now, not in a turn of its own
            elif (layout := part.layout()) is None or not layout.activate():
                continue
            rest = False
            yield
        if rest:
            return


def painted(face: QWidget) -> Iterator[None]:
    """Its parts on a picture that nobody sees: letters, icons and shapes are drawn there, so that the first real one only copies them."""
    ratio = face.devicePixelRatioF()
    sheet = QPixmap(face.size() * ratio)
    sheet.setDevicePixelRatio(ratio)
    for part in face.findChildren(QWidget):
        if isValid(part) and part.isVisibleTo(face):
            part.render(sheet, part.mapTo(face, QPoint(0, 0)), QRegion(), QWidget.RenderFlag(0))
            yield


class First(QObject):
    """The first window and the first glance, for ``Desktop``: modules by a thread, parts and figures in turns, then it is opened."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(desktop)
        self._desktop = desktop
        self._reading: Reading | None = None
        self._turns = Turns(self)
        self._answers = QTimer(self)
        self._answers.setInterval(LOOK_MS)
        self._answers.timeout.connect(self._look)
        self._then_window = False  # asked for while the glance is made
        self._then: Callable[[], None] | None = None

    def window(self, then: Callable[[], None] | None = None) -> None:
        """Open the window once it is made; what is asked for meanwhile follows, the last of it."""
        self._then = then or self._then
        if self._reading is None:
            self._reading = Reading(WINDOW, self._window_read, self)
        else:
            self._then_window = True

    def glance(self) -> None:
        """Open the glance once it is made."""
        if self._reading is None:
            self._reading = Reading(GLANCE, self._glance_read, self)

    @Slot()
    def _glance_read(self) -> None:
        self._turns.begin(self._glance_made(), self._toggle)

    def _glance_made(self) -> Iterator[None]:
        made = self._desktop.make_glance(whole=False)
        yield from made.parts()
        yield from made.known(self._desktop.standing.figures)
        made.settle()
        yield
        yield from settled(made)
        yield from painted(made)
        self._desktop.glance = made

    def _toggle(self) -> None:
        self._reading = None
        if self._then_window:
            self._desktop.show_window()
        else:
            self._desktop.toggle_glance()

    @Slot()
    def _window_read(self) -> None:
        self._turns.begin(self._made(), self._ask)

    def _made(self) -> Iterator[None]:
        for role, (_, weight, _) in TYPE.items():  # reading a font takes its time, once
            QFontMetrics(font(role, weight)).horizontalAdvance("0 %")
            yield
        window = self._desktop.make_window()
        yield
        yield from settled(window)
        page = window.begin_page("overview")
        while not window.page_key and not page.grow(0):
            yield
        yield from settled(page)
        window.finish_page("overview")
        yield
        window.open_page("overview")  # it asks for its figures

    def _ask(self) -> None:
        self._asked, self._looks = self._desktop.bridge.newest, FIGURES_MS // LOOK_MS
        self._answers.start()

    @Slot()
    def _look(self) -> None:
        self._looks -= 1
        if self._looks <= 0 or self._desktop.bridge.answered(self._asked) or self._desktop.windows_shown():
            self._answers.stop()
            self._turns.begin(self._ready(self._desktop.make_window()), self._open)

    def _ready(self, window: MainWindow) -> Iterator[None]:
        from tokenpal.ui.charts.face import ChartFace

        yield from settled(window)
        for chart in window.findChildren(ChartFace):
            if isValid(chart) and not window.isVisible():
                yield from chart.drawing()
        if not window.isVisible():
            yield from painted(window.sidebar)

    def _open(self) -> None:
        then, self._then = self._then, None
        self._reading, self._then_window = None, False
        self._desktop.open()
        if then is not None:
            then()
