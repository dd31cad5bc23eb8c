"""A week's evidence: days, label mix, and its sessions by label with a link that puts each into a field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.overview import Overview
from tokenpal.engine.weekpage import Pinned, Shown
from tokenpal.engine.weeks import Evidence as Figures
from tokenpal.model.ranges import iso_week_days
from tokenpal.model.report import SessionRow
from tokenpal.translation import tr, trn
from tokenpal.ui import numbers, times
from tokenpal.ui.charts.data import Bucket, Series, StackedSeries
from tokenpal.ui.charts.panel import ChartPanel
from tokenpal.ui.checkins.gradual import Gradually
from tokenpal.ui.checkins.pins import label_of
from tokenpal.ui.checkins.rows import GroupHead, NoteRow
from tokenpal.ui.overview import feed
from tokenpal.ui.page import Desk
from tokenpal.ui.palette import LABEL_WORDS, LABELS
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card, EmptyState, Scroll
from tokenpal.ui.widgets.legend import LabelLegend
from tokenpal.ui.widgets.strips import LabelStrip
from tokenpal.ui.widgets.text import Text


class Evidence(Card):
    """The left half of the check-in page. ``insert(row, field)`` asks the page to take a session over."""

    insert = Signal(object, str)
    opened = Signal(str)  # a session
    to_label = Signal()  # the sessions of the week without a label
    other_figures = Signal()  # those of now instead of the kept ones, or back

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(tr("This week"), parent=parent)
        self._desk = desk
        self._shown = Shown(Figures("", "", 0, 0, (), 0, {}, {}, {}, {}, 0, ()))
        self._pins: dict[str, str] = {}

    def make(self) -> Iterator[None]:
        """Its parts, once; every yield is a place to stop and go on later."""
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
        yield
        self._days = ChartPanel()  # Ctrl+T shows its figures as a table
        self._days.setMinimumHeight(px(150))
        self._days.setMaximumHeight(px(170))
        self._strip = LabelStrip()
        self._legend = LabelLegend()
        for widget in (self._days, self._strip, self._legend):
            self.body.addWidget(widget)
        yield
        self._question = Text("", "small", "text-2", wrap=True)
        self._question.setObjectName("waste-question")
        self._question.hide()
        self.body.addWidget(self._question)
        self._list = QWidget()
        rows = QVBoxLayout(self._list)
        rows.setContentsMargins(0, 0, px(6), 0)
        rows.setSpacing(0)
        self._gradual = Gradually(rows, self)
        self._scroll = Scroll()
        self._scroll.setMinimumHeight(px(160))
        self._scroll.setWidget(self._list)
        self._scroll.hide()
        self.body.addWidget(self._scroll, 1)
        self._empty = EmptyState(tr("Nothing this week."), self._empty_words())
        self.body.addWidget(self._empty, 1)

    @staticmethod
    def _empty_words() -> str:
        return tr("Notes you write on sessions appear here, ready to insert.")

    def set_kept(self, words: str, other: str) -> None:
        """Say that the figures are those the check-in was written with; empty words say nothing."""
        self._kept.setVisible(bool(words))
        self._kept_words.setText(words)
        self._other.setText(other)
        self._other.updateGeometry()

    def set_figures(self, figures: Figures) -> None:
        """Fill in a week's figures."""
        total = numbers.short(figures.tokens)
        told = trn("in {n} session", "in {n} sessions", figures.sessions, shown=numbers.digits(figures.sessions)) if figures.sessions else ""
        self.set_title(tr("{tokens} tokens", tokens=total) if figures.tokens else tr("No tokens"), told)
        covered = numbers.percent(figures.context_covered / figures.tokens) if figures.tokens else ""
        self.set_qualifier(tr("{share} context covered", share=covered) if covered else "")
        self._days.setVisible(bool(figures.tokens))
        by_label = [figures.label_tokens.get("not labelled" if label == "unlabelled" else label, 0) for label in LABELS]
        for widget in (self._strip, self._legend):
            widget.set(by_label)
            widget.setVisible(bool(figures.tokens))

    def set_chart(self, view: Overview) -> None:
        """The week's days by task, as they are now."""
        week = feed.stacked(view, self._desk.today(), self._desk.now())
        days = tuple(Bucket(day.long, day.long.split(" ")[0]) for day in week.buckets)
        self._days.set_series(replace(week, buckets=days, bare=True, today=-1, marks=(), band=None, levels=()))

    def set_days(self, figures: Figures) -> None:
        """The week's days as they were kept: their sums, without tasks."""
        monday: date = iso_week_days(figures.week)[0]
        days = [monday + timedelta(days=place) for place in range(7)]
        buckets = tuple(Bucket(times.day(day), times.WEEKDAYS[day.weekday()]) for day in days)
        values = tuple(float(figures.days.get(day.isoformat(), 0)) for day in days)
        self._days.set_series(StackedSeries(title=tr("Tokens by day"), buckets=buckets, series=(Series("all", tr("Tokens"), "else", values),), bare=True))

    # ---- sessions -----------------------------------------------------------------------------------------
    def set_sessions(self, shown: Shown) -> None:
        """The week's sessions by label; what was there already stays as it is."""
        if (shown.rows, shown.more, shown.question) != (self._shown.rows, self._shown.more, self._shown.question) or not shown.rows:
            self._gradual.fill(self._makers(shown))
        self._shown = shown
        self._question.setText(shown.question)
        self._question.setVisible(bool(shown.question))
        self._scroll.setVisible(bool(shown.rows))
        self._empty.setVisible(not shown.rows)
        self._empty.set(tr("Nothing this week."), self._empty_words())

    def set_pins(self, pins: tuple[Pinned, ...]) -> None:
        """Which sessions stand in which field."""
        self._pins = {pin.session: pin.field for pin in pins}
        for row in self._list.findChildren(NoteRow):
            row.set_where(self._pins.get(row.row.id, ""))

    def first_note(self) -> NoteRow | None:
        """The first session with a note that is in no field yet."""
        return next((row for row in self._list.findChildren(NoteRow) if row.row.note and row.row.id not in self._pins and not row.isHidden()), None)

    def _makers(self, shown: Shown) -> Iterator[Callable[[], QWidget]]:
        label = "?"
        for row in shown.rows:
            if row.label != label:
                label = row.label
                yield partial(self._group_head, label, [one for one in shown.rows if one.label == label], shown.more)
            yield partial(self._session_row, row)
        if shown.more > 0:
            yield partial(self._rest_row, shown.more)

    def _group_head(self, label: str, rows: list[SessionRow], more: int) -> QWidget:
        count = len(rows) + (max(0, more) if not label else 0)
        tokens = sum(row.measures.tokens.total for row in rows)
        told = trn("{n} session", "{n} sessions", count, shown=numbers.digits(count))
        known = label_of(label)
        return GroupHead(tr(LABEL_WORDS[known or "unlabelled"]), numbers.join((told, numbers.short(tokens))) if known or not more else told)

    def _session_row(self, row: SessionRow) -> QWidget:
        made = NoteRow(row)
        made.set_where(self._pins.get(row.id, ""))
        made.insert.connect(self.insert)
        made.opened.connect(self.opened)
        return made

    def _rest_row(self, more: int) -> QWidget:
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(px(34), px(4), 0, px(4))
        link = Link(trn("{n} more without a label", "{n} more without a label", more, shown=numbers.digits(more)))
        link.setObjectName("more-to-label")
        link.clicked.connect(self._asked_for_rest)
        line.addWidget(link)
        line.addStretch(1)
        return holder

    @Slot()
    def _asked_for_rest(self) -> None:
        self.to_label.emit()
