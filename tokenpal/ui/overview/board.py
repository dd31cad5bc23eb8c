"""The cards of the Overview and how they stand: nothing half empty at any width (design.md section 2)."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokenpal.ui.insights.card import InsightsCard
from tokenpal.ui.overview.cachecard import CacheCard
from tokenpal.ui.overview.chartcard import ChartCard
from tokenpal.ui.overview.daycard import DayCard
from tokenpal.ui.overview.limitscard import LimitsCard
from tokenpal.ui.overview.mixcard import MixCard
from tokenpal.ui.overview.whencard import WhenCard
from tokenpal.ui.page import Desk
from tokenpal.ui.reflow import Tiles
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.card import Scroll


class Board(Scroll):
    """The chart; what is left; the sessions of what is chosen beside what is worth a look; three small pictures."""

    def __init__(self, desk: Desk, parent: QWidget | None = None, *, whole: bool = True) -> None:
        """``whole``: with all cards; else ``make`` makes them, one at a time."""
        super().__init__(parent)
        self._desk = desk
        for _ in self.make() if whole else ():
            pass

    def make(self) -> Iterator[None]:
        """The cards."""
        desk, body = self._desk, QWidget()
        self.setWidget(body)
        self.on_ground()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(CARD_GAP))
        self.chart = ChartCard()
        yield from self.chart.make()
        column.addWidget(self.chart, 1)
        yield
        self.limits = LimitsCard(desk)
        column.addWidget(self.limits)
        yield
        low = Tiles()
        self.day = DayCard(desk)
        yield
        self.insights = InsightsCard(desk)
        low.add(self.day, 560, 62)
        low.add(self.insights, 300, 38)
        column.addLayout(low)
        yield
        row = Tiles()
        self.mix = MixCard()
        yield
        self.cache = CacheCard()
        yield
        self.when = WhenCard()
        for card, least, share in ((self.mix, 300, 34), (self.cache, 250, 30), (self.when, 280, 36)):
            row.add(card, least, share)
        column.addLayout(row)
        self.flips = (self.limits, self.mix, self.cache, self.when)
        yield
