"""Short lists at the foot of a session: its models, and the parts it was cut into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from tokenpal.insight.summary import money_parts
from tokenpal.model.money import MoneyKind
from tokenpal.model.report import Row, SegmentRow
from tokenpal.translation import tr
from tokenpal.ui import numbers, times
from tokenpal.ui.sessions import words
from tokenpal.ui.theme import Role, px
from tokenpal.ui.widgets.text import Text

Line = tuple[str, str, str]


class Lines(QWidget):
    """A caption and lines of name, words and figure. Hidden while it has none."""

    def __init__(self, caption: str, role: Role = "small", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role: Role = role
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(6))
        column.addWidget(Text(caption, "small", "text-2"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(14))
        self._grid.setVerticalSpacing(px(6))
        self._grid.setColumnStretch(0, 4)
        self._grid.setColumnStretch(1, 5)
        column.addLayout(self._grid)
        self._lines: list[tuple[Text, Text, Text]] = []
        self.setAccessibleName(caption)
        self.hide()

    def set(self, lines: Sequence[Line]) -> None:
        """Other lines; widgets are kept and reused."""
        while len(self._lines) < len(lines):
            made = (Text("", self._role, elide=True), Text("", "small", "text-2", elide=True), Text("", "small", "text-2", right=True))
            for column, widget in enumerate(made):
                self._grid.addWidget(widget, len(self._lines), column)
            self._lines.append(made)
        for place, widgets in enumerate(self._lines):
            for column, widget in enumerate(widgets):
                widget.setVisible(place < len(lines))
                widget.setText(lines[place][column] if place < len(lines) else "")
        self.setVisible(bool(lines))


def model_lines(models: Sequence[Row]) -> list[Line]:
    """Each model with its requests, price and tokens; nothing when there is only one, which the facts name."""
    if len(models) < 2:
        return []
    found = []
    for row in models:
        measures = row.measures
        price = next(iter(money_parts(measures.money, (MoneyKind.LIST_PRICE,))), tr("no known price") if measures.unpriced_requests else "")
        asked = numbers.count(measures.requests, "request") if measures.requests is not None else ""
        found.append((row.key, ", ".join(part for part in (asked, price) if part), numbers.exact(measures.tokens.total)))
    return found


def segment_lines(segments: Sequence[SegmentRow], moment: Callable[[int], datetime]) -> list[Line]:
    """The parts between changes of project, branch or task; nothing when the session is of one piece."""
    if len(segments) < 2:
        return []
    return [
        (
            times.span(moment(part.started), moment(part.ended)),
            numbers.join((part.branch or words.last_part(part.project), part.task or tr("No task"))),
            numbers.exact(part.measures.tokens.total),
        )
        for part in segments
        if part.measures.tokens.total
    ]
