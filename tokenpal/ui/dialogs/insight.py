"""How an insight is counted: its sentence, the arithmetic line by line, the rule behind it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from tokenpal.model.insight import Insight, InsightKind
from tokenpal.translation import tr
from tokenpal.ui.dialogs.room import EDGE, room_for
from tokenpal.ui.dialogs.slices import fill
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.steps import Steps
from tokenpal.ui.widgets.text import Text

WIDTH = 620
MODELS = frozenset({InsightKind.CACHE, InsightKind.CLASSES})


class InsightDialog(QDialog):
    """Read only. ``sessions_wanted`` when the person wants to see the sessions meant, ``switch_wanted`` another model's price."""

    sessions_wanted = Signal(object)  # the insight
    switch_wanted = Signal()

    def __init__(self, insight: Insight, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._insight = insight
        self.setWindowTitle(tr("How this is counted"))
        self._wide = room_for(self, WIDTH, 0).width()
        self.setMinimumWidth(self._wide)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(10))
        column.addWidget(Text(insight.title, "head", wrap=True))
        column.addWidget(Text(insight.sentence, "body", wrap=True))
        body = QWidget()
        inner = self._inner = QVBoxLayout(body)
        inner.setContentsMargins(0, px(6), px(12), px(6))
        self._steps = Steps(insight.arithmetic)
        inner.addWidget(self._steps)
        inner.addStretch(1)
        scroll = self._scroll = Scroll(reads=tr("How this is counted"))
        scroll.setWidget(body)
        column.addWidget(scroll, 1)
        column.addWidget(Text(insight.rule, "small", "text-2", wrap=True))
        further = []
        if insight.sessions:
            self.sessions = Button(tr("Show the session") if len(insight.sessions) == 1 else tr("Show the sessions"))
            self.sessions.setAutoDefault(False)
            self.sessions.clicked.connect(self._sessions)
            further.append(self.sessions)
        if insight.kind in MODELS:
            self.switch = Button(tr("Compare with another model"))
            self.switch.setAutoDefault(False)
            self.switch.clicked.connect(self._switch)
            further.append(self.switch)
        leave = way_out(self, tr("Close"), default=True)
        column.addLayout(foot(leave, left=further))
        leave.setFocus()

    def open(self) -> None:
        """It is as tall as its lines, so it is shown once they are there."""
        fill(self, self._steps.made(), partial(self._show, super().open))

    def _show(self, show: Callable[[], object]) -> None:
        column, wide, scroll = self.layout(), self._wide, self._scroll
        self._inner.invalidate()  # it learns of new lines only in a later turn
        inside = wide - 2 * px(22) - px(12)
        tall = min(self._inner.heightForWidth(inside), room_for(self, 0, 340).height())
        scroll.setMinimumHeight(min(tall, px(120)))
        hint = max(scroll.minimumHeight(), scroll.sizeHint().height())  # it does not know how its lines break
        if column is not None:
            self.resize(wide, min(column.totalHeightForWidth(wide) - hint + tall, self.screen().availableSize().height() - EDGE))
        show()

    @Slot()
    def _sessions(self) -> None:
        self.accept()
        self.sessions_wanted.emit(self._insight)

    @Slot()
    def _switch(self) -> None:
        self.accept()
        self.switch_wanted.emit()
