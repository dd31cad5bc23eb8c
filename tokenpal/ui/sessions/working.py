"""A long edit, told while it runs: how far it is, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tokenpal.engine.listing import Progress
from tokenpal.translation import tr
from tokenpal.ui import numbers, paint
from tokenpal.ui.theme import RADIUS_FIELD, color, px
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.meters import MeterBar
from tokenpal.ui.widgets.text import Text

ASK_FROM = 5_000
"""More sessions than this are edited only after a question."""

LOOK_MS = 150
SHOW_AFTER = 3  # looks: what is done within half a second is not announced


class WorkBar(QWidget):
    """Shown while a ``Progress`` runs and takes long enough to be noticed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(14), px(8), px(14), px(8))
        row.setSpacing(px(12))
        self._words = Text("", "small", weight=500)
        self._bar = MeterBar(name=tr("How far the edit is"))
        self.stop = Link(tr("Stop"))
        self.stop.setToolTip(tr("Nothing is changed then"))
        self.stop.clicked.connect(self._stop)
        row.addWidget(self._words)
        row.addWidget(self._bar, 1)
        row.addWidget(self.stop)
        self._progress: Progress | None = None
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self.hide()

    @property
    def busy(self) -> bool:
        """Whether an edit runs."""
        return self._progress is not None

    def begin(self, progress: Progress) -> None:
        """Watch an edit."""
        self._progress, self._looks = progress, 0
        self.stop.setEnabled(True)
        self._timer.start()

    def end(self) -> None:
        """The edit is done, or stopped."""
        self._progress = None
        self._timer.stop()
        self.hide()

    @Slot()
    def _look(self) -> None:
        progress = self._progress
        if progress is None:
            return
        self._looks += 1
        if self._looks < SHOW_AFTER:
            return
        done, total = numbers.exact(progress.done), numbers.exact(progress.total)
        last = progress.total and progress.done >= progress.total - 1
        self._words.setText(tr("Finishing…") if last else tr("{done} of {total} sessions", done=done, total=total))
        self._bar.set(progress.done / progress.total if progress.total else 0)
        self.show()

    @Slot()
    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.stop = True
            self.stop.setEnabled(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), RADIUS_FIELD, color("card"), color("line"))
        p.end()
