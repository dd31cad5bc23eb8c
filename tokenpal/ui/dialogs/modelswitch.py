"""What the use of one model would have cost at another's list price: arithmetic, class by class, and no advice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QHeaderView, QVBoxLayout, QWidget

from tokenpal.engine import insights
from tokenpal.insight.insight_words import dollars, origin_words
from tokenpal.insight.numbers import exact
from tokenpal.insight.switch_words import CLASS_WORDS, TOKENS_DIFFER, cells, switch_sentence
from tokenpal.model.errors import TokenpalError
from tokenpal.translation import tr
from tokenpal.ui import taborder, times
from tokenpal.ui.dialogs.room import room_for
from tokenpal.ui.dialogs.slices import opened
from tokenpal.ui.page import Desk
from tokenpal.ui.reflow import Flow
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.controls import PhraseCombo
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.table import Table, TableView
from tokenpal.ui.widgets.text import Text

DAYS = 28


class ModelSwitchDialog(QDialog):
    """Two models to choose, the table between them. Only models whose price is in the price ledger can be compared with."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._until = desk.today() + timedelta(days=1)
        self._first = self._until - timedelta(days=DAYS)
        self.setWindowTitle(tr("Another model's price"))
        self.setMinimumWidth(room_for(self, 680, 0).width())
        self.resize(room_for(self, 720, 470))

    def open(self) -> None:
        """At once, and what is in it in a moment."""
        opened(self, self._parts(), super().open)

    def _parts(self) -> Iterator[None]:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(px(22), px(20), px(14), px(18))
        outer.setSpacing(px(10))
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, px(8), 0)
        column.setSpacing(px(10))
        scroll = Scroll()  # a small screen, or large text
        scroll.setWidget(body)
        outer.addWidget(scroll, 1)
        column.addWidget(Text(tr("What another model would have cost"), "head", wrap=True))
        days = times.day_range(self._first, self._until - timedelta(days=1))
        column.addWidget(Text(tr("Use of {days} at list price. Arithmetic, not advice.", days=days), "body", "text-2", wrap=True))
        yield
        choices = Flow()
        self.model = PhraseCombo(tr("from"), (), tr("The model that was used"))
        self.model.setObjectName("from-model")
        self.other = PhraseCombo(tr("to"), (), tr("The model to compare with"))
        self.other.setObjectName("to-model")
        for combo in (self.model, self.other):
            combo.chosen.connect(self._ask)
            combo.setEnabled(False)
            choices.addWidget(combo)
            yield
        column.addLayout(choices)
        self.words = Text(tr("Looking at the prices…"), "body", wrap=True)
        column.addWidget(self.words)
        yield
        self.table = TableView()
        self.table.setAccessibleName(tr("The arithmetic"))
        self.table.hide()
        column.addWidget(self.table)
        yield
        self.note = Text("", "small", "text-2", wrap=True)
        column.addWidget(self.note)
        column.addStretch(1)
        leave = way_out(self, tr("Close"), default=True)
        row = foot(leave)
        row.setContentsMargins(0, 0, px(8), 0)
        outer.addLayout(row)
        leave.setFocus()
        self._desk.bridge.ask(insights.switch_choices, self._desk.zone().key, self._first, self._until, then=self._offer)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return taborder.step(self, forward)

    def _offer(self, offered: insights.Offered) -> None:
        self.model.set_options([(name, name) for name, _ in offered.used])
        self.other.set_options([(name, name) for name, _ in offered.priced])
        if not offered.used or len(offered.priced) < 2:
            self.words.setText(tr("There is nothing to compare yet: it takes use in these days, and two models whose price is known."))
            return
        known = [name for name, _ in offered.priced]
        first = next((name for name, _ in offered.used if name in known), offered.used[0][0])
        second = next((name for name, _ in (*offered.used, *offered.priced) if name in known and name != first), known[0])
        self.model.choose(first)
        self.other.choose(second)  # what the person uses, too: neither the cheapest nor the dearest is suggested
        for combo in (self.model, self.other):
            combo.setEnabled(True)
        self._ask()

    @Slot()
    def _ask(self) -> None:
        self._desk.bridge.ask(
            insights.model_switch, self._desk.zone().key, self._first, self._until, self.model.key(), self.other.key(), then=self._show, otherwise=self._failed
        )

    def _show(self, answer: insights.ModelSwitch) -> None:
        if (answer.model, answer.other) != (self.model.key(), self.other.key()):
            return
        result = answer.result
        self.words.setText(switch_sentence(answer.model, answer.other, result))
        heads = (tr("Tokens"), tr("Count"), tr("Was"), tr("Price per million"), tr("Would cost"))
        rows = [(tr(CLASS_WORDS[line.name]), *cells(line)) for line in result.lines]
        rows.append((tr("Together"), exact(sum(line.tokens for line in result.lines)), dollars(result.was), "", dollars(result.would)))
        self.table.set_table(Table(heads, tuple(rows), tr("The arithmetic")))
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setFixedHeight(self.table.horizontalHeader().height() + sum(self.table.rowHeight(row) for row in range(len(rows))) + px(14))
        self.table.show()
        noted = times.long_day(self._desk.moment(answer.noted_at).date()) if answer.noted_at else ""
        source = tr("Prices of {model}: {origin}, noted {day}.", model=answer.other, origin=origin_words(answer.origin), day=noted)
        self.note.setText(f"{tr(TOKENS_DIFFER)} {source if noted else ''}".strip())

    def _failed(self, problem: TokenpalError) -> None:
        self.table.hide()
        self.note.setText("")
        self.words.setText(f"{problem.sentence} {problem.next_step}".strip())
