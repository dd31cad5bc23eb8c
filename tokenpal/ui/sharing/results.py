"""What came back: the team as a whole, with error bars, of those who share. The same for every member, and no person anywhere."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from tokenpal.engine.sharing.shapes import QuestionView, ResultView, SharingView, TrendPoint
from tokenpal.translation import mark, tr
from tokenpal.ui import numbers
from tokenpal.ui.palette import LABELS
from tokenpal.ui.sharing.bands import Bands, TrendBand, label_of
from tokenpal.ui.sharing.parts import empty, point
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.strips import LabelStrip
from tokenpal.ui.widgets.text import Rule, Text

NONE_YET = mark("No result yet. The first one comes once enough weeks with at least five reports are in.")


class ResultCard(Card):
    """``page_asked`` when the person wants the results page of the mailbox in the browser."""

    page_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("What came back"), parent=parent)
        self.link = self.set_link(tr("Open the results page"))
        self.link.setToolTip(tr("In your browser, by a link that works for 15 minutes. The same page for every member."))
        self.link.clicked.connect(self.page_asked)
        self._shown: tuple[object, ...] = ()

    def set(self, view: SharingView) -> None:
        """Show the newest result, or say why there is none."""
        shown = (view.state, view.result)
        self.setVisible(view.state in {"sharing", "paused", "stale"} or view.result is not None)
        if shown == self._shown:
            return
        self._shown = shown
        empty(self.body)
        result = view.result
        self.link.setVisible(view.state in {"sharing", "paused"})
        if result is None:
            self.body.addWidget(Text(tr(NONE_YET), "body", "text-2", wrap=True))
            self.body.addStretch(1)
            return
        if result.questions:
            self.body.addWidget(Text(note_of(result), "small", "text-2", wrap=True))
        else:
            self.body.addWidget(Text(result.title, "body", "text-2", wrap=True))
        for place, question in enumerate(sorted(result.questions, key=lambda one: one.id != "label")):
            if place:
                self.body.addSpacing(px(4))
            self._question(question)
        self._trends(result.trend)
        if result.missing:
            self.body.addSpacing(px(2))
            for sentence in result.missing:
                self.body.addLayout(point("info", sentence))
        if result.questions:
            self.body.addWidget(Text(tr("The line under a bar: the truth lies inside it in 9 of 10 cases. Sums only; nobody can be found in them."), "small", "text-3", wrap=True))
        self.body.addStretch(1)

    def _question(self, question: QuestionView) -> None:
        self.body.addWidget(Text(question.title, "body", weight=600, wrap=True))
        labels = [label_of(bar.name) for bar in question.bars]
        if question.bars and all(labels):
            strip = LabelStrip(unit=_percent)
            shares = {label: 0 if bar.zero else bar.share for label, bar in zip(labels, question.bars, strict=True)}
            strip.set([shares.get(label, 0) for label in LABELS])
            self.body.addWidget(strip)
        bands = Bands(question.title)
        bands.set(question.bars)
        self.body.addWidget(bands)

    def _trends(self, trend: tuple[TrendPoint, ...]) -> None:
        """Only what the engine gives: a change of more than twice its error."""
        series: dict[tuple[str, str], list[TrendPoint]] = {}
        for one in trend:
            series.setdefault((one.question, one.name), []).append(one)
        if not series:
            return
        self.body.addWidget(Rule())
        for (_, name), points in series.items():
            self.body.addWidget(Text(tr("{name} has changed by more than twice its error", name=name), "body", weight=600, wrap=True))
            self.body.addWidget(TrendBand(points))


def note_of(result: ResultView) -> str:
    """``Weeks 44 to 47 together, 10 to 12 reports a week, of those who share.``"""
    count = tr("{n_low} to {n_high}", n_low=result.n_low, n_high=result.n_high) if result.n_low != result.n_high else numbers.exact(result.n_low)
    said = ", ".join(part for part in (result.title, tr("{count} reports a week", count=count), result.note) if part)
    return f"{said[:1].upper()}{said[1:]}."


def _percent(share: float) -> str:
    return f"{share:.0f}\u00a0%"
