"""The Overview: one large chart by task, what it rests on, and what stands around it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from tokenpal.engine import limits, overview, queries
from tokenpal.insight.series import Measure
from tokenpal.model.events import ScanProgress
from tokenpal.model.ranges import Bucket
from tokenpal.model.report import Dimension, Filter, Query, Report, SessionRow
from tokenpal.settings import week_start
from tokenpal.ui import times
from tokenpal.ui.overview import spans
from tokenpal.ui.overview.chartcard import ChartCard
from tokenpal.ui.overview.firstrun import FirstRun
from tokenpal.ui.overview.smallcards import DayCard, LimitsCard, MixCard, WhenCard
from tokenpal.ui.page import Desk, Page
from tokenpal.ui.reflow import Tiles
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.controls import PhraseCombo, Segmented


class OverviewPage(Page):
    """Range, measure, grouping and bucket above; a click in the chart lists its sessions below."""

    title = "Overview"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._view: overview.Overview | None = None
        self._picked: tuple[date, date] | None = None
        self._custom: tuple[date | None, date | None] = (None, None)
        self._scans: set[str] = set()
        self._day_tokens = 0
        self._range = Segmented(spans.RANGES, "Range")
        self._range.setObjectName("range")
        self._range.choose("30")
        self._range.chosen.connect(self._range_chosen)
        self._measure = PhraseCombo("show", spans.measures(Dimension.TASK), "What the bars measure")
        self._by = PhraseCombo("by", [(d.value, d.value.capitalize()) for d in Dimension], "What the bars are grouped by")
        self._bucket = PhraseCombo("per", [], "How long a bar is")
        for name, combo in (("measure", self._measure), ("by", self._by), ("bucket", self._bucket)):
            combo.setObjectName(name)
            combo.chosen.connect(self._choice_made)
        self._offer_buckets(usual=True)
        export = Button("Export")
        export.setToolTip("What is shown, as a picture, a drawing or a table")
        export.clicked.connect(self._export)
        self._controls = (self._range, self._measure, self._by, self._bucket, export)
        for widget in self._controls:
            self.head.addWidget(widget)
        self._either = QStackedWidget()
        self._either.addWidget(self._body())
        self.first_run = FirstRun()
        self.first_run.add_account.connect(self._add_account)
        self.first_run.show_sample.connect(self._show_sample)
        first = Scroll()
        first.setWidget(self.first_run)
        self._either.addWidget(first)
        self.column.addWidget(self._either, 1)
        desk.bridge.happened.connect(self._on_event)

    def _body(self) -> Scroll:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(CARD_GAP))
        self.chart = ChartCard()
        self.chart.picked.connect(self._pick)
        column.addWidget(self.chart, 1)
        row = Tiles()
        self.mix, self.limits, self.when = MixCard(), LimitsCard(self.desk), WhenCard()
        for card, least, share in ((self.mix, 310, 36), (self.limits, 290, 33), (self.when, 290, 33)):
            row.add(card, least, share)
        column.addLayout(row)
        self.day = DayCard(self.desk)
        self.day.opened.connect(self._open_session)
        self.day.more.clicked.connect(self._show_in_sessions)
        column.addWidget(self.day)
        scroll = Scroll()
        scroll.setWidget(body)
        return scroll

    # ---- asking -------------------------------------------------------------------------------------------
    def refresh(self, what: frozenset[str]) -> None:
        if what & {"usage", "labels", "tasks", "settings", "prices"}:
            self._ask_chart()
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
        self.desk.bridge.ask(overview.overview, self.query(), Measure(self._measure.key()), self.desk.settings.get("general.currency"), then=self._show)

    def _days(self) -> tuple[date, date]:
        return self._picked or (self.desk.today(), self.desk.today() + timedelta(days=1))

    def _ask_day(self) -> None:
        first, until = self._days()
        self.desk.bridge.ask(queries.report, Query(self.desk.zone().key, first, until), then=self._day_total)
        self.desk.bridge.ask(queries.sessions, Filter(), first, until, self.desk.zone().key, then=self._day)

    def _show(self, view: overview.Overview) -> None:
        if view.report.query == self.query() and view.chart.measure == self._measure.key():
            self._view = view
            self.chart.set_overview(view, self.desk.moment())

    def _around(self, around: overview.Around) -> None:
        self.chart.set_pace(around)
        self.mix.set_around(around)
        self.limits.set_around(around)
        self.when.set_around(around, self._week_start())
        self.first_run.set_days(around.days)
        # Once the first run is shown it stays while agents' logs are read, and its bars fill.
        first = not around.anything or (bool(self._scans) and self._either.currentIndex() == 1)
        self._either.setCurrentIndex(1 if first else 0)
        for control in self._controls:
            control.setVisible(not first)

    def _day_total(self, report: Report) -> None:
        self._day_tokens = report.total.tokens.total  # of these days alone; a session may reach beyond them

    def _day(self, rows: list[SessionRow]) -> None:
        first, until = self._days()
        last = until - timedelta(days=1)
        title = times.long_day(first) if first == last else times.day_range(first, last)
        self.day.set_rows(title, rows, self._day_tokens)

    # ---- acting -------------------------------------------------------------------------------------------
    @Slot(str)
    def _range_chosen(self, key: str) -> None:
        if key == "custom":
            self._ask_for_days()
            return
        self._range.set_words("custom", "Custom")
        self._new_range()

    def _new_range(self) -> None:
        self._offer_buckets(usual=True)
        self._picked = None
        self._ask_chart()
        self._ask_day()

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
        words = "All time" if first is None or last is None else f"{times.short_day(first)} – {times.short_day(last)}"
        self._range.set_words("custom", words)
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
        self._bucket.set_options([(b.value, b.value.capitalize()) for b in fits])
        if usual or kept not in [b.value for b in fits]:
            self._bucket.choose(spans.usual(first, until, fits).value)

    @Slot(int, int)
    def _pick(self, first: int, last: int) -> None:
        if first < 0 or self._view is None or last >= len(self._view.chart.slots):
            self._picked = None
        else:
            slots = self._view.chart.slots
            begin, end = self.desk.moment(slots[first].start).date(), self.desk.moment(slots[last].end - 1).date()
            self._picked = (begin, end + timedelta(days=1))
        self._ask_day()

    @Slot(str)
    def _open_session(self, session: str) -> None:
        self.go.emit("sessions", session)

    @Slot()
    def _show_in_sessions(self) -> None:
        self.go.emit("sessions", (Filter(), *self._days()))

    @Slot()
    def _export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Export what is shown", "tokenpal.png", "Picture (*.png);;Drawing (*.svg);;Table (*.csv)")
        if name:
            self.export_to(Path(name))

    def export_to(self, path: Path) -> None:
        """Write what is shown; the file's ending says how."""
        try:
            self.chart.panel.save(path)
        except (OSError, ValueError) as error:
            self.desk.bridge.failed.emit("Not exported", f"{path.name} could not be written: {error}.", "Choose another place.")
            return
        self.toast.emit(f"Written to {path.name}.", False)

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
