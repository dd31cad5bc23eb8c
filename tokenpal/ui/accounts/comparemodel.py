"""What the table of a reconciliation shows: lines, the lines below them, the causes; made when they are opened."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from tokenpal.insight import reconcile_words as words
from tokenpal.insight.differences import Line, Part, by_day, by_model
from tokenpal.model.ranges import number_day
from tokenpal.model.sides import tokens
from tokenpal.translation import mark, tr
from tokenpal.ui import numbers, times

Index = QModelIndex | QPersistentModelIndex
Path = tuple[str, ...]
HEADERS = ("", mark("Side by side"), mark("Reported"), mark("In logs"), mark("Difference"), mark("Why"))
NAME, BAR, TOLD, HELD, APART, WHY = range(6)
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
