"""The table behind a chart ("Show as table", Ctrl+T) and any other small table of figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from tokenpal.translation import tr
from tokenpal.ui import paint
from tokenpal.ui.theme import ROW_ONE_LINE, color, font, px, theme
from tokenpal.ui.widgets.card import SlimBar

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Table:
    """Plain figures: one header per column, rows of text as shown. The first column is the name; the rest align right,
    but for the columns of ``words``.
    """

    headers: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    title: str = ""
    words: frozenset[int] = frozenset()

    def side(self, column: int) -> Qt.AlignmentFlag:
        """Where the text of a column begins."""
        return Qt.AlignmentFlag.AlignLeft if column == 0 or column in self.words else Qt.AlignmentFlag.AlignRight

    def as_tsv(self) -> str:
        """For the clipboard: tabs between cells, one row a line."""
        return "\n".join("\t".join(row) for row in (self.headers, *self.rows))


class TableModel(QAbstractTableModel):
    """Serves a `Table` to a view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = Table((), ())

    def set_table(self, table: Table) -> None:
        """Show another table."""
        self.beginResetModel()
        self.table = table
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature; an empty index has no state
        return 0 if parent.isValid() else len(self.table.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # see above
        return 0 if parent.isValid() else len(self.table.headers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            row = self.table.rows[index.row()]
            return row[index.column()] if index.column() < len(row) else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(self.table.side(index.column()) | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole:
            return color("text" if index.column() == 0 else "text-2")
        return None

    def cell(self, row: int, column: int) -> tuple[str, int, QColor]:
        """What stands there, where it begins, and in which colour."""
        cells = self.table.rows[row]
        text = cells[column] if column < len(cells) else ""
        return text, RIGHT if self.table.side(column) == Qt.AlignmentFlag.AlignRight else LEFT, color("text" if column == 0 else "text-2")

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.table.headers[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(self.table.side(section) | Qt.AlignmentFlag.AlignVCenter)
        return None


LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_PAD = 12  # px left and right of a cell's text
LONGEST = 8  # cells of a column that are measured


def column_width(head: str, cells: Iterable[str]) -> int:
    """The width in px in which a column's words have room."""
    # The longest words are not always the widest, yet nearly: measuring every cell takes longer than a frame.
    longest = sorted(set(cells), key=lambda cell: (len(cell), sum(map(cell.count, "MWmw")), cell))[-LONGEST:]  # of a length, wide letters count
    cell = QFontMetrics(font("small"))
    return max([QFontMetrics(font("cap")).horizontalAdvance(head), *(cell.horizontalAdvance(one) for one in longest)]) + 2 * px(_PAD) + 2


class FlatHeader(QHeaderView):
    """A header without frames: words in `cap text-3`, a rule below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)

    def sizeHint(self) -> QSize:
        return QSize(self.length(), px(30))  # Qt's own would measure the words of every column

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        p = QPainter(self.viewport())
        end = max(0, self.length() - self.offset())
        p.fillRect(end, 0, self.viewport().width() - end, self.height(), color("card"))
        p.fillRect(0, self.height() - 1, self.viewport().width(), 1, color("line"))
        p.end()

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.fillRect(rect, color("card"))
        model = self.model()
        text = str(model.headerData(section, Qt.Orientation.Horizontal) or "")
        align = model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        inner = QRectF(rect).adjusted(px(_PAD), 0, -px(_PAD), 0)
        painter.setFont(font("cap"))
        painter.setPen(color("text-3"))
        painter.drawText(inner, int(align or 0) | int(Qt.AlignmentFlag.AlignVCenter), paint.elided(text, font("cap"), inner.width()))


class CellPainter(QStyledItemDelegate):
    """Text on card with a rule below each row; a chosen row stands on `accent-soft`."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(rect, color("accent-soft"))
        painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, color("line"))
        model = index.model()
        if isinstance(model, TableModel):  # some hundred cells at a time: asked without the way through Qt
            text, align, ink = model.cell(index.row(), index.column())
        else:
            text = str(index.data() or "")
            align = int(index.data(Qt.ItemDataRole.TextAlignmentRole) or LEFT)
            ink = index.data(Qt.ItemDataRole.ForegroundRole) or color("text")
        pad, f = px(_PAD), font("small")
        painter.setFont(f)
        painter.setPen(color("text") if chosen else ink)
        room = rect.width() - 2 * pad
        painter.drawText(QRectF(rect.x() + pad, rect.y(), room, rect.height() - 1), align, paint.elided(text, f, room))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(paint.wide(str(index.data() or ""), font("small")) + 2 * px(_PAD) + 2, px(ROW_ONE_LINE - 6))


class TableView(QTableView):
    """A quiet table: no grid, no frame, rows of 36 px, header in `cap`. Ctrl+C copies the chosen rows with tabs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.figures = TableModel(self)
        self.setModel(self.figures)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setAlternatingRowColors(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBar(SlimBar(Qt.Orientation.Vertical))
        self.setHorizontalScrollBar(SlimBar(Qt.Orientation.Horizontal))
        self.verticalHeader().hide()
        self.setHorizontalHeader(FlatHeader(self))
        self.setItemDelegate(CellPainter(self))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setTabKeyNavigation(False)
        self._theme_changed()
        theme().changed.connect(self._theme_changed)

    @Slot()
    def _theme_changed(self) -> None:
        self.setFont(font("small"))
        self.horizontalHeader().setFont(font("cap"))
        self.verticalHeader().setDefaultSectionSize(px(ROW_ONE_LINE - 6))
        self.horizontalHeader().setFixedHeight(px(30))
        self.viewport().update()

    def set_table(self, table: Table, widths: Sequence[int] = ()) -> None:
        """Show another table; columns fit their content. ``widths``: of all columns (``column_width``), where they are known."""
        self.figures.set_table(table)
        self.setAccessibleName(table.title or tr("Table"))
        self.setUpdatesEnabled(False)
        for column, words in enumerate(table.headers):
            self.setColumnWidth(column, widths[column] if widths else column_width(words, [row[column] for row in table.rows if column < len(row)]))
        self.setUpdatesEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        super().keyPressEvent(event)

    def copy(self) -> None:
        """Chosen rows, or all when none is chosen, to the clipboard."""
        rows = sorted({i.row() for i in self.selectedIndexes()}) or range(len(self.figures.table.rows))
        chosen = Table(self.figures.table.headers, tuple(self.figures.table.rows[r] for r in rows))
        QGuiApplication.clipboard().setText(chosen.as_tsv())
