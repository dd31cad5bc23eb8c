"""Longer input: the check-in field, the multi-line note, and the byte preview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.ui import paint
from tokenpal.ui.palette import LabelName
from tokenpal.ui.theme import RADIUS_CARD, RADIUS_FIELD, color, font, px, theme
from tokenpal.ui.widgets.card import SlimBar
from tokenpal.ui.widgets.marks import Chip
from tokenpal.ui.widgets.text import Text

SAVE_AFTER_MS = 800


class TextArea(QPlainTextEdit):
    """Plain text of several lines without a frame. Tab moves on to the next control."""

    focus_changed = Signal(bool)

    def __init__(self, placeholder: str = "", name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name or placeholder)
        self.setVerticalScrollBar(SlimBar())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self._theme_changed()
        theme().changed.connect(self._theme_changed)

    @Slot()
    def _theme_changed(self) -> None:
        self.setFont(font("body"))
        p = self.palette()
        p.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        p.setColor(QPalette.ColorRole.PlaceholderText, color("text-3"))
        self.setPalette(p)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit(False)


class Field(QWidget):
    """A check-in field: name and hint on one line, text, pins at the foot. Saves while typing: `changed(text)`, 0.8 s later."""

    changed = Signal(str)

    def __init__(self, name: str, hint: str, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(11), px(10), px(11))
        column.setSpacing(px(4))
        head = QHBoxLayout()
        head.setSpacing(px(8))
        self._name = Text(name, "body", weight=600)
        head.addWidget(self._name)
        head.addWidget(Text(hint, "small", "text-2"))
        head.addStretch(1)
        self.area = TextArea(placeholder, f"{name}: {hint}")
        self._name.setBuddy(self.area)
        self._pins = QHBoxLayout()
        self._pins.setSpacing(px(6))
        self._pins.addStretch(1)
        column.addLayout(head)
        column.addWidget(self.area, 1)
        column.addLayout(self._pins)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self.flush)
        self.area.textChanged.connect(self._timer.start)
        self.area.focus_changed.connect(self._focus_changed)
        self.setFocusProxy(self.area)
        theme().changed.connect(self.update)

    def text(self) -> str:
        """What stands in the field."""
        return self.area.toPlainText()

    def set_text(self, text: str) -> None:
        """Show `text`, without a signal."""
        if text != self.area.toPlainText():
            self.area.blockSignals(True)
            self.area.setPlainText(text)
            self.area.blockSignals(False)

    def insert(self, text: str) -> None:
        """Add a note on a line of its own; counts as typing."""
        old = self.text().rstrip()
        self.area.setPlainText(f"{old}\n{text}" if old else text)

    def set_pins(self, pins: Sequence[tuple[str, LabelName | None]]) -> None:
        """Chips at the foot: (title, label) of sessions pinned here."""
        while self._pins.count() > 1:
            item = self._pins.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for i, (title, label) in enumerate(pins):
            self._pins.insertWidget(i, Chip(title, glyph=label or "unlabelled"))

    @Slot()
    def flush(self) -> None:
        """Save now what is waiting to be saved."""
        self._timer.stop()
        self.changed.emit(self.text())

    @Slot(bool)
    def _focus_changed(self, inside: bool) -> None:
        if not inside and self._timer.isActive():
            self.flush()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), RADIUS_CARD, color("card"), color("accent" if self.area.hasFocus() else "line-strong"))
        p.end()


@dataclass(frozen=True, slots=True)
class ByteLine:
    """One line of the preview: the bytes as text, what they mean, and whether they carry an answer."""

    code: str
    meaning: str = ""
    answer: bool = False


class BytePreview(QWidget):
    """Bytes in mono on `sunk`, each line with its meaning at the right; answers stand on `card`."""

    def __init__(self, lines: Sequence[ByteLine] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[ByteLine, ...] = ()
        self.setAccessibleName("Exactly what would be sent")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        theme().changed.connect(self._theme_changed)
        self.set_lines(lines)

    @Slot()
    def _theme_changed(self) -> None:
        self.updateGeometry()
        self.update()

    def set_lines(self, lines: Sequence[ByteLine]) -> None:
        """Other lines."""
        self._lines = tuple(lines)
        self.setAccessibleDescription("; ".join(f"{line.code} {line.meaning}".strip() for line in self._lines))
        self._theme_changed()

    def _row(self) -> int:
        return px(24)

    def sizeHint(self) -> QSize:
        m = QFontMetrics(font("mono"))
        s = QFontMetrics(font("small", 500))
        widest = max((m.horizontalAdvance(x.code) + s.horizontalAdvance(x.meaning) for x in self._lines), default=0)
        return QSize(widest + px(60), self._row() * len(self._lines) + px(20))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), RADIUS_FIELD, color("sunk"), color("line"))
        y, row = px(10), self._row()
        for line in self._lines:
            rect = QRectF(px(6), y, self.width() - px(12), row)
            if line.answer:
                paint.box(p, rect.adjusted(0, 1, 0, -1), 5, color("card"), color("line"))
            inner = rect.adjusted(px(10), 0, -px(10), 0)
            meaning_font = font("small", 500 if line.answer else 400)
            meaning_w = min(QFontMetrics(meaning_font).horizontalAdvance(line.meaning) + px(4), inner.width() * 0.6)
            p.setFont(meaning_font)
            p.setPen(color("text" if line.answer else "text-3"))
            p.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, paint.elided(line.meaning, meaning_font, meaning_w))
            p.setFont(font("mono"))
            p.setPen(color("text" if line.answer else "text-2"))
            room = inner.width() - meaning_w - px(8)
            code = QFontMetrics(font("mono")).elidedText(line.code, Qt.TextElideMode.ElideMiddle, round(room))
            p.drawText(QRectF(inner.left(), y, room, row), Qt.AlignmentFlag.AlignVCenter, code)
            y += row
        p.end()
