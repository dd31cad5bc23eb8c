"""What widgets that paint themselves have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from tokenpal.ui.theme import theme

_Reason = Qt.FocusReason
BY_KEYBOARD: Final = frozenset({_Reason.TabFocusReason, _Reason.BacktabFocusReason, _Reason.ShortcutFocusReason})
BACK: Final = frozenset({_Reason.ActiveWindowFocusReason, _Reason.PopupFocusReason})  # to and from another window or a menu

if TYPE_CHECKING:
    _Widget = QWidget
else:
    _Widget = object  # a mixin stands before a class of Qt, and of those Qt allows one


class Ringed(_Widget):
    """Shows that it has the keyboard where the keyboard brought the focus. ``class Switch(Ringed, QCheckBox)``."""

    keyboard_focus = False
    _had_ring = False  # when a window or a menu took the focus

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.keyboard_focus = self._had_ring if event.reason() in BACK else event.reason() in BY_KEYBOARD
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._had_ring = self.keyboard_focus and event.reason() in BACK
        self.keyboard_focus = self._had_ring and event.reason() == _Reason.PopupFocusReason  # its own menu or list is open
        super().focusOutEvent(event)


def follow_look(widget: QWidget) -> None:
    """Measure and paint it anew whenever colours, type or sizes change."""
    theme().changed.connect(widget.updateGeometry)
    theme().changed.connect(widget.update)
