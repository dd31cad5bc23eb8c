"""Choose one of many by typing a few letters: what the pickers of tasks and of names have in common."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from tokenpal.ui.theme import color, px
from tokenpal.ui.widgets.card import SlimBar
from tokenpal.ui.widgets.controls import SearchField
from tokenpal.ui.widgets.text import Text


class Picker(QDialog):
    """A field and the list that it narrows. The keys of the list work in the field: arrows to move, Enter to take, Esc to leave."""

    def __init__(self, question: str, hint: str, name: str, parent: QWidget | None = None) -> None:
        """``name`` is what the list holds, for screen readers."""
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(px(16), px(16), px(16), px(16))
        self.column.setSpacing(px(10))
        self.column.addWidget(Text(question, "head"))
        self.search = SearchField(hint, "")
        self.search.textChanged.connect(self._narrow)
        self.search.installEventFilter(self)
        self.column.addWidget(self.search)
        self.list = QListWidget()
        self.list.setAccessibleName(name)
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setVerticalScrollBar(SlimBar())
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(self._take)
        self.list.itemClicked.connect(self._take)
        self.column.addWidget(self.list, 1)

    def fill(self, wanted: str) -> None:
        """Put into the list what the words leave, the best first."""
        raise NotImplementedError

    def take(self, item: QListWidgetItem) -> None:
        """It was chosen."""
        raise NotImplementedError

    @Slot(str)
    def _narrow(self, text: str) -> None:
        self.list.clear()
        self.fill(text.strip())
        self.list.setCurrentRow(0)

    @Slot(QListWidgetItem)
    def _take(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.take(item)
            self.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            page = max(1, self.list.viewport().height() // max(1, self.list.sizeHintForRow(0)) - 1)
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: page, Qt.Key.Key_PageUp: -page}
            step = steps.get(Qt.Key(event.key()))
            if step is not None:
                self.list.setCurrentRow(min(self.list.count() - 1, max(0, self.list.currentRow() + step)))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), color("card"))
        p.end()
