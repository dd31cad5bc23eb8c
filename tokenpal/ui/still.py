"""Holds the picture of a window, a page or a list still while it changes, then shows the new one part by part (issue 5: no call
on the GUI thread takes longer than a frame).

What changes many widgets makes Qt paint them all in one call. A veil over them keeps the pixels that are on the screen and Qt
paints nothing below it; so the change itself can take its time, and nobody sees half of it. Afterwards the veil goes: first
what is behind the cards, then card after card, a few milliseconds of painting a turn.

    with still.held(self.stack, blank=True):  # another page: an empty ground at once, then its parts
        self.stack.setCurrentWidget(page)

    with still.held(self.list):  # the same page with other figures: the old ones until each new part is there
        self.list.fill(rows)

    still.change(self.list, self._rows_made(), self._told)  # work in slices (``ui.turns``) while the picture is held

    still.show(dialog)  # a window for the first time: its ground at once, then its parts

Only where the app makes things beforehand (``Desktop.beforehand``); else all of these do their work in the call, so that tests
and pictures see what they asked for. Veils let clicks through, have no focus and are no part of the accessible tree. A resize
or the end of the window takes them away at once, and a picture is held no longer than ``LONGEST_MS`` unless slices of work go on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Slot
from PySide6.QtWidgets import QAbstractItemView, QWidget
from shiboken6 import isValid

from tokenpal.ui.palette import ColorName
from tokenpal.ui.turns import Turns
from tokenpal.ui.veils import VEIL, above, picture, pixels, place, veil

LONGEST_MS: Final = 3000
LIMIT: Final = 12  # widgets that are painted in one go
BAND: Final = 190  # px of a list that are painted in one go
ROW: Final = 36  # px of a list that count as a widget
_ENDS: Final = frozenset({QEvent.Type.Hide, QEvent.Type.Close, QEvent.Type.DevicePixelRatioChange, QEvent.Type.ScreenChangeInternal})


@contextmanager
def held(over: QWidget, *, blank: bool = False) -> Iterator[None]:
    """Hold the picture of ``over`` (a window, or anything in one) while the block changes it. ``blank``: an empty ground instead."""
    still = of(over)
    if still is None:
        yield
        return
    still.hold(over, blank=blank)
    try:
        yield
    finally:
        if isValid(still):
            still.let_go()


def hold_once(over: QWidget) -> None:
    """Hold the picture of ``over`` until what has just been laid out anew is painted, part by part."""
    with held(over):
        pass


def change(over: QWidget, work: Iterator[None], then: Callable[[], object] | None = None, *, blank: bool = False) -> None:
    """Do the work in slices with the picture of ``over`` held, and show it when all is done. Another change finishes this one first."""
    still = of(over)
    if still is None:
        for _ in work:
            pass
        if then is not None:
            then()
    else:
        still.change(over, work, then, blank=blank)


def show(window: QWidget) -> None:
    """Show a window: its ground at once, its parts one after the other."""
    if window.isVisible():
        return
    with held(window, blank=True):
        window.show()


def of(widget: QWidget) -> Still | None:
    """What holds the picture of the widget's window; None where everything is to happen at once."""
    window = widget.window()
    found = window.findChild(Still, options=Qt.FindChildOption.FindDirectChildrenOnly)
    if isinstance(found, Still) and found.busy:
        return found
    if not _wanted(widget):
        return None
    return found if isinstance(found, Still) else Still(window)


