"""Which task does the later part belong to? Both parts are shown with their sums before anything is cut."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from tokenpal.model.journal import Task
from tokenpal.translation import tr
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.dialogs.room import room_for
from tokenpal.ui.dialogs.taskpicker import TaskPicker
from tokenpal.ui.page import Desk
from tokenpal.ui.sessions.cuts import Cuts
from tokenpal.ui.theme import color, px
from tokenpal.ui.widgets.marks import SwatchLabel
from tokenpal.ui.widgets.text import Text


class _Shares(QWidget):
    """The two parts as one strip."""

    def __init__(self, before: int, after: int, tint: paint.Tint) -> None:
        super().__init__()
        self._before, self._after, self._tint = before, after, tint
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("The two parts by size"))

    def sizeHint(self) -> QSize:
        return QSize(px(200), px(12))

    def paintEvent(self, event: QPaintEvent) -> None:
        from PySide6.QtCore import QRectF

        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        share = self._before / max(1, self._before + self._after)
        x = min(self.width() - 4.0, max(4.0, self.width() * share))
        paint.box(p, QRectF(0, 0, x - 1.5, self.height()), 3, paint.tint_color(self._tint))
        paint.box(p, QRectF(x + 1.5, 0, self.width() - x - 1.5, self.height()), 3, color("accent-soft"), color("accent"))
        p.end()


class SplitDialog(TaskPicker):
    """A task picker for the later part, with both parts above it. "No task" = what is weaker decides (a rule, the project)."""

    def __init__(self, desk: Desk, cuts: Cuts, at: int, tasks: Sequence[Task], parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self.at = at
        self.setWindowTitle(tr("Split here"))
        part = cuts.parts[cuts.part_at(at)]
        before, after = cuts.sides(at)
        tint: paint.Tint = "grey" if part.tint is None else part.tint + 1
        clock = times.clock(desk.moment(at))
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(6))
        column.addWidget(Text(tr("Split at {clock}", clock=clock), "head"))
        column.addWidget(_Shares(before, after, tint))
        column.addWidget(SwatchLabel(tr("Until {clock}: {tokens}, {task}", clock=clock, tokens=numbers.exact(before), task=part.task or tr("No task")), tint))
        column.addWidget(Text(tr("From {clock} on: {tokens}. Which task was it?", clock=clock, tokens=numbers.exact(after)), "body", weight=500))
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            first = layout.itemAt(0)
            asked = first.widget() if first is not None else None
            if asked is not None:
                asked.hide()  # the picker's own question
            layout.insertWidget(0, head)
        self.resize(room_for(self, 440, 440))
