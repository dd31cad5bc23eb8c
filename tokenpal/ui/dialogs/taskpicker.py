"""Choose a task by typing a few letters of its name, ticket or tags, or make a new one with the same keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tokenpal.insight.fuzzy import ranked
from tokenpal.model.journal import Task
from tokenpal.translation import tr
from tokenpal.ui import paint
from tokenpal.ui.room import room_for
from tokenpal.ui.theme import color, font, px
from tokenpal.ui.widgets.picker import Picker
from tokenpal.ui.widgets.text import Text

CHOICE = Qt.ItemDataRole.UserRole + 1
HINT = Qt.ItemDataRole.UserRole + 2
RECENT = 3  # names that stand first, before the alphabet


@dataclass(frozen=True, slots=True)
class Choice:
    """A known task, a new name, or neither: no task."""

    task: int | None = None
    new_name: str = ""
    color: int = -1


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index) -> QSize:
        return QSize(px(200), max(px(32), QFontMetrics(font("body")).height() + px(12)))

    def paint(self, p: QPainter, option: QStyleOptionViewItem, index) -> None:
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            paint.box(p, rect.adjusted(0, 1, 0, -1), 7, color("accent-soft"))
        choice: Choice = index.data(CHOICE)
        tint: paint.Tint = choice.color + 1 if choice.color >= 0 else "none"
        right = rect.right() - px(10)
        if hint := str(index.data(HINT) or ""):
            f = font("small")
            hint = paint.elided(hint, f, rect.width() * 0.4)
            wide = QFontMetrics(f).horizontalAdvance(hint)
            p.setFont(f)
            p.setPen(color("text-2"))
            p.drawText(QRectF(right - wide - 2, rect.top(), wide + 2, rect.height()), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, hint)
            right -= wide + px(12)
        if choice.new_name:
            p.setPen(color("accent"))
            p.setFont(font("body", 500))
            p.drawText(QRectF(rect.left() + px(8), rect.top(), px(16), rect.height()), Qt.AlignmentFlag.AlignCenter, "+")
        else:
            paint.swatch(p, QRectF(rect.left() + px(10), rect.center().y() - px(5), px(10), px(10)), tint)
        f = font("body", 500 if choice.new_name else 400)
        p.setFont(f)
        p.setPen(color("accent" if choice.new_name else "text"))
        left = rect.left() + px(30)
        p.drawText(QRectF(left, rect.top(), right - left, rect.height()), Qt.AlignmentFlag.AlignVCenter, paint.elided(str(index.data()), f, right - left))
        p.restore()


class TaskPicker(Picker):
    """``picked(Choice)`` when the person chose.

    ``recent``: ids of the tasks used last, which stand first; ``ticket``: one that the branch names, offered as it is.
    """

    picked = Signal(object)

    def __init__(
        self, tasks: Sequence[Task], parent: QWidget | None = None, *, allow_none: bool = True, recent: Sequence[int] = (), ticket: str = ""
    ) -> None:
        super().__init__(tr("Which task was it?"), tr("Task name"), tr("Tasks"), parent)
        self.setWindowTitle(tr("Choose a task"))
        last = {task: place for place, task in enumerate(recent[:RECENT])}
        self._tasks = sorted((task for task in tasks if not task.done and not task.archived), key=lambda task: last.get(task.id, RECENT))
        self._recent, self._ticket, self._allow_none = set(last), ticket, allow_none
        self.search.setObjectName("task-search")
        self.list.setObjectName("task-list")
        self.list.setItemDelegate(_Delegate(self.list))
        self.foot = Text(tr("↑ ↓ to move, Enter to take, Esc to leave. What you type can become a new task."), "small", "text-3", wrap=True)
        self.column.addWidget(self.foot)
        self.resize(room_for(self, 400, 420))
        self._narrow("")

    def fill(self, wanted: str) -> None:
        known = {task.ticket.casefold() for task in self._tasks if task.ticket} | {task.name.casefold() for task in self._tasks}
        if self._ticket and not wanted and self._ticket.casefold() not in known:
            self._add(tr("New task “{name}”", name=self._ticket), Choice(new_name=self._ticket), tr("named by the branch"))
        for task in ranked(wanted, self._tasks, lambda task: (task.name, task.ticket, *task.tags)):
            of_branch = self._ticket and task.ticket.casefold() == self._ticket.casefold()
            recent = not wanted and task.id in self._recent
            hint = tr("{ticket}, named by the branch", ticket=task.ticket) if of_branch else task.ticket
            self._add(task.name, Choice(task.id, color=task.color), hint or (tr("recent") if recent else ""))
        if wanted and not any(task.name.casefold() == wanted.casefold() for task in self._tasks):
            self._add(tr("New task “{name}”", name=wanted), Choice(new_name=wanted))
        if not wanted and self._allow_none:
            self._add(tr("No task"), Choice())

    def _add(self, words: str, choice: Choice, hint: str = "") -> None:
        item = QListWidgetItem(words)
        item.setData(CHOICE, choice)
        item.setData(HINT, hint)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{words}, {hint}" if hint else words)
        self.list.addItem(item)

    def take(self, item: QListWidgetItem) -> None:
        self.picked.emit(item.data(CHOICE))
