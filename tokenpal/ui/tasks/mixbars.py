"""Label mix over time as small stacked bars, one for each stretch of the range; painted directly, like the strips."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tokenpal.translation import tr, trn
from tokenpal.ui import numbers, paint
from tokenpal.ui.palette import LABEL_WORDS, LABELS, LabelName
from tokenpal.ui.theme import color, px
from tokenpal.ui.widgets.painted import follow_look
from tokenpal.ui.widgets.picture import Picture

KEYS = tuple("" if label == "unlabelled" else label for label in LABELS)
"""The labels as the store writes them, from the baseline up."""


class MixBars(Picture):
    """``set(bars, names, top)``: tokens by label for each stretch, its name, and the height's full scale (the same for all tasks)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[dict[str, int], ...] = ()
        self._names: tuple[str, ...] = ()
        self._top = 0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        follow_look(self)

    def set(self, bars: Sequence[dict[str, int]], names: Sequence[str], top: int, task: str = "") -> None:
        """Show these; ``top`` is the largest stretch of any task."""
        if (tuple(bars), tuple(names), top) == (self._bars, self._names, self._top) and self.accessibleName():
            return
        self._bars, self._names, self._top = tuple(bars), tuple(names), top
        self.setAccessibleName(tr("Use of {task} over time", task=task))
        used = [place for place, bar in enumerate(self._bars) if sum(bar.values())]
        if not used:
            self.setAccessibleDescription(tr("Nothing in this range."))
        else:
            most = max(used, key=lambda place: sum(self._bars[place].values()))
            self.setAccessibleDescription(
                trn("{n} bar with use; the highest is {when} with {tokens} tokens.", "{n} bars with use; the highest is {when} with {tokens} tokens.",
                    len(used), when=self._names[most], tokens=numbers.short(sum(self._bars[most].values())))
            )  # fmt: skip
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(150), px(32))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(60), px(32))

    def _step(self) -> float:
        return min(self.width() / max(1, len(self._bars)), float(px(22)))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        step, base = self._step(), self.height() - 1
        wide = step >= 4
        p.setRenderHint(QPainter.RenderHint.Antialiasing, wide)
        left = self.width() - step * len(self._bars)
        plain: dict[LabelName, list[QRectF]] = {}  # narrow ones have neither pattern nor corners: all of a label in one drawing
        for place, bar in enumerate(self._bars):
            total = sum(bar.values())
            if not total or not self._top:
                continue
            tall = max(2.0, (base - 1) * total / self._top)
            x = left + place * step
            y = float(base)
            for label, key in zip(LABELS, KEYS, strict=True):
                height = tall * bar.get(key, 0) / total
                if height < 0.6:
                    continue
                y -= height
                if wide:
                    paint.fill(p, QRectF(x + 1, y, step - 2, height), label, 1.5)
                else:
                    plain.setdefault(label, []).append(QRectF(x, y, step, height))
        p.setPen(Qt.PenStyle.NoPen)
        for label, rects in plain.items():
            p.setBrush(color(label))
            p.drawRects(rects)
        p.fillRect(QRectF(left, base, self.width() - left, 1), color("line-strong"))
        p.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            step = self._step()
            place = int((event.pos().x() - (self.width() - step * len(self._bars))) // step) if self._bars else -1
            if 0 <= place < len(self._bars):
                QToolTip.showText(event.globalPos(), self._says(place), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def _says(self, place: int) -> str:
        bar = self._bars[place]
        lines = [tr("{when}: {tokens} tokens", when=self._names[place], tokens=numbers.exact(sum(bar.values())))]
        lines += [f"{LABEL_WORDS[label]}  {numbers.exact(bar[key])}" for label, key in zip(LABELS, KEYS, strict=True) if bar.get(key)]
        return "\n".join(lines)
