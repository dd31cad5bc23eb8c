"""One session's own bars over its time, pauses said in words (design/sessions picture)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tokenpal.translation import tr
from tokenpal.ui import numbers, paint
from tokenpal.ui.charts.data import clean
from tokenpal.ui.theme import color, font, px
from tokenpal.ui.times import duration
from tokenpal.ui.widgets.painted import follow_look
from tokenpal.ui.widgets.picture import Picture

PAUSE_FROM = 4  # empty buckets in a row, at least, that make a pause
PAUSE_SECONDS = 300  # and it must last this long
PAUSE_WIDTH = 6  # buckets a longer pause takes in the picture


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the timeline: buckets [first, until), drawn as bars or as one pause of `width` steps from `left`."""

    first: int
    until: int
    pause: bool
    left: int
    width: int


def pieces(values: Sequence[float], least: int = PAUSE_FROM) -> list[Piece]:
    """Cut a row of figures at its pauses of `least` buckets; long pauses are shortened, so that bars stay readable."""
    out: list[Piece] = []
    i = left = 0
    while i < len(values):
        j = i
        busy = clean(values[i]) > 0
        while j < len(values) and (clean(values[j]) > 0) == busy:
            j += 1
        pause = not busy and j - i >= least
        width = min(j - i, PAUSE_WIDTH) if pause else j - i
        if out and not pause and not out[-1].pause:
            last = out.pop()
            out.append(Piece(last.first, j, False, last.left, last.width + width))
        else:
            out.append(Piece(i, j, pause, left, width))
        left += width
        i = j
    return out


class Timeline(Picture):
    """`set(values, moment, seconds)`: a figure per bucket of `seconds`; `moment(i)` writes the time where bucket i starts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # time, as in every chart
        self._values: tuple[float, ...] = ()
        self._pieces: list[Piece] = []
        self._moment: Callable[[int], str] = str
        self._seconds, self._end = 60.0, ""
        self._tint: paint.Tint = 1
        self._unit: Callable[[float], str] = numbers.exact
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        follow_look(self)

    def set(
        self,
        values: Sequence[float],
        moment: Callable[[int], str],
        seconds: float,
        *,
        end: str = "now",
        tint: paint.Tint = 1,
        unit: Callable[[float], str] = numbers.exact,
    ) -> None:
        """Other figures. `end` is the word at the right end; `tint` the task's colour."""
        self._values, self._moment, self._seconds = tuple(values), moment, seconds
        self._end, self._tint, self._unit = end, tint, unit
        self._pieces = pieces(self._values, max(PAUSE_FROM, math.ceil(PAUSE_SECONDS / max(1.0, seconds))))
        pauses = sum(1 for piece in self._pieces if piece.pause)
        total = sum(clean(v) for v in self._values)
        self.setAccessibleName(tr("Timeline of the session"))
        if not self._values:
            said = tr("Nothing to show")
        elif pauses:
            said = tr("{total} from {start} to {end}, with {pauses}", total=unit(total), start=moment(0), end=end, pauses=numbers.count(pauses, "pause"))
        else:
            said = tr("{total} from {start} to {end}", total=unit(total), start=moment(0), end=end)
        self.setAccessibleDescription(said)
        self.update()

    def _tint_of(self, bar: int) -> paint.Tint:
        """The colour of a bar: one for all, unless a sub-class knows parts."""
        return self._tint

    def sizeHint(self) -> QSize:
        return QSize(px(420), px(148))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(160), px(100))

    def _step(self) -> float:
        steps = self._pieces[-1].left + self._pieces[-1].width if self._pieces else 1
        return min(self.width() / max(1, steps), px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # signs and words keep their places
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        base = self.height() - px(22)
        top = max((clean(v) for v in self._values), default=0.0)
        step = self._step()
        bar = step * 0.8 if step * 0.8 >= 3 else step
        ratio = self.devicePixelRatioF()
        m = QFontMetricsF(font("cap"))
        words: list[tuple[float, str]] = []
        boxes: dict[paint.Tint, list[QRectF]] = {}
        for piece in self._pieces:
            if piece.pause:
                said = duration((piece.until - piece.first) * self._seconds)
                span = QRectF(piece.left * step, base - px(24), piece.width * step, px(18))
                p.setFont(font("cap", 400))
                p.setPen(color("text-3"))
                if m.horizontalAdvance(said) <= span.width():
                    p.drawText(span, Qt.AlignmentFlag.AlignCenter, said)
                continue
            if piece.first:
                words.append((piece.left * step, self._moment(piece.first)))
            for i in range(piece.first, piece.until):
                v = clean(self._values[i])
                if v and top:
                    h = max(1.0, (base - px(4)) * v / top)
                    left = round((piece.left + i - piece.first) * step * ratio) / ratio
                    boxes.setdefault(self._tint_of(i), []).append(QRectF(left, base - h, round(bar * ratio) / ratio, h))
        p.setPen(Qt.PenStyle.NoPen)
        p.setRenderHint(QPainter.RenderHint.Antialiasing, bar >= 3)
        for tint, some in boxes.items():
            p.setBrush(paint.tint_color(tint))
            p.drawRects(some)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(QRectF(0, base, self.width(), 1), color("line-strong"))
        self._paint_words(p, m, base, words)
        p.end()

    def _paint_words(self, p: QPainter, m: QFontMetricsF, base: float, words: list[tuple[float, str]]) -> None:
        p.setFont(font("cap"))
        p.setPen(color("text-3"))
        if not self._values:
            return
        line = QRectF(0, base + px(3), self.width(), px(18))
        start = self._moment(0)
        p.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, start)
        p.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._end)
        free, stop = m.horizontalAdvance(start) + px(10), self.width() - m.horizontalAdvance(self._end) - px(10)
        for x, word in words:
            w = m.horizontalAdvance(word)
            left = min(max(x - w / 2, free), stop - w)
            if left >= free and abs(left + w / 2 - x) <= w:
                p.drawText(QRectF(left, line.top(), w + 2, line.height()), Qt.AlignmentFlag.AlignVCenter, word)
                free = left + w + px(10)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = int(event.pos().x() // max(0.01, self._step()))
            for piece in self._pieces:
                if piece.left <= at < piece.left + piece.width:
                    i = piece.first + at - piece.left
                    said = tr("pause") if piece.pause else self._unit(self._values[i])
                    QToolTip.showText(event.globalPos(), f"{self._moment(piece.first if piece.pause else i)}  {said}", self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)
