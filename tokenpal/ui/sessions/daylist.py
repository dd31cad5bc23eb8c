"""A list of two heights, day headers and sessions, laid out by arithmetic on its days: no list of positions, however long it is."""

from __future__ import annotations

from bisect import bisect_right

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QCursor, QRegion
from PySide6.QtWidgets import QAbstractItemView, QListView

from tokenpal.ui.sessions.model import Index, SessionModel
from tokenpal.ui.theme import px

HEAD, LINE = 36, 54  # heights of a day header and of a session, px at text size 100 %
Action = QAbstractItemView.CursorAction


class DayList(QListView):
    """Where rows stand, what a place of the picture shows, how keys and the scroll bar move. ``SessionList`` paints it."""

    sessions: SessionModel
    _hovered = -1  # the row that was painted as being under the mouse

    def current_place(self) -> int:
        """The place under the cursor, -1 = none."""
        row = self.currentIndex().row()
        return self.sessions.locate(row)[1] if row >= 0 else -1

    def index_of(self, place: int) -> QModelIndex:
        """The index of a session's place."""
        return self.sessions.index(self.sessions.row_of(place))

    def _top_of(self, row: int) -> int:
        """The upper edge of a row in the whole list."""
        day, place = self.sessions.locate(row)
        if place < 0:
            return day * px(HEAD) + self.sessions.columns.firsts[day] * px(LINE)
        return (day + 1) * px(HEAD) + place * px(LINE)

    def _row_at(self, y: int) -> int:
        """The row at a height of the whole list; -1 below its end."""
        columns, head, line = self.sessions.columns, px(HEAD), px(LINE)
        if not len(columns) or y < 0 or y >= self._height():
            return -1
        day = bisect_right(range(len(columns.days)), y, key=lambda number: number * head + columns.firsts[number] * line) - 1
        inside = y - day * head - columns.firsts[day] * line
        return columns.firsts[day] + day + (0 if inside < head else 1 + (inside - head) // line)

    def _place_at(self, y: int) -> int:
        """The first session at or below a height of the viewport (px at 100 %); -1 = none."""
        row = self._row_at(self.verticalOffset() + px(y))
        if row < 0:
            return -1
        _, place = self.sessions.locate(row)
        return place if place >= 0 else self.sessions.locate(row + 1)[1]

    def _height(self) -> int:
        return len(self.sessions.columns.days) * px(HEAD) + len(self.sessions.columns) * px(LINE)

    def visualRect(self, index: Index) -> QRect:
        if not index.isValid() or index.row() >= self.sessions.rowCount():
            return QRect()
        row = index.row()
        tall = px(HEAD) if self.sessions.is_header(row) else px(LINE)
        return QRect(0, self._top_of(row) - self.verticalOffset(), self.viewport().width(), tall)

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = self._row_at(point.y() + self.verticalOffset())
        return self.sessions.index(row) if row >= 0 else QModelIndex()

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:
        return 0

    def doItemsLayout(self) -> None:
        QAbstractItemView.doItemsLayout(self)  # QListView's own would walk all rows

    def updateGeometries(self) -> None:
        bar, room = self.verticalScrollBar(), self.viewport().height()
        bar.setSingleStep(px(LINE))
        bar.setPageStep(max(1, room - px(HEAD)))
        bar.setRange(0, max(0, self._height() - room))

    def scrollTo(self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible) -> None:
        if not index.isValid() or index.row() >= self.sessions.rowCount():
            return
        top, room = self._top_of(index.row()), self.viewport().height()
        bar = self.verticalScrollBar()
        value = bar.value()
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            value = top - (room - px(LINE)) // 2
        elif top - px(HEAD) < value or hint == QAbstractItemView.ScrollHint.PositionAtTop:
            value = top - px(HEAD)  # below the day that stays on top
        elif top + px(LINE) > value + room:
            value = top + px(LINE) - room
        bar.setValue(value)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        port, width = self.viewport(), self.viewport().width()
        if abs(dy) >= port.height():
            port.update()
            return
        port.scroll(0, dy)
        port.update(QRect(0, 0, width, px(HEAD) + max(0, dy)))  # the day on top does not move along
        if self._hovered >= 0:
            port.update(self.visualRect(self.sessions.index(self._hovered)))
        if port.underMouse():
            port.update(self.visualRect(self.indexAt(port.mapFromGlobal(QCursor.pos()))))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        area = rect.normalized()
        last = self.sessions.rowCount() - 1
        top, bottom = (self._row_at(max(0, y + self.verticalOffset())) for y in (area.top(), area.bottom()))
        selection = QItemSelection()
        if last >= 0 and top >= 0:
            selection.select(self.sessions.index(top), self.sessions.index(bottom if bottom >= 0 else last))
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        region, seen = QRegion(), self.viewport().rect()
        for part in selection.toList():
            if part.isValid():
                top = self._top_of(part.top()) - self.verticalOffset()
                below = self._top_of(part.bottom()) - self.verticalOffset() + px(LINE)
                region += QRect(0, max(0, top), seen.width(), min(seen.height(), below) - max(0, top)) & seen
        return region

    def selectAll(self) -> None:
        if self.sessions.rowCount():  # QListView's own asks for each row
            every = QItemSelection(self.sessions.index(0), self.sessions.index(self.sessions.rowCount() - 1))
            self.selectionModel().select(every, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def moveCursor(self, action: Action, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        count, place = len(self.sessions.columns), self.current_place()
        if not count:
            return QModelIndex()
        page = max(1, (self.viewport().height() - px(HEAD)) // px(LINE) - 1)
        moves = {
            Action.MoveUp: place - 1, Action.MovePrevious: place - 1, Action.MoveLeft: place - 1, Action.MoveDown: place + 1,
            Action.MoveNext: place + 1, Action.MoveRight: place + 1, Action.MovePageUp: place - page, Action.MovePageDown: place + page,
            Action.MoveHome: 0, Action.MoveEnd: count - 1,
        }  # fmt: skip
        return self.index_of(min(count - 1, max(0, moves.get(action, place))))
