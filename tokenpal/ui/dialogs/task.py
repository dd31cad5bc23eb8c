"""Name, ticket, link, tags and colour of a task."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFormLayout, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from tokenpal.insight.tickets import Tickets, link
from tokenpal.model.journal import Task
from tokenpal.translation import mark, tr
from tokenpal.ui import paint
from tokenpal.ui.dialogs.room import Sheet, room_for
from tokenpal.ui.theme import CONTROL_HEIGHT, color, px
from tokenpal.ui.widgets.buttons import PrimaryButton
from tokenpal.ui.widgets.controls import LineEdit
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.text import Text

COLORS = (mark("Blue"), mark("Ochre"), mark("Violet"), mark("Pine"), mark("Rose"), mark("Olive"), mark("Navy"), mark("Oxblood"))


@dataclass(frozen=True, slots=True)
class TaskWords:
    """What the person wrote; ``color`` None = as it is, or the least used one."""

    name: str
    ticket: str
    link: str
    tags: tuple[str, ...]
    color: int | None = None


class Swatch(QRadioButton):
    """One colour of the series palette."""

    radius = 5.0

    def __init__(self, slot: int, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._slot = slot
        self.setAccessibleName(tr(COLORS[slot]))
        self.setToolTip(tr(COLORS[slot]))

    def sizeHint(self) -> QSize:
        return QSize(px(28), px(28))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self.isChecked() or self.hasFocus():
            paint.box(p, rect.adjusted(1, 1, -1, -1), 7, color("accent-soft") if self.hasFocus() else None, color("accent" if self.hasFocus() else "text-2"))
        paint.swatch(p, rect.adjusted(px(7), px(7), -px(7), -px(7)), self._slot + 1)
        p.end()


class TaskDialog(Sheet):
    """``written(TaskWords)`` when it is to be kept."""

    written = Signal(object)

    def __init__(self, task: Task | None, parent: QWidget | None = None, trackers: tuple[Tickets, ...] = ()) -> None:
        super().__init__(parent)
        self._task, self._trackers = task, trackers
        self.setWindowTitle(tr("Edit a task") if task else tr("New task"))
        self.setMinimumWidth(room_for(self, 440, 0).width())
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(12))
        column.addWidget(Text(self.windowTitle(), "head"))
        form = QFormLayout()
        form.setHorizontalSpacing(px(20))
        form.setVerticalSpacing(px(8))
        self.name = LineEdit(tr("Checkout retry"), tr("Name"))
        self.ticket = LineEdit("PAY-142", tr("Ticket"))
        self.link = LineEdit("https://", tr("Link"))
        self.tags = LineEdit(tr("payments, backend"), tr("Tags"))
        for key, words, edit, value in (
            ("name", tr("Name"), self.name, task.name if task else ""), ("ticket", tr("Ticket"), self.ticket, task.ticket if task else ""),
            ("link", tr("Link"), self.link, task.link if task else ""), ("tags", tr("Tags"), self.tags, ", ".join(task.tags) if task else ""),
        ):  # fmt: skip
            edit.setObjectName(key)
            edit.setText(value)
            edit.returnPressed.connect(self._keep)
            form.addRow(_label(words), edit)
        self.ticket.textChanged.connect(self._hint)
        self._colors = QButtonGroup(self)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(2))
        for slot in range(len(COLORS)):
            swatch = Swatch(slot)
            self._colors.addButton(swatch, slot)
            row.addWidget(swatch)
        row.addStretch(1)
        holder.setAccessibleName(tr("Colour"))
        self._colors.setExclusive(True)
        if task is not None:
            self._colors.button(task.color).setChecked(True)
        form.addRow(_label(tr("Colour")), holder)
        column.addLayout(form)
        self.hint = Text("", "small", "text-3", wrap=True)
        column.addWidget(self.hint)
        self._hint()
        keep = PrimaryButton(tr("Keep") if task else tr("Add task"))
        keep.clicked.connect(self._keep)
        column.addLayout(foot(way_out(self, tr("Cancel")), keep))
        self.name.setFocus()

    @Slot()
    def _hint(self) -> None:
        address = link(self.ticket.text(), self._trackers)
        self.link.setPlaceholderText(address or "https://")
        self.hint.setText(tr("Opens {address} unless you give a link.", address=address) if address else tr("The colour stays with the task in every chart."))

    @Slot()
    def _keep(self) -> None:
        if not self.name.text().strip():
            self.name.setFocus()
            self.hint.setText(tr("A task needs a name."))
            return
        tags = tuple(tag.strip().lstrip("#") for tag in self.tags.text().split(",") if tag.strip())
        slot = self._colors.checkedId()
        chosen = None if slot < 0 or (self._task and slot == self._task.color) else slot
        self.written.emit(TaskWords(self.name.text().strip(), self.ticket.text().strip(), self.link.text().strip(), tags, chosen))
        self.accept()


def _label(words: str) -> Text:
    label = Text(words, "small", "text-2")
    label.setMinimumHeight(px(CONTROL_HEIGHT))  # stands in the middle of its field
    return label
