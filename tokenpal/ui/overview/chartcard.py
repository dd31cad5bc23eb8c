"""The card of the big chart: the total with its context, the chart, the legend, the money line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.overview import Around, Overview
from tokenpal.insight.series import Measure
from tokenpal.insight.summary import money_parts
from tokenpal.model.report import Dimension
from tokenpal.translation import mark, tr, trc
from tokenpal.ui import numbers, times
from tokenpal.ui.charts.data import StackedSeries
from tokenpal.ui.charts.panel import ChartPanel
from tokenpal.ui.charts.sheet import About, Exhibit
from tokenpal.ui.overview import feed, notes, spans
from tokenpal.ui.overview.spans import PER_ONE
from tokenpal.ui.reflow import Head, Tiles
from tokenpal.ui.shortcuts import with_key
from tokenpal.ui.theme import CARD_PAD_X, px
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.legend import Legend
from tokenpal.ui.widgets.marks import Chip
from tokenpal.ui.widgets.meters import ContextRing
from tokenpal.ui.widgets.text import Text

LEGEND_WIDTH = 228
UNITS = {Measure.TOKENS: mark("tokens"), Measure.REQUESTS: mark("requests"), Measure.LIST_PRICE: mark("at list price"), Measure.BILLED: mark("billed")}
HEADS = {
    Dimension.TASK: mark("Tasks"), Dimension.TAG: mark("Tags"), Dimension.LABEL: mark("Labels"), Dimension.PROJECT: mark("Projects"),
    Dimension.BRANCH: mark("Branches"), Dimension.AGENT: mark("Agents"), Dimension.ACCOUNT: mark("Accounts"), Dimension.PROVIDER: mark("Providers"),
    Dimension.MODEL: mark("Models"), Dimension.CLASS: mark("Token classes"),
}  # fmt: skip


class ChartCard(Card):
    """Shows an Overview; ``picked(first, last)`` are slots chosen in the chart, (-1, -1) when nothing is."""

    picked = Signal(int, int)
    zoomed = Signal(int, int)  # slots to look at more closely
    back = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(pad=(18, CARD_PAD_X), parent=parent)
        self._view: Overview | None = None

    def make(self) -> Iterator[None]:
        """Its parts, once; every yield is a place to stop and go on later."""
        left = QWidget()
        yield from self._left(QVBoxLayout(left))
        right = self._right()
        yield
        tiles = Tiles(gap=28)
        tiles.add(left, 430, 1)
        tiles.add(right, LEGEND_WIDTH, 0)
        self.body.addLayout(tiles, 1)

    def _left(self, column: QVBoxLayout) -> Iterator[None]:
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        head = Head(lead=3)
        self.total = Text("", "display")
        self.total.setObjectName("total")
        self.unit = Text("", "body", "text-2")
        self.origin = Chip("")
        self.origin.setObjectName("origin")
        self.ring = ContextRing()
        for widget in (self.total, self.unit, self.origin, self.ring):
            head.addWidget(widget)
        column.addLayout(head)
        self.pace = Text("", "body", wrap=True)  # today: what most people open the window for
        self.closer = Link(tr("Zoom in"))
        self.closer.setObjectName("zoom")
        self.closer.setToolTip(with_key(tr("Look at what is selected more closely"), "+"))
        self.closer.clicked.connect(self._zoom)
        self.way_back = Link("")
        self.way_back.setObjectName("zoom-back")
        self.way_back.clicked.connect(self.back)
        self.pace.setMinimumHeight(self.closer.sizeHint().height())  # nothing moves when the links come
        row = QHBoxLayout()
        row.setSpacing(px(12))
        row.addWidget(self.pace, 1)
        for link in (self.closer, self.way_back):
            link.hide()
            row.addWidget(link, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        yield
        self.panel = ChartPanel(shortcut=False)
        self.panel.setMinimumHeight(px(250))
        self.panel.chart.setObjectName("overview-chart")
        self.panel.chart.bucket_selected.connect(self._bucket)
        self.panel.chart.range_selected.connect(self._several)
        self.panel.chart.zoomed.connect(self.zoomed)
        self.panel.chart.back_asked.connect(self.back)
        self.panel.chart.selection_cleared.connect(self._cleared)
        self.panel.table_shown.connect(self._table_shown)
        column.addWidget(self.panel, 1)
        yield

    def _right(self) -> QWidget:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        self.legend = Legend()
        self.legend.hidden_changed.connect(self.panel.set_hidden)
        column.addWidget(self.legend, 1)
        self.note = Text("", "small", "text-2", wrap=True)
        self.note.setObjectName("chart-note")
        column.addWidget(self.note)
        self.as_table = Link(tr("Show as table"))
        self.as_table.setObjectName("as-table")
        self.as_table.setToolTip(with_key(tr("Chart or table"), "Ctrl+T"))
        self.as_table.clicked.connect(self.panel.toggle_table)
        column.addWidget(self.as_table)
        return right

    @Slot(bool)
    def _table_shown(self, shown: bool) -> None:
        self.as_table.setText(tr("Show as chart") if shown else tr("Show as table"))
        self.as_table.updateGeometry()

    def _bucket(self, place: int) -> None:
        self._several(place, place)

    @Slot(int, int)
    def _several(self, first: int, last: int) -> None:
        self.closer.show()
        self.picked.emit(first, last)

    def _cleared(self) -> None:
        self.closer.hide()
        self.picked.emit(-1, -1)

    @Slot()
    def _zoom(self) -> None:
        chosen = self.panel.chart.selection()
        if chosen is not None:
            self.zoomed.emit(*chosen)

    def set_way_back(self, words: str) -> None:
        """Where the way back leads, "" for none."""
        self.way_back.setText(words)
        self.way_back.setToolTip(with_key(words, "Alt+Left") if words else "")
        self.way_back.setVisible(bool(words))
        self.way_back.updateGeometry()

    def set_overview(self, view: Overview, series: StackedSeries, now: datetime) -> None:
        """The chart and everything that belongs to its total."""
        chart = view.chart
        self.panel.set_series(series)
        self.closer.setVisible(self.panel.chart.selection() is not None)
        self._view = view
        QTimer.singleShot(0, self, self._fill_legend)  # in a turn of its own, so that no event takes longer than a frame
        self.total.setText(feed.short(chart, chart.total))
        self.total.setToolTip(feed.exact(chart, chart.total))
        days = spans.in_words(view.report.first, view.report.until - timedelta(days=1), now.date())
        self.unit.setText(trc("beside a total", "{unit} {days}", unit=tr(UNITS[chart.measure]), days=days))
        covered = view.coverage
        self.ring.set(covered.share, tr("{tokens} have a task and a label", tokens=numbers.short(covered.covered)))
        self.ring.setVisible(bool(covered.total))
        self.say_age(now)

    def say_age(self, now: datetime) -> None:
        """How old the figures are that are shown."""
        view = self._view
        if view is None:
            return
        word, split = feed.origin(view)
        read = tr("Read {age}.", age=times.age(now.timestamp() - view.last_read)) if view.last_read is not None else ""
        self.origin.set_text(word, "\n".join(part for part in (split, read) if part))
        self.note.setText(notes.note(view, int(now.timestamp())))

    @Slot()
    def _fill_legend(self) -> None:
        if self._view is not None:
            by = self._view.report.query.by
            self.legend.set_items(feed.legend(self._view), tr(HEADS[by]) if by else "")

    def set_pace(self, around: Around) -> None:
        """Today beside the person's own usual range for this weekday, in words."""
        self.pace.setText(notes.pace(around))

    def exhibit(self, view: Overview, now: datetime) -> Exhibit:
        """What is seen with its range, origin and context, to be taken away."""
        chart, query = view.chart, view.report.query
        first, last = view.report.first, view.report.until - timedelta(days=1)
        days = tr("{first} to {last}", first=f"{times.short_day(first)} {first.year}", last=f"{times.short_day(last)} {last.year}")
        per = tr(PER_ONE[query.bucket]) if query.bucket else ""
        covered = view.coverage
        share = tr("{share} context covered", share=numbers.percent(covered.share)) if covered.total else ""
        tokens = tr("{tokens} have a task and a label", tokens=numbers.short(covered.covered)) if covered.total else ""
        figure = f"{feed.exact(chart, chart.total)} {tr(UNITS[chart.measure])}"
        money = (*money_parts(view.report.total.money), numbers.unpriced(view.report.total.unpriced_requests))
        lines = (
            numbers.join((days, query.zone, per)), numbers.join((figure, feed.origin(view)[0])), numbers.join((share, tokens)),
            numbers.join(money) if chart.measure is Measure.TOKENS else "",
        )  # fmt: skip
        return self.panel.exhibit(About(feed.title(view), lines), feed.legend(view)).dated(now)
