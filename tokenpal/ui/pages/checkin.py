"""The weekly check-in: evidence on the left, four fields on the right. It saves while you type and sends nothing."""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine import commands, overview, queries, weeks
from tokenpal.model.journal import CheckIn
from tokenpal.model.ranges import Bucket, iso_week, iso_week_days
from tokenpal.model.report import Dimension, Query
from tokenpal.ui import numbers, times
from tokenpal.ui.checkins.evidence import Evidence
from tokenpal.ui.page import Desk, Page
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.buttons import Button, IconButton, PrimaryButton
from tokenpal.ui.widgets.fields import Field
from tokenpal.ui.widgets.marks import KeyHint
from tokenpal.ui.widgets.text import Text

FIELDS = (
    ("tried", "Tried", "what you explored"),
    ("worked", "Worked", "what came of it"),
    ("failed", "Failed", "what did not, and why"),
    ("learned", "Learned", "what to keep"),
)


class CheckInPage(Page):
    """One ISO week at a time; earlier weeks stay open for reading and writing."""

    title = "Check-in"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._week = iso_week(desk.today())
        self._saved = CheckIn(self._week)
        earlier = IconButton("chevron-left", "The week before", framed=True)
        earlier.clicked.connect(self._earlier)
        self._later = IconButton("chevron-right", "The week after", framed=True)
        self._later.clicked.connect(self._go_later)
        copy = Button("Copy as Markdown")
        copy.clicked.connect(self._copy)
        save = PrimaryButton("Save")
        save.clicked.connect(self._save_now)
        for widget in (earlier, self._later, copy, save):
            self.head.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(px(CARD_GAP))
        self.evidence = Evidence(desk)
        self.evidence.insert.connect(self._insert)
        row.addWidget(self.evidence, 1)
        right = QVBoxLayout()
        right.setSpacing(px(CARD_GAP))
        self.fields: dict[str, Field] = {}
        for key, name, hint in FIELDS:
            field = Field(name, hint)
            field.setObjectName(f"field-{key}")
            field.changed.connect(self._save)
            right.addWidget(field, 1)
            self.fields[key] = field
        foot = QHBoxLayout()
        self._foot = Text("Saved on this machine as you type. Nothing is sent.", "small", "text-2")
        foot.addWidget(self._foot, 1)
        foot.addWidget(KeyHint("Ctrl S", "save"))
        right.addLayout(foot)
        row.addLayout(right, 1)
        self.column.addLayout(row, 1)
        QShortcut(QKeySequence.StandardKey.Save, self).activated.connect(self._save_now)
        self._words()

    def refresh(self, what: frozenset[str]) -> None:
        if what & {"usage", "labels", "tasks"}:
            self.desk.bridge.ask(weeks.evidence, self._week, self.desk.zone().key, then=self.evidence.set_figures)
            monday, after = iso_week_days(self._week)
            query = Query(self.desk.zone().key, monday, after, Bucket.DAY, Dimension.TASK)
            self.desk.bridge.ask(overview.overview, query, then=self.evidence.set_chart)
        if what & {"checkins"}:
            self.desk.bridge.ask(queries.checkin, self._week, then=self._show)

    def show_item(self, item: object) -> None:
        """Open a week, "2026-W47"."""
        if isinstance(item, str):
            self._open(item)

    def _open(self, week: str) -> None:
        self._save_pending()
        self._week = week
        self._words()
        self.refresh(frozenset({"usage", "checkins"}))

    def _words(self) -> None:
        monday, after = iso_week_days(self._week)
        number = self._week.partition("-W")[2].lstrip("0")
        self.set_subtitle(f"Week {number}, {times.day_range(monday, after - timedelta(days=1))}")
        self._later.setEnabled(after <= self.desk.today())

    def _show(self, found: CheckIn | None) -> None:
        checkin = found or CheckIn(self._week)
        if checkin.week != self._week:
            return
        self._saved = checkin
        for key, field in self.fields.items():
            if not field.area.hasFocus() or not field.text():
                field.set_text(getattr(checkin, key))
        if checkin.changed_at:
            at = times.moment(self.desk.moment(checkin.changed_at), self.desk.moment())
            self._foot.setText(f"Saved on this machine {at}. Nothing is sent.")
        else:
            self._foot.setText("Saved on this machine as you type. Nothing is sent.")

    def _values(self) -> dict[str, str]:
        return {key: field.text() for key, field in self.fields.items()}

    @Slot()
    def _save(self) -> None:
        values = self._values()
        if all(getattr(self._saved, key) == value for key, value in values.items()):
            return
        words = CheckIn(self._week, values["tried"], values["worked"], values["failed"], values["learned"])
        self.desk.bridge.ask(commands.save_checkin, words, then=self._show)

    def _save_pending(self) -> None:
        for field in self.fields.values():
            field.flush()

    @Slot()
    def _save_now(self) -> None:
        self._save_pending()
        self._foot.setText("Saved on this machine. Nothing is sent.")

    @Slot(str, str)
    def _insert(self, words: str, field: str) -> None:
        self.fields[field].insert(words)
        self.fields[field].setFocus()

    @Slot()
    def _copy(self) -> None:
        self._save_pending()
        self.desk.bridge.ask(weeks.checkin_markdown, self._week, self.desk.zone().key, then=self._copied)

    def _copied(self, markdown: str) -> None:
        QGuiApplication.clipboard().setText(markdown)
        self.toast.emit(f"Copied, {numbers.count(len(markdown.splitlines()), 'line')}.", False)

    def _step(self, weeks: int) -> None:
        monday: date = iso_week_days(self._week)[0]
        self._open(iso_week(monday + timedelta(days=7 * weeks)))

    @Slot()
    def _earlier(self) -> None:
        self._step(-1)

    @Slot()
    def _go_later(self) -> None:
        self._step(1)
