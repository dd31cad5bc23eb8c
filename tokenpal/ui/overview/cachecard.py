"""How much of the input came from the cache, week by week (product 5.1). What it saved is arithmetic and stands elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tokenpal.engine.overview import Around
from tokenpal.insight.cacheuse import CacheWeek, whole
from tokenpal.translation import tr
from tokenpal.ui import numbers, paint
from tokenpal.ui.overview.flip import FlipCard
from tokenpal.ui.overview.mixcard import week_name
from tokenpal.ui.theme import color, font, px, theme
from tokenpal.ui.widgets.painted import follow_look
from tokenpal.ui.widgets.picture import Picture
from tokenpal.ui.widgets.text import Text


class ShareBars(Picture):
    """A bar from 0 to 100 % per week, the running one in accent; a week without input is an outline, never 0 %."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._weeks: tuple[tuple[str, CacheWeek], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # time, as in every chart
        self.setAccessibleName(tr("Input read from the cache, by week"))
        follow_look(self)

    def set(self, weeks: Sequence[tuple[str, CacheWeek]]) -> None:
        """Name and figures of each week, oldest first, the running one last."""
        self._weeks = tuple(weeks)
        self.setAccessibleDescription("; ".join(self._words(place) for place in range(len(self._weeks))))
        self.update()

    def _words(self, place: int) -> str:
        name, week = self._weeks[place]
        if week.share is None:
            return tr("{week}: no input", week=name)
        return tr(
            "{week}: {share}, {read} of {input} tokens",
            week=name, share=numbers.percent(week.share), read=numbers.exact(week.read), input=numbers.exact(week.prompt),
        )  # fmt: skip

    def sizeHint(self) -> QSize:
        return QSize(px(230), px(92))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(120), px(92))

    def _plot(self) -> QRectF:
        left = paint.wide(numbers.percent(1.0), font("cap")) + px(8)
        return QRectF(left, px(6), self.width() - left, self.height() - px(6) - px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        plot = self._plot()
        p.setFont(font("cap"))
        for share in (0.0, 0.5, 1.0):
            y = round(plot.bottom() - share * plot.height())
            p.fillRect(QRectF(plot.left(), y, plot.width(), 1), color("line" if share else "line-strong"))
            p.setPen(color("text-3"))
            p.drawText(QRectF(0, y - px(8), plot.left() - px(8), px(16)), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, numbers.percent(share))
        step = plot.width() / max(1, len(self._weeks))
        width = min(step * 0.68, px(30))
        for place, (_, week) in enumerate(self._weeks):
            box = QRectF(round(plot.left() + place * step + (step - width) / 2), 0, round(width), 0)
            if week.share is None:
                pen = QPen(color("line-strong"), 1.0)
                pen.setDashPattern([3, 3])
                p.setPen(pen)
                p.setBrush(Qt.BrushStyle.NoBrush)
                p.drawRoundedRect(QRectF(box.left() + 0.5, plot.bottom() - px(8), box.width() - 1, px(8)), 2, 2)
                continue
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(color("accent") if place == len(self._weeks) - 1 else theme().ink(0.32))
            height = max(1.0, week.share * plot.height())
            p.fillRect(QRectF(box.left(), plot.bottom() - height + 3, box.width(), height - 3), color("card"))  # no line shines through
            p.drawRoundedRect(QRectF(box.left(), plot.bottom() - height, box.width(), height), min(3.0, height / 2), min(3.0, height / 2))
        self._paint_names(p, plot, step)
        p.end()

    def _paint_names(self, p: QPainter, plot: QRectF, step: float) -> None:
        """The first and the last week by name, and one in the middle where there is room."""
        if not self._weeks:
            return
        m = QFontMetrics(font("cap"))
        last, free = len(self._weeks) - 1, plot.left()
        for place in sorted({0, last // 2, last}):
            name = self._weeks[place][0]
            wide = m.horizontalAdvance(name)
            left = min(max(plot.left(), plot.left() + (place + 0.5) * step - wide / 2), plot.right() - wide)
            if left >= free:
                p.setPen(color("text" if place == last else "text-3"))
                p.drawText(QRectF(left, plot.bottom() + px(4), wide + 2, px(16)), Qt.AlignmentFlag.AlignVCenter, name)
                free = left + wide + px(8)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._weeks:
            plot = self._plot()
            place = int((event.pos().x() - plot.left()) * len(self._weeks) / max(1.0, plot.width()))
            if 0 <= place < len(self._weeks) and event.pos().x() >= plot.left():
                QToolTip.showText(event.globalPos(), self._words(place), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)


class CacheCard(FlipCard):
    """Input read from the cache over twelve weeks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Cache"), tr("share of input, by week"), parent)
        self._bars = ShareBars()
        self._said = Text("", "small", "text-2", wrap=True)
        self.picture_column.addWidget(self._bars)
        self.picture_column.addWidget(self._said)
        self.picture_column.addStretch(1)

    def set_around(self, around: Around) -> None:
        """Bars by week, this week in words."""
        weeks = [(week_name(week.bucket), week) for week in around.cache]
        self._bars.set(weeks)
        every = whole(around.cache)
        now = around.cache[-1].share if around.cache else None
        before = tr("{share} over {n} weeks", share=numbers.percent(every.share), n=len(weeks)) if every.share is not None else ""
        if every.share is None:
            self._said.setText(tr("No input is known in these weeks."))
        elif now is None:
            self._said.setText(tr("No input this week; {before}.", before=before))
        else:
            self._said.setText(tr("{share} of this week's input came from the cache; {before}.", share=numbers.percent(now), before=before))
        self._bars.setVisible(every.share is not None)
        read, prompt = numbers.exact(every.read), numbers.exact(every.prompt)
        said = tr("{read} of {input} input tokens in {n} weeks", read=read, input=prompt, n=len(weeks))
        headers = (tr("Week"), tr("Share"), tr("From the cache"), tr("Input"))
        self.set_cells(headers, [(name, week.share, week.read, week.prompt) for name, week in weeks], (said,))
