"""What the person does with sessions: one edit each, told in a toast that can undo it; long ones with their progress."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from tokenpal.engine import commands, listing
from tokenpal.engine.changes import like
from tokenpal.model.errors import TokenpalError
from tokenpal.model.journal import Task
from tokenpal.model.report import SessionRow
from tokenpal.translation import tr, trn
from tokenpal.ui import numbers
from tokenpal.ui.page import Desk
from tokenpal.ui.palette import LABEL_WORDS, LABELS
from tokenpal.ui.sessions import words
from tokenpal.ui.sessions.cuts import Cuts
from tokenpal.ui.sessions.past import PastEdits
from tokenpal.ui.sessions.working import ASK_FROM, WorkBar

MOST_COPIED = 20_000
LONG = 500
"""Edits of fewer sessions are not watched: keys that follow one another fast all count."""


@dataclass(frozen=True, slots=True)
class Dialogs:
    """The dialogs an edit may need, handed in by the page: rooms below pages know none."""

    pick: Callable[..., Any]  # dialogs.taskpicker.TaskPicker
    split: Callable[..., Any]  # dialogs.split.SplitDialog
    ask: Callable[..., Any]  # dialogs.ask.AskDialog


@dataclass(frozen=True, slots=True)
class _Job:
    said: str
    undoable: bool = True
    long: bool = False  # its progress is watched


class Edits(QObject):
    """``said(words, can be undone)`` after each edit. Ids are those of the list's index."""

    said = Signal(str, bool)
    assigned = Signal()

    def __init__(self, desk: Desk, work: WorkBar, owner: QWidget, dialogs: Dialogs) -> None:
        super().__init__(owner)
        self._desk, self._work, self._owner, self._dialogs = desk, work, owner, dialogs
        self._jobs: deque[_Job] = deque()
        self.tasks: list[Task] = []
        self.recent: list[int] = []
        """Tasks that the person chose last, the newest first."""
        self._for: tuple[Sequence[int], int | None, str] = ((), None, "")  # ids, or the instant and session of a split

    # ---- one after the other ------------------------------------------------------------------------------
    def do(self, said: str, function: Callable[..., Any], *args: Any, undoable: bool = True, long: bool = False) -> None:
        """Carry out one edit."""
        self._jobs.append(_Job(said, undoable, long))
        self._desk.bridge.ask(function, *args, then=self._done, otherwise=self._failed)

    def all_of(self, what: str, said: str, function: Callable[..., Any], ids: Sequence[int], *args: Any, sure: bool = False) -> None:
        """The same edit of some sessions; above ASK_FROM of them only after a question. ``what`` = "Label", for its button."""
        if not len(ids) or self._work.busy:
            return
        if len(ids) > ASK_FROM and not sure:
            count = numbers.exact(len(ids))
            title = tr("Change {count} sessions at once?", count=count)
            sentence = tr("{said}. It is one edit: one undo takes it back.", said=said)
            dialog = self._dialogs.ask(title, sentence, tr("Cancel"), [("go", tr("{what} {count} sessions", what=what, count=count), False)], self._owner)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.chosen.connect(partial(self._sure, what, said, function, ids, args))
            dialog.open()
            return
        if len(ids) < LONG:
            self.do(said, function, ids, *args)
            return
        progress = listing.Progress(len(ids))
        self._work.begin(progress)
        self.do(said, _with(function, progress=progress), ids, *args, long=True)

    def _sure(self, what: str, said: str, function: Callable[..., Any], ids: Sequence[int], args: tuple[Any, ...], _answer: str) -> None:
        self.all_of(what, said, function, ids, *args, sure=True)

    def _done(self, _answer: object) -> None:
        job = self._jobs.popleft()
        if job.long:
            self._work.end()
        self.said.emit(job.said if job.said.endswith((".", "!", "?")) else f"{job.said}.", job.undoable)

    def _failed(self, error: TokenpalError) -> None:
        if self._jobs.popleft().long:
            self._work.end()
        if isinstance(error, listing.Stopped):
            self.said.emit(f"{error.sentence} {error.next_step}".strip(), False)
        else:
            self._desk.bridge.failed.emit(error.title, error.sentence, error.next_step)

    # ---- words --------------------------------------------------------------------------------------------
    def label(self, ids: Sequence[int], name: str | None) -> None:
        """Label sessions; None takes the label away."""
        word = tr("Label taken away") if name is None else tr(LABEL_WORDS[next(known for known in LABELS if known == name)])
        if len(ids) > 1:
            word = trn("{n} session: {word}", "{n} sessions: {word}", len(ids), shown=numbers.digits(len(ids)), word=word)
        self.all_of(tr("Label"), word, listing.label, ids, name)

    def reason(self, ids: Sequence[int], reason: str) -> None:
        """Why it was waste."""
        self.all_of(tr("Label"), tr("Waste, {reason}", reason=words.reason_words(reason)), listing.label, ids, "waste", reason)

    def tag(self, ids: Sequence[int], add: Sequence[str], remove: Sequence[str]) -> None:
        """Add and take away tags."""
        self.all_of(tr("Tag"), tr("Tags kept"), listing.tag, ids, tuple(add), tuple(remove))

    def note(self, session: str, note: str) -> None:
        """Write the note of a session."""
        self.do(tr("Note kept"), commands.note_session, session, note)

    def outcome(self, session: str, **fields: Any) -> None:
        """Write a session's link or minutes saved."""
        self.do(tr("Kept"), _with(commands.note_session, **fields), session)

    def same(self, row: SessionRow, label: str, reason: str, task: int | None) -> None:
        """Take what was offered."""
        self.do(tr("Same as last time"), listing.same_as, row.id, label, reason, task if task != row.task_id else None)

    # ---- tasks and parts ----------------------------------------------------------------------------------
    def pick(self, ids: Sequence[int], ticket: str = "") -> None:
        """Ask for the task of some sessions; ``ticket``: the one that their branch names."""
        if len(ids):
            self._for = (ids, None, "")
            self._open(self._dialogs.pick(self.tasks, self._owner, recent=self.recent, ticket=ticket))

    def ask_split(self, row: SessionRow, cuts: Cuts, at: int) -> None:
        """Ask for the task of the later part, and cut."""
        self._for = ((), at, row.id)
        self._open(self._dialogs.split(self._desk, cuts, at, self.tasks, self._owner))

    def _open(self, picker: Any) -> None:
        picker.picked.connect(self._picked)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.open()
        picker.search.setFocus()

    def _picked(self, choice: Any) -> None:  # dialogs.taskpicker.Choice
        if choice.new_name:
            self._desk.bridge.ask(commands.add_task, choice.new_name, then=self._made)
        else:
            self._give(choice.task, next((task.name for task in self.tasks if task.id == choice.task), tr("No task")))

    def _made(self, task: Task) -> None:
        self._give(task.id, task.name)

    def _give(self, task: int | None, name: str) -> None:
        if task is not None:
            self.recent = [task, *(one for one in self.recent if one != task)]
        ids, at, session = self._for
        if at is None:
            self.all_of(tr("Assign"), name, listing.assign, ids, task)
        else:
            self.do(tr("Split; the later part: {task}", task=name), commands.split_session, session, at, task)
        self.assigned.emit()

    def release(self, ids: Sequence[int]) -> None:
        """Let timer, rules and project defaults decide again."""
        self.all_of(tr("Release"), tr("Rules decide again"), listing.release, ids)

    def merge(self, session: str, at: int) -> None:
        """Take a split back."""
        self.do(tr("Parts merged"), commands.merge_session, session, at)

    # ---- back ---------------------------------------------------------------------------------------------
    def undo(self) -> None:
        """Take back the newest edit."""
        self._desk.bridge.ask(commands.undo, then=self._undone)

    def _undone(self, title: str | None) -> None:
        self.said.emit(tr("Undone: {title}", title=title) if title else tr("Nothing to undo."), False)

    def show_past(self) -> None:
        """The last edits, to go back to before one of them."""
        self._desk.bridge.ask(listing.past, then=self._past)

    def _past(self, past: tuple[list[tuple[int, str, bool]], int]) -> None:
        edits, let_go = past
        dialog = PastEdits(self._desk, edits, self._owner, let_go=let_go)
        dialog.back.connect(self._back)
        dialog.open()

    def _back(self, count: int) -> None:
        self.do(trn("{n} edit undone", "{n} edits undone", count), listing.undo_back, count, undoable=False)

    # ---- out ----------------------------------------------------------------------------------------------
    def export(self, ids: Sequence[int]) -> None:
        """Ask for a file and write sessions into it."""
        name, _ = QFileDialog.getSaveFileName(self._owner, tr("Write sessions as CSV"), "sessions.csv", tr("Table (*.csv)"))
        if name:
            self.export_to(ids, Path(name))

    def export_to(self, ids: Sequence[int], path: Path) -> None:
        """Write sessions into a CSV file."""
        progress = listing.Progress(len(ids))
        self._work.begin(progress)
        count = numbers.exact(len(ids))
        said = trn("{n} session written to {file}", "{n} sessions written to {file}", len(ids), shown=count, file=path.name)
        self.do(said, _with(_export, progress=progress), ids, path, undoable=False, long=True)

    def copy(self, ids: Sequence[int]) -> None:
        """Put sessions into the clipboard, as a table."""
        self._desk.bridge.ask(_table, ids[:MOST_COPIED], then=self._copied)

    def _copied(self, found: tuple[int, str]) -> None:
        count, text = found
        data = QMimeData()
        data.setText(text)
        QGuiApplication.clipboard().setMimeData(data)
        self.said.emit(trn("{n} session copied.", "{n} sessions copied.", count, shown=numbers.digits(count)), False)


def _with(function: Callable[..., Any], **more: Any) -> Callable[..., Any]:
    """A command with some of its arguments, which says what it changes as the command does."""
    return like(function, partial(function, **more))


def _export(store: Any, ids: Sequence[int], path: Path, progress: listing.Progress) -> int:
    try:
        return listing.export(store, ids, path, progress)
    except OSError as error:
        raise listing.Stopped(tr("{file} could not be written: {error}.", file=path.name, error=error.strerror or str(error)), tr("Choose another place.")) from None


def _table(store: Any, ids: Sequence[int]) -> tuple[int, str]:
    rows = listing.session_page(store, ids)
    lines = [listing.HEAD, *(listing.cells(rows[id_]) for id_ in ids if id_ in rows)]
    return len(lines) - 1, "\n".join("\t".join(" ".join(cell.split()) for cell in line) for line in lines) + "\n"
