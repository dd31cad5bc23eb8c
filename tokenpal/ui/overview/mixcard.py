"""Label mix by week: strips, words, and the same as a table (product 5.1)."""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QHBoxLayout, QToolTip, QWidget

from tokenpal.engine.overview import Around
from tokenpal.insight.labels import ORDER
from tokenpal.translation import tr
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.overview.flip import FlipCard
from tokenpal.ui.palette import LABEL_WORDS, LABELS
from tokenpal.ui.theme import font, px
from tokenpal.ui.widgets.legend import LabelLegend
from tokenpal.ui.widgets.strips import WeekStrips, label_segments
from tokenpal.ui.widgets.text import Text


class MixStrips(WeekStrips):
    """Strips that tell their exact figures on hover."""

    def event(self, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return super().event(event)
        place = int(event.pos().y() // px(27))
        if not 0 <= place < len(self._rows):
            QToolTip.hideText()
            return True
        name, amounts = self._rows[place]
        left = px(12) + max((paint.wide(row, font("cap")) for row, _ in self._rows), default=0)
        shares = numbers.shares(amounts)
        for i, x, width in label_segments(amounts, self.width() - left, 2.0):
            if left + x <= event.pos().x() <= left + x + width:
                words = numbers.join((name, LABEL_WORDS[LABELS[i]], numbers.exact(int(amounts[i])), shares[i]))
                QToolTip.showText(event.globalPos(), words, self)
                return True
        QToolTip.hideText()
        return True


class MixCard(FlipCard):
    """Label mix of the last five weeks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Label mix"), tr("by week"), parent)
        row = QHBoxLayout()
        row.setSpacing(px(16))
        self._strips = MixStrips()
        self._strips.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # a share begins at the same side in every language
        self._legend = LabelLegend(column=True)
        row.addWidget(self._strips, 1, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._legend, 0, Qt.AlignmentFlag.AlignTop)
        self._none = Text(tr("Nothing in the last five weeks."), "small", "text-2", wrap=True)
        self.picture_column.addLayout(row)
        self.picture_column.addWidget(self._none)
        self.picture_column.addStretch(1)

    def set_around(self, around: Around) -> None:
        """Strips by week, and the sum of the weeks in words."""
        rows = []
        sums = [0] * len(ORDER)
        for mix in around.mixes:
            amounts = [part.value for part in mix.parts]
            sums = [a + b for a, b in zip(sums, amounts, strict=True)]
            rows.append((week_name(mix.bucket), amounts))
        self._strips.set(rows)
        self._legend.set(sums)
        for widget in (self._strips, self._legend):
            widget.setVisible(bool(rows))
        self._none.setVisible(not rows)
        headers = (tr("Week"), *(LABEL_WORDS[label] for label in LABELS), tr("Total"))
        self.set_cells(headers, [(name, *amounts, sum(amounts)) for name, amounts in rows], (tr("Tokens of sessions by their label"),))


def week_name(bucket: str) -> str:
    """`W47`, from the week's first day whatever day it begins on."""
    return times.iso_week(date.fromisoformat(bucket) + timedelta(days=3))
