"""Small marks that stand beside words: icon, label glyph, swatch with its name, chip, key hint."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokenpal.translation import tr
from tokenpal.ui import paint
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.palette import LABEL_WORDS, ColorName, LabelName
from tokenpal.ui.theme import color, font, px, theme
from tokenpal.ui.widgets.painted import follow_look
from tokenpal.ui.widgets.text import as_tip


class _Mark(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        follow_look(self)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class Sign(QWidget):
    """A small icon before words."""

    def __init__(self, icon_name: str, tone: ColorName = "text-2", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name, self._tone = icon_name, tone
        self.setFixedSize(px(16), px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_icon(p, self._icon_name, QRectF(0, 1, px(16), px(16)), color(self._tone))
        p.end()


class LabelGlyph(_Mark):
    """The glyph of a label in a 16 px square; None is "not labelled"."""

    def __init__(self, label: LabelName | None, size: int = 10, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self.set_label(label)

    def set_label(self, label: LabelName | None) -> None:
        """Show another label."""
        self._label = label
        self.setAccessibleName(LABEL_WORDS[label or "unlabelled"])
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(max(16, self._size)), px(max(16, self._size)))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        paint.glyph(p, self._label, QPointF(self.width() / 2, self.height() / 2), px(self._size))
        p.end()


class SwatchLabel(_Mark):
    """A swatch (or label glyph) and a name: `■ Checkout retry`. `tint` as in `paint.Tint`."""

    def __init__(self, text: str, tint: paint.Tint, *, tone: ColorName = "text", weight: int = 400, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._tint, self._tone, self._weight = text, tint, tone, weight
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def set(self, text: str, tint: paint.Tint) -> None:
        """Another name and colour."""
        if (text, tint) == (self._text, self._tint):
            return
        self._text, self._tint = text, tint
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        f = font("body", self._weight)
        return QSize(px(18) + paint.wide(self._text, f) + 2, max(px(20), paint.tall(f)))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(18) + px(40), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        side = px(10)
        paint.swatch(p, QRectF(0, (self.height() - side) / 2, side, side), self._tint)
        f = font("body", self._weight)
        p.setFont(f)
        p.setPen(color(self._tone))
        left = px(18)
        text = paint.elided(self._text, f, self.width() - left)
        self.setToolTip(as_tip(self._text) if text != self._text else "")
        p.drawText(QRectF(left, 0, self.width() - left, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        p.end()


class Chip(_Mark):
    """A word on `sunk`: an origin, a tag, how a task was assigned. May carry a label glyph (check-in pins)."""

    def __init__(self, text: str, *, glyph: LabelName | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._glyph = text, glyph
        self.setAccessibleName(text)

    def text(self) -> str:
        """The word."""
        return self._text

    def set_text(self, text: str, tip: str = "") -> None:
        """Another word; `tip` explains it on hover. Empty text hides the chip."""
        if text == self._text and tip == self.toolTip() and self.isHidden() is not bool(text):
            return
        self._text = text
        self.setAccessibleName(text)
        self.setToolTip(tip)
        self.setVisible(bool(text))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(paint.chip_width(self._text) + (px(14) if self._glyph else 0)), px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        if not self._glyph:
            paint.chip(p, 0, self.height() / 2, self._text)
        else:
            paint.box(p, QRectF(self.rect()), 5, color("sunk"), color("line"))
            paint.glyph(p, self._glyph, QPointF(px(11), self.height() / 2), px(8))
            p.setFont(font("cap"))
            p.setPen(color("text-2"))
            p.drawText(QRectF(px(20), 0, self.width() - px(20), self.height()), Qt.AlignmentFlag.AlignVCenter, self._text)
        p.end()


class KeyHint(_Mark):
    """A word and the key that does it: `later [space]`. Empty while key hints are switched off."""

    def __init__(self, key: str, word: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key, self._word = key, word
        self.set_key(key)

    def set_key(self, key: str) -> None:
        """Another key for the same."""
        self._key = key
        self.setAccessibleName(tr("{word}: key {key}", word=self._word, key=key) if self._word else tr("Key {key}", key=key))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        if not theme().show_key_hints:
            return QSize(0, px(20))
        word = paint.wide(self._word, font("small")) + px(7) if self._word else 0
        return QSize(round(word + paint.key_width(self._key)) + 1, px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not theme().show_key_hints:
            return
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._word:
            p.setFont(font("small"))
            p.setPen(color("text-2"))
            p.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._word)
        paint.key(p, self.width() - paint.key_width(self._key) - 0.5, self.height() / 2, self._key)
        p.end()
