"""Small things that several parts of the Sharing page use."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from tokenpal.model.errors import TokenpalError
from tokenpal.translation import tr
from tokenpal.ui import paint
from tokenpal.ui.bridge import Bridge
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.theme import RADIUS_FIELD, color, px, theme
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.marks import Sign
from tokenpal.ui.widgets.text import Text


class Tile(QWidget):
    """The icon of the state, on a soft square."""

    def __init__(self, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name, self._soft = icon_name, True
        self.setFixedSize(px(40), px(40))
        theme().changed.connect(self.update)

    def set(self, icon_name: str, *, soft: bool) -> None:
        """Another icon; ``soft`` = on the accent's ground, else on the grey one."""
        self._icon_name, self._soft = icon_name, soft
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.box(p, QRectF(self.rect()), RADIUS_FIELD, color("accent-soft" if self._soft else "sunk"))
        side = px(18)
        at = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        paint_icon(p, self._icon_name, at, color("accent" if self._soft else "text-2"))
        p.end()


def point(icon_name: str, sentence: str) -> QHBoxLayout:
    """A sentence with its sign; its lines stand under one another."""
    row = QHBoxLayout()
    row.setSpacing(px(12))
    row.addWidget(Sign(icon_name), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Text(sentence, "body", wrap=True), 1)
    return row


def holder(layout: QLayout | None = None) -> tuple[QWidget, QVBoxLayout]:
    """A widget with a column without margins."""
    widget = QWidget()
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(px(8))
    if layout is not None:
        column.addLayout(layout)
    return widget, column


def empty(layout: QLayout) -> None:
    """Take everything out of a layout, at once out of sight."""
    while layout.count():
        item = layout.takeAt(0)
        if item is None:
            continue
        widget, below = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif below is not None:
            empty(below)


class Working(QWidget):
    """Something that takes a while: its words, a way to stop waiting, and in the end nothing or the error's sentence.

    ``came(answer)`` and ``failed(error)`` follow ``wait``; after ``Cancel`` neither does, and ``stopped`` comes instead.
    """

    came = Signal(object)
    failed = Signal(object)
    stopped = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._future: Future[Any] | None = None
        self._token = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(12))
        self.words = Text("", "small", "text-2", wrap=True)
        self._cancel = Link(tr("Cancel"))
        self._cancel.setAccessibleName(tr("Stop waiting"))
        self._cancel.clicked.connect(self.cancel)
        self._cancel.hide()
        row.addWidget(self.words, 1)
        row.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignTop)
        self.setVisible(False)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._future is not None

    def wait(self, words: str, future: Future[Any]) -> None:
        """Say the words until the future is done."""
        self.say(words)
        self._future = future
        self._cancel.show()
        self._bridge.wait(future, self._came, self._refused)

    def say(self, words: str, *, problem: bool = False) -> None:
        """Words alone; none = hide."""
        self.words.set_tone("problem" if problem else "text-2")
        self.words.setText(words)
        self.setAccessibleName(words)
        self.setVisible(bool(words))

    @Slot()
    def cancel(self) -> None:
        """Wait no longer. What has left this machine by then stands in the log."""
        future, self._future = self._future, None
        if future is None:
            return
        future.cancel()
        self._cancel.hide()
        self.say(tr("Stopped. Whatever had left this machine by then is in the list on the Sharing page."))
        self.stopped.emit()

    def _came(self, answer: object) -> None:
        if self._future is None:
            return
        self._future = None
        self._cancel.hide()
        self.say("")
        self.came.emit(answer)

    def _refused(self, error: TokenpalError) -> None:
        if self._future is None:
            return
        self._future = None
        self._cancel.hide()
        self.say(f"{error.sentence} {error.next_step}".strip(), problem=True)
        self.failed.emit(error)
