"""The table of a reconciliation: days (or models), below each its models (or days), below those the causes.

Rows are made when their parent is opened, so ten years of days cost no more than the days that are seen. Left and right open
and close, Ctrl+C copies what is chosen. A difference is usual, so nothing here is painted as an alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from tokenpal.insight.differences import Line
from tokenpal.model.sides import tokens
from tokenpal.translation import tr
from tokenpal.ui import paint
from tokenpal.ui.accounts.comparemodel import APART, BAR, HEADERS, HELD, NAME, NODE, TOLD, WHY, CompareModel, Index, Node, Path
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.theme import ROW_ONE_LINE, color, font, px, theme
from tokenpal.ui.widgets.card import SlimBar
from tokenpal.ui.widgets.table import FlatHeader

WIDTHS = (210, 150, 96, 96, 104)


class _Cells(QStyledItemDelegate):
    """Figures in `small`, the two sides as thin bars on one scale; a cause takes the whole row and is painted by the view."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(px(80), px(ROW_ONE_LINE - 6))

    def __init__(self, view: CompareView) -> None:
        super().__init__(view)
        self._figures = view.figures

    def paint(self, p: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        rect = QRectF(option.rect).adjusted(px(4) if index.column() == NAME else px(12), 0, -px(12), -1)
        node: Node = index.data(NODE)
        if index.column() == BAR:
            _bars(p, rect, tokens(node.line.reported), tokens(node.line.measured), self._figures.most)
            return
        top = node.parent is None
        weight = 500 if top and index.column() == NAME else 400
        p.setFont(font("small", weight))
        p.setPen(color("text" if index.column() in (NAME, APART) or option.state & QStyle.StateFlag.State_Selected else "text-2"))
        p.drawText(rect, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), paint.elided(str(index.data()), font("small", weight), rect.width()))


def _bars(p: QPainter, rect: QRectF, told: int, held: int, most: int) -> None:
    """Reported above, measured below; what is there is never thinner than two pixels."""
    height = float(px(5))
    for place, (amount, ink) in enumerate(((told, _ink(TOLD)), (held, _ink(HELD)))):
        top = rect.center().y() - height - 1 + place * (height + 2)
        paint.box(p, QRectF(rect.left(), top, rect.width(), height), height / 2, theme().ink(0.05))
        if amount:
            paint.box(p, QRectF(rect.left(), top, max(2.0, rect.width() * min(1.0, amount / most)), height), height / 2, ink)


class _Header(FlatHeader):
    """The colour of each side stands before its name: the bars need no legend."""

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        super().paintSection(painter, rect, section)
        if section not in (TOLD, HELD):
            return
        side = px(8)
        left = rect.right() + 1 - px(12) - QFontMetrics(font("cap")).horizontalAdvance(tr(HEADERS[section])) - px(6) - side
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.box(painter, QRectF(left, rect.center().y() + 1 - side / 2, side, side), 2, _ink(section))


def _ink(side: int) -> QColor:
    return theme().series(1) if side == TOLD else color("text-3", 0.6)


