"""The list of sessions by day. Only what is seen is laid out, painted and read, so its length does not matter.

A QListView to the keyboard, the selection and screen readers; where rows stand is arithmetic on the days (two heights, no
list of positions), so 200,000 sessions are laid out as fast as ten and the scroll bar is honest from the first moment.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QCursor, QFocusEvent, QHelpEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QToolTip, QWidget

from tokenpal.model.listing import SessionIndex
from tokenpal.model.report import SessionRow
from tokenpal.translation import tr
from tokenpal.ui import numbers
from tokenpal.ui.page import Desk
from tokenpal.ui.sessions import words
from tokenpal.ui.sessions.daylist import HEAD, LINE, DayList
from tokenpal.ui.sessions.model import Index, SessionModel
from tokenpal.ui.sessions.rowpaint import Said, paint_row, said
from tokenpal.ui.theme import px, theme
from tokenpal.ui.widgets.card import DayHeader, SlimBar
from tokenpal.ui.widgets.painted import BACK, BY_KEYBOARD
from tokenpal.ui.widgets.text import as_tip

AHEAD = 30  # places read before and after those that are seen
REMEMBERED = 1_000  # chosen sessions that stay chosen when the list changes under them


class SessionList(DayList):
    """Keys go to the page first: letters label, they do not search."""

    shows_focus = True  # by a frame around the row that has the cursor
    chosen = Signal(object)  # SessionRow | None: the one under the cursor, also when its words changed
    chosen_many = Signal(int)
    key = Signal(str)
    sought = Signal(str)  # a session that is not loaded: where does it stand?
    menu_wanted = Signal(QPoint)  # on the screen

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._by_keys = desk, False
        self._shown: SessionRow | None = None
        self._lines: dict[int, tuple[SessionRow, int, int, Said]] = {}
        self.sessions = SessionModel(desk, self)
        self.setModel(self.sessions)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollBar(SlimBar())
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Sessions by day"))
        self.sessions.arrived.connect(self._arrived)
        theme().changed.connect(self._theme_changed)

    # ---- what is chosen -----------------------------------------------------------------------------------
    def current(self) -> SessionRow | None:
        """The session under the cursor; None while it is not loaded."""
        return self.sessions.session(self.currentIndex().row())

    def ranges(self) -> list[range]:
        """The chosen places, in list order."""
        selection = self.selectionModel().selection()
        found = [self.sessions.places(part.top(), part.bottom()) for part in selection.toList()]
        return sorted((part for part in found if part), key=lambda part: part.start)

    def count_selected(self) -> int:
        """How many sessions are chosen."""
        return sum(map(len, self.ranges()))

    def selected_ids(self) -> array[int]:
        """Ids of all chosen sessions, loaded or not; the current one when none is chosen."""
        ids = array("q")
        for part in self.ranges():
            ids += self.sessions.columns.ids[part.start : part.stop]
        if not ids and self.current_place() >= 0:
            ids.append(self.sessions.columns.ids[self.current_place()])
        return ids

    def sums_selected(self) -> tuple[int, int]:
        """Tokens of all chosen sessions, and on how many days they began."""
        ranges, columns = self.ranges(), self.sessions.columns
        days = sum(columns.day_of(part.stop - 1) - columns.day_of(part.start) + 1 for part in ranges)
        days -= sum(columns.day_of(a.stop - 1) == columns.day_of(b.start) for a, b in pairwise(ranges))
        return sum(sum(columns.totals[part.start : part.stop]) for part in ranges), days

    def choose(self, session: str) -> bool:
        """Put the cursor on a session; False when it has to be looked for first (``sought``)."""
        row = self.sessions.place(session)
        if row >= 0:
            self.setCurrentIndex(self.sessions.index(row))
            return True
        self.sought.emit(session)
        return False

    def choose_place(self, place: int) -> None:
        """Put the cursor on a place of the list."""
        if 0 <= place < len(self.sessions.columns):
            self.setCurrentIndex(self.sessions.index(self.sessions.row_of(place)))

    def step(self, by: int) -> None:
        """The session ``by`` places further, if there is one."""
        self.choose_place(self.current_place() + by)

    def show_columns(self, columns: SessionIndex) -> None:
        """Another list. The cursor, what is chosen and what is seen stay with their sessions."""
        old = self.sessions.columns
        chosen = self.count_selected()
        kept = [(old.ids[place], old.started[place]) for part in self.ranges() for place in part] if chosen <= REMEMBERED else []
        place, top = self.current_place(), self._place_at(HEAD)
        offset = self._top_of(self.sessions.row_of(top)) - self.verticalOffset() if top >= 0 else 0
        at_top = self.verticalOffset() == 0
        whole = bool(len(old)) and chosen == len(old)
        if not self.sessions.show_columns(columns):
            self._need()
            return
        self.updateGeometries()
        self._shown = None
        place_now = self._again(old, place, columns)
        if columns.found >= 0:
            self.choose_place(columns.found)
        elif place_now >= 0:
            self.selectionModel().setCurrentIndex(self.index_of(place_now), QItemSelectionModel.SelectionFlag.NoUpdate)
            self._choose_again(kept, columns, whole)
            top_now = self._again(old, top, columns)
            if top_now >= 0 and not at_top:
                self.verticalScrollBar().setValue(self._top_of(self.sessions.row_of(top_now)) - offset)
        else:
            self.choose_place(min(max(0, place), len(columns) - 1) if place > 0 and len(columns) else 0)
        self._need()
        if not len(columns):
            self.chosen.emit(None)

    def _again(self, old: SessionIndex, place: int, columns: SessionIndex) -> int:
        return columns.place_of(old.ids[place], old.started[place]) if 0 <= place < len(old) else -1

    def _choose_again(self, kept: Sequence[tuple[int, int]], columns: SessionIndex, whole: bool) -> None:
        if whole:
            self.selectAll()
            return
        selection = QItemSelection()
        for place in (columns.place_of(*spot) for spot in kept):
            if place >= 0:
                selection.select(self.index_of(place), self.index_of(place))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        QAbstractItemView.selectionChanged(self, selected, deselected)  # QListView's own makes an index of each row
        self.chosen_many.emit(self.count_selected())

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._need()
        self._tell()

    # ---- pages --------------------------------------------------------------------------------------------
    def renew(self) -> None:
        """What the rows say has changed."""
        self.sessions.renew()
        self._need()

    def _need(self) -> None:
        if not len(self.sessions.columns):
            return
        if (place := self.current_place()) >= 0:
            self.sessions.need(place, place)
        first = max(0, self._place_at(0))
        last = first + self.viewport().height() // px(LINE) + 1
        self.sessions.need(first, last)
        self.sessions.need(first - AHEAD, last + AHEAD)

    @Slot(int, int)
    def _arrived(self, first: int, last: int) -> None:
        if first <= self.current_place() <= last:
            self._tell()
        self._need()

    def _tell(self) -> None:
        row = self.current()
        if row is None and self.current_place() >= 0:
            return  # told when it has come
        if row != self._shown:
            self._shown = row
            self.chosen.emit(row)

    # ---- events -------------------------------------------------------------------------------------------
    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if event.text() and plain and (event.text().isprintable() or event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)):
            self.key.emit(" " if event.key() == Qt.Key.Key_Space else event.text() if event.text().isprintable() else "\r")
            event.accept()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        spot = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            spot = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        if self.current_place() >= 0:
            self.menu_wanted.emit(spot)
        event.accept()

    def viewportEvent(self, event) -> bool:
        if isinstance(event, QHelpEvent):
            index = self.indexAt(event.pos())
            row = self.sessions.session(index.row()) if index.isValid() and event.pos().y() >= px(HEAD) else None
            if row is not None:
                tokens = tr("{tokens} tokens", tokens=numbers.exact(row.measures.tokens.total))
                line = words.second_line(row, self._desk.moment, self._desk.now())
                QToolTip.showText(event.globalPos(), as_tip("\n".join((words.title(row), line, tokens))), self.viewport())
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() not in BACK:
            self._by_keys = event.reason() in BY_KEYBOARD
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self.viewport())
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        model, width = self.sessions, self.viewport().width()
        selection, now = self.selectionModel(), self._desk.now()
        under = self.viewport().mapFromGlobal(QCursor.pos()) if self.viewport().underMouse() else QPoint(-1, -1)
        row = self._row_at(self.verticalOffset())
        y = self._top_of(row) - self.verticalOffset() if row >= 0 else 0
        parts = selection.selection().toList()
        many = len(parts) > 1 or any(part.height() > 1 for part in parts)
        cursor = self.currentIndex().row() if self.hasFocus() else -1
        dirty, self._hovered = event.region(), -1
        head_day = -1
        while 0 <= row < model.rowCount() and y < self.viewport().height():
            day, place = model.locate(row)
            if head_day < 0:
                head_day = day
            tall = px(HEAD) if place < 0 else px(LINE)
            rect = QRectF(0, y, width, tall)
            hover = rect.contains(under) and under.y() >= px(HEAD)
            if hover:
                self._hovered = row
            if not dirty.intersects(rect.toRect()):
                pass
            elif place < 0:
                p.setLayoutDirection(self.layoutDirection())
                DayHeader.paint_on(p, rect, model.day_words(day), model.day_sum(day))
            else:
                shown = model.at(place)
                said = None if shown is None else self._said(place, shown, width, now)
                chosen = selection.isSelected(model.index(row))
                p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # a row mirrors itself
                paint_row(
                    p, rect, shown, said, self._desk, selected=chosen, hover=hover, focus=row == cursor and (many or not chosen or self._by_keys),
                    early=None if shown else (model.columns.started[place], model.columns.totals[place]),
                    mirrored=self.isRightToLeft(),
                )  # fmt: skip
            y += tall
            row += 1
        if head_day >= 0:
            self._paint_day(p, head_day, width)
        p.end()
        self._need()

    def _said(self, place: int, row: SessionRow, width: int, now: int) -> Said:
        """The words of a row as they fit, made once as long as nothing changes."""
        id_, minute = self.sessions.columns.ids[place], now // 60
        known = self._lines.get(id_)
        if known is not None and known[0] is row and known[1:3] == (width, minute):
            return known[3]
        made = said(row, self._desk, now, width)
        if len(self._lines) > 400:
            self._lines.clear()
        self._lines[id_] = (row, width, minute, made)
        return made

    def _paint_day(self, p: QPainter, day: int, width: int) -> None:
        """The day on top, pushed away by the next one."""
        top = 0
        p.setLayoutDirection(self.layoutDirection())
        if day + 1 < len(self.sessions.columns.days):
            below = self._top_of(self.sessions.columns.firsts[day + 1] + day + 1) - self.verticalOffset()
            top = min(0, below - px(HEAD))
        DayHeader.paint_on(p, QRectF(0, top, width, px(HEAD)), self.sessions.day_words(day), self.sessions.day_sum(day))

    def sizeHint(self) -> QSize:
        return QSize(px(380), px(420))

    @Slot()
    def _theme_changed(self) -> None:
        self._lines.clear()
        self.updateGeometries()
        self.viewport().update()
