"""Day headers and sessions as one flat list of true length. Its order is known at once; rows come in pages around what is looked at."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Mapping
from datetime import date
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from tokenpal.model.listing import SessionIndex
from tokenpal.model.report import SessionRow
from tokenpal.translation import tr
from tokenpal.ui import numbers, times
from tokenpal.ui.page import Desk
from tokenpal.ui.palette import LABEL_WORDS
from tokenpal.ui.sessions import words

PAGE_ROWS = 100
PAGES_KEPT = 24
FEW = 8
"""Rows of a page that changed and are told one by one."""
PAGES_ASKED = 2
"""Pages on their way at once: the newest wish is asked for when one of them arrives, those between are never read."""

ROW = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class SessionModel(QAbstractListModel):
    """Rows of a list are headers and sessions; a *place* counts sessions alone. ``wanted(page, ids)`` asks for a page's rows."""

    wanted = Signal(object, object)
    arrived = Signal(int, int)  # first and last place of a page that came

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.columns = SessionIndex()
        self._heads = array("q")  # the row of each day's header
        self._pages: OrderedDict[int, dict[int, SessionRow]] = OrderedDict()
        self._old: set[int] = set()  # pages that are shown until they have been read again
        self._asked: set[int] = set()
        self._round = 0

    # ---- what Qt asks -------------------------------------------------------------------------------------
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.columns) + len(self._heads)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in (ROW, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        day, place = self.locate(index.row())
        row = self.at(place) if place >= 0 else None
        if role == ROW:
            return row
        if place < 0:
            return self.day_words(day) if role == Qt.ItemDataRole.DisplayRole else self._spoken_day(day)
        if row is None:
            self.need(place, place)
            return self._early(place)
        return words.title(row) if role == Qt.ItemDataRole.DisplayRole else self._spoken(row)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self.is_header(index.row()):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    # ---- rows and places ----------------------------------------------------------------------------------
    def locate(self, row: int) -> tuple[int, int]:
        """(number of the day, place of the session) of a row; place -1 = the day's header."""
        day = bisect_right(self._heads, row) - 1
        return day, -1 if self._heads[day] == row else row - day - 1

    def is_header(self, row: int) -> bool:
        """Whether a row is the header of a day."""
        at = bisect_left(self._heads, row)
        return at < len(self._heads) and self._heads[at] == row

    def row_of(self, place: int) -> int:
        """The row of a session's place."""
        return place + self.columns.day_of(place) + 1

    def places(self, top: int, bottom: int) -> range:
        """The places of the sessions in rows [top, bottom]."""
        return range(top - bisect_left(self._heads, top), bottom + 1 - bisect_right(self._heads, bottom))

    def at(self, place: int) -> SessionRow | None:
        """The session at a place; None while it is not loaded."""
        page = self._pages.get(place // PAGE_ROWS)
        return None if page is None or not 0 <= place < len(self.columns) else page.get(self.columns.ids[place])

    def session(self, row: int) -> SessionRow | None:
        """The session in a row; None for a header and while it is not loaded."""
        if not 0 <= row < self.rowCount():
            return None
        _, place = self.locate(row)
        return self.at(place) if place >= 0 else None

    def place(self, session: str) -> int:
        """The row of a session by its key; -1 when it is not loaded."""
        for page, rows in self._pages.items():
            for place in range(page * PAGE_ROWS, min(len(self.columns), (page + 1) * PAGE_ROWS)):
                row = rows.get(self.columns.ids[place])
                if row is not None and row.id == session:
                    return self.row_of(place)
        return -1

    def loaded(self) -> int:
        """How many sessions the list has."""
        return len(self.columns)

    def kept(self) -> int:
        """How many rows are held in memory."""
        return sum(map(len, self._pages.values()))

    def day(self, number: int) -> date:
        """The date of a day."""
        return self.columns.days[number]

    def day_words(self, number: int) -> str:
        """A day's header."""
        return times.header_day(self.day(number), self._desk.today())

    def day_sum(self, number: int) -> str:
        """The tokens of a day's sessions."""
        return numbers.short(self.columns.sums[number])

    # ---- what comes ---------------------------------------------------------------------------------------
    def show_columns(self, columns: SessionIndex) -> bool:
        """Another list, or other figures of the same sessions. Whether the sessions are others (then the model was reset)."""
        self._round += 1
        self._asked.clear()
        self._old = set(self._pages)
        if columns.ids == self.columns.ids and columns.firsts == self.columns.firsts:
            before, self.columns = self.columns, columns
            if (before.started, before.totals, before.sums, before.days) != (columns.started, columns.totals, columns.sums, columns.days):
                self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))
            return False
        self.beginResetModel()
        known = {id_: row for page in self._pages.values() for id_, row in page.items()}
        self.columns = columns
        self._heads = array("q", (first + day for day, first in enumerate(columns.firsts[:-1])))
        self._pages.clear()
        first_page = {id_: known[id_] for id_ in columns.ids[:PAGE_ROWS] if id_ in known}
        if len(first_page) == min(PAGE_ROWS, len(columns)):  # what is seen first does not blink
            self._pages[0] = first_page
        self._old = set(self._pages)
        self.endResetModel()
        return True

    def renew(self) -> None:
        """The rows may say something else now: read again what is looked at."""
        self._round += 1
        self._asked.clear()
        self._old = set(self._pages)

    def need(self, first: int, last: int) -> None:
        """Rows of these places are looked at: ask for the pages that are missing or old."""
        for page in range(max(0, first) // PAGE_ROWS, min(len(self.columns) - 1, last) // PAGE_ROWS + 1):
            if page in self._pages:
                self._pages.move_to_end(page)
                if page not in self._old:
                    continue
            if page not in self._asked and len(self._asked) < PAGES_ASKED:
                self._asked.add(page)
                ids = self.columns.ids[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
                self.wanted.emit(self._round << 32 | page, ids)

    def fill(self, asked: int, rows: Mapping[int, SessionRow]) -> None:
        """The answer to ``wanted``; one that was meant for another list is dropped."""
        page = asked & 0xFFFFFFFF
        if asked >> 32 != self._round:
            return
        self._asked.discard(page)
        self._old.discard(page)
        known = self._pages.get(page, {})
        same = {id_ for id_, row in rows.items() if known.get(id_) == row}
        self._pages[page] = {id_: known[id_] if id_ in same else row for id_, row in rows.items()}
        self._pages.move_to_end(page)
        while len(self._pages) > PAGES_KEPT:
            gone, _ = self._pages.popitem(last=False)
            self._old.discard(gone)
        first, last = page * PAGE_ROWS, min(len(self.columns), (page + 1) * PAGE_ROWS) - 1
        others = [place for place in range(first, last + 1) if self.columns.ids[place] not in same]
        if len(others) > FEW:
            self.dataChanged.emit(self.index(self.row_of(first)), self.index(self.row_of(last)))
        else:  # each is painted alone
            for index in (self.index(self.row_of(place)) for place in others):
                self.dataChanged.emit(index, index)
        self.arrived.emit(first, last)

    # ---- for screen readers -------------------------------------------------------------------------------
    def _early(self, place: int) -> str:
        """What is known of a session before its row is read."""
        clock = times.clock(self._desk.moment(self.columns.started[place]))
        return tr("Session at {clock}, {tokens} tokens", clock=clock, tokens=numbers.exact(self.columns.totals[place]))

    def _spoken_day(self, day: int) -> str:
        low, high = self.columns.firsts[day : day + 2]
        said = (times.long_day(self.day(day)), numbers.count(high - low, "session"), numbers.count(self.columns.sums[day], "token"))
        return ", ".join(said)

    def _spoken(self, row: SessionRow) -> str:
        label = LABEL_WORDS.get(row.label or "unlabelled", "Not labelled")  # type: ignore[call-overload]  # labels are the keys
        line = words.second_line(row, self._desk.moment, self._desk.now())
        tokens = tr("{tokens} tokens", tokens=numbers.exact(row.measures.tokens.total))
        return ", ".join((words.title(row), line, tokens, tr(label)))
