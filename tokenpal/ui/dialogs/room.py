"""A dialog that is as tall as its words, and scrolls where the screen is not."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QTimer, Slot
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from tokenpal.ui import taborder
from tokenpal.ui.dialogs.slices import fill
from tokenpal.ui.room import EDGE as EDGE, room_for as room_for
from tokenpal.ui.still import gradual
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.card import Scroll


class Sheet(QDialog):
    """A dialog whose words get all their lines, whatever is shown or hidden in it while it is open.

    Qt asks a window only for the height that its widest form needs, so lines that break lie on one another. What is too
    tall for the screen scrolls, and the last line of the column, the buttons, stays in sight.
    """

    _rolled_up: Scroll | None = None
    _work: Iterator[None] | None = None

    def make(self, work: Iterator[None]) -> None:
        """``work`` makes what is in it: now, or in slices once it is to be opened, for it is as tall as that."""
        if gradual(self):
            self._work = work
            return
        for _ in work:
            pass

    def open(self) -> None:
        work, self._work = self._work, None
        if work is None:
            super().open()
        else:
            fill(self, work, super().open)

    def event(self, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show}:
            self._give_room()
        return super().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return taborder.step(self, forward)

    def _give_room(self) -> None:
        column, screen = self.layout(), self.screen()
        if not isinstance(column, QVBoxLayout) or screen is None:
            return
        room, wanted = screen.availableSize().height() - EDGE, self._tall_enough(column)
        if wanted > room and self._rolled_up is None and self.isVisible():
            QTimer.singleShot(0, self, self._roll_up)  # not while Qt walks over what it shows
        least = min(wanted, room)
        if least != self.minimumHeight():
            self.setMinimumHeight(least)

    def _tall_enough(self, column: QVBoxLayout) -> int:
        """How tall it is with every line in sight."""
        if self._rolled_up is None:
            if not column.hasHeightForWidth():
                return column.totalMinimumSize().height()
            # What has no wish of its own (a list that scrolls) still has a least height, which Qt leaves out of the sum.
            return max(column.totalHeightForWidth(self.width()), column.totalMinimumHeightForWidth(self.width()))
        held, wide = self._rolled_up.widget(), self._rolled_up.viewport().width()
        inner = held.layout() if held is not None else None
        if inner is None:
            return 0
        tall = inner.totalHeightForWidth(wide) if inner.hasHeightForWidth() else inner.totalMinimumSize().height()
        margins = column.contentsMargins()
        foot = column.itemAt(column.count() - 1)
        return tall + column.spacing() + (foot.sizeHint().height() if foot is not None else 0) + margins.top() + margins.bottom()

    @Slot()
    def _roll_up(self) -> None:
        """Put all but the last line into a scroll area."""
        column = self.layout()
        if self._rolled_up is not None or not isinstance(column, QVBoxLayout):
            return
        held = QWidget()
        inner = QVBoxLayout(held)
        inner.setContentsMargins(0, 0, px(8), 0)
        inner.setSpacing(column.spacing())
        focus = self.focusWidget()
        for place in range(column.count() - 1):
            stretch, item = column.stretch(0), column.takeAt(0)
            if item is None:
                continue
            if (widget := item.widget()) is not None:
                shown = not widget.isHidden()
                inner.addWidget(widget, 0, item.alignment())
                widget.setVisible(shown)
            elif (layout := item.layout()) is not None:
                inner.addLayout(layout)
            else:
                inner.addItem(item)
            inner.setStretch(place, stretch)
        self._rolled_up = Scroll()
        self._rolled_up.setWidget(held)
        column.insertWidget(0, self._rolled_up, 1)
        self._rolled_up.show()  # what is hidden takes no keyboard
        self.resize(self.width(), self.screen().availableSize().height() - EDGE)
        if focus is not None:
            focus.setFocus()
