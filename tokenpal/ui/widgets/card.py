"""Surfaces: card, section head inside a card, day header, empty state, scroll area with a slim bar."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QScrollBar, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.ui import paint
from tokenpal.ui.palette import ColorName
from tokenpal.ui.theme import CARD_PAD_X, CARD_PAD_Y, RADIUS_CARD, color, font, px, theme
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.painted import follow_look
from tokenpal.ui.widgets.text import Facts, Text


class Card(QWidget):
    """A rounded surface with a head. Put content into `body` (a QVBoxLayout).

    Head: title left, qualifier right in `small text-3`, at most one link. Without title the head takes no room.
    """

    def __init__(
        self, title: str = "", qualifier: str = "", *, sunk: bool = False, pad: tuple[int, int] = (CARD_PAD_Y, CARD_PAD_X), parent: QWidget | None = None
    ) -> None:
        """`pad` is (top and bottom, sides) in px."""
        super().__init__(parent)
        self._pad = pad
        self.ground: ColorName = "sunk" if sunk else "card"  # what its parts stand on
        self._outer = QVBoxLayout(self)
        self._outer.setSpacing(px(8))
        self._head = QWidget(self)
        self._head.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._head_row = QHBoxLayout(self._head)
        self._head_row.setContentsMargins(0, 0, 0, 0)
        self._head_row.setSpacing(px(8))
        self.title = Text(title, "head")
        self.note = Text("", "small", "text-2")
        self.qualifier = Facts(qualifier, "small", "text-3", right=True)
        self._head_row.addWidget(self.title)
        self._head_row.addWidget(self.note)
        self._head_row.addWidget(self.qualifier, 1)
        self.note.hide()
        self.body = QVBoxLayout()
        self.body.setSpacing(px(8))
        self._outer.addWidget(self._head)
        self._outer.addLayout(self.body, 1)
        self._outer.addStretch(0)  # takes what is left when nothing in the body can grow
        self._head.setVisible(bool(title or qualifier))
        self.setAccessibleName(title)
        self._theme_changed()
        theme().changed.connect(self._theme_changed)

    @Slot()
    def _theme_changed(self) -> None:
        y, x = px(self._pad[0]), px(self._pad[1])
        self._outer.setContentsMargins(x, y, x, y)
        self.update()

    def set_title(self, title: str, note: str = "") -> None:
        """The head: title, and a note beside it (`2.20 M in 6 sessions`)."""
        self.title.setText(title)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self._head.setVisible(bool(title or note or self.qualifier.text()))
        self.setAccessibleName(title)

    def set_qualifier(self, text: str) -> None:
        """The words on the right of the head."""
        self.qualifier.setText(text)
        self._head.setVisible(bool(self.title.text() or text))

    def set_link(self, words: str) -> Link:
        """The one action of the card, right of the head. Connect its `clicked`."""
        link = Link(words)
        self._head_row.addWidget(link)
        self._head.show()
        return link

    def add_to_head(self, widget: QWidget) -> None:
        """A control at the right of the head (tabs of a preview)."""
        self._head_row.addWidget(widget)
        self._head.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), RADIUS_CARD, color(self.ground), color("line"))
        p.end()


class DayHeader(QWidget):
    """Weekday and date left, sum right, a rule below. The first part before a comma ("Today") may be all there is."""

    def __init__(self, day: str, total: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._day, self._total = day, total
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{day}, {total}")
        follow_look(self)

    def set(self, day: str, total: str) -> None:
        """Another day."""
        self._day, self._total = day, total
        self.setAccessibleName(f"{day}, {total}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(200), px(34))

    @staticmethod
    def paint_on(p: QPainter, rect: QRectF, day: str, total: str, inset: float = 12.0) -> None:
        """The same picture for a list delegate; fills `rect` with card colour first, so that it can stay on top."""
        p.fillRect(rect, color("card"))
        p.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), color("line"))
        inner = rect.adjusted(px(inset), px(4), -px(inset), 0)
        p.setFont(font("small", 500))
        p.setPen(color("text"))
        room = inner.width() - (p.fontMetrics().horizontalAdvance(total) + px(8) if total else 0)
        p.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, paint.elided(day, font("small", 500), room))
        p.setFont(font("small"))
        p.setPen(color("text-3"))
        p.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, total)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        self.paint_on(p, QRectF(self.rect()), self._day, self._total)
        p.end()


class _Ghosts(QWidget):
    """Dashed outlines of equal height: time without data, no invented figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(px(34))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        ghost_bars(p, QRectF(self.rect()), 14)
        p.end()


