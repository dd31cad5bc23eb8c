"""Worth a look: at most three quiet lines, each with its arithmetic one click away. Absent when nothing is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from tokenpal.translation import tr
from tokenpal.ui.page import Desk
from tokenpal.ui.widgets.card import Card


class InsightsCard(Card):
    """``refresh`` asks anew; hidden while there is nothing to say."""

    go = Signal(str, object)  # page key and what to show there: a session id or (Filter, first, until)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(tr("Worth a look"), parent=parent)
        self.desk = desk
        self.hide()

    def refresh(self) -> None:
        """Ask for what is worth a look in the last four weeks."""
