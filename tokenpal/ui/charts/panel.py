"""A stacked chart with its table behind it ("Show as table", Ctrl+T), and what of it can be taken away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedLayout, QWidget

from tokenpal.ui.charts.bars import StackedChart
from tokenpal.ui.charts.data import StackedSeries
from tokenpal.ui.charts.sheet import About, Exhibit
from tokenpal.ui.charts.tables import Rows, as_csv
from tokenpal.ui.theme import font, px
from tokenpal.ui.widgets.legend import LegendItem
from tokenpal.ui.widgets.table import Table, TableView

PAD = 12  # px left and right of a cell's text, as the table paints it


class FigureTable(TableView):
    """A table whose columns are measured by their longest words, not by writing all rows: ten years of days open at once."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCornerWidget(QWidget())  # else the style draws a box where the two bars meet

    def set_table(self, table: Table, widths: Sequence[int] = ()) -> None:
        """Show another table."""
        self.figures.set_table(table)
        self.setAccessibleName(table.title)
        rows = (table.rows.widest(),) if isinstance(table.rows, Rows) else table.rows
        head, cell = QFontMetrics(font("cap")), QFontMetrics(font("small"))
        self.setUpdatesEnabled(False)
        for column, words in enumerate(table.headers):
            longest = max((cell.horizontalAdvance(row[column]) for row in rows), default=0)
            self.setColumnWidth(column, widths[column] if widths else max(longest, head.horizontalAdvance(words)) + 2 * px(PAD) + 4)
        self.setUpdatesEnabled(True)


class ChartPanel(QWidget):
    """`chart` is the chart, `table` the same figures. The table is filled only while it is shown."""

    table_shown = Signal(bool)

    def __init__(self, parent: QWidget | None = None, *, shortcut: bool = True) -> None:
        """`shortcut`: listens to Ctrl+T itself; a page with several charts does that for all of them."""
        super().__init__(parent)
        self.chart = StackedChart()
        self.table = FigureTable()
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self.chart)
        self._stack.addWidget(self.table)
        if shortcut:
            keys = QShortcut(QKeySequence("Ctrl+T"), self)
            keys.setContext(Qt.ShortcutContext.WindowShortcut)
            keys.activated.connect(self.toggle_table)
        self.table.doubleClicked.connect(self._row_activated)

    def set_series(self, data: StackedSeries) -> None:
        """Other figures, in both."""
        self.chart.set_series(data)
        self._fill()

    @Slot(object)
    def set_hidden(self, hidden: frozenset[str]) -> None:
        """Leave series out, in both; fits `Legend.hidden_changed`."""
        self.chart.set_hidden(hidden)
        self._fill()

    def is_table(self) -> bool:
        """True while the table is shown."""
        return self._stack.currentIndex() == 1

    @Slot()
    def toggle_table(self) -> None:
        """Chart or table."""
        self.show_table(not self.is_table())

    def show_table(self, shown: bool) -> None:
        """Show the table (True) or the chart."""
        self._stack.setCurrentIndex(1 if shown else 0)
        self._fill()
        if shown:
            self.table.scrollToBottom()  # the newest days, as at the right of the chart
        (self.table if shown else self.chart).setFocus(Qt.FocusReason.OtherFocusReason)
        self.table_shown.emit(shown)

    def _fill(self) -> None:
        if self.is_table():
            self.table.set_table(self.chart.as_table())

    @Slot()
    def _row_activated(self) -> None:
        row = self.table.currentIndex().row()
        if row >= 0:
            self.chart.select(row)
            self.chart.bucket_selected.emit(row)

    def exhibit(self, about: About | None = None, legend: Sequence[LegendItem] = ()) -> Exhibit:
        """What is seen, to be taken away; hidden series stay hidden."""
        chart, hidden = self.chart, self.chart.hidden()
        shown = tuple(item for item in legend if item.key not in hidden)
        return Exhibit(
            about or About(chart.series().title), chart.size(), chart.paint_to, chart.as_table(), partial(as_csv, chart.series(), hidden), shown
        )

    def save(self, path: Path, about: About | None = None, legend: Sequence[LegendItem] = ()) -> None:
        """Write what is seen as .png (2x), .svg or .csv, by the file's ending.

        Raises ValueError for another ending and OSError when the file cannot be written.
        """
        self.exhibit(about, legend).save(path)
