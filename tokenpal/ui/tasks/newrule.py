"""A new rule: the form, what it would do, and then the button that adds it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokenpal.engine import commands
from tokenpal.engine.sorting import Shown
from tokenpal.model.journal import Task
from tokenpal.translation import tr
from tokenpal.ui.page import Desk
from tokenpal.ui.tasks.effect import EffectView
from tokenpal.ui.tasks.latest import Latest
from tokenpal.ui.tasks.ruleform import RuleForm
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button


class NewRule(QWidget):
    """``added()`` when the rule is there."""

    added = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        self.form = RuleForm()
        self.form.pattern.setObjectName("rule-pattern")
        self.add = Button(tr("Add rule"))
        self.add.setObjectName("rule-add")
        self.add.setEnabled(False)
        self.add.clicked.connect(self._add)
        self.form.row.addWidget(self.add)
        self.form.changed.connect(self._preview)
        self.form.entered.connect(self._add)
        column.addWidget(self.form)
        self.effect = EffectView()
        column.addWidget(self.effect)
        self.latest = Latest(desk, self)
        self.latest.shown.connect(self._show)
        self.latest.refused.connect(self.effect.words.setText)

    def set_tasks(self, tasks: Sequence[Task]) -> None:
        """Tasks a rule can send to; without any there is nothing to fill in."""
        self.form.set_tasks(tasks)
        self.setVisible(bool(tasks))

    @Slot()
    def _preview(self) -> None:
        draft = self.form.draft()
        self.add.setEnabled(False)  # first the effect, then the rule
        self.latest.ask(draft)
        if draft is None:
            self.effect.clear()

    @Slot(object)
    def _show(self, shown: Shown) -> None:
        if shown.draft == self.form.draft():
            self.effect.set(shown)
            self.add.setEnabled(True)

    @Slot()
    def _add(self) -> None:
        draft = self.form.draft()
        if draft is not None and draft.kind is not None and self.add.isEnabled():
            self._desk.bridge.ask(commands.add_rule, draft.kind, draft.pattern, draft.task, then=self._done)

    def _done(self, _rule: int) -> None:
        self.form.pattern.clear()
        self.added.emit()
