"""Merging two tasks and deleting one: what happens in plain words, before it happens."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from tokenpal.engine import commands, sorting
from tokenpal.engine.sorting import Belongings
from tokenpal.model.journal import Task
from tokenpal.translation import tr, trn
from tokenpal.ui import numbers, taborder
from tokenpal.ui.page import Desk
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.controls import PhraseCombo
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.text import Text


def belongs(held: Belongings) -> str:
    """Its 2 rules, 1 stretch of timer, 3 assignments and 1 budget; "" when nothing hangs on it."""
    parts = [
        trn("{n} rule", "{n} rules", held.rules, shown=numbers.digits(held.rules)) if held.rules else "",
        trn("{n} stretch of timer", "{n} stretches of timer", held.timers, shown=numbers.digits(held.timers)) if held.timers else "",
        trn("{n} assignment by hand", "{n} assignments by hand", held.by_hand, shown=numbers.digits(held.by_hand)) if held.by_hand else "",
        trn("{n} budget", "{n} budgets", held.budgets, shown=numbers.digits(held.budgets)) if held.budgets else "",
    ]
    return ", ".join(part for part in parts if part)


class _Asking(QDialog):
    """A title, sentences that come from the store, and two answers."""

    def __init__(self, desk: Desk, task: Task, title: str, do: str, danger: bool, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._desk, self._of = desk, task
        self.setWindowTitle(title)
        self.setMinimumWidth(px(460))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(px(22), px(20), px(22), px(18))
        self.column.setSpacing(px(10))
        self.column.addWidget(Text(title, "head", wrap=True))
        self.words = Text("", "body", "text-2", wrap=True)
        self.column.addWidget(self.words)
        leave = way_out(self, tr("Cancel"), default=True)
        self.do = Button(do, danger=danger)
        self.do.setObjectName("do")
        self.do.clicked.connect(self._do)
        self.column.addSpacing(px(8))
        self.column.addLayout(foot(leave, self.do))
        leave.setFocus()
        desk.bridge.ask(sorting.belongings, task.id, then=self._told)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return taborder.step(self, forward)

    def _told(self, held: Belongings) -> None:
        self.words.setText(self._says(held))
        self.resize(max(self.width(), self.minimumWidth()), self.column.totalHeightForWidth(max(self.width(), self.minimumWidth())))

    def _says(self, held: Belongings) -> str:
        raise NotImplementedError

    def _do(self) -> None:
        raise NotImplementedError


class DeleteQuestion(_Asking):
    """``deleted(words)`` when the task is gone. Archiving is offered in words: it loses nothing."""

    deleted = Signal(str)

    def __init__(self, desk: Desk, task: Task, parent: QWidget | None = None) -> None:
        super().__init__(desk, task, tr("Delete {task}?", task=task.name), tr("Delete"), True, parent)

    def _says(self, held: Belongings) -> str:
        what = belongs(held)
        gone = tr("What goes with it: {what}.", what=what) if what else tr("Nothing else hangs on it.")
        return tr(
            "{gone} No session and no figure is lost: its use goes to the next rule that matches, or to no task. Undo brings all of it back. "
            "To keep it out of the way, archive it instead.",
            gone=gone,
        )

    @Slot()
    def _do(self) -> None:
        self._desk.bridge.ask(commands.delete_task, self._of.id)
        self.deleted.emit(tr("{task} deleted.", task=self._of.name))
        self.accept()


class MergeDialog(_Asking):
    """``merged(words)`` when two tasks have become one."""

    merged = Signal(str)

    def __init__(self, desk: Desk, task: Task, others: Sequence[Task], parent: QWidget | None = None) -> None:
        super().__init__(desk, task, tr("Merge {task} into another task", task=task.name), tr("Merge"), False, parent)
        self.into = PhraseCombo(tr("into"), [(str(other.id), other.name) for other in others], tr("The task that stays"))
        self.column.insertWidget(2, self.into)
        self.do.setEnabled(bool(others))

    def _says(self, held: Belongings) -> str:
        what = belongs(Belongings(held.rules, held.timers, held.by_hand, 0))
        goes = tr("All its use, its tags and {what} go to the other task.", what=what) if what else tr("All its use and its tags go to the other task.")
        budget = trn("Its budget is removed.", "Its budgets are removed.", held.budgets) if held.budgets else ""
        return " ".join(part for part in (goes, budget, tr("{task} itself is removed. Undo makes two of them again.", task=self._of.name)) if part)

    @Slot()
    def _do(self) -> None:
        self._desk.bridge.ask(sorting.merge_tasks, self._of.id, int(self.into.key()))
        self.merged.emit(tr("{task} is part of {other} now.", task=self._of.name, other=self.into.currentText()))
        self.accept()
