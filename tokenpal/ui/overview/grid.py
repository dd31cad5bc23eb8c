"""Equal columns, as many as fit and as even as they can be: five meters stand as three and two, never as four and one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayoutItem, QWidget

from tokenpal.ui.reflow import Tiles
from tokenpal.ui.theme import px


class Even(Tiles):
    """``put`` cards in; every column is as wide as the others, on every row."""

    def __init__(self, least: int, parent: QWidget | None = None, gap: int = 28) -> None:
        """``least``: px of a column at text size 100 %."""
        super().__init__(parent, gap)
        self._least = least

    def put(self, widget: QWidget) -> None:
        """Put a widget at the end."""
        self.add(widget, self._least, 1)
        self.setAlignment(widget, Qt.AlignmentFlag.AlignTop)

    def _rows(self, width: int) -> list[list[tuple[QLayoutItem, int]]]:
        shown = self._shown()
        if not shown:
            return []
        least = max(px(self._least), *(item.minimumSize().width() for item in shown))
        fit = max(1, min(len(shown), (width + px(self._gap)) // (least + px(self._gap))))
        rows = -(-len(shown) // fit)
        columns = -(-len(shown) // rows)
        wide = max(1, min(width, (width - px(self._gap) * (columns - 1)) // columns))
        return [[(item, wide) for item in shown[start : start + columns]] for start in range(0, len(shown), columns)]
