"""The large stacked bar chart: hover, click, drag, arrow keys, words for those who do not see it (design.md section 5)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QHideEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokenpal.ui import paint
from tokenpal.ui.charts import picture
from tokenpal.ui.charts.data import StackedSeries, as_table, clean, summary
from tokenpal.ui.charts.scale import nice_levels
from tokenpal.ui.charts.stack import Layout, lay_out, totals_of
from tokenpal.ui.charts.tip import MAX_ROWS, ChartTip, TipContent
from tokenpal.ui.theme import color, px, theme
from tokenpal.ui.widgets.buttons import _BY_KEYBOARD
from tokenpal.ui.widgets.table import Table

DRAG_FROM = 4  # px the mouse must move before a click becomes a drag


class StackedChart(QWidget):
    """Takes a `StackedSeries`. Click or Enter selects a bucket, drag or Shift+arrows a range, Esc clears; arrows walk."""

    bucket_selected = Signal(int)
    range_selected = Signal(int, int)  # first and last bucket, both inside
    selection_cleared = Signal()
    activated = Signal(int)  # Enter or double click on a bucket
    walked = Signal(int)  # bucket under mouse or keyboard, -1 for none

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data = StackedSeries()
        self._hidden: frozenset[str] = frozenset()
        self._layout: Layout | None = None
        self._cache: QPixmap | None = None
        self._hover = -1
        self._by_keys = False
        self._range: tuple[int, int] | None = None
        self._drag_from = -1
        self._press = QPoint()
        self._tip: ChartTip | None = None
        self.keyboard_focus = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._say()
        theme().changed.connect(self._look_changed)

    # ---- data -------------------------------------------------------------------------------------------------
    def set_series(self, data: StackedSeries) -> None:
        """Show other figures. The selection stays while its buckets keep their names, else it goes without a signal."""
        if self._range is not None:
            first, last = self._range
            old, new = self._data.buckets, data.buckets
            if last >= len(new) or old[first].long != new[first].long or old[last].long != new[last].long:
                self._range = None
        self._data = data
        self._hidden &= frozenset(s.key for s in data.series)
        if self._hover >= len(data.buckets):
            self._hover = -1
        self._changed()

    def series(self) -> StackedSeries:
        """What is shown."""
        return self._data

    def set_hidden(self, hidden: frozenset[str]) -> None:
        """Leave these series out (the legend's `hidden_changed`)."""
        if hidden != self._hidden:
            self._hidden = hidden
            self._changed()

    def select(self, first: int, last: int | None = None) -> None:
        """Show a bucket or a range as selected, without a signal. A negative index clears."""
        n = len(self._data.buckets)
        a, b = sorted((first, first if last is None else last))
        self._range = (a, b) if a >= 0 and b < n else None
        self.update()

    def selection(self) -> tuple[int, int] | None:
        """First and last selected bucket, or None."""
        return self._range

    def as_table(self) -> Table:
        """The same figures as a table, without the hidden series."""
        return as_table(self._data, self._hidden)

    def totals(self) -> list[float]:
        """Height of every bar as shown."""
        return totals_of(self._data, self._shown())

    # ---- pictures ---------------------------------------------------------------------------------------------
    def to_image(self, ratio: float = 2.0) -> QImage:
        """The chart on card, for a PNG."""
        out = QImage(self.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
        out.setDevicePixelRatio(ratio)
        out.fill(color("card"))
        p = QPainter(out)
        self.paint_to(p, QRectF(self.rect()), ratio)
        p.end()
        return out

    def paint_to(self, p: QPainter, rect: QRectF, ratio: float = 1.0) -> None:
        """Paint without hover and selection, on any painter (an SVG generator too)."""
        layout = self._lay_out(rect.width(), rect.height(), ratio)
        p.save()
        p.translate(rect.topLeft())
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if layout.levels[-1]:
            picture.paint_whole(p, layout, self._data)
        else:
            picture.paint_empty(p, QRectF(0, 0, rect.width(), rect.height()), self._data)
        p.restore()

    # ---- inside: state ----------------------------------------------------------------------------------------
    def _shown(self):
        return [s for s in self._data.ordered() if s.key not in self._hidden]

    def _lay_out(self, width: float, height: float, ratio: float) -> Layout:
        shown = self._shown()
        levels = nice_levels(max(totals_of(self._data, shown), default=0.0))
        return lay_out(self._data, shown, picture.plot_rect(self._data, levels, width, height), ratio)

    def _ensure_layout(self) -> Layout:
        if self._layout is None:
            self._layout = self._lay_out(self.width(), self.height(), self.devicePixelRatioF())
        return self._layout

    @Slot()
    def _look_changed(self) -> None:
        self._layout = self._cache = None
        self.update()

    def _changed(self) -> None:
        self._layout = self._cache = None
        self._say()
        self._show_tip()
        self.update()

    def _say(self) -> None:
        self.setAccessibleName(self._data.title or "Chart")
        self.setAccessibleDescription(summary(self._data, self._hidden) + " Arrow keys walk, Enter selects, Escape clears, Control T shows a table.")

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._layout = self._cache = None
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(px(640), px(280))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), px(140))

    # ---- inside: painting -------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        layout = self._ensure_layout()
        if not layout.levels[-1]:
            picture.paint_empty(p, QRectF(self.rect()), self._data)
            if not self._data.pending:
                p.end()
                return
        ratio = self.devicePixelRatioF()
        if self._range is not None:
            self._column(p, layout, *self._range, color("accent-soft"))
        if self._hover >= 0:
            self._column(p, layout, self._hover, self._hover, theme().ink(theme().palette.hover_ink))
        if self._cache is None or self._cache.devicePixelRatio() != ratio:
            self._cache = QPixmap(self.size() * ratio)
            self._cache.setDevicePixelRatio(ratio)
            self._cache.fill(Qt.GlobalColor.transparent)
            inner = QPainter(self._cache)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            picture.paint_whole(inner, layout, self._data)
            inner.end()
        p.drawPixmap(0, 0, self._cache)
        if self.keyboard_focus and self._hover >= 0:
            picture.outline(p, self._column_rect(layout, self._hover, self._hover))
        p.end()

    def _column_rect(self, layout: Layout, first: int, last: int) -> QRectF:
        a, b = layout.column_of(first), layout.column_of(last)
        pad = min(3.0, (layout.step - layout.bar) / 2)
        left = layout.left(a) + (layout.step - layout.bar) / 2 - pad
        right = layout.left(b) + (layout.step + layout.bar) / 2 + pad
        return QRectF(left, layout.plot.top(), max(2.0, right - left), layout.plot.height())

    def _column(self, p: QPainter, layout: Layout, first: int, last: int, ink) -> None:
        if last < len(layout.totals):
            paint.box(p, self._column_rect(layout, first, last), 3, ink)

    # ---- inside: the tooltip ----------------------------------------------------------------------------------
    def tip_content(self, bucket: int) -> TipContent:
        """What the tooltip says about a bucket."""
        data = self._data
        name = data.buckets[bucket].long
        if bucket in data.gaps or bucket in data.pending:
            return TipContent(name, "", (), "Not read: no figure is known" if bucket in data.gaps else "Not read yet")
        found = [(clean(s.values[bucket]), s) for s in self._shown() if bucket < len(s.values)]
        found = sorted((f for f in found if f[0] > 0), key=lambda f: -f[0])
        rows = tuple((s.tint, s.name, data.exact(v)) for v, s in found[:MAX_ROWS])
        if len(found) > MAX_ROWS:
            rows += (("else", f"{len(found) - MAX_ROWS} more", data.exact(sum(v for v, _ in found[MAX_ROWS:]))),)
        total = "" if data.overlapping else data.exact(sum(v for v, _ in found))
        foot = data.feet[bucket] if bucket < len(data.feet) else ""
        if any(bucket < len(s.hatched) and s.hatched[bucket] for _, s in found):
            foot = f"{foot} · provisional" if foot else "Provisional"
        return TipContent(name, total, rows, foot)

    def _show_tip(self) -> None:
        window = self.window()
        if self._hover < 0 or not self.isVisible() or self._drag_from >= 0 or not self._data.buckets:
            if self._tip is not None:
                self._tip.hide()
            return
        if self._tip is None or self._tip.parentWidget() is not window:
            if self._tip is not None:
                self._tip.deleteLater()
            self._tip = ChartTip(window)
        layout = self._ensure_layout()
        self._tip.show_content(self.tip_content(self._hover))
        column = self._column_rect(layout, self._hover, self._hover)
        column.moveTopLeft(self.mapTo(window, column.topLeft()))
        self._tip.place(column, QRectF(window.rect()).adjusted(8, 8, -8, -8))
        self._tip.show()
        self._tip.raise_()

    def _walk(self, bucket: int) -> None:
        if bucket == self._hover:
            return
        self._hover = bucket
        self.walked.emit(bucket)
        self._show_tip()
        self.update()

    # ---- inside: mouse ----------------------------------------------------------------------------------------
    def _bucket_at(self, x: float) -> int:
        layout = self._ensure_layout()
        k = layout.column_at(x)
        return layout.columns[k] if k >= 0 and layout.levels[-1] else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._drag_from >= 0:
            plot = self._ensure_layout().plot
            here = self._bucket_at(min(max(x, plot.left()), plot.right() - 0.01))
            if here >= 0 and (abs(event.position().x() - self._press.x()) >= DRAG_FROM or here != self._drag_from):
                a, b = sorted((self._drag_from, here))
                self._range = (a, b)
                self._hover = -1
                self.update()
            return
        self._by_keys = False
        self._walk(self._bucket_at(x))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._press = event.position().toPoint()
        self._drag_from = self._bucket_at(event.position().x())
        if self._tip is not None:
            self._tip.hide()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._drag_from < 0:
            self._drag_from = -1
            super().mouseReleaseEvent(event)
            return
        start, self._drag_from = self._drag_from, -1
        if self._range is not None and self._hover < 0 and self._range[0] != self._range[1]:
            self.range_selected.emit(*self._range)
        else:
            self._choose(start)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        bucket = self._bucket_at(event.position().x())
        if bucket >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.activated.emit(bucket)

    def leaveEvent(self, event: QEvent) -> None:
        if not self._by_keys:
            self._walk(-1)
        super().leaveEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._walk(-1)
        self._cache = None  # some megabytes that a hidden chart does not need
        super().hideEvent(event)

    def _choose(self, bucket: int) -> None:
        self._range = (bucket, bucket)
        self.bucket_selected.emit(bucket)
        self.update()

    def clear_selection(self) -> None:
        """Take the selection away; says so once if there was one."""
        if self._range is not None:
            self._range = None
            self.selection_cleared.emit()
            self.update()

    # ---- inside: keys -----------------------------------------------------------------------------------------
    def keyPressEvent(self, event: QKeyEvent) -> None:
        n, key = len(self._data.buckets), event.key()
        at = self._hover if self._hover >= 0 else (self._range[1] if self._range else n - 1)
        steps: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -7, Qt.Key.Key_PageDown: 7, Qt.Key.Key_Home: -n, Qt.Key.Key_End: n}
        if key == Qt.Key.Key_Escape and self._range is not None:
            self.clear_selection()
        elif n and key in steps:
            target = min(n - 1, max(0, at + steps[key] if self._hover >= 0 or self._range else at))
            self._by_keys = True
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                anchor = self._range[0] if self._range and self._range[1] == at else self._range[1] if self._range else at
                self._range = (min(anchor, target), max(anchor, target))
                self.range_selected.emit(*self._range)
            self._walk(target)
            self.setAccessibleDescription(self._spoken(target))
            self.update()
        elif n and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._hover >= 0:
            bucket = self._hover
            self._choose(bucket)
            if key != Qt.Key.Key_Space:
                self.activated.emit(bucket)
        else:
            super().keyPressEvent(event)

    def _spoken(self, bucket: int) -> str:
        tip = self.tip_content(bucket)
        return ", ".join((f"{tip.head} {tip.total}".strip(), *(f"{name} {value}" for _, name, value in tip.rows), *((tip.foot,) if tip.foot else ())))

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.keyboard_focus = event.reason() in _BY_KEYBOARD
        if self.keyboard_focus and self._hover < 0 and self._data.buckets:
            self._by_keys = True
            self._walk(self._range[1] if self._range else len(self._data.buckets) - 1)
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.keyboard_focus = False
        if self._by_keys:
            self._by_keys = False
            self._walk(-1)
            self._say()
        super().focusOutEvent(event)
        self.update()
