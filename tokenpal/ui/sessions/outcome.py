"""What came of a session, in the person's words: note, tags, minutes saved by their own estimate, a link."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from tokenpal.model.report import SessionRow
from tokenpal.translation import tr
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import IconButton
from tokenpal.ui.widgets.controls import LineEdit
from tokenpal.ui.widgets.text import Text

MOST_MINUTES = 100_000


class _Line(LineEdit):
    """Enter keeps what is typed, Esc gives it up; neither reaches the page, where they mean something else."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText(str(self.property("kept") or ""))
            self.left.emit()
            event.accept()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
            event.accept()


class Outcome(QWidget):
    """Lines that are kept when one leaves them; each says only what changed."""

    note_written = Signal(str)
    tags_written = Signal(object)  # tuple[str, ...]
    link_written = Signal(str)
    minutes_written = Signal(object)  # int | None
    link_opened = Signal(str)
    left = Signal()  # the person is done with a line

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: SessionRow | None = None
        self._link = ""
        self._minutes: int | None = None
        self.tags = _Line(tr("Tags, separated by spaces"), tr("Tags"))
        self.tags.setObjectName("tags")
        self.tags.editingFinished.connect(self.tags_done)
        self.note = _Line(tr("One line you will understand in March"), tr("Note"))
        self.note.setObjectName("note")
        self.note.setToolTip(tr("What you want to remember of it (N)"))
        self.note.editingFinished.connect(self._note_done)
        self.minutes = _Line(tr("Your estimate"), tr("Minutes saved, by your own estimate"))
        self.minutes.setObjectName("minutes-saved")
        self.minutes.editingFinished.connect(self._minutes_done)
        self.link = _Line("https://", tr("Link to what came of it"))
        self.link.setObjectName("link")
        self.link.editingFinished.connect(self._link_done)
        for line in (self.tags, self.note, self.minutes, self.link):
            line.left.connect(self.left)
        self._open = IconButton("external", tr("Open the link"))
        self._open.clicked.connect(self._open_link)
        holder = QWidget()
        both = QHBoxLayout(holder)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(px(8))
        both.addWidget(self.minutes, 3)
        label = Text(tr("Link"), "small", "text-2")
        label.setBuddy(self.link)
        both.addWidget(label)
        both.addWidget(self.link, 5)
        both.addWidget(self._open)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(8))
        lines = ((tr("Note"), self.note, self.note), (tr("Tags"), self.tags, self.tags), (tr("Minutes saved"), self.minutes, holder))
        for number, (name, edit, widget) in enumerate(lines, 2):  # above them: the task, and why
            said = Text(name, "small", "text-2")
            said.setBuddy(edit)
            grid.addWidget(said, number, 0)
            grid.addWidget(widget, number, 1)
        grid.setColumnStretch(1, 1)
        self._grid = grid

    def lead(self, name: str, widget: QWidget, below: QWidget) -> None:
        """Put `widget` above the lines under its `name`, and what explains it below it, in the same columns."""
        self._grid.addWidget(Text(name, "small", "text-2"), 0, 0)
        self._grid.addWidget(widget, 0, 1)
        self._grid.addWidget(below, 1, 1)

    def show_row(self, row: SessionRow, *, fresh: bool) -> None:
        """Note and tags of a session; what the person is typing stays."""
        self._row = row
        for edit, said in ((self.note, row.note), (self.tags, " ".join(row.tags))):
            if fresh or not edit.hasFocus():
                edit.setText(said)
                edit.setCursorPosition(0)
            edit.setProperty("kept", said)
        if fresh:
            self.show_outcome("", None, fresh=True)

    def show_outcome(self, link: str, minutes: int | None, *, fresh: bool = False) -> None:
        """Link and minutes, which come with the details."""
        self._link, self._minutes = link, minutes
        for edit, said in ((self.link, link), (self.minutes, "" if minutes is None else str(minutes))):
            if fresh or not edit.hasFocus():
                edit.setText(said)
                edit.setCursorPosition(0)
            edit.setProperty("kept", said)
        self._open.setEnabled(link.startswith(("http://", "https://")))

    def keep(self) -> None:
        """Another session comes while the person types: keep what stands there."""
        for edit, done in ((self.note, self._note_done), (self.tags, self.tags_done), (self.minutes, self._minutes_done), (self.link, self._link_done)):
            if edit.hasFocus():
                done()

    @Slot()
    def _note_done(self) -> None:
        if self._row is not None and self.note.text().strip() != self._row.note:
            self.note_written.emit(self.note.text().strip())

    @Slot()
    def tags_done(self) -> None:
        """Keep the tags that stand in the line."""
        tags = split_tags(self.tags.text())
        if self._row is not None and tags != tuple(sorted(self._row.tags)):
            self.tags_written.emit(tags)

    @Slot()
    def _link_done(self) -> None:
        link = self.link.text().strip()
        if self._row is not None and link != self._link:
            self._link = link
            self.link_written.emit(link)

    @Slot()
    def _minutes_done(self) -> None:
        said = self.minutes.text().strip()
        if self._row is None or said == ("" if self._minutes is None else str(self._minutes)):
            return
        if said and not (said.isascii() and said.isdigit() and int(said) <= MOST_MINUTES):
            self.minutes.setText("" if self._minutes is None else str(self._minutes))
            return
        self._minutes = int(said) if said else None
        self.minutes_written.emit(self._minutes)

    @Slot()
    def _open_link(self) -> None:
        self.link_opened.emit(self._link)


def split_tags(text: str) -> tuple[str, ...]:
    """Tags of a line: without #, each once, sorted."""
    return tuple(sorted({tag.lstrip("#") for tag in text.replace(",", " ").split() if tag.lstrip("#")}))
