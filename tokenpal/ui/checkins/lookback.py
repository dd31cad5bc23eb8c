"""Earlier weeks: what was written, under the month it was written in, and a search through it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.weeks import FIELDS, frozen_evidence
from tokenpal.model.journal import CheckIn
from tokenpal.model.ranges import iso_week_days
from tokenpal.ui import numbers, times
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card, EmptyState, Scroll
from tokenpal.ui.widgets.controls import SearchField
from tokenpal.ui.widgets.text import Rule, Text


def week_words(week: str) -> str:
    """``Week 46, 9 to 15 November``."""
    monday, after = iso_week_days(week)
    return f"Week {week.partition('-W')[2].lstrip('0')}, {times.day_range(monday, after - timedelta(days=1))}"


class LookBack(QWidget):
    """``opened(week)`` when the person wants to see or change one."""

    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._checkins: Sequence[CheckIn] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(CARD_GAP))
        self.search = SearchField("Search what you wrote", "")
        self.search.setMaximumWidth(px(360))
        self.search.textChanged.connect(self._fill)
        column.addWidget(self.search)
        body = QWidget()
        self._cards = QVBoxLayout(body)
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(px(CARD_GAP))
        scroll = Scroll()
        scroll.setWidget(body)
        column.addWidget(scroll, 1)

    def set_checkins(self, checkins: Sequence[CheckIn]) -> None:
        """All there are, newest first; weeks without a word are left out."""
        self._checkins = [one for one in checkins if any(getattr(one, name).strip() for name in FIELDS)]
        self._fill()

    @Slot()
    def _fill(self) -> None:
        while self._cards.count():
            item = self._cards.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        wanted = self.search.text().strip().casefold()
        months: dict[str, Card] = {}
        for one in self._checkins:
            words = " ".join(getattr(one, name) for name in FIELDS).casefold()
            if wanted not in words:
                continue
            monday = iso_week_days(one.week)[0]
            month = f"{times.LONG_MONTHS[monday.month - 1]} {monday.year}"
            card = months.get(month)
            if card is None:
                card = months[month] = Card(month)
                self._cards.addWidget(card)
            else:
                card.body.addWidget(Rule())
            card.body.addWidget(self._week(one))
        if not months:
            empty = EmptyState("No check-in has these words.") if wanted else EmptyState("No check-in yet.", "What you write this week will be found here.")
            self._cards.addWidget(empty, 1)
        else:
            self._cards.addStretch(1)

    def _week(self, checkin: CheckIn) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, px(2), 0, px(4))
        column.setSpacing(px(6))
        head = QHBoxLayout()
        head.setSpacing(px(10))
        head.addWidget(Text(week_words(checkin.week), "body", weight=500))
        figures = frozen_evidence(checkin)
        if figures is not None and figures.tokens:
            told = f"{numbers.short(figures.tokens)} tokens in {numbers.count(figures.sessions, 'session')}"
            head.addWidget(Text(told, "small", "text-2", elide=True), 1)
        else:
            head.addStretch(1)
        link = Link("Open")
        link.setAccessibleName(f"Open {week_words(checkin.week)}")
        link.setProperty("week", checkin.week)
        link.clicked.connect(self._open)
        head.addWidget(link)
        column.addLayout(head)
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(4))
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, px(60))
        for line, (name, words) in enumerate(FIELDS.items()):
            text = " ".join(getattr(checkin, name).split())
            if text:
                grid.addWidget(Text(words, "small", "text-2"), line, 0)
                grid.addWidget(Text(text, "small", elide=True), line, 1)
        column.addLayout(grid)
        return holder

    @Slot()
    def _open(self) -> None:
        link = self.sender()
        if link is not None:
            self.opened.emit(link.property("week"))
