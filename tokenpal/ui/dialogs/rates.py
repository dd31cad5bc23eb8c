"""Exchange rates that the person gives: what one unit of a currency was worth in dollars from a day on. Every change can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from PySide6.QtCore import QDate, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine import commands, prices
from tokenpal.insight.exchange import rate_words
from tokenpal.model.errors import TokenpalError
from tokenpal.model.money import ExchangeRate
from tokenpal.translation import tr
from tokenpal.ui import times
from tokenpal.ui.dialogs.room import Sheet, room_for
from tokenpal.ui.dialogs.slices import fill
from tokenpal.ui.page import Desk
from tokenpal.ui.reflow import Flow
from tokenpal.ui.theme import px
from tokenpal.ui.turns import Turns
from tokenpal.ui.widgets.buttons import Link, PrimaryButton
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.choices import DateField
from tokenpal.ui.widgets.controls import LineEdit
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.notices import Toast
from tokenpal.ui.widgets.text import Rule, Text

SHOWN = 60  # rates of the bank come every day: the newest are enough
OWN = "person"


class RateLine(QWidget):
    """One rate in words; the person's own can be removed: ``removed(rate)``."""

    removed = Signal(object)

    def __init__(self, rate: ExchangeRate, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rate = rate
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, px(8), 0)
        row.setSpacing(px(14))
        row.addWidget(Text(words, "small", wrap=True, selectable=True), 1)
        if rate.origin == OWN:
            self.remove = Link(tr("Remove"), tone="text-2")
            self.remove.setAccessibleName(tr("Remove: {what}", what=words))
            self.remove.clicked.connect(self._remove)
            row.addWidget(self.remove)

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self.rate)


class RatesDialog(Sheet):
    """The rates there are, the newest first, and one form for another."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.lines: list[RateLine] = []
        self._turns: Turns | None = None
        self.setWindowTitle(tr("Exchange rates"))
        self.setMinimumWidth(room_for(self, 560, 0).width())
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(12))
        column.addWidget(Text(tr("Exchange rates"), "head", wrap=True))
        about = tr("What one unit was worth in US dollars. A rate holds from its day on until a newer one; your own go before the bank's.")
        column.addWidget(Text(about, "body", "text-2", wrap=True))
        self.none = Text(tr("No rate yet. Give the first one below."), "small", "text-3", wrap=True)
        column.addWidget(self.none)
        held = self._held = QWidget()
        self._list = QVBoxLayout(held)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(px(8))
        self._list.addStretch(1)
        self._scroll = Scroll()
        self._scroll.setWidget(held)
        self._scroll.setMinimumHeight(px(150))
        self._scroll.hide()
        column.addWidget(self._scroll, 100)
        column.addStretch(1)  # takes the room while there is no list
        column.addWidget(Rule())
        self._build_form(column)
        self.toast = Toast(self)
        self.toast.undone.connect(self._undo)
        undo = QAction(self)
        undo.setShortcut("Ctrl+Z")
        undo.triggered.connect(self._undo)
        self.addAction(undo)
        self.resize(room_for(self, 600, 420))
        self._ask()
        self.currency.setFocus()

    def _build_form(self, column: QVBoxLayout) -> None:
        holder = QWidget()
        flow = Flow(holder)
        self.currency = LineEdit("EUR", tr("Currency, three letters"))
        self.currency.setObjectName("currency")
        self.currency.setMaxLength(3)
        self.currency.setFixedWidth(px(84))
        self.usd = LineEdit(tr("such as {example}", example="1.08"), tr("US dollars for one unit"))
        self.usd.setObjectName("usd")
        self.usd.setFixedWidth(px(150))
        self.day = DateField(tr("The day from which on it holds"))
        self.day.setObjectName("day")
        today = self._desk.today()
        self.day.setMaximumDate(QDate(today.year, today.month, today.day))
        self.day.setDate(QDate(today.year, today.month, today.day))
        self.keep = PrimaryButton(tr("Set rate"))
        self.keep.setObjectName("keep")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self._keep)
        for widget in (self.currency, self.usd, self.day, self.keep):
            flow.addWidget(widget)
        column.addWidget(holder)
        self.problem = Text("", "small", "attention", wrap=True)
        self.problem.hide()
        column.addWidget(self.problem)
        column.addLayout(foot(way_out(self, tr("Close"))))

    def _ask(self) -> None:
        self._desk.bridge.ask(prices.exchange_rates, then=self._filled)

    def _filled(self, rates: list[ExchangeRate]) -> None:
        if self._turns is not None:
            self._turns.stop()
        shown = sorted(rates, key=lambda rate: (rate.origin != OWN, -rate.day.toordinal(), rate.currency))[:SHOWN]
        self.none.setVisible(not rates)
        self._scroll.setVisible(bool(rates))
        self._turns = fill(self, self._lined(shown))

    def _lined(self, shown: list[ExchangeRate]) -> Iterator[None]:
        """A line each; those that are there stay."""
        wanted = set(shown)
        for line in [line for line in self.lines if line.rate not in wanted]:
            self.lines.remove(line)
            self._list.removeWidget(line)
            line.hide()
            line.deleteLater()
        for place, rate in enumerate(shown):
            if place < len(self.lines) and self.lines[place].rate == rate:
                continue
            line = RateLine(rate, rate_words(rate, self._day(rate.day)), self._held)
            line.removed.connect(self._remove)
            self._list.insertWidget(place, line)
            self.lines.insert(place, line)
            yield

    def _day(self, day: date) -> str:
        return times.day(day) + (f" {day.year}" if day.year != self._desk.today().year else "")

    @Slot()
    def _keep(self) -> None:
        self.problem.hide()
        value = self.day.date()
        day = date(value.year(), value.month(), value.day())
        self._desk.bridge.ask(prices.set_exchange_rate, self.currency.text(), self.usd.text().replace(",", "."), day, then=self._kept, otherwise=self._refused)

    def _kept(self, rate: ExchangeRate) -> None:
        self.usd.clear()
        self.currency.clear()
        self.currency.setFocus()
        self.toast.say(tr("Set the rate of {currency}.", currency=rate.currency))
        self._ask()

    def _refused(self, problem: TokenpalError) -> None:
        self.problem.setText(f"{problem.sentence} {problem.next_step}".strip())
        self.problem.show()

    @Slot(object)
    def _remove(self, rate: ExchangeRate) -> None:
        self._desk.bridge.ask(prices.remove_exchange_rate, rate.currency, rate.day, then=self._removed, otherwise=self._refused)

    def _removed(self, _count: int) -> None:
        self.toast.say(tr("Removed the rate."))
        self._ask()

    @Slot()
    def _undo(self) -> None:
        self._desk.bridge.ask(commands.undo, then=self._undone)

    def _undone(self, _title: str | None) -> None:
        self._ask()
