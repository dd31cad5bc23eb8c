"""The Overview: one large chart by task, what it rests on, and what stands around it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import msgspec
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tokenpal.engine import overview, queries
from tokenpal.insight.series import Measure
from tokenpal.model.events import ScanProgress
from tokenpal.model.ranges import Bucket
from tokenpal.model.report import Dimension, Filter, Query, SessionRow
from tokenpal.settings import week_start
from tokenpal.ui import times
from tokenpal.ui.overview.chartcard import ChartCard
from tokenpal.ui.overview.firstrun import FirstRun
from tokenpal.ui.overview.smallcards import DayCard, LimitsCard, MixCard, WhenCard
from tokenpal.ui.page import Desk, Page
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.controls import PhraseCombo, Segmented

RANGES = (("1", "Today"), ("7", "7 d"), ("30", "30 d"), ("90", "90 d"), ("365", "12 mo"), ("all", "All"))
USUAL_BUCKET = {"1": Bucket.HOUR, "7": Bucket.DAY, "30": Bucket.DAY, "90": Bucket.DAY, "365": Bucket.WEEK, "all": Bucket.MONTH}
FITTING = {
    "1": (Bucket.HOUR,), "7": (Bucket.HOUR, Bucket.DAY), "30": (Bucket.DAY, Bucket.WEEK), "90": (Bucket.DAY, Bucket.WEEK, Bucket.MONTH),
    "365": (Bucket.DAY, Bucket.WEEK, Bucket.MONTH), "all": (Bucket.WEEK, Bucket.MONTH),
}  # fmt: skip
MEASURES = ((Measure.TOKENS, "Tokens"), (Measure.REQUESTS, "Requests"), (Measure.LIST_PRICE, "List price"), (Measure.BILLED, "Billed"))


class OverviewPage(Page):
    """Range, measure, grouping and bucket above; a click in the chart lists its sessions below."""

    title = "Overview"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._view: overview.Overview | None = None
        self._picked: tuple[date, date] | None = None
        self._range = Segmented(RANGES, "Range")
        self._range.choose("30")
        self._range.chosen.connect(self._range_chosen)
        self._measure = PhraseCombo("show", [(m.value, words) for m, words in MEASURES], "What the bars measure")
        self._by = PhraseCombo("by", [(d.value, d.value.capitalize()) for d in Dimension], "What the bars are grouped by")
        self._bucket = PhraseCombo("per", [(b.value, b.value.capitalize()) for b in Bucket], "How long a bar is")
        self._offer_buckets()
        for name, combo in (("measure", self._measure), ("by", self._by), ("bucket", self._bucket)):
            combo.setObjectName(name)
            combo.chosen.connect(self._ask_chart)
        export = Button("Export")
        export.clicked.connect(self._export)
        for widget in (self._range, self._measure, self._by, self._bucket, export):
            self.head.addWidget(widget)
        self._controls = (self._range, self._measure, self._by, self._bucket, export)
        self._either = QStackedWidget()
        self._either.addWidget(self._body())
        self.first_run = FirstRun()
        self.first_run.add_account.connect(self._add_account)
        self.first_run.show_sample.connect(self._show_sample)
        self._either.addWidget(self.first_run)
        self.column.addWidget(self._either, 1)
        desk.bridge.happened.connect(self._on_event)

    def _body(self) -> Scroll:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, px(4), 0)
        column.setSpacing(px(CARD_GAP))
        self.chart = ChartCard()
        self.chart.setMinimumHeight(px(380))
        self.chart.picked.connect(self._pick)
        column.addWidget(self.chart, 1)
        row = QHBoxLayout()
        row.setSpacing(px(CARD_GAP))
        self.mix, self.limits, self.when = MixCard(), LimitsCard(self.desk), WhenCard()
        for card, share in ((self.mix, 36), (self.limits, 33), (self.when, 33)):
            row.addWidget(card, share)
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
        if what & {"usage", "labels", "tasks", "settings"}:
            self._ask_chart()
            self._ask_day()
        near = int(self.desk.settings.get("advanced.near_limit"))
        self.desk.bridge.ask(overview.around, self.desk.zone().key, self._week_start(), near, then=self._around)

    def query(self) -> Query:
        """The question behind the chart as it is set now."""
        today, span = self.desk.today(), self._range.key()
        first = None if span == "all" else today - timedelta(days=int(span) - 1)
        return Query(
            self.desk.zone().key, first, today + timedelta(days=1), Bucket(self._bucket.key()), Dimension(self._by.key()), self._week_start()
        )

    def _week_start(self) -> int:
        return week_start(self.desk.settings.get("general.week_start"))

    def _ask_chart(self) -> None:
        self.desk.bridge.ask(overview.overview, self.query(), Measure(self._measure.key()), then=self._show)

    def _ask_day(self) -> None:
        first, until = self._picked or (self.desk.today(), self.desk.today() + timedelta(days=1))
        self.desk.bridge.ask(queries.sessions, Filter(), first, until, self.desk.zone().key, then=self._day)

    def _show(self, view: overview.Overview) -> None:
        if view.report.query == msgspec.structs.replace(self.query()):
            self._view = view
            self.chart.set_overview(view, self.desk.moment())

    def _around(self, around: overview.Around) -> None:
        self.chart.set_pace(around)
        self.mix.set_around(around)
        self.limits.set_around(around)
        self.when.set_around(around, self._week_start())
        self._either.setCurrentIndex(0 if around.anything else 1)
        for control in self._controls:
            control.setVisible(around.anything)

    def _day(self, rows: list[SessionRow]) -> None:
        first, until = self._picked or (self.desk.today(), self.desk.today() + timedelta(days=1))
        last = until - timedelta(days=1)
        title = times.long_day(first) if first == last else times.day_range(first, last)
        self.day.set_rows(title, rows, sum(row.measures.tokens.total for row in rows))

    # ---- acting -------------------------------------------------------------------------------------------
    @Slot(str)
    def _range_chosen(self, key: str) -> None:
        self._offer_buckets()
        self._bucket.choose(USUAL_BUCKET[key].value)
        self._picked = None
        self._ask_chart()
        self._ask_day()

    def _offer_buckets(self) -> None:
        fitting = FITTING[self._range.key()]
        self._bucket.set_options([(b.value, b.value.capitalize()) for b in fitting])
        self._bucket.choose(USUAL_BUCKET[self._range.key()].value)

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
        first, until = self._picked or (self.desk.today(), self.desk.today() + timedelta(days=1))
        self.go.emit("sessions", (Filter(), first, until))

    @Slot()
    def _export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Export what is shown", "tokenpal.png", "Picture (*.png);;Drawing (*.svg);;Table (*.csv)")
        if not name:
            return
        try:
            self.chart.panel.save(Path(name))
        except (OSError, ValueError) as error:
            self.desk.bridge.failed.emit("Not exported", f"{Path(name).name} could not be written: {error}.", "Choose another place.")
            return
        self.toast.emit(f"Written to {Path(name).name}.", False)

    @Slot()
    def _add_account(self) -> None:
        self.go.emit("accounts", "add")

    @Slot()
    def _show_sample(self) -> None:
        if self.desk.actions is not None:
            self.desk.actions.show_sample()

    @Slot(object)
    def _on_event(self, event: object) -> None:
        if isinstance(event, ScanProgress) and self._either.currentIndex() == 1:
            self.first_run.set_progress(event)
