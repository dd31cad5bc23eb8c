"""Pins at the foot of a field: a chip for each session behind its words, which opens it, and takes it away again (design 6)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from tokenpal.engine.weekpage import Pinned
from tokenpal.translation import tr
from tokenpal.ui import paint
from tokenpal.ui.palette import LABEL_WORDS, LABELS, LabelName
from tokenpal.ui.reflow import Flow
from tokenpal.ui.sessions.words import title
from tokenpal.ui.theme import RADIUS_CHIP, color, font, px, theme
from tokenpal.ui.widgets.buttons import IconButton, Pressable
from tokenpal.ui.widgets.text import as_tip

WIDEST = 320
HEIGHT = 24


def label_of(label: str) -> LabelName | None:
    """The label as the palette knows it; None = not labelled."""
    return next((known for known in LABELS if known == label and known != "unlabelled"), None)


def pin_title(pin: Pinned) -> str:
    """What a pinned session is called."""
    return title(pin.row) if pin.row is not None else tr("A session that is not here")


class _Face(Pressable):
    """Glyph and title; opens the session. Del takes the pin away."""

    radius = RADIUS_CHIP
    removed = Signal()

    def __init__(self, words: str, label: LabelName | None, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self._label = label
        self.setAccessibleName(tr("Open the session {title}", title=words))
        self.setAccessibleDescription(tr(LABEL_WORDS[label or "unlabelled"]))
        self.setToolTip(as_tip(tr("{title}: open the session. Del takes the pin away.", title=words)))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(min(px(WIDEST), paint.wide(self.text(), font("cap")) + px(26)), px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(60), px(HEIGHT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.keyboard_focus:
            paint.box(p, QRectF(self.rect()), RADIUS_CHIP, None, color("accent"))
        paint.glyph(p, self._label, QPointF(px(11), self.height() / 2), px(8))
        p.setFont(font("cap"))
        p.setPen(color("text" if self.underMouse() else "text-2"))
        room = self.width() - px(22)
        p.drawText(QRectF(px(20), 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, paint.elided(self.text(), font("cap"), room))
        p.end()


class PinChip(QWidget):
    """One pin."""

    opened = Signal(str)
    removed = Signal(str)

    def __init__(self, pin: Pinned, parent: QWidget | None = None, *, fixed: bool = False) -> None:
        """``fixed``: it cannot be taken away here."""
        super().__init__(parent)
        self.session = pin.session
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        words = pin_title(pin)
        self.face = _Face(words, label_of(pin.row.label if pin.row else ""))
        self.face.setObjectName("pin-open")
        self.face.setEnabled(pin.row is not None)
        self.face.clicked.connect(self._open)
        row.addWidget(self.face)
        if not fixed:
            self.away = IconButton("close", tr("Take the pin {title} away", title=words), size=HEIGHT)
            self.away.setObjectName("pin-remove")
            self.away.clicked.connect(self._remove)
            self.face.removed.connect(self._remove)
            row.addWidget(self.away)
        theme().changed.connect(self.update)

    @Slot()
    def _open(self) -> None:
        self.opened.emit(self.session)

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self.session)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        paint.box(p, QRectF(self.rect()), RADIUS_CHIP, color("sunk"), color("line"))
        p.end()


class PinRow(QWidget):
    """The pins of a field in as many lines as they need; nothing while there are none."""

    opened = Signal(str)
    removed = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None, *, fixed: bool = False) -> None:
        super().__init__(parent)
        self._fixed = fixed
        self._pins: tuple[Pinned, ...] = ()
        self.setAccessibleName(name)
        self._flow = Flow(self, gap=6)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    def sessions(self) -> tuple[str, ...]:
        """Their sessions, in order."""
        return tuple(pin.session for pin in self._pins)

    def set_pins(self, pins: Sequence[Pinned]) -> None:
        """Show these."""
        if tuple(pins) == self._pins:
            return
        self._pins = tuple(pins)
        while self._flow.count():
            item = self._flow.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for pin in self._pins:
            chip = PinChip(pin, self, fixed=self._fixed)
            chip.opened.connect(self.opened)
            chip.removed.connect(self.removed)
            self._flow.addWidget(chip)
        self.setVisible(bool(self._pins) and self.parent() is not None)
        self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show}:
            self._stand()
        return done

    def _stand(self) -> None:
        """All lines have their room, however low the field: it asks for its least height, which knows no widths."""
        tall = self._flow.heightForWidth(self.width()) if self._pins else 0
        if tall != self.minimumHeight():
            self.setMinimumHeight(tall)
