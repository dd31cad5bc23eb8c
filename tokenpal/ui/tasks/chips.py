"""What stands under a task's name: chips as many as there is room for, and links that may be longer than their place."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokenpal.ui import paint
from tokenpal.ui.palette import ColorName
from tokenpal.ui.theme import color, font, px
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.text import as_tip

LONGEST_CHIP = 24  # letters


class Chips(QWidget):
    """Words on `sunk`, as many as there is room for; the rest as `+2`, all of them on hover."""

    def __init__(self, chips: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = tuple(word if len(word) <= LONGEST_CHIP else f"{word[: LONGEST_CHIP - 1]}…" for word in chips)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(", ".join(chips))
        self.setToolTip(as_tip(", ".join(chips)))

    def sizeHint(self) -> QSize:
        gaps = px(6) * max(0, len(self._words) - 1)
        return QSize(round(sum(paint.chip_width(word) for word in self._words)) + gaps + 1, px(20))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(30), px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        x = 0.0
        for place, word in enumerate(self._words):
            left = len(self._words) - place
            more = f"+{left}"
            room = self.width() - (0 if left == 1 else paint.chip_width(f"+{left - 1}") + px(6))
            if x + paint.chip_width(word) > room:
                short = paint.elided(word, font("cap"), max(0, room - x - px(14)))
                if place or len(short) < 5:
                    paint.chip(p, x, self.height() / 2, more)
                    break
                word = short
            x += paint.chip(p, x, self.height() / 2, word) + px(6)
        p.end()


class LongLink(Link):
    """A link that may be longer than its place: cut with an ellipsis, whole on hover."""

    def __init__(self, text: str, *, tone: ColorName = "accent", parent: QWidget | None = None) -> None:
        super().__init__(text, tone=tone, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def set_tone(self, tone: ColorName) -> None:
        """Another colour."""
        self._tone = tone
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(px(48), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        whole, f = self.text(), font("small", 500)
        shown = paint.elided(whole, f, self.width())
        self.setToolTip(as_tip(whole) if shown != whole else "")
        p = QPainter(self)
        f.setUnderline(self.keyboard_focus)
        p.setFont(f)
        p.setPen(color(self._tone))
        p.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        p.end()
