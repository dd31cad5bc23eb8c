"""How large a dialog may be: as large as its words want it, but no larger than the screen it stands on."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from tokenpal.ui.theme import px

EDGE: Final = 60  # of the screen, for title bar and panels


def room_for(window: QWidget, width: int, height: int) -> QSize:
    """``width`` and ``height`` in px at text size 100 %; never below them, which every screen has."""
    screen = window.screen().availableSize()
    return QSize(min(px(width), max(width, screen.width() - EDGE)), min(px(height), max(height, screen.height() - EDGE)))
