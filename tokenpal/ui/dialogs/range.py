"""Choose the days that a chart shows."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.translation import tr, trc
from tokenpal.ui.dialogs.room import Sheet
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Link, PrimaryButton
from tokenpal.ui.widgets.choices import DateField
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.text import Text


class RangeDialog(Sheet):
    """``picked(first, last)`` with two dates, both included; (None, None) for all time."""

    picked = Signal(object, object)

    def __init__(self, first: date, last: date, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Choose the days"))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(14))
        column.addWidget(Text(tr("Choose the days"), "head"))
        row = QHBoxLayout()
        row.setSpacing(px(8))
        self.first, self.last = DateField(tr("First day")), DateField(tr("Last day"))
        for words, field, day in ((trc("first day", "from"), self.first, first), (trc("last day", "to"), self.last, last)):
            field.setMaximumDate(QDate(today.year, today.month, today.day))
            field.setDate(QDate(day.year, day.month, day.day))
            row.addWidget(Text(words, "small", "text-2"))
            row.addWidget(field)
        row.addStretch(1)
        column.addLayout(row)
        everything = Link(tr("All time"))
        everything.clicked.connect(self._all)
        show = PrimaryButton(tr("Show"))
        show.setDefault(True)
        show.clicked.connect(self._take)
        column.addLayout(foot(way_out(self, tr("Cancel")), show, left=[everything]))

    @Slot()
    def _all(self) -> None:
        self.picked.emit(None, None)
        self.accept()

    @Slot()
    def _take(self) -> None:
        days = sorted(date(d.year(), d.month(), d.day()) for d in (self.first.date(), self.last.date()))
        self.picked.emit(*days)
        self.accept()
