"""Import a file: what it holds and what of it would count, before anything is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from tokenpal.engine.diaries import Diary, Wish
from tokenpal.engine.handover import Handover
from tokenpal.engine.importing import As
from tokenpal.insight.numbers import count, exact
from tokenpal.model.errors import TokenpalError
from tokenpal.translation import mark, tr, trn
from tokenpal.ui.dialogs.diary import DiaryChoice, days_words, diary_words, kept_words, made_words
from tokenpal.ui.dialogs.room import Sheet, room_for
from tokenpal.ui.page import Desk
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.meters import MeterBar
from tokenpal.ui.widgets.text import Text

EVERY_MS = 150  # while it reads
MOST_MODELS = 8
KINDS = (  # what a file can be, in the words of those who read it
    mark("usage lines (tokenpal-usage/1)"), mark("a daily report of ccusage"), mark("an export of CodeBurn"), mark("an export of tokscale"),
    mark("captured output of claude -p"), mark("captured output of codex exec"), mark("captured output of gemini"),
    mark("outcome lines"), mark("an export of tokenpal"),
)  # fmt: skip


def _told(told: Any) -> dict[str, str]:
    return {"labels": count(told.labels, "label"), "notes": count(told.notes, "note"), "tasks": count(told.tasks, "task")}


class ImportDialog(Sheet):
    """Reads the file at once and shows what it found; ``imported(sentence)`` when it was taken."""

    imported = Signal(str)

    def __init__(self, desk: Desk, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.job = Handover(desk.bridge.engine, name)
        self.setWindowTitle(tr("Import"))
        self.setMinimumWidth(room_for(self, 560, 0).width())
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(10))
        self.heading = Text(tr("Import {file}", file=Path(name).name), "head", wrap=True)
        column.addWidget(self.heading)
        self.words = Text(tr("Reading the file…"), "body", "text-2", wrap=True)
        column.addWidget(self.words)
        self.figures = QGridLayout()
        self.figures.setHorizontalSpacing(px(18))
        self.figures.setVerticalSpacing(px(4))
        column.addLayout(self.figures)
        self.rest = Text("", "body", "text-2", wrap=True)
        self.rest.hide()
        column.addWidget(self.rest)
        self.diary: DiaryChoice | None = None  # what can be chosen for a journal of another tool
        self.column = column
        self.bar = MeterBar(0.0, name=tr("How far the file is read"))
        column.addWidget(self.bar)
        column.addSpacing(px(8))
        self.leave = way_out(self, tr("Cancel"))
        self.go = Button(tr("Import"), primary=True)
        self.go.setObjectName("import")
        self.go.setEnabled(False)
        self.go.clicked.connect(self._take)
        column.addLayout(foot(self.leave, self.go))
        self.timer = QTimer(self)
        self.timer.setInterval(EVERY_MS)
        self.timer.timeout.connect(self._far)
        self.timer.start()
        self.fitting = QTimer(self)  # what was added is shown, and has a height, a moment later
        self.fitting.setSingleShot(True)
        self.fitting.timeout.connect(self._fit)
        desk.bridge.wait(self.job.look(), self._looked, self._failed)

    def reject(self) -> None:
        """Stop what is on its way; what was imported stays."""
        self.job.cancel()
        super().reject()

    @Slot()
    def _far(self) -> None:
        done, total = self.job.progress
        if total:
            self.bar.set(min(1.0, done / total))

    def _still(self) -> None:
        self.timer.stop()
        self.bar.hide()

    def _failed(self, problem: TokenpalError) -> None:
        self._still()
        self.words.setText(problem.sentence)
        self._say(problem.next_step)
        self.go.setEnabled(False)
        self.leave.setText(tr("Close"))
        self.leave.setFocus()

    def _looked(self, found: Any) -> None:
        self._still()
        if found.diary is not None:
            self._diary(found.diary)
        elif found.merged is not None:
            self.words.setText(tr("This is {what}: the same record counts once, the newer label wins.", what=tr(found.what)))
            merged = found.merged
            records, entries = count(merged.records, "usage record"), count(merged.journal, "entry", "entries")
            self._say(tr("{records} and {entries} of yours would be new or changed.", records=records, entries=entries))
        elif found.told is not None:
            told = found.told
            about = count(told.sessions, "session")
            self.words.setText(tr("This is a file of {what} about {sessions}. They fill in only what you have not said.", what=tr(found.what), sessions=about))
            parts = [tr("{labels}, {notes} and {tasks} would be new.", **_told(told))]
            parts += [trn("{n} word of yours would stay.", "{n} words of yours would stay.", told.kept, shown=exact(told.kept))] if told.kept else []
            if found.unknown:
                parts.append(
                    trn("{n} line is about a session or task that is not known here.", "{n} lines are about sessions or tasks that are not known here.", found.unknown, shown=exact(found.unknown))
                )
            self._say(" ".join(parts))
        else:
            self._usage(found)
        self.go.setEnabled(bool(found.records or found.merged))
        (self.go if self.go.isEnabled() else self.leave).setFocus()

    def _diary(self, found: Diary) -> None:
        self.words.setText(diary_words(found))
        if self.diary is None:
            self.diary = DiaryChoice(found)
            self.diary.changed.connect(self._other_wish)
            self.column.insertWidget(self.column.indexOf(self.rest), self.diary, 1)
            self.diary.show()
            self.resize(max(self.width(), px(640)), self.height())
        self.diary.set_diary(found)
        self._say(" ".join(kept_words(found)))

    @Slot(object)
    def _other_wish(self, wish: Wish) -> None:
        """Another choice: what it would do is worked out anew."""
        self.go.setEnabled(False)
        self.job.how = As(self.job.how.kind, wish)
        self.desk.bridge.wait(self.job.look(), self._looked_again, self._failed)

    def _looked_again(self, found: Any) -> None:
        if found.diary is not None and self.diary is not None and found.diary.wish.to == self.diary.wish().to and found.diary.wish.tasks == self.diary.wish().tasks:
            self._diary(found.diary)
            self.go.setEnabled(bool(found.records))

    def _usage(self, found: Any) -> None:
        held = tr("{records} on {days}", records=count(found.records, "record"), days=count(found.days, "day"))
        where = tr("They go to the new account {account}.", account=found.account) if found.new_account else tr("They go to the account {account}.", account=found.account)
        self.words.setText(f"{held}{f', {days_words(found.first, found.until)}' if found.first else ''}. {tr('The file holds {what}.', what=tr(found.what))} {where}")
        covered = {(share.model, share.provider): share.covered.total for share in found.shares or ()}
        rows = [(tr("Model"), tr("Tokens"), tr("Known already"), tr("Would count"))]
        for one in found.models[:MOST_MODELS]:
            known = covered.get((one.model, one.provider), 0)
            told = (exact(known), exact(one.tokens.total - known)) if found.shares is not None else ("?", "?")
            rows.append((one.model or tr("Unknown model"), exact(one.tokens.total), *told))
        for line, row in enumerate(rows):
            for place, text in enumerate(row):
                cell = Text(text, "small" if line == 0 else "body", "text-2" if line == 0 else "text", elide=place == 0)
                cell.setAlignment((Qt.AlignmentFlag.AlignLeft if place == 0 else Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter)
                self.figures.addWidget(cell, line, place)
        self.figures.setColumnStretch(0, 1)
        more = len(found.models) - MOST_MODELS
        parts = [trn("And {n} more model.", "And {n} more models.", more)] if more > 0 else []
        if found.covered is None:
            parts.append(tr("The file is long: how much of it is known already shows once it is imported."))
        elif found.covered.total:
            parts.append(tr("What logs, reports or other imports know already does not count again."))
        parts += [trn("{n} record is there already.", "{n} records are there already.", found.known, shown=exact(found.known))] if found.known else []
        parts += [tr("Left out: {why}.", why=found.reasons[0].replace("; it was left out", ""))] if found.problems and found.reasons else []
        self._say(" ".join(parts))

    def _say(self, words: str) -> None:
        self.rest.setText(words)
        self.rest.setVisible(bool(words))
        self.fitting.start()

    @Slot()
    def _fit(self) -> None:
        """Of itself a dialog has room for few wrapped lines."""
        column = self.layout()
        if column is not None:
            column.activate()
            self.resize(self.width(), max(column.totalHeightForWidth(self.width()), self.minimumSizeHint().height()))

    @Slot()
    def _take(self) -> None:
        if self.diary is not None:
            self.job.how = As(self.job.how.kind, self.diary.wish())
        self.go.setEnabled(False)
        self.bar.set(0.0)
        self.bar.show()
        self.fitting.start()
        self.timer.start()
        self.desk.bridge.wait(self.job.take(), self._taken, self._failed)

    def _taken(self, taken: Any) -> None:
        self._still()
        if taken.diary is not None:
            sentence = tr("New: {what}.", what=made_words(taken.diary))
        elif taken.merged is not None:
            records, entries = count(taken.merged.records, "usage record"), count(taken.merged.journal, "entry", "entries")
            sentence = tr("{records} new or changed, {entries} of yours new or newer.", records=records, entries=entries)
        elif taken.told is not None:
            sentence = tr("{labels}, {notes} and {tasks} written down.", **_told(taken.told))
        else:
            sentence = tr("{records} new or changed in {account}.", records=count(taken.records, "record"), account=taken.account)
        self.imported.emit(sentence)
        self.accept()
