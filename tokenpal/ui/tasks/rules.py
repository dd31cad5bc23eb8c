"""Rules: what goes to which task by itself, in the order of trying, with a preview before anything is changed.

A change that no session feels is made at once; one that moves sessions is shown first. Everything can be undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from tokenpal.engine import commands, queries, sorting
from tokenpal.engine.sorting import Draft, Shown
from tokenpal.insight.effects import RuleStanding
from tokenpal.model.journal import Task
from tokenpal.translation import tr
from tokenpal.ui import still
from tokenpal.ui.page import Desk
from tokenpal.ui.reflow import together
from tokenpal.ui.tasks import words
from tokenpal.ui.tasks.effect import Question
from tokenpal.ui.tasks.latest import Latest
from tokenpal.ui.tasks.newrule import NewRule
from tokenpal.ui.tasks.resting import Resting
from tokenpal.ui.tasks.ruleform import RuleForm
from tokenpal.ui.tasks.ruleline import DropMark, RuleLine
from tokenpal.ui.theme import px, theme
from tokenpal.ui.turns import Turns
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.text import Text


class RulesCard(Card):
    """The list in the order in which rules are tried, and a form below it. ``said(words, undoable)``."""

    said = Signal(str, bool)
    placed = Signal()  # lines came, went or changed places

    def __init__(self, desk: Desk, over: QWidget, parent: QWidget | None = None) -> None:
        """``over``: whose picture is held while the card gets another height, what it scrolls in."""
        super().__init__(tr("Rules"), tr("all time; the first that matches wins"), parent=parent)
        self._desk, self._over = desk, over
        self._rules: list[queries.RuleRow] = []
        self._standings: dict[int, RuleStanding] = {}
        self._tasks: list[Task] = []
        self._accounts: list[tuple[str, str]] = []
        self._draft: Draft | None = None  # a change of a rule that is looked at
        self._question: Question | None = None
        self._editor: RuleForm | None = None
        self._lines: list[RuleLine] = []  # in order, once all are made
        self._made: dict[int, RuleLine] = {}
        self._focus = 0  # the rule that is to have the focus after the next answer
        self.help = Text(tr(words.ORDER), "small", "text-2", wrap=True)
        self.body.addWidget(self.help)
        self._holder = QWidget()
        self._list = QVBoxLayout(self._holder)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(px(2))
        self.body.addWidget(self._holder)
        self._mark = DropMark(self._holder)
        self._none = Text(tr("No rules yet. Once there is a task, a rule sends use to it by folder, branch or ticket; the past is included."), "small", "text-2", wrap=True)
        self.body.addWidget(self._none)
        self.new = NewRule(desk)
        self.form, self.add, self._effect = self.new.form, self.new.add, self.new.effect
        self.kind, self.pattern, self.task = self.form.kind, self.form.pattern, self.form.task
        self.new.added.connect(self._added)
        self.body.addWidget(self.new)
        self.new.hide()
        self.body.addStretch(1)
        self._turns = Turns(self)
        self._change = Latest(desk, self)
        self._change.shown.connect(self._show_change)
        self._change.refused.connect(self._refused)
        theme().changed.connect(self._look_changed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() == event.size().width() and not self.visibleRegion().isEmpty():  # an effect came or went: Qt would paint every rule in one call
            still.hold_once(self._over)

    # ---- what there is ------------------------------------------------------------------------------------
    def set_tasks(self, tasks: Sequence[Task]) -> None:
        """Tasks a rule can send to."""
        self._tasks = list(tasks)
        self.new.set_tasks(tasks)
        if self._editor is not None:
            self._editor.set_tasks(tasks)

    def set_accounts(self, accounts: Sequence[tuple[str, str]]) -> None:
        """Accounts a rule can be for: number and name."""
        self._accounts = list(accounts)
        for form in (self.form, self._editor):
            if form is not None:
                form.set_accounts(accounts)

    def set_rules(self, rules: list[queries.RuleRow]) -> None:
        """All rules in order."""
        if rules == self._rules and (self._lines or self._turns.busy):
            return
        focused = QApplication.focusWidget()
        if focused is not None and self._holder.isAncestorOf(focused) and not self._focus:
            own = next((line for line in self._lines if line is focused or line.isAncestorOf(focused)), None)
            self._focus = own.row.rule.id if own else 0
        self._close()
        self._rules, self._lines = rules, []
        known = {row.rule.id: row for row in rules}
        for id_, line in list(self._made.items()):  # a line that says the same stays; its place may be another
            row = known.get(id_)
            if row is None or (row.task, row.rule.kind, row.pattern) != (line.row.task, line.row.rule.kind, line.row.pattern):
                del self._made[id_]
                self._list.removeWidget(line)
                line.hide()
                line.deleteLater()
            else:
                line.row = row
        self._none.setVisible(not rules)
        if not self._made:
            self._holder.hide()  # shown once: else every line that comes lays out the whole page
        self._turns.begin(self._made_lines(), self._all_made, at_once=True)
        if not still.gradual(self):
            self._turns.finish()

    def _made_lines(self) -> Iterator[None]:
        for place, row in enumerate(self._rules):
            if row.rule.id in self._made:
                continue
            with together(self._holder, now=False):
                line = self._made[row.rule.id] = RuleLine(row, self._holder)
                line.hear(self._step, self.edit, self._remove, self._dragged, self._dropped, self._mark_off, self._walk)
                line.set_place(place, last=False)
                line.set_standing(self._standings.get(row.rule.id))
                self._list.addWidget(line)
                line.show()
            yield
        self._lines = [self._made[row.rule.id] for row in self._rules]
        self._say_again()
        yield
        self._arrange()
        yield
        if self._holder.isHidden():
            with together(self, now=False):
                self._holder.show()
            self._holder.updateGeometry()

    def _all_made(self) -> None:
        self._focus_line(self._focus)
        self._focus = 0
        self.placed.emit()

    def resting(self) -> list[Resting]:
        """What of the lines rests (``tasks.nearby``)."""
        return [line.resting for line in self._made.values()]

    def set_standings(self, standings: Sequence[RuleStanding]) -> None:
        """How the rules fare."""
        self._standings = {one.rule: one for one in standings}
        self._say_again()

    @Slot()
    def _look_changed(self) -> None:
        self._say_again()  # figures may have been hidden

    def _say_again(self) -> None:
        with together(self._holder, now=False):
            for line in self._lines:
                line.set_standing(self._standings.get(line.row.rule.id))
                line.resting.laid_out_again()  # its second line may have come or gone
        self._holder.updateGeometry()

    @Slot()
    def _added(self) -> None:
        self.said.emit(tr("Rule added; the past is sorted by it."), True)

    # ---- another order ------------------------------------------------------------------------------------
    def _place(self, rule: int) -> int:
        """Where a rule is tried, or would be."""
        if self._draft is not None and self._draft.rule == rule and self._draft.position is not None:
            return self._draft.position
        return next((place for place, row in enumerate(self._rules) if row.rule.id == rule), 0)

    @Slot(int, int)
    def _step(self, rule: int, step: int) -> None:
        self.move_to(rule, self._place(rule) + step)

    def move_to(self, rule: int, place: int) -> None:
        """Look at a rule at another place; nothing is written when sessions would move, before the person says so."""
        place = max(0, min(place, len(self._rules) - 1))
        if place == self._place(rule):
            return
        if self._rules[place].rule.id == rule:  # back where it was
            self._close()
            self._focus_line(rule)
            return
        self._look(Draft(rule, position=place))

    @Slot(int, int)
    def _walk(self, rule: int, step: int) -> None:
        places = [line.row.rule.id for line in self._shown_lines()]
        place = places.index(rule) + step
        if 0 <= place < len(places):
            self._focus_line(places[place])

    def _drop_place(self, rule: int, y: int) -> int:
        """Which place a global height means for a rule that is dragged."""
        here = self._holder.mapFromGlobal(QPoint(0, y)).y()
        others = [line for line in self._shown_lines() if line.row.rule.id != rule]
        return sum(here > line.geometry().center().y() for line in others)

    @Slot(int, int)
    def _dragged(self, rule: int, y: int) -> None:
        place = self._drop_place(rule, y)
        others = [line for line in self._shown_lines() if line.row.rule.id != rule]
        edge = others[place].geometry().top() if place < len(others) else others[-1].geometry().bottom() + 1 if others else 0
        self._mark.place(edge, self._holder.width())

    @Slot(int, int)
    def _dropped(self, rule: int, y: int) -> None:
        self.move_to(rule, self._drop_place(rule, y))

    @Slot(int)
    def _mark_off(self, _rule: int) -> None:
        self._mark.hide()

    # ---- changes that are looked at first -----------------------------------------------------------------
    @Slot(int)
    def edit(self, rule: int) -> None:
        """Open a rule's form in its place."""
        row = next((row for row in self._rules if row.rule.id == rule), None)
        if row is None:
            return
        self._close()
        self._editor = RuleForm(row.rule)
        self._editor.set_tasks(self._tasks)
        self._editor.set_accounts(self._accounts)
        if row.rule.task not in {task.id for task in self._tasks}:  # a task that is done or put away keeps its rules
            self._editor.task.addItem(row.task, str(row.rule.task))
            self._editor.task.choose(str(row.rule.task))
        self._editor.changed.connect(self._edited)
        self._editor.entered.connect(self._entered)
        self._editor.left.connect(self._leave)
        self._look(Draft(rule, row.rule.kind, row.rule.pattern, row.rule.task))
        self._editor.begin()

    @Slot()
    def _edited(self) -> None:
        draft = self._editor.draft() if self._editor else None
        if self._question is None:
            return
        self._question.take.setEnabled(False)
        if draft is None:
            self._question.view.words.setText(tr("A rule needs something to match and a task."))
            self._change.ask(None)
            return
        self._draft = draft
        self._change.ask(draft)

    @Slot()
    def _entered(self) -> None:
        if self._question is not None and self._question.take.isEnabled():
            self._take()

    @Slot(int)
    def _remove(self, rule: int) -> None:
        self._look(Draft(rule, gone=True))

    def _look(self, draft: Draft) -> None:
        """Show what a change would do, below the line that it changes."""
        if self._editor is None or self._question is None or self._draft is None or self._draft.rule != draft.rule:
            editor, self._editor = self._editor, None
            self._close()
            self._editor = editor
            row = next(row for row in self._rules if row.rule.id == draft.rule)
            title, take = self._titles(draft, row)
            self._question = Question(title, take)
            self._question.taken.connect(self._take)
            self._question.left.connect(self._leave)
            if self._editor is not None:
                self._question.body.insertWidget(0, self._editor)
        self._draft = draft
        self._arrange()
        self._change.ask(draft)

    def _titles(self, draft: Draft, row: queries.RuleRow) -> tuple[str, str]:
        if draft.gone:
            return tr("Remove rule: {pattern}", pattern=row.rule.pattern), tr("Remove it")
        if draft.position is not None:
            return tr("Move rule: {pattern}", pattern=row.rule.pattern), tr("Move it")
        return tr("Change rule: {pattern}", pattern=row.rule.pattern), tr("Keep the change")

    @Slot(object)
    def _show_change(self, shown: Shown) -> None:
        draft = self._draft
        if self._question is None or draft is None or shown.draft != draft:
            return
        if self._editor is None and not shown.effect.moved_sessions:
            self._take()  # nobody would notice
            return
        said = "" if self._editor is not None else f"{words.moves(shown.effect)} {tr('Assignments made by hand stay.')}"
        self._question.view.set(shown, said)
        self._question.ready()
        if self._editor is None:
            self._question.take.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _refused(self, sentence: str) -> None:
        if self._question is not None:
            self._question.view.words.setText(sentence)

    @Slot()
    def _take(self) -> None:
        draft = self._draft
        if draft is None:
            return
        self._focus = draft.rule
        ask = self._desk.bridge.ask
        if draft.gone:
            ask(commands.delete_rule, draft.rule, then=self._done)
            self.said.emit(tr("Rule removed."), True)
        elif draft.position is not None:
            ask(commands.move_rule, draft.rule, draft.position, then=self._done)
            earlier = draft.position < next((place for place, row in enumerate(self._rules) if row.rule.id == draft.rule), 0)
            self.said.emit(tr("Tried earlier now.") if earlier else tr("Tried later now."), True)
        else:
            ask(sorting.edit_rule, draft.rule, draft.kind, draft.pattern, draft.task, then=self._done)
            self.said.emit(tr("Rule changed; the past is sorted by it."), True)
        self._draft = None
        if self._question is not None:
            self._question.take.setEnabled(False)

    def _done(self, _answer: object) -> None:
        self._close()
        self._desk.bridge.ask(queries.rules, then=self.set_rules)

    @Slot()
    def _leave(self) -> None:
        rule = self._draft.rule if self._draft else 0
        self._close()
        self._focus_line(rule)

    def _close(self) -> None:
        self._draft = None
        self._change.ask(None)
        question, self._question, self._editor = self._question, None, None
        if question is not None:
            self._list.removeWidget(question)
            question.hide()
            question.deleteLater()
        self._arrange()

    # ---- the lines ----------------------------------------------------------------------------------------
    def _shown_lines(self) -> list[RuleLine]:
        """The lines in the order that is shown, which a move that is looked at changes."""
        lines = list(self._lines)
        if self._draft is not None and self._draft.position is not None:
            own = next((line for line in lines if line.row.rule.id == self._draft.rule), None)
            if own is not None:
                lines.remove(own)
                lines.insert(self._draft.position, own)
        return lines

    def _arrange(self) -> None:
        """Every line at its place; nothing moves when it has it already."""
        at = [item.widget() for place in range(self._list.count()) if (item := self._list.itemAt(place)) is not None]
        if self._question is None and self._draft is None and at == self._lines and not any(line.isHidden() for line in self._lines):
            for place, line in enumerate(self._lines):
                line.set_place(place, place == len(self._lines) - 1)
            return
        for line in self._lines:
            self._list.removeWidget(line)
        if self._question is not None:
            self._list.removeWidget(self._question)
        for place, line in enumerate(self._shown_lines()):
            self._list.addWidget(line)
            own = self._draft is not None and line.row.rule.id == self._draft.rule
            line.setHidden(own and self._editor is not None)
            if own and self._question is not None:
                self._list.addWidget(self._question)
            line.set_place(place, place == len(self._lines) - 1)

    def _focus_line(self, rule: int) -> None:
        line = next((line for line in self._lines if line.row.rule.id == rule), None)
        if line is not None:
            line.setFocus(Qt.FocusReason.OtherFocusReason)