class CompareView(QTreeView):
    """The tree. ``set_lines`` fills it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs stand before their figures
        self.figures = CompareModel(self)
        self.setModel(self.figures)
        self.setObjectName("compare-table")
        self.setAccessibleName(tr("Report and logs by UTC day and model"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setExpandsOnDoubleClick(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBar(SlimBar(Qt.Orientation.Vertical))
        self.setHorizontalScrollBar(SlimBar(Qt.Orientation.Horizontal))
        self.setItemDelegate(_Cells(self))
        header = _Header(self)
        self.setHeader(header)
        header.setSectionsMovable(False)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(False)  # the last column takes what is left, but never less than its words need
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._needs: tuple[int, ...] = (0,) * len(HEADERS)
        self._theme_changed()
        theme().changed.connect(self._theme_changed)

    @Slot()
    def _theme_changed(self) -> None:
        self.setFont(font("small"))
        self.setIndentation(px(18))
        self.header().setFixedHeight(px(30))
        self._measure()
        self.viewport().update()

    def set_lines(self, lines: Sequence[Line], days: bool, year: int) -> None:
        """Other lines. Figures get the room they need; what was open stays open, as use goes on while one looks."""
        same, down = days == self.figures.days, self.verticalScrollBar().value()
        opened = self._paths(self.isExpanded) if same else set()
        here = self.figures.path(self.currentIndex()) if same and self.currentIndex().isValid() else ()
        self.figures.set_lines(lines, days, year)
        for index in self._found(opened):
            self.expand(index)
        for index in self._found({here}):
            self.setCurrentIndex(index)
        if same:
            self.verticalScrollBar().setValue(down)
        self._measure()

    def _measure(self) -> None:
        """What each column needs for its words, at this text size and in this language."""
        rows, header = range(self.figures.rowCount()), QFontMetrics(font("cap"))
        words_of = QFontMetrics(font("small"))
        needs = []
        for column in range(len(HEADERS)):
            title = header.horizontalAdvance(str(self.figures.headerData(column, Qt.Orientation.Horizontal))) + px(26)
            if column in (TOLD, HELD):
                title += px(14)  # the colour before it
            if column in (TOLD, HELD, APART):
                most = max((len(str(self.figures.index(row, column).data())) for row in rows), default=0)
                needs.append(max(title, words_of.horizontalAdvance("0" * most) + px(24)))
            elif column == BAR:
                needs.append(title)
            else:
                texts = {str(self.figures.index(row, column).data()) for row in rows}
                needs.append(max([title, *(words_of.horizontalAdvance(text) + px(60 if column == NAME else 26) for text in texts)]))
        self._needs = tuple(needs)
        self._fit()

    def _fit(self) -> None:
        """Usual widths where there is room; else what is needed, without the bars where even that does not fit."""
        needs, room = self._needs, self.viewport().width()
        usual = [max(need, px(width)) for need, width in zip(needs, (*WIDTHS, 0), strict=True)]
        widths = usual if sum(usual) <= room else list(needs)
        self.setColumnHidden(BAR, sum(widths) > room)
        taken = sum(width for column, width in enumerate(widths) if column != WHY and not self.isColumnHidden(column))
        widths[WHY] = max(widths[WHY], room - taken)
        for column, width in enumerate(widths):
            if self.columnWidth(column) != width and not self.isColumnHidden(column):
                self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _paths(self, wanted: Callable[[QModelIndex], bool]) -> set[Path]:
        """The rows above causes for which it holds; below a closed row nothing is looked at."""
        found: set[Path] = set()
        for row in range(self.figures.rowCount()):
            top = self.figures.index(row, 0)
            if wanted(top):
                found.add(self.figures.path(top))
                below = [self.figures.index(inner, 0, top) for inner in range(self.figures.rowCount(top))]
                found.update(self.figures.path(index) for index in below if self.figures.node(index).part is None and wanted(index))
        return found

    def _found(self, paths: set[Path]) -> list[QModelIndex]:
        """The rows with these paths, those in front first."""
        found = []
        for path in sorted(paths, key=len):
            index = QModelIndex()
            for name in path:
                index = next((one for one in self.figures.rows(index) if self.figures.node(one).name == name), QModelIndex())
                if not index.isValid():
                    break
            if index.isValid():
                found.append(index)
        return found

    def drawRow(self, p: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect = QRectF(option.rect)
        rect.setLeft(0)
        rect.setWidth(max(self.viewport().width(), self.header().length()))
        if self.selectionModel().isSelected(index):
            p.fillRect(rect, color("accent-soft"))
        elif index == self.indexAt(self.viewport().mapFromGlobal(self.cursor().pos())):
            p.fillRect(rect, theme().ink(0.03))
        p.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), color("line"))
        node = self.figures.node(index)
        if node.part is None:
            super().drawRow(p, option, index)
            return
        inner = rect.adjusted(px(18) * 3, 0, -px(12) - self.horizontalOffset(), -1)
        p.setFont(font("small"))
        p.setPen(color("text-2"))
        p.drawText(inner, Qt.AlignmentFlag.AlignVCenter, paint.elided(node.name, font("small"), inner.width()))

    def drawBranches(self, p: QPainter, rect: QRect, index: Index) -> None:
        if not self.figures.node(index).opens:
            return
        side = px(12)
        box = QRectF(rect.right() - px(3) - side, rect.center().y() - side / 2, side, side)
        paint_icon(p, "chevron-down" if self.isExpanded(index) else "chevron-right", box, color("text-3"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            here = self.currentIndex().siblingAtColumn(0)
            self.setExpanded(here, not self.isExpanded(here))
            return
        super().keyPressEvent(event)

    def copy(self) -> None:
        """The chosen rows to the clipboard, with tabs."""
        rows = [index for index in self.selectionModel().selectedRows() if index.isValid()]
        lines = ["\t".join(cell for place, cell in enumerate(self.figures.cells(self.figures.node(index))) if place != BAR) for index in rows]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))
