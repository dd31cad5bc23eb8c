"""A provider's report against the logs of this machine: the rule in words, the whole in a sentence, the table with its causes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokenpal.engine import commands
from tokenpal.engine.reconciliation import Reconciliation, reconciliation
from tokenpal.insight import reconcile_table as table, reconcile_words as words
from tokenpal.model.report import AccountRow
from tokenpal.translation import mark, tr, trn
from tokenpal.ui.accounts.compare import CompareView
from tokenpal.ui.page import Desk
from tokenpal.ui.reflow import Flow
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.buttons import Button, Link
from tokenpal.ui.widgets.card import Card, EmptyState, Scroll
from tokenpal.ui.widgets.controls import PhraseCombo, Segmented
from tokenpal.ui.widgets.text import Text

SPANS = (("30", mark("30 d")), ("90", mark("90 d")), ("365", mark("12 mo")), ("all", mark("All")))
GROUPS = (("day", mark("By day")), ("model", mark("By model")))
FIRST = date(2000, 1, 1)
SHOWN_CAUSES = 6
LONG_SPAN_SECONDS = 60


class ReconcilePane(QWidget):
    """``closed()`` back to the account; ``said(words, can be undone)`` for the toast."""

    closed = Signal()
    said = Signal(str, bool)

    def __init__(self, desk: Desk, row: AccountRow, others: Sequence[AccountRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self.row = desk, row
        self.found: Reconciliation | None = None
        self._asked_at = 0
        self.setAccessibleName(tr("{name}: report and logs", name=row.name))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(CARD_GAP))
        around = Scroll()  # a small window, or large text: the table keeps its height
        around.setWidget(body)
        outer.addWidget(around)
        back = Link(tr("‹ Back to the account"))
        back.setObjectName("compare-back")
        back.clicked.connect(self.closed)
        column.addWidget(back)
        self._top = Card(tr("Which side counts"), row.name)
        self.rule = Text("", "body", wrap=True, selectable=True)
        self.rule.setAccessibleDescription(tr("The rule"))
        self.choice = PhraseCombo(tr("count"), _ways(row, others), tr("What counts of this account"))
        self.choice.setObjectName("compare-rule")
        self.choice.setMaximumWidth(px(420))
        self.choice.chosen.connect(self._choose)
        self._top.body.addWidget(self.rule)
        self._top.body.addWidget(self.choice)
        column.addWidget(self._top)
        self._card = Card(tr("Report and logs"))
        controls = Flow()
        self.span = Segmented([(key, tr(text)) for key, text in SPANS], tr("Which days are compared"))
        self.group = Segmented([(key, tr(text)) for key, text in GROUPS], tr("What a row is"))
        self.copy = Button(tr("Copy as CSV"))
        self.copy.setObjectName("compare-copy")
        for control in (self.span, self.group, self.copy):
            controls.addWidget(control)
        self.span.chosen.connect(self.refresh)
        self.group.chosen.connect(self._fill)
        self.copy.clicked.connect(self._copy)
        self._card.body.addLayout(controls)
        self.headline = Text("", "body", weight=600, wrap=True, selectable=True)
        self.headline.setAccessibleDescription(tr("The whole"))
        self._card.body.addWidget(self.headline)
        self._causes = QVBoxLayout()
        self._causes.setSpacing(px(3))
        self._card.body.addLayout(self._causes)
        self.table = CompareView()
        self.table.setMinimumHeight(px(260))
        self._card.body.addWidget(self.table, 1)
        self._empty = EmptyState("", ghosts=True)
        self._empty.hide()
        self._card.body.addWidget(self._empty, 1)
        column.addWidget(self._card, 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)

    # ---- what is shown ------------------------------------------------------------------------------------
    def data_changed(self, row: AccountRow) -> None:
        """Ask again as use goes on; a long span takes a moment, so it is not asked for at every request of an agent."""
        rule = self.found is None or (row.counts, row.mirror_of) != (self.found.account.counts, self.found.account.mirror_of)
        if rule or self.span.key() in {"30", "90"} or self._desk.now() - self._asked_at >= LONG_SPAN_SECONDS:
            self.refresh()

    @Slot()
    def refresh(self, _chosen: str = "") -> None:
        """Ask again: other days, or the data changed."""
        self._asked_at = self._desk.now()
        first = FIRST if self.span.key() == "all" else self._desk.today() - timedelta(days=int(self.span.key()) - 1)
        self._desk.bridge.ask(reconciliation, self.row.id, first, None, then=self._came)

    def _came(self, found: Reconciliation) -> None:
        changed = self.found is None or found.lines != self.found.lines or found.total != self.found.total
        self.found = found
        self.rule.setText(found.rule)
        mirror = found.account.mirror_of
        self.choice.choose(f"{words.MIRROR}:{mirror}" if mirror is not None else found.account.counts)
        self._top.setVisible(found.account.kind != "log")
        title, sentence = found.empty
        self._empty.set(title, sentence)
        self._empty.setVisible(bool(title))
        for part in (self.table, self.headline, self.copy):
            part.setVisible(not title)
        self.headline.setText(found.headline)
        if changed:
            self._fill()

    @Slot()
    def _fill(self, _chosen: str = "") -> None:
        while self._causes.count():
            item = self._causes.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if self.found is None:
            return
        parts = self.found.total.parts
        for part in parts[:SHOWN_CAUSES]:
            line = Text(words.told(part), "small", "text-2", wrap=True, selectable=True)
            line.setToolTip(words.detail(part))
            self._causes.addWidget(line)
        if len(parts) > SHOWN_CAUSES:
            self._causes.addWidget(Text(
                trn("and {n} smaller one, below its days", "and {n} smaller ones, below their days", len(parts) - SHOWN_CAUSES), "small", "text-3", wrap=True))
        self.table.set_lines(self.found.lines, self.group.key() == "day", self._desk.today().year)

    # ---- what is done -------------------------------------------------------------------------------------
    @Slot(str)
    def _choose(self, way: str) -> None:
        kind, _, other = way.partition(":")
        if kind == words.MIRROR:
            self._desk.bridge.ask(commands.set_counts, self.row.id, self.row.counts, int(other), then=self._counted)
        else:
            self._desk.bridge.ask(commands.set_counts, self.row.id, way, None, then=self._counted)

    def _counted(self, _none: object) -> None:
        self.said.emit(tr("Changed what counts of this account."), True)
        self.refresh()

    @Slot()
    def _copy(self) -> None:
        if self.found is not None:
            QGuiApplication.clipboard().setText(table.as_csv([(self.row.name, self.found.lines)]))
            self.said.emit(tr("Copied as CSV."), False)


def _ways(row: AccountRow, others: Sequence[AccountRow]) -> list[tuple[str, str]]:
    """The three ways to count, and every account it may mirror."""
    mirrors = [other for other in others if other.kind != "log" and other.id != row.id and other.mirror_of is None]
    ways = [(way, tr(text)) for way, text in words.WAYS.items()]
    return [*ways, *((f"{words.MIRROR}:{other.id}", tr("nothing: it shows the same as {name}", name=other.name)) for other in mirrors)]
