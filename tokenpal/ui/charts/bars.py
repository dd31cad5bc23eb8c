"""The large stacked bar chart: hover, click, drag, keys, zoom (design.md section 5)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFocusEvent, QHideEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from tokenpal.ui.charts import marks
from tokenpal.ui.charts.data import Mark
from tokenpal.ui.charts.face import ChartFace
from tokenpal.ui.charts.tip import ChartTip, TipContent, mark_content, spoken, tip_content
from tokenpal.ui.widgets.painted import BY_KEYBOARD

DRAG_FROM = 4  # px the mouse must move before a click becomes a drag
ALL = 8  # a step over all of them
STEPS: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -7, Qt.Key.Key_PageDown: 7, Qt.Key.Key_Home: -ALL, Qt.Key.Key_End: ALL}


class StackedChart(ChartFace):
    """Takes a `StackedSeries`. Click or Enter selects a bucket, drag or Shift+arrows a range, Esc clears; arrows, Home and End
    walk. Double click, `+`, or Enter on a range asks to zoom there; `-`, Backspace or Alt+Left asks for the way back. `N` opens
    what was written at the bucket.
    """


    bucket_selected = Signal(int)
    range_selected = Signal(int, int)  # first and last bucket, both inside
    selection_cleared = Signal()
    activated = Signal(int)  # Enter on a bucket
    zoomed = Signal(int, int)  # first and last bucket to look at more closely
    back_asked = Signal()
    mark_opened = Signal(object)  # a Mark
    walked = Signal(int)  # bucket under mouse or keyboard, -1 for none

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._by_keys = False
        self._drag_from, self._dragged = -1, False
        self._before: tuple[int, int] | None = None  # what was chosen before a click that may become a double click
        self._press = QPoint()
        self._tip: ChartTip | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _changed(self) -> None:
        super()._changed()
        self._show_tip()

    # ---- inside: the tooltip ----------------------------------------------------------------------------------
    def tip_content(self, bucket: int) -> TipContent:
        """What the tooltip says about a bucket."""
        return tip_content(self._data, self._shown(), bucket, partly=bool(self._hidden))

    def _show_tip(self) -> None:
        window, at = self.window(), self._cursor.at
        spot = self._spot
        if (at < 0 and spot is None) or not self.isVisible() or self._drag_from >= 0 or not self._data.buckets:
            if self._tip is not None:
                self._tip.hide()
            return
        if self._tip is None or self._tip.parentWidget() is not window:
            if self._tip is not None:
                self._tip.deleteLater()
            self._tip = ChartTip(window)
        layout = self._ensure_layout()
        self._tip.show_content(mark_content(self._data, spot.marks) if spot is not None else self.tip_content(at))
        column = QRectF(spot.box) if spot is not None else self._column_rect(layout, at, at)
        column.moveTopLeft(QPointF(self.mapTo(window, column.topLeft().toPoint())))
        self._tip.place(column, QRectF(window.rect()).adjusted(8, 8, -8, -8))
        self._tip.show()
        self._tip.raise_()

    def _walk(self, bucket: int, spot: marks.Spot | None = None) -> None:
        if bucket == self._cursor.at and spot == self._spot:
            return
        moved, self._cursor.at, self._spot = bucket != self._cursor.at, bucket, spot
        if moved:
            self.walked.emit(bucket)
        self._show_tip()
        self.update()

    # ---- inside: mouse ----------------------------------------------------------------------------------------
    def _bucket_at(self, x: float) -> int:
        layout = self._ensure_layout()
        k = layout.column_at(x)
        return layout.columns[k] if k >= 0 and layout.levels[-1] else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x, layout = event.position().x(), self._ensure_layout()
        if self._drag_from >= 0:
            here = self._bucket_at(min(max(x, layout.plot.left()), layout.plot.right() - 0.01))
            if here >= 0 and (abs(x - self._press.x()) >= DRAG_FROM or here != self._drag_from):
                self._dragged, self._cursor.at = True, -1
                self._cursor.choose(self._drag_from, here)
                self.update()
            return
        self._by_keys = False
        spot = marks.spot_at(layout, self._spots, event.position()) if layout.levels[-1] else None
        self.setCursor(Qt.CursorShape.PointingHandCursor if spot is not None else Qt.CursorShape.ArrowCursor)
        self._walk(-1 if spot is not None else self._bucket_at(x), spot)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        layout = self._ensure_layout()
        spot = marks.spot_at(layout, self._spots, event.position()) if layout.levels[-1] else None
        if spot is not None:
            self._open(spot.marks, event.globalPosition().toPoint())
            return
        self._press, self._dragged = event.position().toPoint(), False
        self._drag_from = self._bucket_at(event.position().x())
        if self._tip is not None:
            self._tip.hide()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._drag_from < 0:
            self._drag_from = -1
            super().mouseReleaseEvent(event)
            return
        start, self._drag_from = self._drag_from, -1
        if self._dragged and self._cursor.wide and self._cursor.chosen is not None:
            self.range_selected.emit(*self._cursor.chosen)
        else:
            self._before = self._cursor.chosen
            self._choose(start)
        self._dragged = False
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        bucket = self._bucket_at(event.position().x())
        if bucket < 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        if self._before is not None and self._before[0] <= bucket <= self._before[1]:
            self._cursor.choose(*self._before)  # its first click has chosen the one bar
        self._zoom(bucket)

    def leaveEvent(self, event: QEvent) -> None:
        if not self._by_keys:
            self._walk(-1)
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._walk(-1)  # the page scrolls away under the tooltip
        event.ignore()

    def hideEvent(self, event: QHideEvent) -> None:
        self._walk(-1)
        self._cache = None  # some megabytes that a hidden chart does not need
        super().hideEvent(event)

    def _choose(self, bucket: int) -> None:
        self._cursor.choose(bucket)
        self.bucket_selected.emit(bucket)
        self.update()

    def _zoom(self, bucket: int) -> None:
        if (there := self._cursor.around(bucket)) is not None:
            self._walk(-1)
            self.zoomed.emit(*there)

    def _open(self, found: tuple[Mark, ...], where: QPoint) -> None:
        if len(found) == 1:
            self.mark_opened.emit(found[0])
        elif found:
            marks.menu(self, found, self.mark_opened.emit).popup(where)

    def clear_selection(self) -> None:
        """Take the selection away; says so once if there was one."""
        if self._cursor.clear():
            self.selection_cleared.emit()
            self.update()

    # ---- inside: keys -----------------------------------------------------------------------------------------
    def keyPressEvent(self, event: QKeyEvent) -> None:
        n, key, at = len(self._data.buckets), event.key(), self._cursor.at
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if key == Qt.Key.Key_Escape and self._cursor.chosen is not None:
            self.clear_selection()
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Backspace) or (alt and key == Qt.Key.Key_Left):
            self.back_asked.emit()
        elif not n:
            super().keyPressEvent(event)
        elif key in STEPS and not alt:
            self._step(STEPS[key], n, extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(at)
        elif key == Qt.Key.Key_N and at >= 0:
            column = self._column_rect(self._ensure_layout(), at, at)
            self._open(tuple(one for one in self._data.marks if one.bucket == at), self.mapToGlobal(column.bottomLeft().toPoint()))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._cursor.wide and self._cursor.around(at) == self._cursor.chosen:
            self._zoom(at)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and at >= 0:
            self._choose(at)
            if key != Qt.Key.Key_Space:
                self.activated.emit(at)
        else:
            super().keyPressEvent(event)

    def _step(self, by: int, n: int, *, extend: bool) -> None:
        entering = self._cursor.begin(n, self._data.today)
        if self._cursor.at < 0 and self._cursor.chosen is not None:
            self._cursor.at = entering
        target = self._cursor.step(by * n if abs(by) > 7 else by, n, entering=entering)
        self._by_keys = True
        if extend:
            self.range_selected.emit(*self._cursor.extend(target))
        else:
            self._cursor.loosen()
        self._walk(target)
        self._tell(spoken(self.tip_content(target)))
        self.update()

    def _tell(self, words: str) -> None:
        """Say where the cursor is: as what the chart is, and at once to a screen reader."""
        self.setAccessibleDescription(words)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in BY_KEYBOARD and self._cursor.at < 0 and self._data.buckets:
            self._by_keys = True
            self._walk(self._cursor.begin(len(self._data.buckets), self._data.today))
            self.setAccessibleDescription(f"{spoken(self.tip_content(self._cursor.at))}. {self.accessibleDescription()}")
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._by_keys and not self.keyboard_focus:
            self._by_keys = False
            self._walk(-1)
            self._say()
        self.update()
