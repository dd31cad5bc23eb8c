"""One thing worth a look: a sentence, how it is counted, the sessions meant, and away with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.model.insight import Insight, InsightKind
from tokenpal.translation import tr
from tokenpal.ui.reflow import Flow
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import IconButton, Link
from tokenpal.ui.widgets.marks import Sign
from tokenpal.ui.widgets.text import Rule, Text, as_tip


class InsightLine(QWidget):
    """``explained``, ``opened`` and ``dismissed`` carry the insight. Kept and filled anew: figures change while an agent works."""

    explained = Signal(object)
    opened = Signal(object)
    dismissed = Signal(object)

    def __init__(self, insight: Insight, rule: bool, parent: QWidget | None = None) -> None:
        """``rule``: a line above it, to part it from the one before."""
        super().__init__(parent)
        self.insight = insight
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        if rule:
            column.addWidget(Rule())
        row = QHBoxLayout()
        row.setSpacing(px(10))
        self._calm, self._alert = Sign("info", "text-3"), Sign("warning", "attention")
        for sign in (self._calm, self._alert):
            row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(px(1))
        self.sentence = Text("", "body", wrap=True)
        words.addWidget(self.sentence)
        links = Flow(gap=14)
        self.how, self.open = Link(tr("How this is counted")), Link("")
        self.how.clicked.connect(self._explain)
        self.open.clicked.connect(self._open)
        links.addWidget(self.how)
        links.addWidget(self.open)
        words.addLayout(links)
        row.addLayout(words, 1)
        self.away = IconButton("close", "", size=24)
        self.away.clicked.connect(self._dismiss)
        row.addWidget(self.away, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        self.set(insight)

    def set(self, insight: Insight) -> None:
        """Say another thing, or the same with other figures."""
        self.insight = insight
        burn, several = insight.kind is InsightKind.BURN, len(insight.sessions) > 1
        self.setAccessibleName(insight.sentence)
        self._calm.setVisible(not burn)
        self._alert.setVisible(burn)
        self.sentence.setText(insight.sentence)
        self.how.setAccessibleName(tr("How this is counted: {what}", what=insight.title))
        self.open.setText(tr("Show the sessions") if several else tr("Show the session"))
        self.open.setAccessibleName(tr("Show the sessions: {what}", what=insight.title))
        self.open.setVisible(bool(insight.sessions))
        name = tr("Silence this session") if burn else tr("Put aside: {what}", what=insight.title)
        self.away.setAccessibleName(name)
        self.away.setToolTip(as_tip(name))

    @Slot()
    def _explain(self) -> None:
        self.explained.emit(self.insight)

    @Slot()
    def _open(self) -> None:
        self.opened.emit(self.insight)

    @Slot()
    def _dismiss(self) -> None:
        self.dismissed.emit(self.insight)
