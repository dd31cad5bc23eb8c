"""Longer input: the check-in field, the multi-line note, and the byte preview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui import paint
from tokenpal.ui.theme import RADIUS_CARD, RADIUS_FIELD, color, font, px, theme
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import SlimBar
from tokenpal.ui.widgets.text import Text

SAVE_AFTER_MS = 800


class TextArea(QPlainTextEdit):
    """Plain text of several lines without a frame. Tab moves on to the next control."""

    focus_changed = Signal(bool)

    def __init__(self, placeholder: str = "", name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.as_low_as_allowed = False  # it asks for its minimum height, not for ten lines
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

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width(), self.minimumHeight()) if self.as_low_as_allowed else hint

    @Slot()
    def _theme_changed(self) -> None:
        self.setFont(font("body"))
        p = QPalette()
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
        self._head = head
        self.area = TextArea(placeholder, f"{name}: {hint}")
        self._name.setBuddy(self.area)
        column.addLayout(head)
        column.addWidget(self.area, 1)
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

    def add_action(self, words: str, name: str) -> Link:
        """A link at the right of the head, named for screen readers. Connect its `clicked`."""
        link = Link(words)
        link.setAccessibleName(name)
        self._head.addWidget(link)
        return link

    def line(self) -> str:
        """What is selected, else the line the cursor stands in, else the first with words."""
        cursor = self.area.textCursor()
        chosen = cursor.selectedText().replace("\u2029", "\n").strip() or cursor.block().text().strip()
        return chosen or next((line.strip() for line in self.text().splitlines() if line.strip()), "")

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


_Placed = tuple[float, float, list[str], list[str]]


class BytePreview(QWidget):
    """Bytes in mono on `sunk`, each line with its meaning at the right; answers stand on `card`."""

    def __init__(self, lines: Sequence[ByteLine] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[ByteLine, ...] = ()
        self._laid_out: tuple[int, list[_Placed]] | None = None  # for a width
        self.setAccessibleName(tr("Exactly what would be sent"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        theme().changed.connect(self._theme_changed)
        self.set_lines(lines)

    @Slot()
    def _theme_changed(self) -> None:
        self._laid_out = None
        self.updateGeometry()
        self.update()

    def set_lines(self, lines: Sequence[ByteLine]) -> None:
        """Other lines."""
        self._lines = tuple(lines)
        self.setAccessibleDescription("; ".join(f"{line.code} {line.meaning}".strip() for line in self._lines))
        self._theme_changed()

    def _lay_out(self, width: int) -> list[_Placed]:
        """Per line: top, height, rows of code, rows of meaning. Code is never cut: it wraps, and its meaning goes below it."""
        if self._laid_out is None or self._laid_out[0] != width:
            self._laid_out = width, self._lines_at(width)
        return self._laid_out[1]

    def _lines_at(self, width: int) -> list[_Placed]:
        mono = QFontMetrics(font("mono"))
        room = max(px(60), width - 2 * px(16))
        out: list[_Placed] = []
        y, pitch = float(px(10)), px(18)
        for line in self._lines:
            m = QFontMetrics(font("small", 500 if line.answer else 400))
            beside = mono.horizontalAdvance(line.code) + px(16) + m.horizontalAdvance(line.meaning) <= room
            code = _wrap(line.code, max(1, room // max(1, mono.horizontalAdvance("0"))))
            meaning = [] if beside or not line.meaning else _wrap_words(line.meaning, m, room)
            height = pitch * (len(code) + len(meaning)) + px(6)
            out.append((y, height, code, meaning))
            y += height
        return out

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = self._lay_out(width)
        return round((rows[-1][0] + rows[-1][1] if rows else px(10)) + px(10))

    def sizeHint(self) -> QSize:
        return QSize(px(460), self.heightForWidth(px(460)))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), px(24) * len(self._lines) + px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), RADIUS_FIELD, color("sunk"), color("line"))
        pitch = px(18)
        for line, (y, height, code, meaning) in zip(self._lines, self._lay_out(self.width()), strict=True):
            if line.answer:
                paint.box(p, QRectF(px(6), y + 1, self.width() - px(12), height - 2), 5, color("card"), color("line"))
            left, room, top = px(16), self.width() - 2 * px(16), y + px(3)
            p.setFont(font("mono"))
            p.setPen(color("text" if line.answer else "text-2"))
            for k, row in enumerate(code):
                p.drawText(QRectF(left, top + k * pitch, room + px(8), pitch), Qt.AlignmentFlag.AlignVCenter, row)
            p.setFont(font("small", 500 if line.answer else 400))
            p.setPen(color("text" if line.answer else "text-3"))
            if not meaning:
                p.drawText(QRectF(left, top, room, pitch), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, line.meaning)
            for k, row in enumerate(meaning):
                p.drawText(QRectF(left, top + (len(code) + k) * pitch, room, pitch), Qt.AlignmentFlag.AlignVCenter, row)
        p.end()


def _wrap(text: str, columns: int) -> list[str]:
    """Cut anywhere: bytes have no words."""
    return [text[i : i + columns] for i in range(0, len(text), columns)] or [""]


def _wrap_words(text: str, m: QFontMetrics, room: int) -> list[str]:
    rows, row = [], ""
    for word in text.split():
        longer = f"{row} {word}" if row else word
        if row and m.horizontalAdvance(longer) > room:
            rows.append(row)
            row = word
        else:
            row = longer
    return [*rows, row]
