"""Choose one of many names by typing a few letters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from tokenpal.translation import tr
from tokenpal.ui.room import room_for
from tokenpal.ui.sessions.plainrows import PlainRows
from tokenpal.ui.theme import color, px
from tokenpal.ui.widgets.card import SlimBar
from tokenpal.ui.widgets.controls import SearchField
from tokenpal.ui.widgets.text import Text

KEY = Qt.ItemDataRole.UserRole + 1


class NamePicker(QDialog):
    """``picked(key)``. Type to narrow, arrows to move, Enter to take, Esc to leave."""

    picked = Signal(str)

    def __init__(self, title: str, names: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """``names``: (key, words)."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._names = tuple(names)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(16), px(16), px(16))
        column.setSpacing(px(10))
        column.addWidget(Text(title, "head"))
        self.search = SearchField(tr("A few letters of its name"), "")
        self.search.textChanged.connect(self._narrow)
        self.search.installEventFilter(self)
        column.addWidget(self.search)
        self.list = QListWidget()
        self.list.setAccessibleName(title)
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setItemDelegate(PlainRows(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollBar(SlimBar())
        self.list.itemActivated.connect(self._take)
        self.list.itemClicked.connect(self._take)
        column.addWidget(self.list, 1)
        self.resize(room_for(self, 420, 420))
        self._narrow("")
        self.search.setFocus()

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
        for key, said in self._names:
            if wanted in said.casefold() or wanted in key.casefold():
                item = QListWidgetItem(said)
                item.setData(KEY, key)
                item.setToolTip(key if key != said else "")
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    @Slot(QListWidgetItem)
    def _take(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.picked.emit(item.data(KEY))
            self.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), color("card"))
        p.end()