def holds(widget: QWidget) -> bool:
    """Whether the picture of its window is held now."""
    found = widget.window().findChild(Still, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return isinstance(found, Still) and found.busy


def gradual(widget: QWidget) -> bool:
    """Whether work is done in slices here: in the app itself, not where tests and pictures want to see it done."""
    return of(widget) is not None


def _wanted(widget: QWidget | None) -> bool:
    while widget is not None:
        desktop = getattr(getattr(widget, "desk", None) or getattr(widget, "_desk", None), "actions", None)
        if desktop is not None:
            return bool(getattr(desktop, "beforehand", False))
        widget = widget.parentWidget()
    return False


class Still(QObject):
    """The veils of one window. Made by ``of``; it dies with the window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.window = window
        self._holds = 0
        self._covers: list[tuple[QWidget, QWidget]] = []  # what is held, and its veil
        self._veils: deque[QWidget] = deque()  # in the order in which they go
        self._turns = Turns(self)
        self._work = Turns(self)
        self._longest = QTimer(self)
        self._longest.setSingleShot(True)
        self._longest.timeout.connect(self._forgotten)
        self._busy: list[Turns] = [self._work]

    @property
    def busy(self) -> bool:
        """Whether something is held or still to be shown."""
        return bool(self._holds or self._covers or self._veils)

    def hold(self, over: QWidget, *, blank: bool = False, work: Turns | None = None) -> None:
        """Keep the picture of ``over`` until ``let_go`` was called as often as this; longer than ``LONGEST_MS`` only for ``work``."""
        if work is not None and work not in self._busy:
            self._busy = [one for one in self._busy if isValid(one)] + [work]  # pages and dialogs end before the window
        self._holds += 1
        self._turns.stop()
        if blank and over is self.window:
            self._clear()  # nothing of the old picture is to be seen
        if not self.busy or not self._longest.isActive():
            self.window.installEventFilter(self)
            self._longest.start(LONGEST_MS)
        if blank or over.isVisible():
            cover = self._veil(over, place(over, self.window), "ground" if blank else None)
            self._covers.append((over, cover))
            if blank and over is self.window:
                cover.repaint()

    def let_go(self) -> None:
        """Show what is there now, part by part."""
        self._holds = max(0, self._holds - 1)
        if self._holds == 0 and (self._covers or self._veils):
            self._longest.stop()
            self._turns.begin(self._revealed(), self.end)
        elif self._holds == 0:
            self.end()

    def change(self, over: QWidget, work: Iterator[None], then: Callable[[], object] | None = None, *, blank: bool = False) -> None:
        """See the function of the same name."""
        self._work.finish()

        def done() -> None:
            if then is not None:
                then()
            self.let_go()

        self.hold(over, blank=blank)
        self._work.begin(work, done)

    @Slot()
    def _forgotten(self) -> None:
        if any(isValid(one) and one.busy for one in self._busy) and self.window.isVisible():
            self._longest.start(LONGEST_MS)
        else:
            self.end()

    @Slot()
    def end(self) -> None:
        """All veils away at once."""
        self._turns.stop()
        self._longest.stop()
        self.window.removeEventFilter(self)
        self._holds = 0
        self._clear()

    def _clear(self) -> None:
        veils = [veil for _, veil in self._covers] + list(self._veils)
        self._covers.clear()
        self._veils.clear()
        for one in veils:
            if isValid(one):
                one.resize(0, 0)
                one.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in _ENDS:
            self._longest.start(0)  # with the next turn: a window that is being destroyed hides, too
        elif kind == QEvent.Type.Resize:
            blank = [veil for over, veil in self._covers if over is self.window and veil.autoFillBackground()]
            if not self._veils and (blank or not self._covers):
                for one in blank:  # the first time it is shown it gets its size; and what is to be hidden stays so
                    one.setGeometry(self.window.rect())
            else:
                self.end()
        return False

    # ---- veils --------------------------------------------------------------------------------------------
    def _veil(self, over: QWidget, there: QRect, ground: ColorName | None) -> QWidget:
        shown = None
        if ground is None and (whole := picture(self.window)) is not None and whole.hasAlphaChannel():
            shown = whole.copy(
                pixels(there, whole)
            )  # Wayland: a place is cleared before it is painted; elsewhere its picture stays by itself
        return veil(self.window, there, picture=shown, ground=ground, above=above(over, self.window))

    def _revealed(self) -> Iterator[None]:
        while self._covers:
            over, cover = self._covers.pop(0)
            self._veils.append(cover)
            if not isValid(over) or not over.isVisible():
                continue
            yield
            all_of_it = place(over, self.window)
            whole = _Part(over, all_of_it.topLeft(), all_of_it & cover.geometry())
            yield from whole.look()
            places = whole.places()
            next(places)  # that of the cover
            for there, ground in places:
                self._veils.append(self._veil(over, there, ground if cover.autoFillBackground() else None))
                yield
        while self._veils:
            one = self._veils.popleft()
            if isValid(one):
                there = one.geometry()
                one.resize(0, 0)
                one.deleteLater()  # as small as it is: one that goes from its place has that painted twice
                self.window.repaint(there)
                yield


def _inside(widget: QWidget) -> list[QWidget]:
    """The children that are painted with it."""
    children = widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return [one for one in children if not one.isHidden() and not one.isWindow()]


class _Part:
    """A widget to be seen: where (px of the window), and with how many within."""

    __slots__ = ("at", "banded", "clip", "ground", "parts", "weight", "widget")

    def __init__(self, widget: QWidget, at: QPoint, clip: QRect, ground: ColorName = "ground") -> None:
        self.widget, self.at, self.clip = widget, at, clip
        self.ground: ColorName = getattr(widget, "ground", ground)  # what its parts stand on
        around = widget.parentWidget()
        self.banded = isinstance(around, QAbstractItemView) and around.viewport() is widget
        self.weight = 1 + clip.height() // ROW if self.banded else 1
        self.parts: list[_Part] = []

    def look(self) -> Iterator[None]:
        """Find what is within."""
        if self.banded:
            return
        for child in _inside(self.widget):
            if not isValid(child):
                continue
            place = child.geometry().translated(self.at)
            clip = place & self.clip
            if child.objectName() != VEIL and not clip.isEmpty():
                if (drawing := getattr(child, "drawing", None)) is not None:
                    yield from drawing()  # a chart
                    if not isValid(child):
                        continue
                part = _Part(child, place.topLeft(), clip, self.ground)
                self.parts.append(part)
                yield from part.look()
                self.weight += part.weight
        yield

    def places(self, ground: ColorName = "ground") -> Iterator[tuple[QRect, ColorName]]:
        """What is painted in one go, each place before those upon it, and the ground it stands on."""
        yield self.clip, ground
        if self.banded:
            for y in range(self.clip.top() + BAND, self.clip.bottom() + 1, BAND):
                yield QRect(self.clip.left(), y, self.clip.width(), min(BAND, self.clip.bottom() + 1 - y)), ground
        over = self.weight - 1 - LIMIT
        heavy = []
        for part in sorted(self.parts, key=lambda one: -one.weight):
            if over <= 0:
                break  # the light ones are painted with what is behind them
            over -= part.weight
            heavy.append(part)
        for part in sorted(heavy, key=lambda one: (one.clip.y(), one.clip.x())):
            places = part.places(self.ground)
            if part.clip == self.clip:
                next(places)  # nothing else is behind it
            yield from places
