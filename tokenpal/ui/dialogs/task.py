"""Name, ticket, link and tags of a task."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.model.journal import Task
from tokenpal.ui.theme import CONTROL_HEIGHT, px
from tokenpal.ui.widgets.buttons import Button, PrimaryButton
from tokenpal.ui.widgets.controls import LineEdit
from tokenpal.ui.widgets.text import Text


@dataclass(frozen=True, slots=True)
class TaskWords:
    """What the person wrote."""

    name: str
    ticket: str
    link: str
    tags: tuple[str, ...]


class TaskDialog(QDialog):
    """``written(TaskWords)`` when it is to be kept."""

    written = Signal(object)

    def __init__(self, task: Task | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Edit a task" if task else "New task")
        self.setMinimumWidth(px(440))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(12))
        column.addWidget(Text(self.windowTitle(), "head"))
        form = QFormLayout()
        form.setHorizontalSpacing(px(20))
        form.setVerticalSpacing(px(8))
        self.name = LineEdit("Checkout retry", "Name")
        self.ticket = LineEdit("PAY-142", "Ticket")
        self.link = LineEdit("https://", "Link")
        self.tags = LineEdit("payments, backend", "Tags")
        for words, edit, value in (
            ("Name", self.name, task.name if task else ""), ("Ticket", self.ticket, task.ticket if task else ""),
            ("Link", self.link, task.link if task else ""), ("Tags", self.tags, ", ".join(task.tags) if task else ""),
        ):  # fmt: skip
            edit.setObjectName(words.lower())
            edit.setText(value)
            edit.returnPressed.connect(self._keep)
            form.addRow(_label(words), edit)
        column.addLayout(form)
        foot = QHBoxLayout()
        foot.addStretch(1)
        cancel = Button("Cancel")
        cancel.clicked.connect(self.reject)
        keep = PrimaryButton("Keep" if task else "Add task")
        keep.clicked.connect(self._keep)
        foot.addWidget(cancel)
        foot.addWidget(keep)
        column.addLayout(foot)
        self.name.setFocus()

    @Slot()
    def _keep(self) -> None:
        if not self.name.text().strip():
            self.name.setFocus()
            return
        tags = tuple(tag.strip().lstrip("#") for tag in self.tags.text().split(",") if tag.strip())
        self.written.emit(TaskWords(self.name.text().strip(), self.ticket.text().strip(), self.link.text().strip(), tags))
        self.accept()


def _label(words: str) -> Text:
    label = Text(words, "small", "text-2")
    label.setMinimumHeight(px(CONTROL_HEIGHT))  # stands in the middle of its field
    return label
