"""Rows of the evidence: a session with its glyph, words and tokens, and the way into a field."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokenpal.model.report import SessionRow
from tokenpal.translation import tr
from tokenpal.ui import numbers, paint
from tokenpal.ui.checkins.pins import label_of
from tokenpal.ui.checkins.words import second_line
from tokenpal.ui.palette import LABEL_WORDS
from tokenpal.ui.sessions.words import title
from tokenpal.ui.theme import color, font, px, theme
from tokenpal.ui.weekwords import FIELDS, field_name
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.text import as_tip

FIELD_OF_LABEL = {"exploration": "tried", "delivered": "worked", "waste": "failed"}
"""Where a note goes at first; the person moves it if it belongs elsewhere."""
HEIGHT = 52
INDENT = 34


class InsertLink(Link):
    """Enter puts the note where its label says; 1 to 4 choose the field; up and down go from note to note."""

    chosen = Signal(str)  # field, "" = by the label

    def keyPressEvent(self, event: QKeyEvent) -> None:
        number = event.text()
        if number in {"1", "2", "3", "4"}:
            self.chosen.emit(FIELDS[int(number) - 1])
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)


class GroupHead(QWidget):
    """The label of the rows below it, with how many there are and their tokens."""

    def __init__(self, words: str, told: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._told = words, told
        self.setAccessibleName(numbers.join((words, told)))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(px(160), px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        inner = QRectF(self.rect()).adjusted(0, px(6), -px(2), 0)
        p.setFont(font("small", 500))
        p.setPen(color("text-2"))
        p.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._words)
        p.setFont(font("small"))
        p.setPen(color("text-3"))
        p.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._told)
        p.end()


class NoteRow(QWidget):
    """``insert(row, field)`` for the link; a click elsewhere opens the session."""

    insert = Signal(object, str)
    opened = Signal(str)

    def __init__(self, row: SessionRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self._title, self._line = title(row), second_line(row)
        self._tokens = numbers.short(row.measures.tokens.total)
        self._where = ""
        said = tr(LABEL_WORDS[label_of(row.label) or "unlabelled"])
        self.setAccessibleName(numbers.join((said, self._title, self._line, tr("{tokens} tokens", tokens=self._tokens))))
        self.setToolTip(as_tip(f"{self._title}\n{self._line}"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.link = InsertLink(tr("Insert") if row.note else pin_word(), parent=self)
        self.link.setAccessibleName(tr("Insert {note}", note=self._title) if row.note else tr("Pin {session}", session=self._title))
        into = field_name(FIELD_OF_LABEL.get(row.label, "tried"))
        self.link.setToolTip(tr("Into {field}. The keys 1 to 4 choose another field.", field=into))
        self.link.clicked.connect(self._clicked)
        self.link.chosen.connect(self._chosen)
        theme().changed.connect(self._theme_changed)

    def set_where(self, field: str) -> None:
        """The field it is pinned to; "" = none, then it can be inserted."""
        if field != self._where:
            self._where = field
            if field and self.link.hasFocus():
                self.link.focusNextPrevChild(True)
            self.link.setVisible(not field)
            self.update()

    @Slot()
    def _theme_changed(self) -> None:
        self._tokens = numbers.short(self.row.measures.tokens.total)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(220), px(HEIGHT) + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        hint = self.link.sizeHint()
        self.link.setGeometry(self.width() - hint.width() - px(6), px(5), hint.width(), hint.height())

    @Slot()
    def _clicked(self) -> None:
        self._chosen("")

    @Slot(str)
    def _chosen(self, field: str) -> None:
        self.insert.emit(self.row, field or FIELD_OF_LABEL.get(self.row.label, "tried"))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.opened.emit(self.row.id)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, bold, small = float(px(INDENT)), font("body", 500), font("small")
        first = QRectF(left, px(6), self.width() - left, px(22))
        paint.glyph(p, label_of(self.row.label), QPointF(px(15), first.center().y()), px(10))
        where = field_name(self._where) if self._where else ""
        action = max(paint.wide(where, small), self.link.sizeHint().width(), px(46)) + px(8)
        p.setFont(small)
        p.setPen(color("text-2"))
        if where:
            p.drawText(first.adjusted(0, 0, -px(7), 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, where)
        tokens = first.adjusted(0, 0, -action - px(10), 0)
        p.drawText(tokens, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._tokens)
        room = tokens.width() - paint.wide(self._tokens, small) - px(14)
        p.setFont(bold)
        p.setPen(color("text"))
        p.drawText(QRectF(left, first.top(), room, first.height()), Qt.AlignmentFlag.AlignVCenter, paint.elided(self._title, bold, room))
        p.setFont(small)
        p.setPen(color("text-2"))
        room = self.width() - left - px(8)
        p.drawText(QRectF(left, px(27), room, px(19)), Qt.AlignmentFlag.AlignVCenter, paint.elided(self._line, small, room))
        p.fillRect(QRectF(left, self.height() - 1, self.width() - left, 1), color("line"))
        p.end()


def pin_word() -> str:
    """The word of the link that pins a session without a note."""
    return tr("Pin")
