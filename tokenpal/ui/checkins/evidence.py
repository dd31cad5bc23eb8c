"""A week's evidence: days, label mix, and every note with a link that inserts it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.overview import Overview
from tokenpal.engine.weeks import Evidence as Figures
from tokenpal.ui import numbers
from tokenpal.ui.charts.bars import StackedChart
from tokenpal.ui.charts.data import Bucket
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


class Evidence(Card):
    """The left half of the check-in page. ``insert(words, field)`` asks the page to take a note over."""

    insert = Signal(str, str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("This week", parent=parent)
        self._desk = desk
        self._days = StackedChart()
        self._days.setFixedHeight(px(170))
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
        scroll.setWidget(self._list)
        self.body.addWidget(scroll, 1)
        self._empty = EmptyState("Nothing this week.", "Notes you write on sessions appear here, ready to insert.")
        self.body.addWidget(self._empty, 1)
        self._scroll = scroll

    def set_figures(self, figures: Figures) -> None:
        """Fill in a week's figures."""
        total = numbers.short(figures.tokens)
        self.set_title(f"{total} tokens", f"in {numbers.count(figures.sessions, 'session')}")
        covered = numbers.percent(figures.context_covered / figures.tokens) if figures.tokens else ""
        self.set_qualifier(f"{covered} context covered" if covered else "")
        self._days.setVisible(bool(figures.tokens))
        by_label = [figures.label_tokens.get("not labelled" if label == "unlabelled" else label, 0) for label in LABELS]
        for widget in (self._strip, self._legend):
            widget.set(by_label)
            widget.setVisible(bool(figures.tokens))
        self._fill(figures.notes)
        self._empty.setVisible(not figures.notes)
        self._empty.set("Nothing this week." if not figures.tokens else "No notes this week.", "Notes you write on sessions appear here, ready to insert.")
        self._notes_head.setVisible(bool(figures.notes))
        self._scroll.setVisible(bool(figures.notes))

    def set_chart(self, view: Overview) -> None:
        """The week's days by task."""
        week = feed.stacked(view, self._desk.today(), self._desk.now())
        days = tuple(Bucket(day.long, day.long.split(" ")[0]) for day in week.buckets)
        self._days.set_series(replace(week, buckets=days, bare=True, today=-1))

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
