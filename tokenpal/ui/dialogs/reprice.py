"""What today's prices would change, by month and model, before anything is changed."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from tokenpal.engine import prices
from tokenpal.insight.exchange import HEADS, repricing_cells, repricing_total
from tokenpal.insight.numbers import digits
from tokenpal.model.errors import TokenpalError
from tokenpal.model.rates import Repricing
from tokenpal.translation import mark, tr, trn
from tokenpal.ui.dialogs.room import Sheet, room_for
from tokenpal.ui.page import Desk
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.table import Table, TableView
from tokenpal.ui.widgets.text import Text

RULE = mark("What was used keeps the price it was given when it was read. Prices that a source stated itself stay in any case.")


class RepriceDialog(Sheet):
    """Asks at once and shows what it found; ``changed(sentence)`` when the person took it."""

    changed = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setWindowTitle(tr("Today's prices"))
        self.setMinimumWidth(room_for(self, 760, 0).width())
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(10))
        column.addWidget(Text(tr("What today's prices would change"), "head", wrap=True))
        column.addWidget(Text(tr(RULE), "body", "text-2", wrap=True))
        self.words = Text(tr("Looking at the prices…"), "body", wrap=True)
        column.addWidget(self.words)
        self.table = TableView()
        self.table.hide()
        column.addWidget(self.table, 1)
        self.leave = way_out(self, tr("Leave as it is"), default=True)
        self.go = Button(tr("Use today's prices"), primary=True)
        self.go.setObjectName("reprice")
        self.go.setEnabled(False)
        self.go.setAutoDefault(False)
        self.go.clicked.connect(self._take)
        column.addLayout(foot(self.leave, self.go))
        desk.bridge.ask(prices.repricings, then=self._found, otherwise=self._failed)

    def _found(self, rows: list[Repricing]) -> None:
        if not rows:
            self.words.setText(tr("Everything has today's prices already."))
            self.leave.setText(tr("Close"))
            return
        self.words.setText(repricing_total(rows))
        self.table.set_table(Table(tuple(tr(head) for head in HEADS), tuple(repricing_cells(row) for row in rows), tr("What would change, by month and model")))
        self.table.horizontalHeader().setSectionResizeMode(HEADS.index("Model"), QHeaderView.ResizeMode.Stretch)
        self.table.setMinimumHeight(px(min(420, 60 + 36 * len(rows))))
        self.table.show()
        self.go.setEnabled(True)

    def _failed(self, problem: TokenpalError) -> None:
        self.words.setText(f"{problem.sentence} {problem.next_step}".strip())
        self.go.setEnabled(False)

    @Slot()
    def _take(self) -> None:
        self.go.setEnabled(False)
        self._desk.bridge.ask(prices.reprice, then=self._taken, otherwise=self._failed)

    def _taken(self, records: int) -> None:
        self.changed.emit(trn("{n} record got today's prices.", "{n} records got today's prices.", records, shown=digits(records)))
        self.accept()
