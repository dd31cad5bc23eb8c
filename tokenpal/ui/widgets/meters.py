"""Limits and coverage: meter of three lines, meter of one line, ring of context covered."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokenpal.translation import tr, trc
from tokenpal.ui import numbers, paint
from tokenpal.ui.theme import color, font, px, theme
from tokenpal.ui.widgets.picture import Strip
from tokenpal.ui.widgets.text import as_tip

_NAME, _RESET = 0.36, 0.245  # shares of the width, of a meter in one line
NEAR = 0.85  # from here a meter turns to `attention` with the words "near the limit"


class MeterBar(Strip):
    """How far something is: the bar alone, 6 px high. `share` 0..1, None for unknown."""

    def __init__(self, share: float | None = None, *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.set(share)

    def set(self, share: float | None) -> None:
        """Another share."""
        self._share = share
        self.setAccessibleDescription(numbers.percent(share))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(120), px(6))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        h = px(6)
        paint.meter(p, QRectF(0, (self.height() - h) / 2, self.width(), h), self._share)
        p.end()


class _OfALimit(Strip):
    """Turns to `attention` near the limit."""

    def __init__(self, near_from: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._near_from = near_from
        self._share: float | None = None

    def set_near_from(self, share: float) -> None:
        """From which share, 0..1, it is near the limit (a setting)."""
        self._near_from = share
        self.update()

    def _near(self) -> bool:
        return self._share is not None and self._share >= self._near_from


class Meter(_OfALimit):
    """A limit in three lines: name and reset, bar, what is used and by whose word. Near the limit it says so."""

    def __init__(self, *, near_from: float = NEAR, parent: QWidget | None = None) -> None:
        super().__init__(near_from, parent)
        self._name = self._reset = self._foot = self._source = self._last = self._all = ""

    def set(self, name: str, share: float | None, reset: str = "", foot: str = "", near_words: str = "") -> None:
        """`Claude 5 hours`, 0.62, `resets in 1 h 48 min`, `reported`. An empty `foot` leaves the per cent alone."""
        used = tr("{share} used", share=numbers.percent(share)) if share is not None else tr("not known")
        self._name, self._share, self._reset = name, share, reset
        self._foot, self._source, self._last, self._all = numbers.join((used, (near_words or tr("near the limit")) if self._near() else foot)), "", "", ""
        self._announce()

    def set_words(
        self, name: str, share: float | None, reset: str, foot: str, source: str = "", last: str = "", all_words: str = ""
    ) -> None:
        """The same with a third line of your own: `$20.60 of $50.00 · estimated`.

        ``source`` stands at its right, ``last`` on a fourth line; ``all_words`` is what hovering and a screen reader tell instead.
        """
        taller = bool(last) != bool(self._last)
        self._name, self._share, self._reset, self._foot, self._source, self._last, self._all = name, share, reset, foot, source, last, all_words
        if taller:
            self.updateGeometry()
        self._announce()

    def _announce(self) -> None:
        said = f"{self._name}: {self._all}" if self._all else ", ".join(part for part in (self._name, self._foot, self._reset) if part)
        self.setAccessibleName(said)
        self.setToolTip(as_tip(said))
        self.update()

    def sizeHint(self) -> QSize:
        line = paint.tall(font("small"))
        return QSize(px(180), line * (3 if self._last else 2) + px(6) + 2 * px(4) + px(5))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        near = self._near()
        f, bold = font("small"), font("small", 500)
        line = paint.tall(f)
        w = float(self.width())
        reset_w = paint.wide(self._reset, f) + px(8) if self._reset else 0
        p.setFont(f)
        p.setPen(color("text-2"))
        p.drawText(QRectF(0, 0, w, line), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._reset)
        p.setFont(bold)
        p.setPen(color("text"))
        p.drawText(QRectF(0, 0, w, line), Qt.AlignmentFlag.AlignVCenter, paint.elided(self._name, bold, w - reset_w))
        y = line + px(4)
        paint.meter(p, QRectF(0, y, w, px(6)), self._share, near=near)
        _foot_line(p, QRectF(0, y + px(6) + px(4), w, line), self._foot, self._source, attention=near)
        if self._last:
            _foot_line(p, QRectF(0, y + px(6) + px(5) + line, w, line), self._last, "", attention=near)
        p.end()


def _foot_line(p: QPainter, rect: QRectF, words: str, source: str, *, attention: bool) -> None:
    """The words, and whose they are at the right where both have room. What does not fit goes from the end, part by part."""
    f = font("small")
    p.setFont(f)
    while " · " in words and paint.wide(words, f) > rect.width():
        words = words.rpartition(" · ")[0]
    p.setPen(color("attention" if attention else "text-3"))
    p.drawText(rect, Qt.AlignmentFlag.AlignVCenter, paint.elided(words, f, rect.width()))
    if source and paint.wide(words, f) + paint.wide(source, f) + px(12) <= rect.width():
        p.setPen(color("text-3"))
        p.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, source)


class BalanceLine(Strip):
    """A prepaid balance in two lines: name and age, what is left and how long it lasts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = self._age = self._foot = ""
        self._low = False

    def set(self, name: str, age: str, foot: str, all_words: str, *, low: bool = False) -> None:
        """`OpenRouter credits`, `read 12 min ago`, `$12.40 credit left`."""
        self._name, self._age, self._foot, self._low = name, age, foot, low
        said = f"{name}: {all_words}"
        self.setAccessibleName(said)
        self.setToolTip(as_tip(said))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(180), paint.tall(font("small")) * 2 + px(4))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        bold, f, w = font("small", 500), font("small"), float(self.width())
        line = paint.tall(f)
        age_w = paint.wide(self._age, f) + px(8)
        p.setFont(f)
        p.setPen(color("text-2"))
        p.drawText(QRectF(0, 0, w, line), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._age)
        p.setFont(bold)
        p.setPen(color("text"))
        p.drawText(QRectF(0, 0, w, line), Qt.AlignmentFlag.AlignVCenter, paint.elided(self._name, bold, w - age_w))
        _foot_line(p, QRectF(0, line + px(3), w, line), self._foot, "", attention=self._low)
        p.end()


