"""Work that may take a while: a bar, how far it is, and a way to stop it. Short work ends before the dialog is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from tokenpal.engine.keep import Job, Stopped
from tokenpal.model.errors import TokenpalError
from tokenpal.translation import tr
from tokenpal.ui import numbers
from tokenpal.ui.dialogs.room import Sheet, room_for
from tokenpal.ui.page import Desk
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.meters import MeterBar
from tokenpal.ui.widgets.text import Text

SHOW_AFTER_MS = 400
EVERY_MS = 150


class JobDialog(Sheet):
    """``done(answer)`` when ``work(store, *args, job)`` has ended; errors go to the window's banner, a stop to ``stopped``."""

    ended = Signal(object)
    stopped = Signal(str)

    def __init__(self, desk: Desk, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.job = Job()
        self.setWindowTitle(title)
        self.setMinimumWidth(room_for(self, 420, 0).width())
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(10))
        column.addWidget(Text(title, "head", wrap=True))
        self.words = Text(tr("Starting…"), "body", "text-2", wrap=True)
        column.addWidget(self.words)
        self.bar = MeterBar(None, name=tr("How far it is"))
        column.addWidget(self.bar)
        column.addSpacing(px(8))
        self.leave = way_out(self, tr("Cancel"))
        column.addLayout(foot(self.leave))
        self._tick = QTimer(self)
        self._tick.setInterval(EVERY_MS)
        self._tick.timeout.connect(self._look)

    def run(self, work: Callable[..., Any], *args: Any) -> None:
        """Begin; the dialog is shown once it has taken longer than a moment."""
        self._tick.start()
        QTimer.singleShot(SHOW_AFTER_MS, self, self._show_if_needed)
        self._desk.bridge.ask(work, *args, self.job, then=self._done, otherwise=self._failed)

    def reject(self) -> None:
        """Ask the work to stop; it leaves nothing behind."""
        self.job.stop = True
        self.leave.setEnabled(False)
        self.words.setText(tr("Stopping…"))

    @Slot()
    def _show_if_needed(self) -> None:
        if self._tick.isActive():
            self.open()

    @Slot()
    def _look(self) -> None:
        if self.job.stop or not self.job.done:
            return
        if self.job.total:
            self.bar.set(self.job.done / self.job.total)
            self.words.setText(tr("{share} done", share=numbers.percent(self.job.done / self.job.total)))
        else:
            self.words.setText(tr("{lines} so far", lines=numbers.count(self.job.done, "line")))

    def _done(self, answer: Any) -> None:
        self._tick.stop()
        self.ended.emit(answer)
        self.done(QDialog.DialogCode.Accepted)
        self.deleteLater()

    def _failed(self, problem: TokenpalError) -> None:
        self._tick.stop()
        if isinstance(problem, Stopped):
            self.stopped.emit(problem.sentence)
        else:
            self._desk.bridge.failed.emit(problem.title, problem.sentence, problem.next_step)
        self.done(QDialog.DialogCode.Rejected)
        self.deleteLater()
