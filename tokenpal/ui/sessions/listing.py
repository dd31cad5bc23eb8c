"""The list of sessions by day: rows come in pages from the store, so its length does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tokenpal.model.report import SessionRow
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.page import Desk
from tokenpal.ui.palette import LABEL_WORDS, LABELS
from tokenpal.ui.sessions import words
from tokenpal.ui.theme import color, font, px, theme
from tokenpal.ui.widgets.card import DayHeader, SlimBar

PAGE_ROWS = 200
ROW = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class SessionModel(QAbstractListModel):
    """Day headers and sessions in one flat list. ``more_wanted(offset)`` asks for the next page."""

    more_wanted = Signal(int)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._entries: list[tuple[date, SessionRow | None]] = []
        self._day_sums: dict[date, int] = {}
        self._loaded = 0
        self._complete = True
        self._asked = -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        day, row = self._entries[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return times.header_day(day, self._desk.today()) if row is None else words.title(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(day, row)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self._entries[index.row()][1] is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._complete and self._asked != self._loaded

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._asked = self._loaded
            self.more_wanted.emit(self._loaded)

    def reset(self, rows: Sequence[SessionRow]) -> None:
        """A new first page."""
        self.beginResetModel()
        self._entries, self._day_sums = [], {}
        self._loaded, self._asked = 0, -1
        self._append(rows)
        self.endResetModel()

    def extend(self, rows: Sequence[SessionRow], offset: int) -> None:
        """The page that starts at ``offset``; late answers for another list are dropped."""
        if offset != self._loaded:
            return
        fresh = len(rows) + len({self._day(row) for row in rows} - set(self._day_sums))
        if fresh:
            self.beginInsertRows(QModelIndex(), len(self._entries), len(self._entries) + fresh - 1)
            self._append(rows)
            self.endInsertRows()
        else:
            self._complete = True

    def replace(self, row: SessionRow) -> None:
        """The same session with other words."""
        place = self.place(row.id)
        if place >= 0:
            self._entries[place] = (self._entries[place][0], row)
            self.dataChanged.emit(self.index(place), self.index(place))

    def place(self, session: str) -> int:
        """Where a session stands; -1 when it is not loaded."""
        return next((i for i, (_, row) in enumerate(self._entries) if row is not None and row.id == session), -1)

    def session(self, place: int) -> SessionRow | None:
        """The session at a row of the list."""
        return self._entries[place][1] if 0 <= place < len(self._entries) else None

    def loaded(self) -> int:
        """How many sessions are loaded."""
        return self._loaded

    def day_sum(self, place: int) -> str:
        """The sum of a day's loaded sessions; empty while the day may go on."""
        day = self._entries[place][0]
        if not self._complete and day == self._entries[-1][0]:
            return ""
        return numbers.short(self._day_sums[day])

    def _day(self, row: SessionRow) -> date:
        return self._desk.moment(row.started).date()

    def _append(self, rows: Sequence[SessionRow]) -> None:
        for row in rows:
            day = self._day(row)
            if day not in self._day_sums:
                self._day_sums[day] = 0
                self._entries.append((day, None))
            self._day_sums[day] += row.measures.tokens.total
            self._entries.append((day, row))
        self._loaded += len(rows)
        self._complete = len(rows) < PAGE_ROWS

    def _spoken(self, day: date, row: SessionRow | None) -> str:
        if row is None:
            return times.long_day(day)
        label = LABEL_WORDS.get(row.label or "unlabelled", "Not labelled")  # type: ignore[call-overload]  # labels are the keys
        line = words.second_line(row, self._desk.moment, self._desk.now())
        return f"{words.title(row)}, {line}, {numbers.exact(row.measures.tokens.total)} tokens, {label}"


