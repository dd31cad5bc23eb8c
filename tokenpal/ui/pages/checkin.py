"""The weekly check-in: evidence on the left, four fields on the right. It saves while you type and sends nothing."""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tokenpal.engine import commands, overview, queries, weeks
from tokenpal.engine.sharing import views as sharing
from tokenpal.model.journal import CheckIn
from tokenpal.model.ranges import Bucket, iso_week, iso_week_days
from tokenpal.model.report import Dimension, Query
from tokenpal.ui import numbers, times
from tokenpal.ui.checkins.evidence import Evidence
from tokenpal.ui.checkins.lookback import LookBack, week_words
from tokenpal.ui.page import Desk, Page
from tokenpal.ui.reflow import Tiles
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.buttons import Button, IconButton, Link, PrimaryButton
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.controls import Segmented
from tokenpal.ui.widgets.fields import Field
from tokenpal.ui.widgets.marks import KeyHint
from tokenpal.ui.widgets.text import Text

HINTS = {"tried": "what you explored", "worked": "what came of it", "failed": "what did not, and why", "learned": "what to keep"}
SAVED = "Saved on this machine as you type. Nothing is sent."


class CheckInPage(Page):
    """One ISO week at a time; earlier weeks stay open for reading and writing."""

    title = "Check-in"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._week = self._this_week()
        self._saved = CheckIn(self._week)
        self._as_of_now = False  # figures of now although the week has kept ones
        self._tabs = Segmented((("week", "This week"), ("back", "Look back")), "Which weeks")
        self._tabs.setObjectName("checkin-tabs")
        self._tabs.chosen.connect(self._show_tab)
        self._earlier = IconButton("chevron-left", "The week before", framed=True)
        self._earlier.clicked.connect(self._go_earlier)
        self._later = IconButton("chevron-right", "The week after", framed=True)
        self._later.clicked.connect(self._go_later)
        copy = Button("Copy as Markdown")
        copy.setObjectName("checkin-copy")
        copy.clicked.connect(self._copy)
        save = PrimaryButton("Save")
        save.clicked.connect(self._save_now)
        for widget in (self._earlier, self._later, self._tabs, copy, save):
            self.head.addWidget(widget)
        self._of_week = (self._earlier, self._later, copy, save)
        self._either = QStackedWidget()
        self._either.addWidget(self._one_week())
        self.back = LookBack()
        self.back.opened.connect(self._open_from_back)
        self._either.addWidget(self.back)
        self.column.addWidget(self._either, 1)
        QShortcut(QKeySequence.StandardKey.Save, self).activated.connect(self._save_now)
        self._words()

    def _one_week(self) -> Scroll:
        body = QWidget()
        self.evidence = Evidence(self.desk)
        self.evidence.insert.connect(self._insert)
        self.evidence.other_figures.connect(self._other_figures)
        writing = QWidget()
        column = QVBoxLayout(writing)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(CARD_GAP))
        self.fields: dict[str, Field] = {}
        self._publishing: list[Link] = []
        for key, name in weeks.FIELDS.items():
            field = Field(name, HINTS[key])
            field.setObjectName(f"field-{key}")
            field.setMinimumHeight(px(92))
            field.changed.connect(self._save)
            publish = field.add_action("Publish…", f"Publish from {name}")
            publish.setObjectName(f"publish-{key}")
            publish.setProperty("part", key)
            publish.clicked.connect(self._publish)
            publish.hide()
            self._publishing.append(publish)
            column.addWidget(field, 1)
            self.fields[key] = field
        foot = QHBoxLayout()
        self._foot = Text(SAVED, "small", "text-2", elide=True)
        foot.addWidget(self._foot, 1)
        foot.addWidget(KeyHint("Ctrl S", "save"))
        column.addLayout(foot)
        tiles = Tiles(body, flat=True)
        tiles.add(self.evidence, 400, 6)
        tiles.add(writing, 300, 6)
        scroll = Scroll()
        scroll.setWidget(body)
        return scroll

    # ---- showing ------------------------------------------------------------------------------------------
    def refresh(self, what: frozenset[str]) -> None:
        if what & {"usage", "labels", "tasks"}:
            self._ask_figures()
        if "sharing" in what:
            self.desk.bridge.ask(sharing.sharing_line, then=self._know_sharing)
        if what & {"checkins", "settings"}:
            self.desk.bridge.ask(queries.checkin, self._week, then=self._show)
            self.desk.bridge.ask(queries.checkin_list, then=self.back.set_checkins)

    def _ask_figures(self) -> None:
        if self._kept() is None or self._as_of_now:
            zone = self.desk.zone().key
            self.desk.bridge.ask(weeks.evidence, self._week, zone, then=self._show_figures)
            monday, after = iso_week_days(self._week)
            self.desk.bridge.ask(overview.overview, Query(zone, monday, after, Bucket.DAY, Dimension.TASK), then=self._show_chart)

    def _kept(self) -> weeks.Evidence | None:
        """The figures an earlier week was written with; a running week has those of now."""
        return weeks.frozen_evidence(self._saved) if self._week != self._this_week() else None

    def _show_figures(self, figures: weeks.Evidence) -> None:
        if figures.week == self._week:
            self.evidence.set_figures(figures)

    def _show_chart(self, view: overview.Overview) -> None:
        if view.report.query.first == iso_week_days(self._week)[0]:
            self.evidence.set_chart(view)

    def show_item(self, item: object) -> None:
        """Open a week, "2026-W47"."""
        if isinstance(item, str):
            self._open(item)

    def _this_week(self) -> str:
        return iso_week(self.desk.today())

    def _open(self, week: str) -> None:
        self._save_pending()
        self._week, self._saved, self._as_of_now = week, CheckIn(week), False
        self._words()
        self.refresh(frozenset({"usage", "checkins"}))

    def _words(self) -> None:
        looking_back = self._tabs.key() == "back"
        self.set_subtitle("" if looking_back else week_words(self._week))
        number = self._week.partition("-W")[2].lstrip("0")
        self._tabs.set_words("week", "This week" if self._week == self._this_week() else f"Week {number}")
        for widget in self._of_week:
            widget.setVisible(not looking_back)
        self._later.setEnabled(iso_week_days(self._week)[1] <= self.desk.today())

    def _show(self, found: CheckIn | None) -> None:
        checkin = found or CheckIn(self._week)
        if checkin.week != self._week:
            return
        self._saved = checkin
        for key, field in self.fields.items():
            if not field.area.hasFocus() or not field.text():
                field.set_text(getattr(checkin, key))
        self._foot.setText(f"Saved on this machine {self._when(checkin.changed_at)}. Nothing is sent." if checkin.changed_at else SAVED)
        self._show_kept()

    def _show_kept(self) -> None:
        kept = self._kept()
        if kept is None:
            self.evidence.set_kept("", "")
            return
        if self._as_of_now:
            self.evidence.set_kept("As the figures are now.", "Show the kept ones")
            return
        self.evidence.set_kept("As it was when you wrote this.", "Show the figures of now")
        self.evidence.set_figures(kept)
        self.evidence.set_days(kept)

    @Slot()
    def _other_figures(self) -> None:
        self._as_of_now = not self._as_of_now
        self._show_kept()
        self._ask_figures()

    def _when(self, at: int) -> str:
        return times.moment(self.desk.moment(at), self.desk.moment())

    # ---- writing ------------------------------------------------------------------------------------------
    @Slot()
    def _save(self) -> None:
        values = {key: field.text() for key, field in self.fields.items()}
        if all(getattr(self._saved, key) == value for key, value in values.items()):
            return
        kept = self._saved.evidence if self._week != self._this_week() else ""  # an earlier week keeps the figures it had
        words = CheckIn(self._week, values["tried"], values["worked"], values["failed"], values["learned"], evidence=kept)
        self.desk.bridge.ask(commands.save_checkin, words, then=self._show)

    def leave(self) -> None:
        self._save_pending()

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

    # ---- publishing ---------------------------------------------------------------------------------------
    def _know_sharing(self, line: str) -> None:
        """Only who shares can publish; everybody else is not bothered with it."""
        for link in self._publishing:
            link.setVisible(line.startswith("Sharing: on"))

    @Slot()
    def _publish(self) -> None:
        """A line leaves only by this dialog: what is selected, else the first line of the field."""
        from tokenpal.ui.sharing.publish import PublishDialog

        link = self.sender()
        if link is None:
            return
        part = link.property("part")
        self._save_pending()
        dialog = PublishDialog(self.desk, part, self.fields[part].line(), self._week, self)
        dialog.published.connect(self._published)
        dialog.open()

    @Slot()
    def _published(self) -> None:
        self.toast.emit("Published. You can retract it on the Sharing page.", False)

    # ---- weeks --------------------------------------------------------------------------------------------
    @Slot(str)
    def _show_tab(self, key: str) -> None:
        self._save_pending()
        self._either.setCurrentIndex(1 if key == "back" else 0)
        self._words()

    @Slot(str)
    def _open_from_back(self, week: str) -> None:
        self._tabs.choose("week")
        self._either.setCurrentIndex(0)
        self._open(week)

    def _step(self, weeks: int) -> None:
        monday: date = iso_week_days(self._week)[0]
        self._open(iso_week(monday + timedelta(days=7 * weeks)))

    @Slot()
    def _go_earlier(self) -> None:
        self._step(-1)

    @Slot()
    def _go_later(self) -> None:
        self._step(1)
