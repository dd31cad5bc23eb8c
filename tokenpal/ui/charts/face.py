"""What a stacked bar chart shows, without hands: its figures, its layout, its picture, its words (design.md section 5)."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokenpal.translation import tr
from tokenpal.ui import paint, still
from tokenpal.ui.charts import marks, picture
from tokenpal.ui.charts.cursor import Cursor
from tokenpal.ui.charts.data import Series, StackedSeries, totals_of
from tokenpal.ui.charts.scale import nice_levels
from tokenpal.ui.charts.stack import Layout, lay_out, top_of
from tokenpal.ui.charts.tables import as_table, summary
from tokenpal.ui.theme import color, px, theme
from tokenpal.ui.turns import Turns
from tokenpal.ui.widgets.painted import Ringed
from tokenpal.ui.widgets.picture import Picture
from tokenpal.ui.widgets.table import Table


class ChartFace(Ringed, Picture):
    """Takes a `StackedSeries` and paints it from one cached picture; hover and selection lie behind and above that."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._turns = Turns(self)
        self._data = StackedSeries()
        self._hidden: frozenset[str] = frozenset()
        self._layout: Layout | None = None
        self._cache: QPixmap | None = None
        self._totals: list[float] = []
        self._cursor = Cursor()
        self._spots: list[marks.Spot] = []
        self._spot: marks.Spot | None = None
        # Time runs from left to right in every language: readers of Arabic and Hebrew draw it so, too.
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._say()
        theme().changed.connect(self._look_changed)

    # ---- data -------------------------------------------------------------------------------------------------
    def set_series(self, data: StackedSeries) -> None:
        """Show other figures. The selection stays while its buckets keep their names, else it goes without a signal."""
        if (chosen := self._cursor.chosen) is not None:
            first, last = chosen
            old, new = self._data.buckets, data.buckets
            if last >= len(new) or old[first].long != new[first].long or old[last].long != new[last].long:
                self._cursor.clear()
        self._data, self._spot = data, None
        self._hidden &= frozenset(s.key for s in data.series)
        if self._cursor.at >= len(data.buckets):
            self._cursor.at = -1
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
        a, b = sorted((first, first if last is None else last))
        if a >= 0 and b < len(self._data.buckets):
            self._cursor.choose(a, b)
        else:
            self._cursor.clear()
        self.update()

    def selection(self) -> tuple[int, int] | None:
        """First and last selected bucket, or None."""
        return self._cursor.chosen

    def hidden(self) -> frozenset[str]:
        """Keys of the series that are left out."""
        return self._hidden

    def as_table(self) -> Table:
        """The same figures as a table, without the hidden series."""
        return as_table(self._data, self._hidden)

    def totals(self) -> list[float]:
        """Height of every bar as shown."""
        return list(self._totals)

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
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        p.translate(rect.topLeft())
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if layout.levels[-1]:
            for part in picture.parts(layout, self._data, partly=bool(self._hidden)):
                part(p)
        else:
            picture.paint_empty(p, QRectF(0, 0, rect.width(), rect.height()), self._data)
        p.restore()

    # ---- inside: state ----------------------------------------------------------------------------------------
    def _shown(self) -> list[Series]:
        return [s for s in self._data.ordered() if s.key not in self._hidden]

    def _lay_out(self, width: float, height: float, ratio: float) -> Layout:
        top = top_of(self._data, self._totals, bool(self._hidden))
        plot = picture.plot_rect(self._data, nice_levels(top), width, height)
        return lay_out(self._data, self._shown(), plot, ratio, self._totals, top)

    def _ensure_layout(self) -> Layout:
        if self._layout is None:
            self._layout = self._lay_out(self.width(), self.height(), self.devicePixelRatioF())
            self._spots = marks.spots(self._layout, self._data.marks)
        return self._layout

    @Slot()
    def _look_changed(self) -> None:
        self._layout = self._cache = None
        self.update()

    def _changed(self) -> None:
        self._layout = self._cache = None
        self._totals = totals_of(self._data, self._shown())
        self._say()
        if self.isVisible():
            if still.holds(self):  # the window shows part after part: this one is drawn by then
                self._turns.begin(self.drawing(), self.update)
            else:
                self.draw()
        self.update()

    def draw(self) -> None:
        """Draw it now, and not in the turn that paints the whole page."""
        for _ in self.drawing():
            pass

    def drawing(self) -> Iterator[None]:
        """Draw it part by part (``ui.still``, ``ui.ahead``); it ends without a picture when figures, size or look change meanwhile."""
        layout, ratio, before = self._ensure_layout(), self.devicePixelRatioF(), self._cache
        shown = layout.levels[-1] or self._data.pending
        if not shown or self.size().isEmpty() or (before is not None and before.devicePixelRatio() == ratio):
            return
        out = QPixmap(self.size() * ratio)
        out.setDevicePixelRatio(ratio)
        out.fill(Qt.GlobalColor.transparent)
        for part in picture.parts(layout, self._data, partly=bool(self._hidden), spots=self._spots):
            p = QPainter(out)
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
            part(p)
            p.end()
            yield
            if self._layout is not layout or self._cache is not before:
                return
        self._cache = out

    def _say(self) -> None:
        self.setAccessibleName(self._data.title or tr("Chart"))
        keys = tr("Arrow keys walk, Enter selects, plus zooms in, minus goes back, Escape clears, Control T shows a table.")
        self.setAccessibleDescription(f"{summary(self._data, self._hidden, self._totals)} {keys}")

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
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        layout = self._ensure_layout()
        if not layout.levels[-1]:
            picture.paint_empty(p, QRectF(self.rect()), self._data)
            if not self._data.pending:
                p.end()
                return
        if self._cursor.chosen is not None:
            self._column(p, layout, *self._cursor.chosen, color("accent-soft"))
        at = self._cursor.at
        if at >= 0:
            self._column(p, layout, at, at, theme().ink(theme().palette.hover_ink))
        self.draw()
        if self._cache is not None:
            p.drawPixmap(0, 0, self._cache)
        if self._spot is not None:
            marks.paint_spot(p, self._spot, color("accent"))
        if self.keyboard_focus and at >= 0:
            picture.outline(p, self._column_rect(layout, at, at))
        p.end()

    def _column_rect(self, layout: Layout, first: int, last: int) -> QRectF:
        a, b = layout.column_of(first), layout.column_of(last)
        pad = min(3.0, (layout.step - layout.bar) / 2)
        left = layout.left(a) + (layout.step - layout.bar) / 2 - pad
        right = layout.left(b) + (layout.step + layout.bar) / 2 + pad
        return QRectF(left, layout.plot.top(), max(2.0, right - left), layout.plot.height())

    def _column(self, p: QPainter, layout: Layout, first: int, last: int, ink: QColor) -> None:
        if last < len(layout.totals):
            paint.box(p, self._column_rect(layout, first, last), 3, ink)
