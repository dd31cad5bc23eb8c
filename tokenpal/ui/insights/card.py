"""Worth a look: at most three quiet lines, each with its arithmetic one click away. Absent when there is nothing to say."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QWidget

from tokenpal.engine import burning, insights
from tokenpal.model.insight import Insight, InsightKind
from tokenpal.model.report import NONE_KEYS, Dimension, Filter
from tokenpal.model.session import Label
from tokenpal.translation import tr
from tokenpal.ui.insights.line import InsightLine
from tokenpal.ui.page import Desk
from tokenpal.ui.reflow import together
from tokenpal.ui.theme import px, theme
from tokenpal.ui.throttle import Throttle
from tokenpal.ui.widgets.card import Card

DAYS = 28
SHOWN = 3
LISTS = {InsightKind.UNLABELLED: NONE_KEYS[Dimension.LABEL], InsightKind.WASTE: Label.WASTE.value}
"""Sessions by label, where an insight speaks of several."""
EVERY_MS = 5_000  # a scan tells of new use all the time; what is worth a look changes slowly


class InsightsCard(Card):
    """``refresh`` asks anew, ``go`` leads to another page, ``toast`` says what was put aside. Hidden while there is nothing to say."""

    go = Signal(str, object)  # page key and what to show there: a session id, or (Filter, first, until)
    toast = Signal(str, bool)  # words, and whether they can be undone

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(tr("Worth a look"), tr("last four weeks"), parent=parent)
        self._head.setMinimumHeight(px(24))  # the title stands level with that of the card beside it, which has a link
        self.desk = desk
        self.lines: list[InsightLine] = []
        self._kept: list[InsightLine] = []  # those of before, too
        self._asked = False
        self._throttle = Throttle(self._ask_now, self, EVERY_MS)
        self.hide()
        theme().changed.connect(self._look_changed)

    def refresh(self) -> None:
        """Ask for what is worth a look in the last four weeks, at most every few seconds."""
        self._throttle.call(frozenset({"usage"}))

    @Slot()
    def ask(self) -> None:
        """Ask now."""
        self._ask_now(frozenset())

    def _ask_now(self, _what: frozenset[str]) -> None:
        self._asked = True
        until = self.desk.today() + timedelta(days=1)
        self.desk.bridge.ask(insights.insights, self.desk.zone().key, until - timedelta(days=DAYS), until, then=self._show)

    def _show(self, found: list[Insight]) -> None:
        shown = found[:SHOWN]
        while len(self._kept) < len(shown):
            line = InsightLine(shown[len(self._kept)], rule=bool(self._kept))
            line.explained.connect(self._explain)
            line.opened.connect(self._open)
            line.dismissed.connect(self._dismiss)
            self._kept.append(line)
            self.body.addWidget(line)
        self.lines = self._kept[: len(shown)]
        for line, one in zip(self.lines, shown, strict=True):
            if line.insight != one:
                line.set(one)
        with together(self):
            for place, line in enumerate(self._kept):
                line.setVisible(place < len(shown))
        self.setVisible(bool(shown))

    @Slot()
    def _look_changed(self) -> None:
        if self._asked:
            self.ask()  # figures were hidden or shown

    def _opened(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(object)
    def _explain(self, insight: Insight) -> None:
        from tokenpal.ui.dialogs.insight import InsightDialog

        dialog = InsightDialog(insight, self.window())
        dialog.sessions_wanted.connect(self._open)
        dialog.switch_wanted.connect(self.compare)
        self._opened(dialog)

    @Slot()
    def compare(self) -> None:
        """The arithmetic of another model's list price."""
        from tokenpal.ui.dialogs.modelswitch import ModelSwitchDialog

        self._opened(ModelSwitchDialog(self.desk, self.window()))

    @Slot(object)
    def _open(self, insight: Insight) -> None:
        label = LISTS.get(insight.kind)
        if label is None or len(insight.sessions) == 1:
            self.go.emit("sessions", insight.sessions[0])
        else:
            until = self.desk.today() + timedelta(days=1)
            self.go.emit("sessions", (Filter(labels=(label,)), until - timedelta(days=DAYS), until))

    @Slot(object)
    def _dismiss(self, insight: Insight) -> None:
        burn = insight.kind is InsightKind.BURN
        command, key = (burning.silence, insight.sessions[0]) if burn else (insights.put_aside, insight.key)
        self.desk.bridge.ask(command, key, then=self._dismissed)

    def _dismissed(self, _: object) -> None:
        self.toast.emit(tr("Put aside."), True)
        self.ask()
