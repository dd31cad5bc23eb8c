"""The weekly check-in: evidence on the left, four fields on the right. It saves while you type and sends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from msgspec import structs
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QFileDialog, QStackedWidget, QWidget

from tokenpal.engine import commands, lookback, overview, weekfile, weekpage, weeks
from tokenpal.engine.sharing import views as sharing
from tokenpal.model.journal import CheckIn
from tokenpal.model.ranges import Bucket, iso_week, iso_week_days
from tokenpal.model.report import Dimension, Filter, Query, SessionRow
from tokenpal.translation import mark, tr, trn
from tokenpal.ui import numbers, still, times
from tokenpal.ui.checkins.actions import More
from tokenpal.ui.checkins.evidence import Evidence
from tokenpal.ui.checkins.lookback import LookBack
from tokenpal.ui.checkins.writing import Writing
from tokenpal.ui.menu import is_said
from tokenpal.ui.page import Page
from tokenpal.ui.reflow import Tiles, together
from tokenpal.ui.shortcuts import with_key
from tokenpal.ui.weekwords import period_words, week_words
from tokenpal.ui.widgets.buttons import Button, IconButton, PrimaryButton
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.controls import Segmented

NOT_LABELLED = "not labelled"


class CheckInPage(Page):
    """One ISO week at a time; earlier weeks stay open for reading and writing."""

    title = mark("Check-in")

    def _make(self) -> Iterator[None]:
        desk = self.desk
        self._week = self._this_week()
        self._running = self._week
        self._saved = CheckIn(self._week)
        self._as_of_now = False  # figures of now although the week has kept ones
        self._tabs = Segmented((("week", tr("This week")), ("back", tr("Look back"))), tr("Which weeks"))
        self._tabs.setObjectName("checkin-tabs")
        self._tabs.chosen.connect(self._show_tab)
        self._earlier = IconButton("chevron-left", tr("The week before"), framed=True)
        self._earlier.setToolTip(tr("The week before (Alt+Left)"))
        self._earlier.clicked.connect(self._go_earlier)
        self._later = IconButton("chevron-right", tr("The week after"), framed=True)
        self._later.setToolTip(tr("The week after (Alt+Right)"))
        self._later.clicked.connect(self._go_later)
        copy = Button(tr("Copy as Markdown"))
        copy.setObjectName("checkin-copy")
        copy.setToolTip(tr("The words with the week's figures (Ctrl+Shift+C)"))
        copy.clicked.connect(self._copy)
        self.more = More(self)
        self.more.setToolTip(with_key(tr("Templates and export"), "Ctrl+Shift+E"))
        self.more.chosen.connect(self._more_chosen)
        save = PrimaryButton(tr("Save"))
        save.setToolTip(tr("It is saved while you type, too (Ctrl+S)"))
        save.clicked.connect(self._save_now)
        for widget in (self._earlier, self._later, self._tabs, copy, self.more, save):
            self.head.addWidget(widget)
        self._of_week = (self._earlier, self._later, copy, self.more, save)
        self._either = QStackedWidget()
        yield
        yield from self._one_week()
        yield
        self.back = LookBack(desk)
        self.back.opened.connect(self._open_from_back)
        self.back.session.connect(self._open_session)
        self.back.export.connect(self._export_period)
        self._either.addWidget(self.back)
        yield
        self.column.addWidget(self._either, 1)
        QShortcut(QKeySequence.StandardKey.Save, self).activated.connect(self._save_now)
        for keys, slot in (("Alt+Left", self._go_earlier), ("Alt+Right", self._go_later), ("Ctrl+Shift+C", self._copy), ("Ctrl+I", self._insert_next), ("Ctrl+Shift+E", self.more.open)):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)
        self._words()

    def _one_week(self) -> Iterator[None]:
        body = QWidget()
        scroll = Scroll()
        scroll.setWidget(body)
        scroll.on_ground()
        self._either.addWidget(scroll)
        self.evidence = Evidence(self.desk)
        yield from self.evidence.make()
        self.evidence.insert.connect(self._insert)
        self.evidence.opened.connect(self._open_session)
        self.evidence.to_label.connect(self._open_unlabelled)
        self.evidence.other_figures.connect(self._other_figures)
        yield
        self.writing = Writing()
        yield from self.writing.make()
        self.fields = self.writing.fields
        self.main = self.fields["tried"]  # one comes here to write
        self.writing.typed.connect(self._save)
        self.writing.opened.connect(self._open_session)
        self.writing.unpinned.connect(self._unpin)
        self.writing.begin.connect(self.more.show_templates)
        self.writing.publish.connect(self._publish)
        self._foot = self.writing.foot
        self._foot.setText(self._saved_words())
        tiles = Tiles(body, flat=True)
        tiles.add(self.evidence, 400, 6)
        tiles.add(self.writing, 300, 6)

    # ---- showing ------------------------------------------------------------------------------------------
    def refresh(self, what: frozenset[str]) -> None:
        if self._running != self._this_week():
            self._week_begins()
        if what & {"usage", "labels", "tasks", "settings"}:
            self._ask_figures()
        if "sharing" in what:
            self.desk.bridge.ask(sharing.sharing_line, then=self._know_sharing)
        if what & {"checkins", "settings"}:
            self._ask_words()
        if what & {"checkins", "labels"} and self._looking_back():
            self.back.refresh()

    def _week_begins(self) -> None:
        """Who left the page at the week that ran finds the one that runs now, unless the keyboard is among its words."""
        ended, self._running = self._running, self._this_week()
        held = QApplication.focusWidget()
        if self._week == ended and not (held is not None and self.writing.isAncestorOf(held)):
            self._open(self._running)
        else:
            self._words()

    def _looking_back(self) -> bool:
        return self._tabs.key() == "back"

    def _ask_words(self) -> None:
        self.desk.bridge.ask(weekpage.words, self._week, then=self._show_words)

    def _ask_figures(self) -> None:
        zone = self.desk.zone().key
        self.desk.bridge.ask(weekpage.shown, self._week, zone, then=self._show_figures)
        if self._kept() is None or self._as_of_now:
            monday, after = iso_week_days(self._week)
            self.desk.bridge.ask(overview.overview, Query(zone, monday, after, Bucket.DAY, Dimension.TASK), then=self._show_chart)

    def _kept(self) -> weeks.Evidence | None:
        """The figures an earlier week was written with; a running week has those of now."""
        return weeks.frozen_evidence(self._saved) if self._week != self._this_week() else None

    def _show_figures(self, shown: weekpage.Shown) -> None:
        if shown.figures.week != self._week:
            return
        self.evidence.set_sessions(shown)
        if self._kept() is None or self._as_of_now:
            self.evidence.set_figures(shown.figures)

    def _show_chart(self, view: overview.Overview) -> None:
        if view.report.query.first == iso_week_days(self._week)[0] and (self._kept() is None or self._as_of_now):
            self.evidence.set_chart(view)

    def show_item(self, item: object) -> None:
        """Open a week, "2026-W47"."""
        if isinstance(item, str):
            self._open_from_back(item)

    def _this_week(self) -> str:
        return iso_week(self.desk.today())

    def _open(self, week: str) -> None:
        self._save_pending()
        if week != self._week:
            for field in self.fields.values():
                field.set_text("")
            self.writing.set_pins(())
            self.evidence.set_pins(())
        self._week, self._saved, self._as_of_now = week, CheckIn(week), False
        self.writing.set_writable(False)  # until its words are known
        self._words()
        self.refresh(frozenset({"usage", "checkins"}))

    def _words(self) -> None:
        looking_back = self._looking_back()
        number = self._week.partition("-W")[2].lstrip("0")
        with together(self):
            self.set_subtitle("" if looking_back else week_words(self._week))
            self._tabs.set_words("week", tr("This week") if self._week == self._this_week() else tr("Week {number}", number=number))
            for widget in self._of_week:
                widget.setVisible(not looking_back)
        self._later.setEnabled(iso_week_days(self._week)[1] <= self.desk.today())

    def _show_words(self, found: weekpage.Words) -> None:
        if found.checkin.week != self._week:
            return
        self.writing.set_pins(found.pins)
        self.evidence.set_pins(found.pins)
        self.more.set_templates(found.templates)
        self.writing.set_writable(True)
        self._show(found.checkin)

    def _show(self, checkin: CheckIn) -> None:
        """What is kept; words that are typed and not kept yet stay."""
        if checkin.week != self._week:
            return
        before, self._saved = self._saved, checkin
        for key, field in self.fields.items():
            if not field.waiting and field.text().strip() == getattr(before, key).strip() and field.text().strip() != getattr(checkin, key):
                field.set_text(getattr(checkin, key))
        self._foot.setText(self._saved_words(checkin.changed_at))
        self.writing.start.setVisible(not any(field.text().strip() for field in self.fields.values()))
        self._show_kept()

    def _saved_words(self, at: int = 0) -> str:
        if not at:
            return tr("Saved on this machine as you type. Nothing is sent.")
        return tr("Saved on this machine {when}. Nothing is sent.", when=times.moment(self.desk.moment(at), self.desk.moment()))

    def _show_kept(self) -> None:
        kept = self._kept()
        if kept is None:
            self.evidence.set_kept("", "")
            return
        if self._as_of_now:
            self.evidence.set_kept(tr("Figures as they are now."), tr("Show the kept ones"))
            return
        self.evidence.set_kept(tr("Figures as they were when you wrote this."), tr("Show the figures of now"))
        self.evidence.set_figures(kept)
        self.evidence.set_days(kept)

    @Slot()
    def _other_figures(self) -> None:
        self._as_of_now = not self._as_of_now
        self._show_kept()
        self._ask_figures()

    # ---- writing ------------------------------------------------------------------------------------------
    def _checkin(self) -> CheckIn:
        kept = self._saved.evidence if self._week != self._this_week() else ""  # an earlier week keeps the figures it had
        return structs.replace(CheckIn(self._week, evidence=kept), **self.writing.values())

    @Slot()
    def _save(self) -> None:
        if any(getattr(self._saved, key) != value.strip() for key, value in self.writing.values().items()):
            self.desk.bridge.ask(commands.save_checkin, self._checkin(), then=self._show)

    def leave(self) -> None:
        self._save_pending()

    def _save_pending(self) -> None:
        self.writing.flush()

    @Slot()
    def _save_now(self) -> None:
        self._save_pending()
        self._foot.setText(tr("Saved on this machine. Nothing is sent."))

    @Slot(object, str)
    def _insert(self, row: SessionRow, key: str) -> None:
        """A note into a field, its session pinned behind it; a session without a note is only pinned."""
        field = self.fields[key]
        if row.note.strip():
            field.insert(row.note.strip())
            field.stop_waiting()  # it is saved with the pin, as one edit
            self.desk.bridge.ask(weekpage.insert, self._checkin(), key, row.id, then=self._show)
            field.setFocus()
        else:
            self.desk.bridge.ask(weekpage.pin, self._week, key, row.id)

    @Slot()
    def _insert_next(self) -> None:
        """Ctrl+I: the first note that is in no field yet."""
        row = None if self._looking_back() else self.evidence.first_note()
        if row is None:
            self.toast.emit(tr("Every note of this week is in a field."), False)
        else:
            row.link.click()

    @Slot(str, str)
    def _unpin(self, key: str, session: str) -> None:
        self.desk.bridge.ask(weekpage.unpin, self._week, key, session)

    # ---- templates and export -----------------------------------------------------------------------------
    @Slot(str, str)
    def _more_chosen(self, action: str, item: str) -> None:
        """What was chosen from the menu."""
        if action == "begin":
            self._save_pending()
            self.desk.bridge.ask(weekpage.begin, self._week, item, then=self._begun)
        elif action == "empty":
            self.fields["tried"].setFocus()
        elif action == "templates":
            from tokenpal.ui.dialogs.templates import TemplatesDialog

            dialog = TemplatesDialog(self.desk, self.writing.values(), self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()
        elif action == "text":
            self._save_pending()
            self.desk.bridge.ask(weekfile.page, self._week, self.desk.zone().key, "text", then=self._copied)
        elif action == "file":
            self._save_pending()
            self._to_file([self._week], f"check-in-{self._week}.md", "")

    def _begun(self, filled: tuple[str, ...]) -> None:
        self.toast.emit(tr("Started from the template.") if filled else tr("Every field of the template has words here already."), bool(filled))

    @Slot()
    def _copy(self) -> None:
        self._save_pending()
        self.desk.bridge.ask(weekfile.page, self._week, self.desk.zone().key, then=self._copied)

    def _copied(self, words: str) -> None:
        QGuiApplication.clipboard().setText(words)
        lines = len(words.splitlines())
        self.toast.emit(trn("Copied, {n} line.", "Copied, {n} lines.", lines, shown=numbers.digits(lines)), False)

    @Slot(str, object, bool)
    def _export_period(self, by: str, first: date, copy: bool) -> None:
        self._exporting = (by, first, copy)
        self.desk.bridge.ask(lookback.weeks_of, by, first, then=self._export_weeks)

    def _export_weeks(self, some: list[str]) -> None:
        by, first, copy = self._exporting
        title = period_words(by, first)
        if copy:
            self.desk.bridge.ask(weekfile.pages, some, self.desk.zone().key, "markdown", title if len(some) > 1 else "", then=self._copied)
        else:
            self._to_file(some, f"check-ins-{some[0] if by == 'week' else f'{first:%Y-%m}'}.md", title)

    def _to_file(self, some: list[str], name: str, title: str) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Export check-ins"), name, tr("Markdown (*.md);;Plain text (*.txt)"))
        if chosen:
            self.desk.bridge.ask(weekfile.save, chosen, some, self.desk.zone().key, title, then=self._exported)

    def _exported(self, count: int) -> None:
        self.toast.emit(trn("{n} week written to the file.", "{n} weeks written to the file.", count, shown=numbers.digits(count)), False)

    # ---- publishing ---------------------------------------------------------------------------------------
    def _know_sharing(self, line: str) -> None:
        """Only who shares can publish; everybody else is not bothered with it."""
        for link in self.writing.publishing:
            link.setVisible(is_said(line, "Sharing: on"))

    @Slot(str)
    def _publish(self, part: str) -> None:
        """A line leaves only by this dialog: what is selected, else the line that is written in."""
        from tokenpal.ui.sharing.publish import PublishDialog

        self._save_pending()
        dialog = PublishDialog(self.desk, part, self.fields[part].line(), self._week, self)
        dialog.published.connect(self._published)
        dialog.open()

    @Slot()
    def _published(self) -> None:
        self.toast.emit(tr("Published. You can retract it on the Sharing page."), False)

    # ---- weeks and ways out -------------------------------------------------------------------------------
    @Slot(str)
    def _show_tab(self, key: str) -> None:
        self._save_pending()
        with still.held(self._either, blank=True):
            self._either.setCurrentIndex(1 if key == "back" else 0)
        self._words()
        if key == "back":
            self.back.refresh()

    @Slot(str)
    def _open_from_back(self, week: str) -> None:
        self._tabs.choose("week")
        with still.held(self._either, blank=True):
            self._either.setCurrentIndex(0)
            self._open(week)

    @Slot(str)
    def _open_session(self, session: str) -> None:
        self._save_pending()
        self.go.emit("sessions", session)

    @Slot()
    def _open_unlabelled(self) -> None:
        self._save_pending()
        self.go.emit("sessions", (Filter(labels=(NOT_LABELLED,)), *iso_week_days(self._week)))

    def _step(self, weeks: int) -> None:
        if not self._looking_back():
            monday: date = iso_week_days(self._week)[0]
            self._open(iso_week(monday + timedelta(days=7 * weeks)))

    @Slot()
    def _go_earlier(self) -> None:
        self._step(-1)

    @Slot()
    def _go_later(self) -> None:
        if self._later.isEnabled():
            self._step(1)


