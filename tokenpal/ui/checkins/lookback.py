"""Earlier weeks by week, month or quarter: figures, label mix, what was written, pins; a search through it, and export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine import lookback
from tokenpal.engine.lookback import Page, Period, Written
from tokenpal.translation import tr
from tokenpal.ui import numbers
from tokenpal.ui.checkins.gradual import Gradually
from tokenpal.ui.checkins.pins import PinRow
from tokenpal.ui.checkins.words import use_words
from tokenpal.ui.page import Desk
from tokenpal.ui.palette import LABELS
from tokenpal.ui.reflow import Flow
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.weekwords import FIELDS, field_name, period_words, week_words
from tokenpal.ui.widgets.buttons import Button, Link
from tokenpal.ui.widgets.card import Card, EmptyState, Scroll
from tokenpal.ui.widgets.controls import SearchField, Segmented
from tokenpal.ui.widgets.strips import LabelStrip
from tokenpal.ui.widgets.text import Text

SEARCH_MS = 120


class LookBack(QWidget):
    """``opened(week)`` when the person wants to see or change one; ``export(by, first, copy)`` for a period."""

    opened = Signal(str)
    session = Signal(str)
    export = Signal(str, object, bool)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._page = Page("", "", ())
        self._lasts = [""]  # where each page begins, to go back
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(CARD_GAP))
        head = QWidget()
        controls = Flow(head)
        self.by = Segmented((("week", tr("Weeks")), ("month", tr("Months")), ("quarter", tr("Quarters"))), tr("Look back by"))
        self.by.setObjectName("look-back-by")
        self.by.choose("month")
        self.by.chosen.connect(self._chosen)
        self.search = SearchField(tr("Search what you wrote"), "")
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(SEARCH_MS)
        self._wait.timeout.connect(self._from_the_newest)
        self.search.textChanged.connect(self._wait.start)
        controls.addWidget(self.by)
        controls.addWidget(self.search)
        column.addWidget(head)
        body = QWidget()
        cards = QVBoxLayout(body)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(px(CARD_GAP))
        self._gradual = Gradually(cards, self)
        self._scroll = Scroll()
        self._scroll.setWidget(body)
        self._scroll.on_ground()
        column.addWidget(self._scroll, 1)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        self._newer = Button(tr("Newer"))
        self._newer.setObjectName("look-back-newer")
        self._newer.clicked.connect(self._go_newer)
        self._older = Button(tr("Older"))
        self._older.setObjectName("look-back-older")
        self._older.clicked.connect(self._go_older)
        foot.addStretch(1)
        foot.addWidget(self._newer)
        foot.addWidget(self._older)
        self._foot.hide()
        column.addWidget(self._foot)

    # ---- pages --------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Ask for the page again."""
        self._desk.bridge.ask(lookback.look_back, self.by.key(), self.search.text().strip(), self._lasts[-1], then=self._show)

    @Slot()
    def _chosen(self, _key: str = "") -> None:
        self._from_the_newest()

    @Slot()
    def _from_the_newest(self) -> None:
        self._lasts = [""]
        self.refresh()

    @Slot()
    def _go_older(self) -> None:
        if self._page.older:
            self._lasts.append(self._page.older)
            self.refresh()

    @Slot()
    def _go_newer(self) -> None:
        self._lasts = self._lasts[:-1] or [""]
        self.refresh()

    def _show(self, page: Page) -> None:
        if page == self._page or (page.by, page.text, page.last) != (self.by.key(), self.search.text().strip(), self._lasts[-1]):
            return
        another = (page.by, page.text, page.last) != (self._page.by, self._page.text, self._page.last)
        self._page = page
        self._gradual.fill(self._makers(page))
        self._newer.setVisible(len(self._lasts) > 1)
        self._older.setVisible(bool(page.older))
        self._foot.setVisible(len(self._lasts) > 1 or bool(page.older))
        if another:
            self._scroll.verticalScrollBar().setValue(0)

    def _makers(self, page: Page) -> Iterator[Callable[[], QWidget]]:
        for period in page.periods:
            if period.by == "week":
                yield partial(self._alone, period)
                continue
            yield partial(self._heading, period)
            for one in period.weeks:
                yield partial(self._in_period, one)
        if not page.periods:
            yield self._nothing

    def _nothing(self) -> QWidget:
        if self._page.text:
            return EmptyState(tr("No check-in has these words."), tr("Ctrl+K searches notes, tasks and projects, too."))
        return EmptyState(tr("No check-in yet."), tr("What you write this week will be found here."))

    # ---- cards --------------------------------------------------------------------------------------------
    def _heading(self, period: Period) -> QWidget:
        """The name of a month or quarter above the cards of its weeks."""
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(px(2), px(6), px(2), 0)
        column.setSpacing(px(6))
        line = QHBoxLayout()
        line.setSpacing(px(8))
        line.addWidget(Text(period_words(period.by, period.first), "head"))
        line.addWidget(Text(use_words(period.tokens, period.sessions) if period.tokens else "", "small", "text-2"))
        line.addWidget(Text(self._covered(period), "small", "text-3", elide=True, right=True), 1)
        for link in self._links(period):
            line.addWidget(link)
        column.addLayout(line)
        if period.tokens:
            column.addWidget(self._strip(period))
        return holder

    def _links(self, period: Period) -> list[Link]:
        name = period_words(period.by, period.first)
        made = []
        for words, said, copy in ((tr("Copy"), tr("Copy {period} as Markdown", period=name), True), (tr("Export…"), tr("Export {period} to a file", period=name), False)):
            link = Link(words)
            link.setAccessibleName(said)
            link.setToolTip(said)
            link.setProperty("period", (period.by, period.first, copy))
            link.clicked.connect(self._asked)
            made.append(link)
        return made

    def _covered(self, period: Period) -> str:
        return tr("{share} context covered", share=numbers.percent(period.covered / period.tokens)) if period.tokens else ""

    def _strip(self, period: Period) -> LabelStrip:
        strip = LabelStrip()
        strip.set([period.labels.get("not labelled" if label == "unlabelled" else label, 0) for label in LABELS])
        return strip

    def _alone(self, period: Period) -> Card:
        """A week by itself: its words in full."""
        one = period.weeks[0]
        card = Card(period_words(period.by, period.first), self._covered(period))
        card.set_title(card.title.text(), use_words(period.tokens, period.sessions) if period.tokens else "")
        for link in (*self._links(period), self._open_link(one.checkin.week)):
            card.add_to_head(link)
        if period.tokens:
            card.body.addWidget(self._strip(period))
        card.body.addLayout(self._words(one, wrap=True))
        self._pins(one, card.body)
        return card

    def _in_period(self, one: Written) -> Card:
        """A week of a month or quarter: a line for each field."""
        card = Card()
        head = QHBoxLayout()
        head.setSpacing(px(10))
        head.addWidget(Text(week_words(one.checkin.week), "body", weight=500))
        told = use_words(one.figures.tokens, one.figures.sessions) if one.figures is not None and one.figures.tokens else ""
        head.addWidget(Text(told, "small", "text-2", elide=True), 1)
        head.addWidget(self._open_link(one.checkin.week))
        card.body.addLayout(head)
        card.body.addLayout(self._words(one, wrap=False))
        self._pins(one, card.body)
        return card

    def _words(self, one: Written, *, wrap: bool) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(4))
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, px(60))
        for line, key in enumerate(FIELDS):
            text: Any = getattr(one.checkin, key).strip()
            if text:
                grid.addWidget(Text(field_name(key), "small", "text-2"), line, 0, alignment_top())
                grid.addWidget(Text(text, "small", wrap=True, selectable=True) if wrap else Text(" ".join(text.split()), "small", elide=True), line, 1)
        return grid

    def _pins(self, one: Written, column: QVBoxLayout) -> None:
        if one.pins:
            pins = PinRow(tr("Sessions behind the words"), fixed=True)
            pins.opened.connect(self.session)
            column.addWidget(pins)
            pins.set_pins(one.pins)

    def _open_link(self, week: str) -> Link:
        link = Link(tr("Open"))
        link.setAccessibleName(tr("Open {week}", week=week_words(week)))
        link.setProperty("week", week)
        link.clicked.connect(self._open)
        return link

    @Slot()
    def _open(self) -> None:
        link = self.sender()
        if link is not None:
            self.opened.emit(link.property("week"))

    @Slot()
    def _asked(self) -> None:
        link = self.sender()
        if link is not None:
            self.export.emit(*link.property("period"))


def alignment_top() -> Any:
    """A field's name stands beside the first line of its words."""
    from PySide6.QtCore import Qt

    return Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
