"""Rules: what goes to which task by itself, with a preview before anything is changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.engine import commands, queries
from tokenpal.insight.tasks import Preview
from tokenpal.model.journal import RuleKind, Task
from tokenpal.ui import numbers
from tokenpal.ui.page import Desk
from tokenpal.ui.reflow import Flow
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button, IconButton
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.controls import LineEdit, PhraseCombo
from tokenpal.ui.widgets.text import Text

KINDS = (
    (RuleKind.BRANCH, "the branch is", "feature/PAY-*"),
    (RuleKind.FOLDER, "the folder is in", "/home/me/code/shop"),
    (RuleKind.REPOSITORY, "the repository is", "payments-api"),
    (RuleKind.TICKET, "the branch names ticket", "PAY-142"),
    (RuleKind.AGENT, "the agent is", "codex"),
    (RuleKind.ACCOUNT, "the account is", "Work"),
    (RuleKind.MODEL, "the model is", "claude-haiku-*"),
)
WORDS = {kind: words for kind, words, _ in KINDS}
EXAMPLES = {kind: example for kind, _, example in KINDS}


class RulesCard(Card):
    """The list in the order in which rules are tried, and a form below it."""

    said = Signal(str, bool)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Rules", "the first that matches wins", parent=parent)
        self._desk = desk
        self._rules: list[queries.RuleRow] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(px(4))
        self.body.addLayout(self._list)
        self._none = Text("No rules yet. Once there is a task, a rule sends use to it by folder, branch or ticket; the past is included.", "small", "text-2", wrap=True)
        self.body.addWidget(self._none)
        form = Flow()
        self.kind = PhraseCombo("when", [(kind.value, words) for kind, words, _ in KINDS], "What the rule looks at")
        self.kind.chosen.connect(self._kind_chosen)
        self.pattern = LineEdit(EXAMPLES[RuleKind.BRANCH], "Pattern")
        self.pattern.setObjectName("rule-pattern")
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(250)
        self._wait.timeout.connect(self._preview)
        self.pattern.textChanged.connect(self._wait.start)
        self.task = PhraseCombo("to", [], "Task")
        self.task.setMaximumWidth(px(240))
        self.task.chosen.connect(self._preview)
        self.add = Button("Add rule")
        self.add.setObjectName("rule-add")
        self.add.clicked.connect(self._add)
        self.pattern.setMinimumWidth(px(260))
        for control in (self.kind, self.pattern, self.task, self.add):
            form.addWidget(control)
        self._form = (self.kind, self.pattern, self.task, self.add)
        self.body.addLayout(form)
        self._effect = Text("", "small", "text-2", wrap=True)
        self.body.addWidget(self._effect)
        self.body.addStretch(1)
        self.add.setEnabled(False)
        self._offer_form(False)

    def set_tasks(self, tasks: Sequence[Task]) -> None:
        """Tasks a rule can send to."""
        kept = self.task.key()
        self.task.set_options([(str(task.id), task.name) for task in tasks])
        self.task.choose(kept)
        self._offer_form(bool(tasks))

    def set_rules(self, rules: list[queries.RuleRow]) -> None:
        """All rules in order."""
        self._rules = rules
        while self._list.count():
            item = self._list.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for place, row in enumerate(rules):
            self._list.addWidget(self._line(place, row))
        self._none.setVisible(not rules)

    def _offer_form(self, tasks: bool) -> None:
        for control in self._form:
            control.setVisible(tasks)
        self._effect.setVisible(tasks)

    def _line(self, place: int, row: queries.RuleRow) -> QWidget:
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(px(8))
        words = f"{place + 1}.  when {WORDS[row.rule.kind]}"
        when = Text(words, "small", "text-2")
        when.setMinimumWidth(px(200))
        line.addWidget(when)
        for told in (Text(row.rule.pattern, "mono", elide=True), Text(f"→ {row.task}", "small", weight=500, elide=True)):
            told.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # columns, whatever stands in them
            line.addWidget(told, 1)
        for icon_name, words, slot in (("arrow-up", "Try earlier", self._up), ("trash", "Remove rule", self._remove)):
            button = IconButton(icon_name, f"{words}: {row.rule.pattern}", size=24)
            button.setProperty("rule", row.rule.id)
            button.setProperty("place", place)
            button.setEnabled(place > 0 or icon_name != "arrow-up")
            button.clicked.connect(slot)
            line.addWidget(button)
        return holder

    @Slot(str)
    def _kind_chosen(self, key: str) -> None:
        self.pattern.setPlaceholderText(EXAMPLES[RuleKind(key)])
        self._preview()

    @Slot()
    def _preview(self) -> None:
        pattern, task = self.pattern.text().strip(), self.task.key()
        self.add.setEnabled(bool(pattern and task))
        if not pattern or not task:
            self._effect.setText("")
            return
        self._desk.bridge.ask(queries.preview_rule, self.kind.key(), pattern, int(task), then=self._show_preview)

    def _show_preview(self, preview: Preview) -> None:
        sessions = numbers.count(preview.sessions, "session")
        self._effect.setText(f"Matches {sessions}, {numbers.short(preview.tokens)} tokens. Assignments made by hand stay.")

    @Slot()
    def _add(self) -> None:
        self._desk.bridge.ask(commands.add_rule, self.kind.key(), self.pattern.text().strip(), int(self.task.key()), then=self._added)

    def _added(self, _rule: int) -> None:
        self.pattern.clear()
        self.said.emit("Rule added; the past is sorted by it.", True)

    @Slot()
    def _up(self) -> None:
        button = self.sender()
        if button is not None and button.property("place") > 0:
            self._desk.bridge.ask(commands.move_rule, button.property("rule"), button.property("place") - 1)
            self.said.emit("Tried earlier now.", True)

    @Slot()
    def _remove(self) -> None:
        button = self.sender()
        if button is not None:
            self._desk.bridge.ask(commands.delete_rule, button.property("rule"))
            self.said.emit("Rule removed.", True)
