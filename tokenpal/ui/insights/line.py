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
from tokenpal.ui.widgets.text import Text


class InsightLine(QWidget):
    """``explained``, ``opened`` and ``dismissed`` carry the insight."""

    explained = Signal(object)
    opened = Signal(object)
    dismissed = Signal(object)

    def __init__(self, insight: Insight, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.insight = insight
        self.setAccessibleName(insight.sentence)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(10))
        burn = insight.kind is InsightKind.BURN
        row.addWidget(Sign("warning" if burn else "info", "attention" if burn else "text-3"), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(px(1))
        words.addWidget(Text(insight.sentence, "body", wrap=True))
        links = Flow(gap=14)
        self.how = Link(tr("How this is counted"))
        self.how.setAccessibleName(tr("How this is counted: {what}", what=insight.title))
        self.how.clicked.connect(self._explain)
        links.addWidget(self.how)
        if insight.sessions:
            self.open = Link(tr("Show the session") if len(insight.sessions) == 1 else tr("Show the sessions"))
            self.open.setAccessibleName(tr("Show the sessions: {what}", what=insight.title))
            self.open.clicked.connect(self._open)
            links.addWidget(self.open)
        words.addLayout(links)
        row.addLayout(words, 1)
        self.away = IconButton("close", tr("Silence this session") if burn else tr("Put aside: {what}", what=insight.title), size=24)
        self.away.clicked.connect(self._dismiss)
        row.addWidget(self.away, 0, Qt.AlignmentFlag.AlignTop)

    @Slot()
    def _explain(self) -> None:
        self.explained.emit(self.insight)

    @Slot()
    def _open(self) -> None:
        self.opened.emit(self.insight)

    @Slot()
    def _dismiss(self) -> None:
        self.dismissed.emit(self.insight)
