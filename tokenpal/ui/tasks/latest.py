"""Previews one at a time: while one is worked out only the newest wish waits, and only the answer to the newest is shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from tokenpal.engine import sorting
from tokenpal.engine.sorting import Draft, Shown
from tokenpal.model.errors import TokenpalError
from tokenpal.ui.page import Desk


class Latest(QObject):
    """``shown(Shown)`` for the draft that was asked last; ``refused(sentence)`` when it cannot be."""

    shown = Signal(object)
    refused = Signal(str)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._wanted: Draft | None = None
        self._under_way: Draft | None = None

    def ask(self, draft: Draft | None) -> None:
        """Look at this one; None = nothing is looked at any more."""
        self._wanted = draft
        if draft is not None and self._under_way is None:
            self._send(draft)

    def _send(self, draft: Draft) -> None:
        self._under_way = draft
        self._desk.bridge.ask(sorting.preview, draft, then=self._answered, otherwise=self._failed)

    def _answered(self, found: Shown) -> None:
        self._under_way = None
        if self._wanted == found.draft:
            self._wanted = None
            self.shown.emit(found)
        elif self._wanted is not None:
            self._send(self._wanted)

    def _failed(self, error: TokenpalError) -> None:
        draft, self._under_way = self._under_way, None
        if self._wanted == draft:
            self._wanted = None
            self.refused.emit(error.sentence)
        elif self._wanted is not None:
            self._send(self._wanted)
