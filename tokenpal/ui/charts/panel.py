"""A stacked chart with its table behind it: "Show as table" on Ctrl+T, and export of what is seen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import QStackedLayout, QWidget

from tokenpal.ui.charts.bars import StackedChart
from tokenpal.ui.charts.data import StackedSeries
from tokenpal.ui.charts.tables import as_csv
from tokenpal.ui.widgets.table import TableView


class ChartPanel(QWidget):
    """`chart` is the chart, `table` the same figures. The table is filled only while it is shown."""

    table_shown = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = StackedChart()
        self.table = TableView()
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self.chart)
        self._stack.addWidget(self.table)
        self._shortcut = QShortcut(QKeySequence("Ctrl+T"), self)
        self._shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        self._shortcut.activated.connect(self.toggle_table)
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

    def save(self, path: Path) -> None:
        """Write what is seen as .png (2x), .svg or .csv, by the file's ending.

        Raises ValueError for another ending and OSError when the file cannot be written.
        """
        kind = path.suffix.lower()
        if kind == ".csv":
            path.write_text(as_csv(self.chart.series(), self.chart._hidden), encoding="utf-8")  # noqa: SLF001  # its own chart
        elif kind == ".png":
            if not self.chart.to_image(2.0).save(str(path)):
                raise OSError(f"{path.name} could not be written")
        elif kind == ".svg":
            self._save_svg(path)
        else:
            raise ValueError(f"{kind or 'no ending'} is none of .png, .svg, .csv")

    def _save_svg(self, path: Path) -> None:
        from PySide6.QtSvg import QSvgGenerator

        size: QSize = self.chart.size()
        out = QSvgGenerator()
        out.setFileName(str(path))
        out.setSize(size)
        out.setViewBox(QRectF(0, 0, size.width(), size.height()))
        out.setTitle(self.chart.series().title)
        p = QPainter()
        if not p.begin(out):
            raise OSError(f"{path.name} could not be written")
        self.chart.paint_to(p, QRectF(0, 0, size.width(), size.height()))
        p.end()
