"""The timeline of a session with a cursor between its bars: there it can be cut, and parts can be joined again."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from tokenpal.translation import tr, trn
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.charts.timeline import Timeline
from tokenpal.ui.page import Desk
from tokenpal.ui.sessions.cuts import BARS, Cuts
from tokenpal.ui.theme import color, px


class PartsTimeline(Timeline):
    """Arrows and clicks move the cursor over ``Cuts.places``; ``moved`` says so. ``s`` and ``m`` are the page's keys."""


    moved = Signal()
    key = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.cuts: Cuts | None = None
        self.cursor_bar: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("")

    def show_cuts(self, cuts: Cuts | None, end: str = "", tint: paint.Tint = "grey") -> None:
        """Another session, or the same with other parts; the cursor stays where it can."""
        same = cuts is not None and self.cuts is not None and cuts.start == self.cuts.start and cuts.moments[:1] == self.cuts.moments[:1]
        self.cuts = cuts
        self.cursor_bar = self.cursor_bar if same and cuts is not None and self.cursor_bar in cuts.places() else None
        if cuts is None:
            self.set([], str, 60)
        else:
            self.set(cuts.bars, partial(_clock, self._desk, cuts.start, cuts.width()), cuts.width(), end=end, tint=tint)
            if len(cuts.parts) > 1:
                said = self.accessibleDescription()
                self.setAccessibleDescription(trn("{said}, in {n} part", "{said}, in {n} parts", len(cuts.parts), said=said))
        self.moved.emit()

    def at(self) -> int | None:
        """The instant at the cursor."""
        return None if self.cuts is None or self.cursor_bar is None else self.cuts.at_of(self.cursor_bar)

    def put_cursor(self, bar: int | None) -> None:
        """Move the cursor; None takes it away."""
        self.cursor_bar = bar
        at = self.at()
        if at is not None and self.cuts is not None:
            before, after = (numbers.short(side) for side in self.cuts.sides(at))
            clock = times.clock(self._desk.moment(at))
            self.setAccessibleDescription(tr("Cursor at {clock}: {before} before, {after} from there on", clock=clock, before=before, after=after))
        self.update()
        self.moved.emit()

    def _tint_of(self, bar: int) -> paint.Tint:
        if self.cuts is None or len(self.cuts.parts) < 2:
            return self._tint
        middle = int(self.cuts.start + (bar + 0.999) * self.cuts.width())
        tint = self.cuts.parts[self.cuts.part_at(middle)].tint
        return "grey" if tint is None else tint + 1

    def _left_of(self, bar: int) -> float:
        for piece in self._pieces:
            if piece.first <= bar < piece.until:
                inside = bar - piece.first if not piece.pause else 0
                return (piece.left + inside) * self._step()
        return 0.0

    def _bar_at(self, x: float) -> int | None:
        """The cut nearest to a place of the picture."""
        places = self.cuts.places() if self.cuts is not None else []
        return min(places, key=lambda bar: abs(self._left_of(bar) - x)) if places else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        places = self.cuts.places() if self.cuts is not None else []
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Home: -BARS, Qt.Key.Key_End: BARS}.get(Qt.Key(event.key()))
        if step is not None and places:
            if self.isRightToLeft() and abs(step) == 1:
                step = -step
            if self.cursor_bar is None:
                self.put_cursor(places[0] if step > 0 else places[-1])
            else:
                near = min(range(len(places)), key=lambda place: abs(places[place] - (self.cursor_bar or 0)))
                self.put_cursor(places[min(len(places) - 1, max(0, near + step))])
            event.accept()
            return
        if event.key() == Qt.Key.Key_Escape and self.cursor_bar is not None:
            self.put_cursor(None)
            event.accept()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.cursor_bar is not None:
            self.key.emit("s")
            event.accept()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.put_cursor(self._bar_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            bar = self._bar_at(event.position().x())
            if bar != self.cursor_bar:
                self.put_cursor(bar)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.cursor_bar is not None:
            self.key.emit("s")

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.cuts is None:
            return
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        base = self.height() - px(22)
        for part in self.cuts.parts[1:]:
            x = self._left_of(self.cuts.bar_of(part.start)) - 1
            p.setPen(QPen(color("text-2"), 1.0, Qt.PenStyle.DashLine))
            p.drawLine(int(x), 0, int(x), base)
        if self.cursor_bar is not None:
            x = self._left_of(self.cursor_bar) - 1
            p.fillRect(QRectF(x - 1, 0, 2, base + px(2)), color("accent"))
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(color("accent"))
            p.drawEllipse(QRectF(x - px(4), base - px(2), px(8), px(8)))
        if self.hasFocus() and self.cursor_bar is None:
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.setPen(QPen(color("accent"), 1.0))
            p.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        p.end()


def _clock(desk: Desk, start: int, width: float, bar: int) -> str:
    return times.clock(desk.moment(int(start + bar * width)))
