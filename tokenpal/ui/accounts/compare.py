"""The table of a reconciliation: days (or models), below each its models (or days), below those the causes.

Rows are made when their parent is opened, so ten years of days cost no more than the days that are seen. Left and right open
and close, Ctrl+C copies what is chosen. A difference is usual, so nothing here is painted as an alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from tokenpal.insight import reconcile_words as words
from tokenpal.insight.differences import Line, Part, by_day, by_model
from tokenpal.model.ranges import number_day
from tokenpal.model.sides import tokens
from tokenpal.translation import mark, tr
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.theme import ROW_ONE_LINE, color, font, px, theme
from tokenpal.ui.widgets.card import SlimBar
from tokenpal.ui.widgets.table import FlatHeader

Index = QModelIndex | QPersistentModelIndex
Path = tuple[str, ...]
HEADERS = ("", mark("Side by side"), mark("Reported"), mark("In logs"), mark("Difference"), mark("Why"))
NAME, BAR, TOLD, HELD, APART, WHY = range(6)
WIDTHS = (210, 150, 96, 96, 104)
NODE = Qt.ItemDataRole.UserRole + 1


class Node:
    """A row: a line with the lines below it, or a cause."""

    def __init__(self, number: int, parent: Node | None, row: int, line: Line, name: str, below: Sequence[Line] = (), part: Part | None = None) -> None:
        self.number, self.parent, self.row, self.line, self.name, self.below, self.part = number, parent, row, line, name, below, part
        self.children: list[Node] | None = None  # made when they are asked for

    @property
    def opens(self) -> bool:
        """Whether there is anything below it."""
        return self.part is None and (bool(self.below) or bool(self.line.parts))


class CompareModel(QAbstractItemModel):
    """Serves the lines of a reconciliation to the tree."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nodes: list[Node] = []  # by number: an index holds no object
        self._top: list[Node] = []
        self.days = True
        self.most = 1  # of the rows in front: how long the longest bar is
        self.year = 0

    def set_lines(self, lines: Sequence[Line], days: bool, year: int) -> None:
        """Other lines; ``days``: days in front, else models. ``year`` is the one that need not be told."""
        self.beginResetModel()
        self.days, self.year = days, year
        groups: dict[object, list[Line]] = {}
        for line in lines:
            groups.setdefault(line.day if days else line.model, []).append(line)
        sums = by_day(lines) if days else by_model(lines)
        self._nodes, self._top = [], []
        for row, line in enumerate(sums):
            below = groups[line.day if days else line.model]
            order = (lambda one: -max(tokens(one.reported), tokens(one.measured))) if days else (lambda one: -one.day)
            self._top.append(self._made(None, row, line, self.name(line, inner=False), sorted(below, key=order)))
        self.most = max((max(tokens(line.reported), tokens(line.measured)) for line in sums), default=1) or 1
        self.endResetModel()

    def name(self, line: Line, inner: bool) -> str:
        """A day as `Fri 20 Nov`, or a model."""
        if self.days == inner:
            return words.model(line.model)
        day = number_day(line.day)
        return times.day(day) + (f" {day.year}" if day.year != self.year else "")

    def _made(self, parent: Node | None, row: int, line: Line, name: str, below: Sequence[Line] = (), part: Part | None = None) -> Node:
        node = Node(len(self._nodes), parent, row, line, name, below, part)
        self._nodes.append(node)
        return node

    def node(self, index: Index) -> Node:
        return self._nodes[index.internalId()]

    def below(self, node: Node) -> list[Node]:
        """The rows below one: lines, else causes."""
        if node.children is None:
            if node.below:
                node.children = [self._made(node, row, line, self.name(line, inner=True)) for row, line in enumerate(node.below)]
            else:
                parts = () if node.part is not None else node.line.parts
                node.children = [self._made(node, row, node.line, words.told(part), part=part) for row, part in enumerate(parts)]
        return node.children

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature; an empty index has no state
        if not parent.isValid():
            return len(self._top)
        return len(self.below(self.node(parent))) if parent.column() == 0 else 0

    def rows(self, parent: QModelIndex) -> list[QModelIndex]:
        """The rows below one, or those in front."""
        return [self.index(row, 0, parent) for row in range(self.rowCount(parent))]

    def path(self, index: QModelIndex) -> Path:
        """The names on the way to a row: what finds it again among other lines."""
        node: Node | None = self.node(index)
        names: Path = ()
        while node is not None:
            names, node = (node.name, *names), node.parent
        return names

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008  # see above
        return bool(self._top) if not parent.isValid() else parent.column() == 0 and self.node(parent).opens

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # see above
        return len(HEADERS)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008  # see above
        nodes = self.below(self.node(parent)) if parent.isValid() else self._top
        return self.createIndex(row, column, nodes[row].number) if 0 <= row < len(nodes) and 0 <= column < len(HEADERS) else QModelIndex()

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # Qt has two functions of this name
        above = self.node(index).parent if index.isValid() else None
        return QModelIndex() if above is None else self.createIndex(above.row, 0, above.number)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        node = self.node(index)
        if role == NODE:
            return node
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            cells = self.cells(node)
            return words.detail(node.part) if role == Qt.ItemDataRole.ToolTipRole and node.part is not None else cells[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return numbers.join(cell for cell in self.cells(node) if cell)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if index.column() in (TOLD, HELD, APART) else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def cells(self, node: Node) -> tuple[str, ...]:
        """The text of a row; the bar has none."""
        if node.part is not None:
            return (node.name, "", "", "", "", "")
        told, held = tokens(node.line.reported), tokens(node.line.measured)
        return (node.name, "", numbers.exact(told), numbers.exact(held), words.signed(told - held), words.why(node.line.parts))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (tr("UTC day") if self.days else tr("Model")) if section == NAME else tr(HEADERS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in (TOLD, HELD, APART) else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None


class _Cells(QStyledItemDelegate):
    """Figures in `small`, the two sides as thin bars on one scale; a cause takes the whole row and is painted by the view."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(px(80), px(ROW_ONE_LINE - 6))

    def __init__(self, view: CompareView) -> None:
        super().__init__(view)
        self._figures = view.figures

    def paint(self, p: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
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
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._theme_changed()
        theme().changed.connect(self._theme_changed)

    @Slot()
    def _theme_changed(self) -> None:
        self.setFont(font("small"))
        self.setIndentation(px(18))
        self.header().setFixedHeight(px(30))
        for column, width in enumerate(WIDTHS):
            self.setColumnWidth(column, px(width))
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
        m = QFontMetrics(font("small"))
        for column in (TOLD, HELD, APART):
            most = max((len(str(self.figures.index(row, column).data())) for row in range(self.figures.rowCount())), default=0)
            self.setColumnWidth(column, max(px(WIDTHS[column]), m.horizontalAdvance("0" * most) + px(24)))

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
