"""The last edits, newest first, with a way back to before any of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from tokenpal.translation import tr, trn
from tokenpal.ui import times
from tokenpal.ui.page import Desk
from tokenpal.ui.room import room_for
from tokenpal.ui.sessions.plainrows import PlainRows
from tokenpal.ui.theme import color, px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import SlimBar
from tokenpal.ui.widgets.text import Text

COUNT = Qt.ItemDataRole.UserRole + 1


class PastEdits(QDialog):
    """``back(n)`` takes the newest n edits back. What was already taken back is greyed."""

    back = Signal(int)

    def __init__(self, desk: Desk, edits: Sequence[tuple[int, str, bool]], parent: QWidget | None = None, *, let_go: int = 0) -> None:
        """``edits``: (time, title, undone), newest first; ``let_go``: how many of the newest 200 took too much room to be kept."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Last edits"))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(18), px(18), px(18), px(16))
        column.setSpacing(px(10))
        column.addWidget(Text(tr("Last edits"), "head"))
        column.addWidget(Text(tr("The newest 200 are kept and can be taken back, also after a restart."), "small", "text-2", wrap=True))
        if let_go:
            gone = trn("{n} older edit took too much room and can no longer be taken back.", "{n} older edits took too much room and can no longer be taken back.", let_go)
            column.addWidget(Text(gone, "small", "text-2", wrap=True))
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Last edits, newest first"))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setItemDelegate(PlainRows(self.list))
        self.list.setVerticalScrollBar(SlimBar())
        self.list.setUniformItemSizes(True)
        count, now = 0, desk.moment()
        for at, title, undone in edits:
            count += not undone
            when = times.moment(desk.moment(at), now)
            item = QListWidgetItem(tr("{when}   {title} (taken back)", when=when, title=title) if undone else f"{when}   {title}")
            item.setData(COUNT, 0 if undone else count)
            if undone:
                item.setForeground(color("text-3"))
            self.list.addItem(item)
        self.list.currentRowChanged.connect(self._row_changed)
        self.list.itemActivated.connect(self._take)
        column.addWidget(self.list, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        self.take = Button(tr("Undo up to here"))
        self.take.clicked.connect(self._take)
        close = Button(tr("Close"))
        close.clicked.connect(self.reject)
        row.addWidget(self.take)
        row.addWidget(close)
        column.addLayout(row)
        self.resize(room_for(self, 520, 440))
        first = next((place for place in range(self.list.count()) if self.list.item(place).data(COUNT)), -1)
        self.list.setCurrentRow(first)
        self._row_changed(first)
        self.list.setFocus()

    def _count(self) -> int:
        item = self.list.currentItem()
        return int(item.data(COUNT)) if item is not None else 0

    @Slot(int)
    def _row_changed(self, _row: int) -> None:
        count = self._count()
        self.take.setEnabled(count > 0)
        self.take.setText(trn("Undo {n} edit", "Undo up to here: {n} edits", count) if count else tr("Undo up to here"))

    @Slot()
    def _take(self) -> None:
        if count := self._count():
            self.back.emit(count)
            self.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), color("card"))
        p.end()
