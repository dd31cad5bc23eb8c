"""The Overview: one large chart by task, what it rests on, and what stands around it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QStackedWidget

from tokenpal.engine import limits, overview
from tokenpal.insight.series import Measure
from tokenpal.model.events import ScanProgress
from tokenpal.model.ranges import Bucket
from tokenpal.model.report import Dimension, Filter, Query
from tokenpal.settings import week_start
from tokenpal.translation import mark, tr
from tokenpal.ui import times
from tokenpal.ui.charts.data import Mark, StackedSeries
from tokenpal.ui.charts.sheet import Exhibit
from tokenpal.ui.overview import feed, spans, takeaway
from tokenpal.ui.overview.board import Board
from tokenpal.ui.overview.firstrun import FirstRun
from tokenpal.ui.overview.flip import FlipCard, take_menu
from tokenpal.ui.page import TIME, Page
from tokenpal.ui.theme import theme
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.controls import PhraseCombo, Segmented


class OverviewPage(Page):
    """Range, measure, grouping and bucket above; a click in the chart lists its sessions below."""

    title = mark("Overview")

    def _make(self) -> Iterator[None]:
        desk = self.desk
        self._view: overview.Overview | None = None
        self._series = StackedSeries()
        self._around_seen: overview.Around | None = None
        self._picked: tuple[date, date] | None = None
        self._hours: tuple[int, int] | None = None  # what is picked, when bars are hours
        self._trail = spans.Trail()
        self._custom: tuple[date | None, date | None] = (None, None)
        self._scans: set[str] = set()
        self._range = Segmented([(key, tr(words)) for key, words in spans.RANGES], tr("Range"))
        self._range.setObjectName("range")
        self._range.choose("30")
        self._range.chosen.connect(self._range_chosen)
        yield
        self._measure = PhraseCombo(tr("show"), spans.measures(Dimension.TASK), tr("What the bars measure"))
        yield
        self._by = PhraseCombo(tr("by"), [(d.value, tr(spans.BY[d])) for d in Dimension], tr("What the bars are grouped by"))
        yield
        self._bucket = PhraseCombo(tr("per"), [], tr("How long a bar is"))
        for name, combo in (("measure", self._measure), ("by", self._by), ("bucket", self._bucket)):
            combo.setObjectName(name)
            combo.chosen.connect(self._choice_made)
        self._offer_buckets(usual=True)
        self._export_button = Button(tr("Export"))
        self._export_button.setToolTip(tr("What is shown, as a picture, a drawing or a table"))
        self._export_button.clicked.connect(self._export)
        yield
        self._controls = (self._range, self._measure, self._by, self._bucket, self._export_button)
        for widget in self._controls:
            self.head.addWidget(widget)
        self._either = QStackedWidget()
        board = Board(self.desk, whole=False)
        self._either.addWidget(board)
        yield from board.make()
        self._join(board)
        yield
        self.first_run = FirstRun()
        self.first_run.add_account.connect(self._add_account)
        self.first_run.show_sample.connect(self._show_sample)
        first = Scroll()
        first.setWidget(self.first_run)
        yield
        self._either.addWidget(first)
        self.column.addWidget(self._either, 1)
        desk.bridge.happened.connect(self._on_event)
        theme().changed.connect(self._look_changed)
        for keys, act in (("Ctrl+T", self.flip), ("Alt+Left", self.zoom_back)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(act)

    def _join(self, board: Board) -> None:
        self.chart, self.limits, self.mix, self.cache, self.when = board.chart, board.limits, board.mix, board.cache, board.when
        self.main = self.chart.panel.chart
        self.day, self.insights = board.day, board.insights
        self.chart.picked.connect(self._pick)
        self.chart.zoomed.connect(self._zoom)
        self.chart.back.connect(self.zoom_back)
        self.chart.panel.chart.mark_opened.connect(self._open_mark)
        self.limits.budgets_asked.connect(self.open_budgets)
        for card in board.flips:
            card.taken.connect(self._take)
        self.day.opened.connect(self._open_session)
        self.day.more.clicked.connect(self._show_in_sessions)
        self.insights.go.connect(self.go)
        self.insights.toast.connect(self.toast)

    # ---- asking -------------------------------------------------------------------------------------------
    def refresh(self, what: frozenset[str]) -> None:
        if what & {"usage", "labels", "tasks", "settings", "prices", "checkins", "budgets"}:
            self._ask_chart()
            self._ask_day()
            self.insights.refresh()
        elif what & TIME:
            self.chart.say_age(self.desk.moment())
            self._ask_day()
        self._ask_around()

    def _ask_around(self) -> None:
        how = limits.how(self.desk.settings)
        self.desk.bridge.ask(overview.around, self.desk.zone().key, self._week_start(), how, then=self._around)

    def query(self) -> Query:
        """The question behind the chart as it is set now."""
        first, until = self._span()
        return Query(self.desk.zone().key, first, until, Bucket(self._bucket.key()), Dimension(self._by.key()), self._week_start())

    def _span(self) -> tuple[date | None, date]:
        return spans.span(self._range.key(), self._custom, self.desk.today())

    def _week_start(self) -> int:
        return week_start(self.desk.settings.get("general.week_start"))

    def _ask_chart(self) -> None:
        money = self.desk.settings.get("general.currency")
        self.desk.bridge.ask(feed.prepare, self.query(), Measure(self._measure.key()), money, self.desk.today(), then=self._show)

    def _days(self) -> tuple[date, date]:
        """What is picked; else today where the chart has it; else all that the chart shows."""
        today = self.desk.today()
        first, until = self._span()
        if self._picked is None and not (first is None or first <= today < until):
            return first or today, until
        return self._picked or (today, today + timedelta(days=1))

    def _ask_day(self) -> None:
        self.desk.bridge.ask(overview.day, self.desk.zone().key, *self._days(), self._hours, then=self._day)

    def _show(self, answer: tuple[overview.Overview, StackedSeries]) -> None:
        view, series = answer
        if view.report.query == self.query() and view.chart.measure == self._measure.key():
            self._view, self._series = view, series
            self.chart.set_overview(view, series, self.desk.moment())

    @Slot()
    def _look_changed(self) -> None:
        """Figures may have been hidden or shown: what is written once is written again."""
        if self._view is not None:
            self.chart.set_overview(self._view, self._series, self.desk.moment())
        if self._around_seen is not None:
            self._around(self._around_seen)

    def _around(self, around: overview.Around) -> None:
        self._around_seen = around
        self.chart.set_pace(around)
        self.first_run.set_days(around.days)
        self.mix.set_around(around)
        self.cache.set_around(around)
        self.when.set_around(around, self._week_start())
        QTimer.singleShot(0, self, self._fill_limits)  # in a turn of its own, so that no event takes longer than a frame
        # Once the first run is shown it stays while agents' logs are read, and its bars fill.
        first = not around.anything or (bool(self._scans) and self._either.currentIndex() == 1)
        self._either.setCurrentIndex(1 if first else 0)
        for control in self._controls:
            control.setVisible(not first)

    @Slot()
    def _fill_limits(self) -> None:
        if self._around_seen is not None:
            self.limits.set_around(self._around_seen)

    def _day(self, day: overview.Day) -> None:
        first, until = self._days()
        last = until - timedelta(days=1)
        title = times.long_day(first) if first == last else times.day_range(first, last)
        if first == last == self.desk.today():
            title = tr("Today, {day}", day=title)
        if self._hours is not None:
            begin, end = (self.desk.moment(at) for at in self._hours)
            same = begin.date() == last and first == last
            title = tr("{day}, {hours}", day=title, hours=times.span(begin, end)) if same else title
        self.day.set_day(title, day, several=first != last)

    # ---- acting -------------------------------------------------------------------------------------------
    @Slot(str)
    def _range_chosen(self, key: str) -> None:
        if key == "custom":
            self._ask_for_days()
            return
        self._range.set_words("custom", tr("Custom"))
        self._trail.forget()
        self._new_range()

    def _new_range(self, bucket: Bucket | None = None) -> None:
        self._offer_buckets(usual=True)
        if bucket is not None:
            self._bucket.choose(bucket.value)
        self._picked = self._hours = None
        self.chart.panel.chart.select(-1)
        before = self._trail.last
        self.chart.set_way_back(tr("Back to {range}", range=spans.place_words(before.key, before.custom)) if before is not None else "")
        self._ask_chart()
        self._ask_day()

    # ---- zoom ---------------------------------------------------------------------------------------------
    @Slot(int, int)
    def _zoom(self, first: int, last: int) -> None:
        """Look at some bars more closely; the way back leads here."""
        if self._view is None or not 0 <= first <= last < len(self._view.chart.slots):
            return
        slots = self._view.chart.slots
        begin, end = self.desk.moment(slots[first].start).date(), self.desk.moment(slots[last].end - 1).date()
        now = Bucket(self._bucket.key())
        bucket = spans.closer(begin, end + timedelta(days=1), now, Measure(self._measure.key()))
        if bucket is now and (begin, end + timedelta(days=1)) == (self._view.report.first, self._view.report.until):
            self.toast.emit(tr("This is as close as it gets."), False)
            return
        self._trail.leave(spans.Place(self._range.key(), self._custom, now))
        self._go_to(spans.Place("custom", (begin, end), bucket))

    @Slot()
    def zoom_back(self) -> None:
        """One step back to where the person zoomed in."""
        place = self._trail.back()
        if place is not None:
            self._go_to(place)

    def _go_to(self, place: spans.Place) -> None:
        self._custom = place.custom
        self._range.choose(place.key)
        self._range.set_words("custom", spans.place_words(place.key, place.custom) if place.key == "custom" else tr("Custom"))
        self._new_range(place.bucket)

    @Slot()
    def flip(self) -> None:
        """Chart or table: of the card that has the focus, else of the large chart."""
        focused = QApplication.focusWidget()
        while focused is not None and not isinstance(focused, FlipCard):
            focused = focused.parentWidget()
        if isinstance(focused, FlipCard):
            focused.toggle_table()
        elif self._either.currentIndex() == 0:
            self.chart.panel.toggle_table()

    def _ask_for_days(self) -> None:
        from tokenpal.ui.dialogs.range import RangeDialog

        today = self.desk.today()
        view = self._view.report if self._view else None
        first, last = (view.first, min(today, view.until - timedelta(days=1))) if view else (today - timedelta(days=29), today)
        dialog = RangeDialog(self._custom[0] or first, self._custom[1] or last, today, self)
        dialog.picked.connect(self._days_picked)
        dialog.rejected.connect(self._days_left)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(object, object)
    def _days_picked(self, first: date | None, last: date | None) -> None:
        self._custom = (first, last)
        self._range.set_words("custom", spans.place_words("custom", self._custom))
        self._trail.forget()
        self._new_range()

    @Slot()
    def _days_left(self) -> None:
        if self._range.key() == "custom" and self._custom == (None, None):
            self._range.choose("30")

    @Slot(str)
    def _choice_made(self, _key: str) -> None:
        self._measure.set_options(spans.measures(Dimension(self._by.key())))
        self._offer_buckets()
        self._ask_chart()

    def _offer_buckets(self, *, usual: bool = False) -> None:
        """Bars of a fitting length; the choice is kept when it still fits, unless the range is another."""
        first, until = self._span()
        fits = spans.fitting(first, until, Measure(self._measure.key()))
        kept = self._bucket.key()
        self._bucket.set_options([(b.value, tr(spans.PER[b])) for b in fits])
        if usual or kept not in [b.value for b in fits]:
            self._bucket.choose(spans.usual(first, until, fits).value)

    @Slot(int, int)
    def _pick(self, first: int, last: int) -> None:
        if first < 0 or self._view is None or last >= len(self._view.chart.slots):
            self._picked = self._hours = None
        else:
            slots = self._view.chart.slots
            hourly = self._view.report.query.bucket is Bucket.HOUR
            self._hours = (slots[first].start, slots[last].end) if hourly else None
            begin, end = self.desk.moment(slots[first].start).date(), self.desk.moment(slots[last].end - 1).date()
            self._picked = (begin, end + timedelta(days=1))
        self._ask_day()

    @Slot(str)
    def _open_session(self, session: str) -> None:
        self.go.emit("sessions", session)

    @Slot()
    def _show_in_sessions(self) -> None:
        self.go.emit("sessions", (Filter(), *self._days()))

    @Slot(object)
    def _open_mark(self, one: Mark) -> None:
        """A note opens its session, a check-in its week."""
        self.go.emit("check-in" if one.kind == "check-in" else "sessions", one.ref)

    @Slot()
    def open_budgets(self) -> None:
        """The dialog of budgets."""
        from tokenpal.ui.dialogs.budgets import BudgetsDialog

        dialog = BudgetsDialog(self.desk, parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot()
    def _export(self) -> None:
        self._export_button.drop(take_menu(self, self._take_chart), at_end=True)

    def _take_chart(self, how: str) -> None:
        if self._view is not None:
            takeaway.take(self, self.chart.exhibit(self._view, self.desk.moment()), how)

    @Slot(object, str)
    def _take(self, exhibit: Exhibit, how: str) -> None:
        takeaway.take(self, exhibit.dated(self.desk.moment()), how)

    def export_to(self, path: Path) -> None:
        """Write what is shown; the file's ending says how."""
        if self._view is not None:
            takeaway.save(self, self.chart.exhibit(self._view, self.desk.moment()), path)

    @Slot()
    def _add_account(self) -> None:
        self.go.emit("accounts", "add")

    @Slot()
    def _show_sample(self) -> None:
        if self.desk.actions is not None:
            self.desk.actions.show_sample()

    @Slot(object)
    def _on_event(self, event: object) -> None:
        if not isinstance(event, ScanProgress):
            return
        if event.finished:
            self._scans.discard(event.agent)
        else:
            self._scans.add(event.agent)
        self.first_run.set_progress(event)
        if event.finished and self._either.currentIndex() == 1:
            self._ask_around()