class LineMeterHead(Strip):
    """What the columns of the ``LineMeter`` below it say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Limits"))
        self.setAccessibleDescription(f"{trc('share of a limit', 'used')}, {trc('when a limit begins anew', 'resets')}")

    def sizeHint(self) -> QSize:
        return QSize(px(320), px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        w, h = float(self.width()), float(self.height())
        name_w, reset_w = w * _NAME, w * _RESET
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        f = font("small", 500)
        p.setFont(f)
        p.setPen(color("text-2"))
        p.drawText(QRectF(0, 0, name_w - px(4), h), Qt.AlignmentFlag.AlignVCenter, paint.elided(tr("Limits"), f, name_w - px(4)))
        p.setFont(font("small"))
        p.setPen(color("text-3"))
        p.drawText(QRectF(name_w, 0, w - reset_w - px(6) - name_w, h), right, trc("share of a limit", "used"))
        p.drawText(QRectF(w - reset_w, 0, reset_w, h), right, trc("when a limit begins anew", "resets"))
        p.end()


class LineMeter(_OfALimit):
    """A limit in one line, for the glance window: name, bar, per cent, reset."""

    def __init__(self, name: str = "", share: float | None = None, reset: str = "", *, near_from: float = NEAR, parent: QWidget | None = None) -> None:
        super().__init__(near_from, parent)
        self.set(name, share, reset)

    def set(self, name: str, share: float | None, reset: str) -> None:
        """`Claude 5 hours`, 0.62, `in 1 h 48 min`."""
        self.set_words(name, share, reset, tr("{share} used, resets {when}", share=numbers.percent(share), when=reset))

    def set_words(self, name: str, share: float | None, reset: str, all_words: str) -> None:
        """The same; ``all_words`` is what hovering and a screen reader tell."""
        self._name, self._share, self._reset = name, share, reset
        said = f"{name}: {all_words}"
        self.setAccessibleName(said)
        self.setToolTip(as_tip(said))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(320), px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        near = self._near()
        w, h = float(self.width()), float(self.height())
        name_w, share_w, reset_w = w * _NAME, px(40), w * _RESET
        f, bold = font("small"), font("small", 600)
        p.setFont(f)
        p.setPen(color("text-2"))
        p.drawText(QRectF(0, 0, name_w - px(4), h), Qt.AlignmentFlag.AlignVCenter, paint.elided(self._name, f, name_w - px(4)))
        p.setPen(color("text-3"))
        p.drawText(QRectF(w - reset_w, 0, reset_w, h), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, paint.elided(self._reset, f, reset_w))
        p.setFont(bold)
        p.setPen(color("attention" if near else "text"))
        p.drawText(
            QRectF(w - reset_w - share_w - px(6), 0, share_w, h), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, numbers.percent(self._share)
        )
        bar_w = w - reset_w - share_w - px(12) - name_w
        paint.meter(p, QRectF(name_w, (h - px(6)) / 2, max(px(20), bar_w), px(6)), self._share, near=near)
        p.end()


class ContextRing(Strip):
    """`78 % context covered`, as a ring with two lines of words. Unknown share: a dashed ring."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._share: float | None = None
        self._line = self._second = ""

    def set(self, share: float | None, second: str = "") -> None:
        """Share 0..1 of the tokens shown that have a task and a label; `second`: `24.4 M have a task and a label`."""
        self._share, self._second = share, second
        self._line = tr("{share} context covered", share=numbers.percent(share)) if share is not None else tr("context covered not known")
        self.setAccessibleName(f"{self._line}, {second}" if second else self._line)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        words = max(paint.wide(self._line, font("small", 500)), paint.wide(self._second, font("small")))
        return QSize(px(26) + px(10) + words + 2, px(34))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, width = px(26), max(2.0, px(5))
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # mirrored by hand: ring and words change sides
        rtl = self.isRightToLeft()
        ring = QRectF(self.width() - side if rtl else 0, (self.height() - side) / 2, side, side).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        pen = QPen(theme().ink(0.09), width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        p.setBrush(Qt.BrushStyle.NoBrush)
        if self._share is None:
            pen.setDashPattern([0.8, 0.8])
        p.setPen(pen)
        p.drawEllipse(ring)
        if self._share:
            pen.setColor(color("text-2"))
            p.setPen(pen)
            p.drawArc(ring, 90 * 16, -math.ceil(min(1.0, self._share) * 360 * 16))
        left, room = (0 if rtl else px(26) + px(10)), self.width() - px(26) - px(10)
        side_of = Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if rtl else Qt.AlignmentFlag.AlignLeft)
        half = self.height() / 2
        p.setFont(font("small", 500))
        p.setPen(color("text"))
        if self._second:
            p.drawText(QRectF(left, 0, room, half), side_of, self._line)
            p.setFont(font("small"))
            p.setPen(color("text-2"))
            p.drawText(QRectF(left, half, room, half), side_of, self._second)
        else:
            p.drawText(QRectF(left, 0, room, self.height()), side_of, self._line)
        p.end()