def ghost_bars(p: QPainter, rect: QRectF, count: int) -> None:
    """`count` dashed outlines of equal height that fill `rect`, on a baseline."""
    pen = QPen(color("line-strong"), 1.0)
    pen.setDashPattern([3, 3])
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    step = rect.width() / max(1, count)
    for i in range(count):
        p.setPen(pen)
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRoundedRect(QRectF(rect.left() + i * step + step * 0.12, rect.top() + 0.5, step * 0.76, rect.height() + 2), 3, 3)
    p.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 3), color("card"))
    p.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), color("line-strong"))


class EmptyState(QWidget):
    """Says that there is nothing and what to do next. Add buttons to `foot` (a QHBoxLayout)."""

    def __init__(self, title: str, sentence: str = "", *, ghosts: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setSpacing(px(8))
        column.addStretch(1)
        if ghosts:
            holder = QHBoxLayout()
            drawn = _Ghosts()
            drawn.setFixedWidth(px(220))
            holder.addStretch(1)
            holder.addWidget(drawn)
            holder.addStretch(1)
            column.addLayout(holder)
            column.addSpacing(px(8))
        self.title = Text(title, "head")
        self.sentence = Text(sentence, "body", "text-2", wrap=True)
        for t in (self.title, self.sentence):
            t.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
            column.addWidget(t)
        self.sentence.setVisible(bool(sentence))
        self.foot = QHBoxLayout()
        self.foot.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(self.foot)
        column.addStretch(1)

    def set(self, title: str, sentence: str = "") -> None:
        """Other words."""
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))


class SlimBar(QScrollBar):
    """A scroll bar of 10 px without arrows; the handle is ink, darker under the mouse."""

    def __init__(self, orientation: Qt.Orientation = Qt.Orientation.Vertical, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(10, 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.maximum() <= self.minimum():
            return
        p = QPainter(self)
        vertical = self.orientation() == Qt.Orientation.Vertical
        length = self.height() if vertical else self.width()
        whole = self.maximum() - self.minimum() + self.pageStep()
        size = max(28.0, length * self.pageStep() / whole)
        start = (length - size) * (self.value() - self.minimum()) / (self.maximum() - self.minimum())
        shades = (0.8, 0.7, 0.55) if theme().palette.high else (0.36, 0.28, 0.17)
        ink = theme().ink(shades[0] if self.isSliderDown() else shades[1] if self.underMouse() else shades[2])
        rect = QRectF(2, start + 2, 6, size - 4) if vertical else QRectF(start + 2, 2, size - 4, 6)
        paint.box(p, rect, 3, ink)
        p.end()


class Scroll(QScrollArea):
    """A frameless vertical scroll area with the slim bar; give it one widget with `setWidget`.

    `reads`: what it is called where it holds words only; Tab stops there and the arrows scroll. Elsewhere Tab goes to what is inside.
    """

    radius = RADIUS_CARD

    def __init__(self, parent: QWidget | None = None, *, reads: str = "") -> None:
        super().__init__(parent)
        self.always_ringed = bool(reads)
        self.setAccessibleName(reads)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if reads else Qt.FocusPolicy.ClickFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setVerticalScrollBar(SlimBar())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)

    def setWidget(self, widget: QWidget) -> None:
        super().setWidget(widget)
        widget.setAutoFillBackground(False)

    def on_ground(self) -> None:
        """It stands on the page itself: with a ground of its own, scrolling moves the picture instead of painting all of it."""
        widget = self.widget()
        if widget is not None:
            widget.setAutoFillBackground(True)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        around: QWidget | None = self
        while around is not None and not self.accessibleName():
            self.setAccessibleName(around.accessibleName() or around.windowTitle())
            around = around.parentWidget()
