"""Layouts that follow the room there is: a head whose controls go to a second line, and cards that go below one another.

Nothing is cut at the smallest window or the largest text; what does not fit side by side stands below.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget

from tokenpal.ui.theme import px


@contextmanager
def together(*around: QWidget, now: bool = True) -> Iterator[None]:
    """Parts of ``around`` come and go in the block and are laid out once, after it: Qt would do so for each that comes.

    ``now=False``: not here but when Qt next lays out the page, as a call of its own.
    """
    layouts = [(one, layout) for one in around if (layout := one.layout()) is not None and layout.isEnabled()]
    for _, layout in layouts:
        layout.setEnabled(False)
    try:
        yield
    finally:
        for one, layout in layouts:
            layout.setEnabled(True)
            layout.invalidate()
            if now and one.isVisible():
                layout.activate()


class _Rows(QLayout):
    """Common ground: keeps the items and asks a sub-class in which rows they stand at a width."""

    def __init__(self, parent: QWidget | None = None, gap: int = 8) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap  # px at text size 100 %
        self.of: QWidget | None = None  # whose direction counts, for a layout that only measures and places for another
        self._measured: dict[int, int] = {}  # heights by width since the last change: Qt asks for the same many times in one turn
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)
        self.invalidate()

    def invalidate(self) -> None:
        self._measured.clear()
        super().invalidate()

    def heightForWidth(self, width: int) -> int:
        found = self._measured.get(width)
        if found is None:
            found = self._measured[width] = self._tall(width)
        return found

    def _tall(self, width: int) -> int:
        raise NotImplementedError

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def _put(self, item: QLayoutItem, place: QRect, room: QRect) -> None:
        """Give an item its place in ``room``, mirrored where the language is written from the right."""
        widget = self.parentWidget() or self.of
        if widget is not None and widget.isRightToLeft():
            place = QRect(QPoint(room.left() + room.right() - place.right(), place.top()), place.size())
        item.setGeometry(place)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]


class Flow(_Rows):
    """Controls one after the other at their own size, on as many lines as they need. ``right`` puts the lines right."""

    def __init__(self, parent: QWidget | None = None, gap: int = 8, *, right: bool = False) -> None:
        super().__init__(parent, gap)
        self._right = right

    def addStretch(self, _factor: int = 0) -> None:
        """For code that wrote into a row before: a flow has no stretch."""

    def _lines(self, width: int) -> Iterator[list[tuple[QLayoutItem, QSize]]]:
        line: list[tuple[QLayoutItem, QSize]] = []
        used = 0
        for item in self._shown():
            size = item.sizeHint().expandedTo(item.minimumSize())
            if line and used + px(self._gap) + size.width() > width:
                yield line
                line, used = [], 0
            line.append((item, size))
            used += size.width() + (px(self._gap) if len(line) > 1 else 0)
        if line:
            yield line

    def _tall(self, width: int) -> int:
        heights = [max(size.height() for _, size in line) for line in self._lines(width)]
        return sum(heights) + px(self._gap) * max(0, len(heights) - 1)

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._shown()]
        return QSize(sum(s.width() for s in sizes) + px(self._gap) * max(0, len(sizes) - 1), max((s.height() for s in sizes), default=0))

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._shown()]
        return QSize(max((s.width() for s in sizes), default=0), max((s.height() for s in sizes), default=0))

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        y = rect.top()
        for line in self._lines(rect.width()):
            height = max(size.height() for _, size in line)
            used = sum(size.width() for _, size in line) + px(self._gap) * (len(line) - 1)
            x = rect.right() + 1 - used if self._right and used < rect.width() else rect.left()
            for item, size in line:
                width = min(size.width(), rect.width())
                self._put(item, QRect(QPoint(x, y + (height - size.height()) // 2), QSize(width, size.height())), rect)
                x += width + px(self._gap)
            y += height + px(self._gap)


class Head(_Rows):
    """Title and words left, controls right; the controls go below the title when they do not fit beside it."""

    def __init__(self, parent: QWidget | None = None, gap: int = 8, lead: int = 2) -> None:
        """``lead`` = how many of the first items belong to the title."""
        super().__init__(parent, gap)
        self._lead = lead

    def addStretch(self, _factor: int = 0) -> None:
        """The stretch between title and controls is what this layout is."""

    def _parts(self) -> tuple[list[QLayoutItem], list[QLayoutItem]]:
        lead = self._items[: self._lead]
        return [item for item in lead if not item.isEmpty()], [item for item in self._items[self._lead :] if not item.isEmpty()]

    def _width(self, items: list[QLayoutItem], *, least: bool = False) -> int:
        widths = [(item.minimumSize() if least else item.sizeHint().expandedTo(item.minimumSize())).width() for item in items]
        return sum(widths) + px(self._gap) * max(0, len(widths) - 1)

    def _beside(self, width: int) -> bool:
        lead, rest = self._parts()
        return not rest or self._width(lead, least=True) + px(20) + self._width(rest) <= width

    def _flow(self) -> Flow:
        flow = Flow(gap=self._gap)
        flow.of = self.parentWidget()
        flow._items = self._parts()[1]  # noqa: SLF001 - measured, never given away
        return flow

    def _tall(self, width: int) -> int:
        lead, rest = self._parts()
        tall = max((item.sizeHint().height() for item in lead), default=0)
        if self._beside(width):
            return max([tall, *(item.sizeHint().height() for item in rest)])
        return tall + px(self._gap) + self._flow()._tall(width)  # noqa: SLF001 - of this file

    def sizeHint(self) -> QSize:
        lead, rest = self._parts()
        return QSize(self._width(lead) + px(20) + self._width(rest), max((item.sizeHint().height() for item in self._shown()), default=0))

    def minimumSize(self) -> QSize:
        return QSize(max((item.minimumSize().width() for item in self._shown()), default=0), max((item.sizeHint().height() for item in self._shown()), default=0))

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        lead, rest = self._parts()
        beside = self._beside(rect.width())
        tall = max((item.sizeHint().height() for item in (self._shown() if beside else lead)), default=0)
        right = rect.right() + 1
        if beside:
            x = right - self._width(rest)
            right = x - px(20)
            for item in rest:
                size = item.sizeHint().expandedTo(item.minimumSize())
                self._put(item, QRect(QPoint(x, rect.top() + (tall - size.height()) // 2), size), rect)
                x += size.width() + px(self._gap)
        else:
            self._flow().setGeometry(QRect(rect.left(), rect.top() + tall + px(self._gap), rect.width(), rect.height()))
        x = rect.left()
        for item in lead:
            size = item.sizeHint()
            width = max(0, min(size.width(), right - x))
            self._put(item, QRect(QPoint(x, rect.top() + (tall - size.height()) // 2), QSize(width, size.height())), rect)
            x += width + px(self._gap)


class Tiles(_Rows):
    """Cards side by side while each has its least width, else on more rows; every row fills the width and the cards of a
    row are equally tall. ``add(widget, least, share)``: px at text size 100 %, and the share of what is left.
    """

    def __init__(self, parent: QWidget | None = None, gap: int = 14, *, flat: bool = False) -> None:
        """``flat``: cards ask for their least height and take what room there is (input fields, lists)."""
        super().__init__(parent, gap)
        self._flat = flat
        self._wants: list[tuple[int, int]] = []

    def add(self, widget: QWidget, least: int, share: int = 1) -> None:
        """Put a card at the end."""
        self._wants.append((least, share))
        self.addWidget(widget)

    def takeAt(self, index: int) -> QLayoutItem | None:
        if 0 <= index < len(self._wants):
            self._wants.pop(index)
        return super().takeAt(index)

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal | Qt.Orientation.Vertical

    def _rows(self, width: int) -> list[list[tuple[QLayoutItem, int]]]:
        """Items with their widths, by row."""
        rows: list[list[tuple[QLayoutItem, int, int]]] = []
        used = 0
        for item, (least, share) in zip(self._items, self._wants, strict=False):
            if item.isEmpty():
                continue
            wide = min(width, max(px(least), item.minimumSize().width()))
            if not rows or used + px(self._gap) + wide > width:
                rows.append([])
                used = -px(self._gap)
            rows[-1].append((item, wide, share))
            used += px(self._gap) + wide
        return [self._share(row, width) for row in rows]

    def _share(self, row: list[tuple[QLayoutItem, int, int]], width: int) -> list[tuple[QLayoutItem, int]]:
        """Widths in proportion to the shares, none below its least."""
        room = width - px(self._gap) * (len(row) - 1)
        fixed: set[int] = set()
        while True:
            left = room - sum(row[i][1] for i in fixed)
            shares = sum(share for i, (_, _, share) in enumerate(row) if i not in fixed)
            short = {i for i, (_, least, share) in enumerate(row) if i not in fixed and shares and left * share / shares < least}
            if not short or len(fixed | short) == len(row):
                break
            fixed |= short
        widths = [row[i][1] if i in fixed else max(0, int(left * row[i][2] / max(1, shares))) for i in range(len(row))]
        widths[-1] += max(0, room - sum(widths))
        return [(item, min(wide, width)) for (item, _, _), wide in zip(row, widths, strict=True)]

    def _heights(self, rows: list[list[tuple[QLayoutItem, int]]]) -> list[int]:
        if self._flat:
            return [max(item.minimumSize().height() for item, _ in row) for row in rows]
        return [max(_height(item, width) for item, width in row) for row in rows]

    def _tall(self, width: int) -> int:
        heights = self._heights(self._rows(width))
        return sum(heights) + px(self._gap) * max(0, len(heights) - 1)

    def sizeHint(self) -> QSize:
        width = sum(px(least) for least, _ in self._wants) + px(self._gap) * max(0, len(self._wants) - 1)
        return QSize(width, self._tall(width))

    def minimumSize(self) -> QSize:
        # Height follows from the width, so the least height is that of one row; scroll areas ask heightForWidth.
        return QSize(max((item.minimumSize().width() for item in self._shown()), default=0), max((item.minimumSize().height() for item in self._shown()), default=0))

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        rows = self._rows(rect.width())
        heights = self._heights(rows)
        spare = rect.height() - sum(heights) - px(self._gap) * max(0, len(heights) - 1)
        tall = [any(_grows(item) for item, _ in row) for row in rows]
        each = spare // max(1, sum(tall)) if spare > 0 else 0
        y = rect.top()
        for row, height, grows in zip(rows, heights, tall, strict=True):
            full = height + (each if grows else 0)
            if len(rows) == 1 and spare < 0:
                full = rect.height()
            x = rect.left()
            for item, width in row:
                self._put(item, QRect(x, y, width, full), rect)
                x += width + px(self._gap)
            y += full + px(self._gap)


def _height(item: QLayoutItem, width: int) -> int:
    """How tall an item wants to be at a width."""
    if item.hasHeightForWidth():
        return max(item.heightForWidth(width), item.minimumSize().height())
    return item.sizeHint().expandedTo(item.minimumSize()).height()


def _grows(item: QLayoutItem) -> bool:
    widget = item.widget()
    if widget is None:
        return bool(item.expandingDirections() & Qt.Orientation.Vertical)
    return widget.sizePolicy().verticalPolicy() not in (QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Maximum)
