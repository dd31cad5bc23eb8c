"""What the app has to say: banner with a way out, toast with undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui import paint
from tokenpal.ui.palette import ColorName
from tokenpal.ui.shortcuts import shown
from tokenpal.ui.theme import CARD_GAP, RADIUS_FIELD, color, px, theme
from tokenpal.ui.widgets.buttons import Button, IconButton, Link
from tokenpal.ui.widgets.marks import KeyHint, Sign
from tokenpal.ui.widgets.text import Text

BannerKind = Literal["problem", "attention", "info"]
TOAST_MS = 6000
_SHADOW = 16  # room for the shadow around a toast


class Banner(QWidget):
    """One bold sentence, one sentence of consequence, at most three buttons; the first is the way out.

    problem: 1 px border in clay on card. attention and info: a soft ground, no border. Stays until solved or dismissed.
    """

    dismissed = Signal()

    def __init__(self, kind: BannerKind, sentence: str, consequence: str = "", *, dismissible: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(16), px(13), px(16), px(13))
        row.setSpacing(px(12))
        tone: ColorName = {"problem": "problem", "attention": "attention", "info": "accent"}[kind]  # type: ignore[assignment]  # three names
        row.addWidget(Sign("info" if kind == "info" else "warning", tone), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(px(3))
        self.sentence = Text(sentence, "body", weight=600, wrap=True)
        self.consequence = Text(consequence, "small", "text-2", wrap=True)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(px(8))
        column.addWidget(self.sentence)
        column.addWidget(self.consequence)
        column.addLayout(self._buttons)
        self._buttons.addStretch(1)
        row.addLayout(column, 1)
        if dismissible:
            close = IconButton("close", tr("Dismiss"), size=24)
            close.clicked.connect(self._dismiss)
            row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.set_words(sentence, consequence)
        theme().changed.connect(self.update)

    def set_words(self, sentence: str, consequence: str = "") -> None:
        """Other words."""
        self.sentence.setText(sentence)
        self.consequence.setText(consequence)
        self.consequence.setVisible(bool(consequence))
        self.setAccessibleName(sentence)
        self.setAccessibleDescription(consequence)

    def add_button(self, words: str, *, primary: bool = False) -> Button:
        """A button; connect its `clicked`. At most three; the first one is the way out."""
        self._buttons.setContentsMargins(0, px(6), 0, 0)
        button = Button(words, primary=primary)
        self._buttons.insertWidget(self._buttons.count() - 1, button)
        return button

    @Slot()
    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        if self._kind == "problem":
            paint.box(p, QRectF(self.rect()), RADIUS_FIELD + 1, color("card"), color("problem"))
        else:
            paint.box(p, QRectF(self.rect()), RADIUS_FIELD + 1, color("attention-soft" if self._kind == "attention" else "accent-soft"))
        p.end()


class Toast(QWidget):
    """Says what an action has done, for 6 s, with `Undo z`. Only after an action, never for good news.

    Lives at the foot of `host`; make one per window and call `say`. `above` names controls at that foot that it must not cover.
    """

    undone = Signal()
    gone = Signal()  # by itself or dismissed, not by Undo

    def __init__(self, host: QWidget, key: str = "z") -> None:
        """``key`` takes back what was done, where ``host`` says so."""
        super().__init__(host)
        self._host = host
        self.above: Callable[[], QWidget | None] | None = None
        self._watched: QWidget | None = None
        row = QHBoxLayout(self)
        m = _SHADOW
        row.setContentsMargins(px(16) + m, px(6) + m, px(10) + m, px(6) + m)
        row.setSpacing(px(10))
        self._words = Text("", "small", weight=500)
        self._undo = Link(tr("Undo"))
        self._hint = KeyHint(key)
        row.addWidget(self._words)
        row.addWidget(self._undo)
        row.addWidget(self._hint)
        self._undo.clicked.connect(self._undo_clicked)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TOAST_MS)
        self._timer.timeout.connect(self.dismiss)
        self.hide()

    def say(self, words: str, *, undo: bool = True, key: str = "z") -> None:
        """Show `words`; a toast already up is replaced. `key` does what *Undo* does."""
        self._hint.set_key(shown(key) if "+" in key else key)
        self._words.setText(words)
        self._undo.setText(tr("Undo"))  # the language may be another since the window was made
        self._undo.setVisible(undo)
        self._hint.setVisible(undo)
        self.setAccessibleName(words)
        if not self.isVisible():
            self._host.installEventFilter(self)
        self._watch(self.above() if self.above is not None else None)
        self._place()
        self.show()
        self.raise_()
        self._timer.start()

    @Slot()
    def dismiss(self) -> None:
        """Take it away now."""
        self._hide()
        self.gone.emit()

    def _hide(self) -> None:
        self._timer.stop()
        self._host.removeEventFilter(self)
        self._watch(None)
        self.hide()

    def _watch(self, controls: QWidget | None) -> None:
        """Follow the controls that stand below it."""
        if self._watched is not None and self._watched is not controls:
            self._watched.removeEventFilter(self)
            self._watched.destroyed.disconnect(self._lost)
        if controls is not None and self._watched is not controls:
            controls.installEventFilter(self)
            controls.destroyed.connect(self._lost)
        self._watched = controls

    @Slot()
    def _lost(self) -> None:
        self._watched = None

    @Slot()
    def _undo_clicked(self) -> None:
        self._hide()
        self.undone.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide):
            self._place()
        return False

    def _place(self) -> None:
        self.adjustSize()
        middle, foot = self._host.width() // 2, self._host.height() - px(18)
        controls = self._watched
        if controls is not None and controls.isVisible():
            corner = controls.mapTo(self._host, QPoint(0, 0))
            middle, foot = corner.x() + controls.width() // 2, corner.y() - px(CARD_GAP)
        left = min(middle - self.width() // 2, self._host.width() - self.width() + _SHADOW)
        where = QRect(max(-_SHADOW, left), foot - self.height() + _SHADOW, self.width(), self.height())
        if controls is not None and controls.isVisible() and self._writes_under(where):  # in a low window: beside them, at the foot of the list
            beside = controls.mapTo(self._host, QPoint(0, controls.height()))
            if beside.x() - self.width() > 0:
                where.moveBottomRight(QPoint(beside.x() - px(CARD_GAP) - px(10) + _SHADOW, beside.y() - px(10) + _SHADOW))
        self.move(where.topLeft())

    def _writes_under(self, where: QRect) -> bool:
        """Whether there is a field for words under it."""
        lines = [one for one in self._host.findChildren(QLineEdit) if one.isVisible()]
        return any(where.intersects(one.visibleRegion().boundingRect().translated(one.mapTo(self._host, QPoint(0, 0)))) for one in lines)

    def enterEvent(self, event) -> None:
        self._timer.stop()  # reading it takes as long as it takes
        super().enterEvent(event)

    def leaveEvent(self, event) -> None:
        self._timer.start()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        rect = QRectF(self.rect()).adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)
        paint.soft_shadow(p, rect, 9)
        paint.box(p, rect, 9, color("tip"), color("line-strong"))
        p.end()
