"""A week's evidence: days, label mix, and every note with a link that inserts it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.overview import Overview
from tokenpal.engine.weeks import Evidence as Figures
from tokenpal.model.ranges import iso_week_days
from tokenpal.ui import numbers, times
from tokenpal.ui.charts.bars import StackedChart
from tokenpal.ui.charts.data import Bucket, Series, StackedSeries
from tokenpal.ui.overview import feed
from tokenpal.ui.page import Desk
from tokenpal.ui.palette import LABELS, LabelName
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card, EmptyState, Scroll
from tokenpal.ui.widgets.legend import LabelLegend
from tokenpal.ui.widgets.marks import LabelGlyph
from tokenpal.ui.widgets.strips import LabelStrip
from tokenpal.ui.widgets.text import Rule, Text

FIELD_OF_LABEL = {"exploration": "tried", "delivered": "worked", "waste": "failed"}
"""Where a note goes at first; the person moves it if it belongs elsewhere."""
EMPTY = "Notes you write on sessions appear here, ready to insert."


class Evidence(Card):
    """The left half of the check-in page. ``insert(words, field)`` asks the page to take a note over."""

    insert = Signal(str, str)
    other_figures = Signal()  # those of now instead of the kept ones, or back

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("This week", parent=parent)
        self._desk = desk
        self._kept = QWidget()
        kept = QHBoxLayout(self._kept)
        kept.setContentsMargins(0, 0, 0, 0)
        self._kept_words = Text("", "small", "text-2", elide=True)
        self._other = Link("")
        self._other.setObjectName("other-figures")
        self._other.clicked.connect(self.other_figures)
        kept.addWidget(self._kept_words, 1)
        kept.addWidget(self._other)
        self._kept.hide()
        self.body.addWidget(self._kept)
        self._days = StackedChart()
        self._days.setMinimumHeight(px(150))
        self._days.setMaximumHeight(px(170))
        self._strip = LabelStrip()
        self._legend = LabelLegend()
        self.body.addWidget(self._days)
        self.body.addWidget(self._strip)
        self.body.addWidget(self._legend)
        self._notes_head = Text("Notes this week", "small", "text-2", weight=500)
        self.body.addWidget(self._notes_head)
        self._list = QWidget()
        self._rows = QVBoxLayout(self._list)
        self._rows.setContentsMargins(0, 0, px(6), 0)
        self._rows.setSpacing(px(6))
        scroll = Scroll()
        scroll.setMinimumHeight(px(110))
        scroll.setWidget(self._list)
        self.body.addWidget(scroll, 1)
        self._empty = EmptyState("Nothing this week.", EMPTY)
        self.body.addWidget(self._empty, 1)
        self._scroll = scroll

    def set_kept(self, words: str, other: str) -> None:
        """Say that the figures are those the check-in was written with; empty words say nothing."""
        self._kept.setVisible(bool(words))
        self._kept_words.setText(words)
        self._other.setText(other)
        self._other.updateGeometry()

    def set_figures(self, figures: Figures) -> None:
        """Fill in a week's figures."""
        total = numbers.short(figures.tokens)
        self.set_title(f"{total} tokens" if figures.tokens else "No tokens", f"in {numbers.count(figures.sessions, 'session')}" if figures.sessions else "")
        covered = numbers.percent(figures.context_covered / figures.tokens) if figures.tokens else ""
        self.set_qualifier(f"{covered} context covered" if covered else "")
        self._days.setVisible(bool(figures.tokens))
        by_label = [figures.label_tokens.get("not labelled" if label == "unlabelled" else label, 0) for label in LABELS]
        for widget in (self._strip, self._legend):
            widget.set(by_label)
            widget.setVisible(bool(figures.tokens))
        self._fill(figures.notes)
        self._empty.setVisible(not figures.notes)
        self._empty.set("Nothing this week." if not figures.tokens else "No notes this week.", EMPTY)
        self._notes_head.setVisible(bool(figures.notes))
        self._scroll.setVisible(bool(figures.notes))

    def set_chart(self, view: Overview) -> None:
        """The week's days by task, as they are now."""
        week = feed.stacked(view, self._desk.today(), self._desk.now())
        days = tuple(Bucket(day.long, day.long.split(" ")[0]) for day in week.buckets)
        self._days.set_series(replace(week, buckets=days, bare=True, today=-1))

    def set_days(self, figures: Figures) -> None:
        """The week's days as they were kept: their sums, without tasks."""
        monday: date = iso_week_days(figures.week)[0]
        days = [monday + timedelta(days=place) for place in range(7)]
        buckets = tuple(Bucket(times.day(day), times.WEEKDAYS[day.weekday()]) for day in days)
        values = tuple(float(figures.days.get(day.isoformat(), 0)) for day in days)
        self._days.set_series(StackedSeries(title="Tokens by day", buckets=buckets, series=(Series("all", "Tokens", "else", values),), bare=True))

    def _fill(self, notes: tuple[tuple[str, str, str], ...]) -> None:
        while self._rows.count():
            item = self._rows.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for _session, label, note in notes:
            self._rows.addWidget(self._note_row(label, note))
            self._rows.addWidget(Rule())
        self._rows.addStretch(1)

    def _note_row(self, label: str, note: str) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(px(4), px(4), 0, px(4))
        row.setSpacing(px(10))
        name: LabelName | None = next((known for known in LABELS if known == label), None)
        row.addWidget(LabelGlyph(name))
        first, _, rest = note.strip().partition("\n")
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(Text(first, "body", weight=500, elide=True))
        if rest.strip():
            words.addWidget(Text(rest.strip(), "small", "text-2", wrap=True))
        row.addLayout(words, 1)
        link = Link("Insert")
        link.setAccessibleName(f"Insert {first}")
        link.setProperty("note", note.strip())
        link.setProperty("field", FIELD_OF_LABEL.get(label, "tried"))
        link.clicked.connect(self._insert)
        row.addWidget(link)
        return holder

    @Slot()
    def _insert(self) -> None:
        link = self.sender()
        if link is not None:
            self.insert.emit(link.property("note"), link.property("field"))
