"""The form of a rule: what it looks at, a pattern, a task; used to add one and to change one in place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from tokenpal.engine.sorting import NEW, Draft
from tokenpal.model.journal import Rule, RuleKind, Task
from tokenpal.translation import tr
from tokenpal.ui.reflow import Flow
from tokenpal.ui.tasks.words import EXAMPLES, KINDS
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.controls import LineEdit, PhraseCombo

WAIT = 200  # ms of silence before the history is looked at


class RuleForm(QWidget):
    """``changed()`` a moment after the last letter, ``entered()`` on Enter, ``left()`` on Esc."""

    changed = Signal()
    entered = Signal()
    left = Signal()

    def __init__(self, rule: Rule | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rule = rule
        self.row = Flow(self)
        self.kind = PhraseCombo(tr("when"), [(kind.value, tr(words)) for kind, words, _ in KINDS], tr("What the rule looks at"))
        self.kind.chosen.connect(self._kind_chosen)
        self.pattern = LineEdit(EXAMPLES[RuleKind.BRANCH], tr("Pattern"))
        self.pattern.setToolTip(tr("* stands for anything, ? for one letter: feature/PAY-*"))
        self.pattern.setMinimumWidth(px(240))
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT)
        self._wait.timeout.connect(self.changed)
        self.pattern.textChanged.connect(self._wait.start)
        self.pattern.returnPressed.connect(self._enter)
        self.task = PhraseCombo(tr("to"), [], tr("Task"))
        self.task.setMaximumWidth(px(240))
        self.task.chosen.connect(self.changed)
        self.account = PhraseCombo("", [], tr("Account"))
        self.account.setMaximumWidth(px(240))
        self.account.chosen.connect(self.changed)
        for control in (self.kind, self.pattern, self.account, self.task):
            self.row.addWidget(control)
        if rule is not None:
            self.kind.choose(rule.kind.value)
            self.pattern.setText(rule.pattern)
            self._wait.stop()
        self._fit()

    def set_tasks(self, tasks: Sequence[Task]) -> None:
        """Tasks a rule can send to."""
        kept = self.task.key()
        self.task.set_options([(str(task.id), task.name) for task in tasks])
        self.task.choose(kept or (str(self._rule.task) if self._rule else ""))

    def set_accounts(self, accounts: Sequence[tuple[str, str]]) -> None:
        """Accounts to choose from: number and name."""
        own = self._rule.pattern if self._rule is not None and self._rule.kind is RuleKind.ACCOUNT else ""
        kept = self.account.key() or own
        self.account.set_options([*accounts, *([(own, own)] if own and own not in dict(accounts) else [])])  # one that was removed
        self.account.choose(kept)

    def begin(self) -> None:
        """The keyboard goes to what the rule looks for."""
        if self._of_account():
            self.account.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.pattern.setFocus(Qt.FocusReason.OtherFocusReason)
            self.pattern.selectAll()

    def _of_account(self) -> bool:
        return self.kind.key() == RuleKind.ACCOUNT

    def _fit(self) -> None:
        self.pattern.setPlaceholderText(EXAMPLES[RuleKind(self.kind.key())])
        self.pattern.setVisible(not self._of_account())
        self.account.setVisible(self._of_account())

    def draft(self) -> Draft | None:
        """What is written, None while it is no rule yet."""
        pattern, task = self.account.key() if self._of_account() else self.pattern.text().strip(), self.task.key()
        if not pattern or not task:
            return None
        return Draft(self._rule.id if self._rule else NEW, RuleKind(self.kind.key()), pattern, int(task))

    @Slot(str)
    def _kind_chosen(self, _key: str) -> None:
        self._fit()
        self.changed.emit()

    @Slot()
    def _enter(self) -> None:
        if self._wait.isActive():
            self._wait.stop()
            self.changed.emit()
        self.entered.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)
