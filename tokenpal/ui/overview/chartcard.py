"""The card of the big chart: the total with its context, the chart, the legend, the money line."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.overview import Around, Overview
from tokenpal.insight.summary import money_parts
from tokenpal.model.report import Dimension
from tokenpal.ui import numbers, times
from tokenpal.ui.charts.panel import ChartPanel
from tokenpal.ui.overview import feed
from tokenpal.ui.theme import CARD_PAD_X, px
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.legend import Legend
from tokenpal.ui.widgets.marks import Chip
from tokenpal.ui.widgets.meters import ContextRing
from tokenpal.ui.widgets.text import Text

LEGEND_WIDTH = 228


class ChartCard(Card):
    """Shows an Overview; ``picked(first, last)`` are slots chosen in the chart, (-1, -1) when nothing is."""

    picked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(pad=(18, CARD_PAD_X), parent=parent)
        row = QHBoxLayout()
        row.setSpacing(px(28))
        left = QVBoxLayout()
        left.setSpacing(px(8))
        head = QHBoxLayout()
        head.setSpacing(px(8))
        self.total = Text("", "display")
        self.total.setObjectName("total")
        self.unit = Text("tokens", "body", "text-2")
        self.origin = Chip("")
        for widget in (self.total, self.unit, self.origin):
            head.addWidget(widget)
        head.addStretch(1)
        self.ring = ContextRing()
        head.addWidget(self.ring)
        left.addLayout(head)
        self.pace = Text("", "small", "text-2", elide=True)
        left.addWidget(self.pace)
        self.panel = ChartPanel()
        self.panel.setMinimumHeight(px(280))
        self.panel.chart.setObjectName("overview-chart")
        self.panel.chart.bucket_selected.connect(self._bucket)
        self.panel.chart.range_selected.connect(self.picked)
        self.panel.chart.selection_cleared.connect(self._cleared)
        left.addWidget(self.panel, 1)
        row.addLayout(left, 1)
        right = QVBoxLayout()
        self.legend = Legend()
        self.legend.setFixedWidth(px(LEGEND_WIDTH))
        self.legend.hidden_changed.connect(self.panel.set_hidden)
        right.addWidget(self.legend, 1)
        self.note = Text("", "small", "text-2", wrap=True)
        self.note.setFixedWidth(px(LEGEND_WIDTH))
        right.addWidget(self.note)
        row.addLayout(right)
        self.body.addLayout(row, 1)

    def _bucket(self, place: int) -> None:
        self.picked.emit(place, place)

    def _cleared(self) -> None:
        self.picked.emit(-1, -1)

    def set_overview(self, view: Overview, now: datetime) -> None:
        """The chart and everything that belongs to its total."""
        chart, total = view.chart, view.report.total
        self.panel.set_series(feed.stacked(view, now.date(), int(now.timestamp())))
        by = view.report.query.by
        self.legend.set_items(feed.legend(view), f"{by.value.capitalize()}s" if by not in (None, Dimension.CLASS) else "Token classes")
        self.total.setText(feed.short(chart, chart.total))
        self.total.setToolTip(feed.exact(chart, chart.total))
        self.unit.setText({"tokens": "tokens", "requests": "requests", "list price": "at list price", "billed": "billed"}[chart.measure.value])
        self.origin.set_text("estimated" if chart.measure.value == "list price" or total.estimated else "measured")
        covered = view.coverage
        self.ring.set(covered.share, f"{numbers.short(covered.covered)} have a task and a label")
        self.ring.setVisible(bool(covered.total))
        parts = [*money_parts(total.money), numbers.unpriced(total.unpriced_requests)]
        if chart.left_out_of_hours:
            parts.append(f"{numbers.short(chart.left_out_of_hours)} tokens are known per UTC day only and are not in the hours")
        if chart.overlapping:
            parts.append("A session with several tags counts in each, so these bars do not add up")
        if chart.total_unknown:
            parts.append("Some sources cannot count requests")
        self.note.setText(numbers.join(parts))

    def set_pace(self, around: Around) -> None:
        """Today beside the person's own usual range for this weekday, in words."""
        today = f"Today {numbers.short(around.today_tokens)}"
        if around.usual is None:
            self.pace.setText(today)
            return
        place = {"below": "below", "within": "inside", "above": "above"}[around.usual.place(around.today_tokens)]
        day = times.LONG_WEEKDAYS[around.today.weekday()]
        low, high = numbers.short(around.usual.low), numbers.short(around.usual.high)
        self.pace.setText(f"{today}, {place} your usual range for a {day} ({low} to {high})")
