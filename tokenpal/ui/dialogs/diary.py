"""What can be chosen for a journal of Timewarrior, Toggl or jrnl before it is imported: names of tasks, and where entries go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from tokenpal.engine.diaries import NOTES, Diary, Group, Wish
from tokenpal.insight.moments import duration
from tokenpal.translation import tr, trn
from tokenpal.ui import times
from tokenpal.ui.dialogs.slices import fill
from tokenpal.ui.reflow import Flow
from tokenpal.ui.theme import px
from tokenpal.ui.turns import Turns
from tokenpal.ui.weekwords import FIELDS, field_name
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.controls import LineEdit, PhraseCombo
from tokenpal.ui.widgets.text import Text

MOST_ROWS = 60
WAIT_MS = 400


class DiaryChoice(QWidget):
    """``changed(Wish)`` a moment after the person chose something else."""

    changed = Signal(object)

    def __init__(self, diary: Diary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._by = ""
        self._names: dict[str, LineEdit] = {}
        self._states: dict[str, Text] = {}
        self._told: dict[str, Group] = {}
        self._turns: Turns | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        head = QWidget()
        controls = Flow(head)
        self.by = PhraseCombo(tr("Tasks by"), [(by, by_words(by)) for by in diary.choices], tr("What timers are named by"))
        self.by.setObjectName("diary-by")
        self.by.chosen.connect(self._other_names)
        self.to = PhraseCombo(tr("Entries go to"), [(NOTES, tr("notes on sessions")), *((key, tr("the check-in, {field}", field=field_name(key))) for key in FIELDS)], tr("Where entries go"))
        self.to.setObjectName("diary-to")
        self.to.chosen.connect(self._chosen)
        controls.addWidget(self.by)
        controls.addWidget(self.to)
        self.by.setVisible(bool(diary.groups))
        self.to.setVisible(bool(diary.entries))
        column.addWidget(head)
        self._rows = QWidget()
        self._grid = QGridLayout(self._rows)
        self._grid.setContentsMargins(0, 0, px(6), 0)
        self._grid.setHorizontalSpacing(px(14))
        self._grid.setVerticalSpacing(px(5))
        self._grid.setColumnStretch(0, 2)
        self._grid.setColumnStretch(2, 3)
        self._scroll = Scroll()
        self._scroll.setWidget(self._rows)
        self._scroll.setMinimumHeight(px(190))
        column.addWidget(self._scroll, 1)
        self._scroll.setVisible(bool(diary.groups))
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._tell)

    def wish(self) -> Wish:
        """What is chosen now."""
        if self._turns is not None:
            self._turns.finish()
        names = {name: " ".join(line.text().split()) for name, line in self._names.items()}
        return Wish(self.by.key(), {name: task for name, task in names.items() if task != name}, self.to.key() or NOTES)

    def set_diary(self, diary: Diary) -> None:
        """Show what it would do; lines that the person writes in stay."""
        self.by.choose(diary.wish.by)
        self.to.choose(diary.wish.to)
        self._told = {group.name: group for group in diary.groups}
        if diary.wish.by != self._by:
            self._by = diary.wish.by
            self._turns = fill(self, self._filled(diary.groups))
        for name, state in self._states.items():
            if (group := self._told.get(name)) is not None:
                state.setText(_state(group))

    def _filled(self, groups: tuple[Group, ...]) -> Iterator[None]:
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._names, self._states = {}, {}
        for place, words in enumerate((tr("In the file"), tr("Time"), tr("Goes to the task (empty = left out)"))):
            self._grid.addWidget(Text(words, "small", "text-2"), 0, place)
        yield
        for line, group in enumerate(groups[:MOST_ROWS], 1):
            name = group.name or tr("Without a name")
            self._grid.addWidget(Text(name, "body", elide=True), line, 0)
            self._grid.addWidget(Text(duration(group.seconds), "small", "text-2", right=True), line, 1)
            task = LineEdit(tr("left out"), tr("Task for {name}", name=name))
            task.setText(group.task)
            task.setMaxLength(200)
            task.textEdited.connect(self._wait.start)
            self._grid.addWidget(task, line, 2)
            state = Text(_state(self._told.get(group.name, group)), "small", "text-3")
            self._grid.addWidget(state, line, 3)
            self._names[group.name], self._states[group.name] = task, state
            yield
        if len(groups) > MOST_ROWS:
            more = len(groups) - MOST_ROWS
            self._grid.addWidget(Text(trn("And {n} more name, as it is called in the file.", "And {n} more names, as they are called in the file.", more), "small", "text-2"), MOST_ROWS + 1, 0, 1, 3)
        self._grid.setRowStretch(MOST_ROWS + 2, 1)

    @Slot(str)
    def _other_names(self, _key: str) -> None:
        if self._turns is not None:
            self._turns.stop()
        self._names = {}  # those were of other groups
        self._tell()

    @Slot(str)
    def _chosen(self, _key: str) -> None:
        self._tell()

    @Slot()
    def _tell(self) -> None:
        self._wait.stop()
        self.changed.emit(self.wish())


def _state(group: Group) -> str:
    return tr("left out") if not group.task else "" if group.known else tr("new task")


def by_words(by: str) -> str:
    """What timers can be named by."""
    return {"project": tr("project"), "task": tr("task"), "tag": tr("first tag"), "tags": tr("all tags"), "words": tr("description")}[by]


def diary_words(found: Diary) -> str:
    """What the file holds, and what would be new."""
    held = []
    if found.intervals:
        held.append(trn("{n} timer", "{n} timers", found.intervals))
    if found.entries:
        held.append(trn("{n} entry", "{n} entries", found.entries))
    what = ", ".join((*held, days_words(found.first, found.until))) if held else tr("nothing")
    return tr("This is a journal of {tool}: {what}. New would be: {made}.", tool=found.name, what=what, made=made_words(found))


def days_words(first: str, until: str) -> str:
    """The days of a file, given as `2026-10-01`; "" for none."""
    return times.dated_range(date.fromisoformat(first), date.fromisoformat(until)) if first else ""


def made_words(found: Diary) -> str:
    """``3 timers of 6 h 15 min, 2 new tasks``."""
    laid, said = found.laid, found.said
    parts = [trn("{n} timer of {time}", "{n} timers of {time}", laid.timers, time=duration(laid.seconds))] if laid.timers else []
    parts += [trn("{n} new task", "{n} new tasks", len(laid.tasks))] if laid.tasks else []
    if said.added and found.wish.to == NOTES:
        parts.append(trn("{n} note", "{n} notes", said.added))
    elif said.added:
        parts.append(trn("{n} line in a check-in", "{n} lines in check-ins", said.added))
    return ", ".join(parts) or tr("nothing")


def kept_words(found: Diary) -> list[str]:
    """What stays as it is, and what is left out."""
    laid, said = found.laid, found.said
    out = [tr("{time} of it have a timer here already, which stays.", time=duration(laid.covered))] if laid.covered else []
    out += [trn("{n} entry stands here already.", "{n} entries stand here already.", said.known)] if said.known else []
    if said.unplaced:
        out.append(trn("{n} entry has no session within an hour and is left out. A check-in can take it.", "{n} entries have no session within an hour and are left out. Check-ins can take them.", said.unplaced))
    out += [trn("{n} timer had not ended and is left out.", "{n} timers had not ended and are left out.", found.running)] if found.running else []
    out += [trn("{n} line cannot be read.", "{n} lines cannot be read.", found.problems)] if found.problems else []
    return out
