"""The card of the big chart: the total with its context, the chart, the legend, the money line."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokenpal.engine.overview import Around, Overview
from tokenpal.insight.corrections import corrections_words
from tokenpal.insight.exchange import converted_words
from tokenpal.insight.series import Measure
from tokenpal.insight.summary import money_parts
from tokenpal.model.report import Dimension
from tokenpal.ui import numbers, times
from tokenpal.ui.charts.panel import ChartPanel
from tokenpal.ui.overview import feed
from tokenpal.ui.reflow import Head, Tiles
from tokenpal.ui.theme import CARD_PAD_X, px
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.legend import Legend
from tokenpal.ui.widgets.marks import Chip
from tokenpal.ui.widgets.meters import ContextRing
from tokenpal.ui.widgets.text import Text

LEGEND_WIDTH = 228
UNITS = {Measure.TOKENS: "tokens", Measure.REQUESTS: "requests", Measure.LIST_PRICE: "at list price", Measure.BILLED: "billed"}
PLURALS = {Dimension.CLASS: "Token classes", Dimension.BRANCH: "Branches"}
NBSP = "\u00a0"


class ChartCard(Card):
    """Shows an Overview; ``picked(first, last)`` are slots chosen in the chart, (-1, -1) when nothing is."""

    picked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(pad=(18, CARD_PAD_X), parent=parent)
        tiles = Tiles(gap=28)
        tiles.add(self._left(), 430, 1)
        tiles.add(self._right(), LEGEND_WIDTH, 0)
        self.body.addLayout(tiles, 1)

    def _left(self) -> QWidget:
        left = QWidget()
        column = QVBoxLayout(left)
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
        self.pace = Text("", "small", "text-2", wrap=True)
        column.addWidget(self.pace)
        self.panel = ChartPanel()
        self.panel.setMinimumHeight(px(250))
        self.panel.chart.setObjectName("overview-chart")
        self.panel.chart.bucket_selected.connect(self._bucket)
        self.panel.chart.range_selected.connect(self.picked)
        self.panel.chart.selection_cleared.connect(self._cleared)
        self.panel.table_shown.connect(self._table_shown)
        column.addWidget(self.panel, 1)
        return left

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
        self.as_table = Link("Show as table")
        self.as_table.setObjectName("as-table")
        self.as_table.setToolTip("Ctrl+T")
        self.as_table.clicked.connect(self.panel.toggle_table)
        column.addWidget(self.as_table)
        return right

    @Slot(bool)
    def _table_shown(self, shown: bool) -> None:
        self.as_table.setText("Show as chart" if shown else "Show as table")
        self.as_table.updateGeometry()

    def _bucket(self, place: int) -> None:
        self.picked.emit(place, place)

    def _cleared(self) -> None:
        self.picked.emit(-1, -1)

    def set_overview(self, view: Overview, now: datetime) -> None:
        """The chart and everything that belongs to its total."""
        chart = view.chart
        self.panel.set_series(feed.stacked(view, now.date(), int(now.timestamp())))
        by = view.report.query.by
        self.legend.set_items(feed.legend(view), PLURALS.get(by, f"{by.value.capitalize()}s") if by else "")
        self.total.setText(feed.short(chart, chart.total))
        self.total.setToolTip(feed.exact(chart, chart.total))
        self.unit.setText(UNITS[chart.measure])
        self.origin.set_text(*feed.origin(view))
        covered = view.coverage
        self.ring.set(covered.share, f"{numbers.short(covered.covered)} have a task and a label")
        self.ring.setVisible(bool(covered.total))
        self.note.setText(_note(view))

    def set_pace(self, around: Around) -> None:
        """Today beside the person's own usual range for this weekday, in words."""
        if not around.today_tokens:
            self.pace.setText("Nothing yet today.")
            return
        today = f"Today {numbers.short(around.today_tokens)}"
        if around.usual is None:
            self.pace.setText(today)
            return
        place = {"below": "below", "within": "inside", "above": "above"}[around.usual.place(around.today_tokens)]
        day = times.LONG_WEEKDAYS[around.today.weekday()]
        low, high = numbers.short(around.usual.low), numbers.short(around.usual.high)
        self.pace.setText(f"{today}, {place} your usual range for a {day} ({low} to {high})")


def _note(view: Overview) -> str:
    """Money of each kind and what is unpriced, a line each; then a sentence for each thing to know."""
    chart, total = view.chart, view.report.total
    lines = [part.replace(" ", NBSP) for part in (*money_parts(total.money), numbers.unpriced(total.unpriced_requests))]
    lines += [converted_words(view.converted, view.currency), corrections_words(view.corrections, most=1)]
    if chart.left_out_of_hours:
        lines.append(f"{numbers.short(chart.left_out_of_hours)} tokens are known per UTC day only and are not in these hours.")
    if chart.overlapping:
        lines.append("A session with several tags counts in each, so these bars do not add up.")
    if chart.total_unknown and chart.measure is Measure.REQUESTS:
        lines.append("Some sources cannot count requests, so there are at least this many.")
    if chart.measure is Measure.BILLED and not chart.total:
        lines.append("No account has billed anything in this range.")
    return "\n".join(line for line in lines if line)
