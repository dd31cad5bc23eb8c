"""Choose one of many names by typing a few letters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidgetItem, QWidget

from tokenpal.translation import tr
from tokenpal.ui.room import room_for
from tokenpal.ui.sessions.plainrows import PlainRows
from tokenpal.ui.widgets.picker import Picker

KEY = Qt.ItemDataRole.UserRole + 1


class NamePicker(Picker):
    """``picked(key)`` when the person chose."""

    picked = Signal(str)

    def __init__(self, title: str, names: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """``names``: (key, words)."""
        super().__init__(title, tr("A few letters of its name"), title, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._names = tuple(names)
        self.list.setItemDelegate(PlainRows(self.list))
        self.list.setUniformItemSizes(True)
        self.resize(room_for(self, 420, 420))
        self._narrow("")
        self.search.setFocus()

    def fill(self, wanted: str) -> None:
        wanted = wanted.casefold()
        for key, said in self._names:
            if wanted in said.casefold() or wanted in key.casefold():
                item = QListWidgetItem(said)
                item.setData(KEY, key)
                item.setToolTip(key if key != said else "")
                self.list.addItem(item)

    def take(self, item: QListWidgetItem) -> None:
        self.picked.emit(item.data(KEY))
