"""Worth a look: at most three quiet lines, each with its arithmetic one click away. Absent when there is nothing to say."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QWidget

from tokenpal.engine import insights
from tokenpal.model.insight import Insight, InsightKind
from tokenpal.model.report import NONE_KEYS, Dimension, Filter
from tokenpal.model.session import Label
from tokenpal.translation import tr
from tokenpal.ui.insights.line import InsightLine
from tokenpal.ui.page import Desk
from tokenpal.ui.theme import theme
from tokenpal.ui.throttle import Throttle
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.text import Rule

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
        self.desk = desk
        self.lines: list[InsightLine] = []
        self._found: list[Insight] = []
        self._rules: list[Rule] = []
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
        if [(one.key, one.sentence, one.arithmetic) for one in shown] != [(one.key, one.sentence, one.arithmetic) for one in self._found]:
            self._found = shown
            self._rebuild()
        self._found = shown
        self.setVisible(bool(shown))

    @Slot()
    def _look_changed(self) -> None:
        self._rebuild()
        if self._asked:
            self.ask()  # figures were hidden or shown, or another language is spoken

    @Slot()
    def _rebuild(self) -> None:
        focused = next((line.insight.key for line in self.lines if line.isAncestorOf(self.focusWidget() or line)), "")
        for widget in (*self.lines, *self._rules):
            self.body.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.lines, self._rules = [], []
        for number, one in enumerate(self._found):
            if number:
                rule = Rule()
                self._rules.append(rule)
                self.body.addWidget(rule)
            line = InsightLine(one)
            line.explained.connect(self._explain)
            line.opened.connect(self._open)
            line.dismissed.connect(self._dismiss)
            self.lines.append(line)
            self.body.addWidget(line)
            if one.key == focused:
                line.how.setFocus()
        self.updateGeometry()

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
        command, key = (insights.silence, insight.sessions[0]) if burn else (insights.put_aside, insight.key)
        self.desk.bridge.ask(command, key, then=self._dismissed)

    def _dismissed(self, _: object) -> None:
        self.toast.emit(tr("Put aside."), True)
        self.ask()
