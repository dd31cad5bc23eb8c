"""Choose a task by typing a few letters, or make a new one with the same keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from tokenpal.model.journal import Task
from tokenpal.ui import paint
from tokenpal.ui.theme import color, font, px
from tokenpal.ui.widgets.card import SlimBar
from tokenpal.ui.widgets.controls import SearchField
from tokenpal.ui.widgets.text import Text

CHOICE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Choice:
    """A known task, a new name, or neither: no task."""

    task: int | None = None
    new_name: str = ""
    color: int = -1


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index) -> QSize:
        return QSize(px(200), px(32))

    def paint(self, p: QPainter, option: QStyleOptionViewItem, index) -> None:
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            paint.box(p, rect.adjusted(0, 1, 0, -1), 7, color("accent-soft"))
        choice: Choice = index.data(CHOICE)
        tint: paint.Tint = choice.color + 1 if choice.color >= 0 else "none"
        paint.swatch(p, QRectF(rect.left() + px(10), rect.center().y() - px(5), px(10), px(10)), tint)
        p.setFont(font("body"))
        p.setPen(color("text"))
        p.drawText(rect.adjusted(px(30), 0, -px(8), 0), Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        p.restore()


class TaskPicker(QDialog):
    """``picked(Choice)`` when the person chose. Type to narrow, arrows to move, Enter to take, Esc to leave."""

    picked = Signal(object)

    def __init__(self, tasks: Sequence[Task], parent: QWidget | None = None, *, allow_none: bool = True) -> None:
        super().__init__(parent)
        self.setWindowTitle("Choose a task")
        self._tasks = [task for task in tasks if not task.done]
        self._allow_none = allow_none
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(16), px(16), px(16))
        column.setSpacing(px(10))
        column.addWidget(Text("Which task was it?", "head"))
        self.search = SearchField("Task name", "")
        self.search.setObjectName("task-search")
        self.search.textChanged.connect(self._narrow)
        self.search.installEventFilter(self)
        column.addWidget(self.search)
        self.list = QListWidget()
        self.list.setObjectName("task-list")
        self.list.setAccessibleName("Tasks")
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setVerticalScrollBar(SlimBar())
        self.list.itemActivated.connect(self._take)
        self.list.itemClicked.connect(self._take)
        column.addWidget(self.list, 1)
        self.resize(px(380), px(380))
        self._narrow("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None:
                self.list.setCurrentRow(min(self.list.count() - 1, max(0, self.list.currentRow() + step)))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    @Slot(str)
    def _narrow(self, text: str) -> None:
        wanted = text.strip().casefold()
        self.list.clear()
        for task in self._tasks:
            if wanted in task.name.casefold() or wanted in task.ticket.casefold():
                self._add(f"{task.name}  {task.ticket}".rstrip(), Choice(task.id, color=task.color))
        if wanted and not any(task.name.casefold() == wanted for task in self._tasks):
            self._add(f"New task “{text.strip()}”", Choice(new_name=text.strip()))
        if not wanted and self._allow_none:
            self._add("No task", Choice())
        self.list.setCurrentRow(0)

    def _add(self, words: str, choice: Choice) -> None:
        item = QListWidgetItem(words)
        item.setData(CHOICE, choice)
        self.list.addItem(item)

    @Slot(QListWidgetItem)
    def _take(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.picked.emit(item.data(CHOICE))
            self.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), color("card"))
        p.end()