class SessionDelegate(QStyledItemDelegate):
    """Paints a row of two lines (design 6: session row) and the day headers."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(px(120), px(54) if index.data(ROW) is not None else px(36))

    def paint(self, p: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: SessionRow | None = index.data(ROW)
        rect = QRectF(option.rect)
        model = index.model()
        if row is None:
            total = model.day_sum(index.row()) if isinstance(model, SessionModel) else ""
            DayHeader.paint_on(p, rect, index.data(), total)
            return
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            paint.box(p, rect.adjusted(0, 1, 0, -1), 8, color("accent-soft"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            paint.box(p, rect.adjusted(0, 1, 0, -1), 8, theme().ink(0.03))
        label = next((known for known in LABELS if known == row.label), None)
        ink = color("text-2") if selected and label == "waste" else None
        first = rect.top() + px(18)
        paint.glyph(p, label, QPointF(rect.left() + px(20), first), px(10), ink)
        left, right = rect.left() + px(40), rect.right() - px(12)
        total = numbers.short(row.measures.tokens.total)
        p.setFont(font("body", 500))
        p.setPen(color("text"))
        width = p.fontMetrics().horizontalAdvance(total)
        p.drawText(QRectF(right - width - 2, first - px(10), width + 4, px(20)), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, total)
        room = right - width - px(12) - left
        title = paint.elided(words.title(row), font("body", 500), room)
        p.drawText(QRectF(left, first - px(10), room, px(20)), Qt.AlignmentFlag.AlignVCenter, title)
        second = rect.top() + px(37)
        p.setFont(font("small"))
        p.setPen(color("text-2"))
        line = words.second_line(row, self._desk.moment, self._desk.now())
        room = right - px(22) - left
        p.drawText(QRectF(left, second - px(9), room, px(18)), Qt.AlignmentFlag.AlignVCenter, paint.elided(line, font("small"), room))
        tint: paint.Tint = row.task_color + 1 if row.task_id is not None else "none"
        paint.swatch(p, QRectF(right - px(10), second - px(5), px(10), px(10)), tint)
        p.restore()


class SessionList(QListView):
    """Keys go to the page first: letters label, they do not search."""

    chosen = Signal(object)  # SessionRow | None
    chosen_many = Signal(int)
    key = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sessions = SessionModel(desk, self)
        self.setModel(self.sessions)
        self.setItemDelegate(SessionDelegate(desk, self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollBar(SlimBar())
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)
        self.setUniformItemSizes(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Sessions by day")
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        theme().changed.connect(self._theme_changed)

    def current(self) -> SessionRow | None:
        """The session under the cursor."""
        return self.sessions.session(self.currentIndex().row())

    def selected(self) -> tuple[str, ...]:
        """Ids of all selected sessions, in list order; the current one when none is selected."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        found = [row.id for row in map(self.sessions.session, rows) if row is not None]
        current = self.current()
        return tuple(found) or ((current.id,) if current else ())

    def choose(self, session: str) -> bool:
        """Put the cursor on a session; False when it is not loaded."""
        place = self.sessions.place(session)
        if place >= 0:
            self.setCurrentIndex(self.sessions.index(place))
        return place >= 0

    def choose_first(self) -> None:
        """Put the cursor on the newest session."""
        place = next((i for i in range(self.sessions.rowCount()) if self.sessions.session(i)), -1)
        if place >= 0:
            self.setCurrentIndex(self.sessions.index(place))

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.chosen.emit(self.sessions.session(current.row()))

    def _selection_changed(self) -> None:
        self.chosen_many.emit(len(self.selectionModel().selectedIndexes()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text() and not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            self.key.emit(" " if event.key() == Qt.Key.Key_Space else "\r" if event.key() == Qt.Key.Key_Return else event.text())
            event.accept()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        top = self.indexAt(self.viewport().rect().topLeft())
        if not top.isValid() or self.sessions.session(top.row()) is None:
            return
        header = top.row()
        while header > 0 and self.sessions.session(header) is not None:
            header -= 1
        p = QPainter(self.viewport())
        day = str(self.sessions.index(header).data())
        DayHeader.paint_on(p, QRectF(0, 0, self.viewport().width(), px(36)), day, self.sessions.day_sum(header))
        p.end()

    def _theme_changed(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.viewport().update()
