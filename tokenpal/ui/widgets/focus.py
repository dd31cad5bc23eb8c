"""The focus ring: 2 px of `accent-soft` outside the control that has keyboard focus (design.md section 2)."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFocusFrame, QScrollArea, QTextBrowser, QWidget
from shiboken6 import isValid

from tokenpal.ui import paint
from tokenpal.ui.theme import theme

MARGIN = 24  # px between what has the keyboard and the edge it is scrolled to


class FocusRing(QObject):
    """One ring for the whole app; it follows `QApplication.focusChanged`. Controls draw their own accent border."""

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self._frame = _Frame()
        app.focusChanged.connect(self._moved)
        self._moved(None, app.focusWidget())

    @Slot(QWidget, QWidget)
    def _moved(self, old: QWidget | None, new: QWidget | None) -> None:
        ringed = new is not None and (getattr(new, "keyboard_focus", False) or getattr(new, "always_ringed", False) or _is_view(new))
        self.setWidget(_with_room(new) if new is not None and ringed else None)
        if new is not None:
            _scroll_to(old, new)

    def widget(self) -> QWidget | None:
        """What stands in the ring."""
        return self._frame.widget() if isValid(self._frame) else None

    def setWidget(self, widget: QWidget | None) -> None:
        """Put the ring around something, or take it away."""
        if not isValid(self._frame):
            self._frame = _Frame()  # Qt makes it a part of the window it is in, which may have ended
        self._frame.setWidget(widget)  # type: ignore[arg-type]  # Qt takes a null pointer here
        if widget is None:
            self._frame.setParent(None)  # a dialog that ends would take it along


def _with_room(widget: QWidget) -> QWidget:
    """It, or what it fills to the edge: there the ring would be cut off."""
    around = widget.parentWidget()
    while around is not None and not around.isWindow() and widget.geometry().contains(around.rect()):
        widget, around = around, around.parentWidget()
    return widget


def _scroll_to(old: QWidget | None, new: QWidget) -> None:
    """Show what has the keyboard now. Qt does so inside a scroll area, but not where Tab comes into one from outside."""
    around = new.parentWidget()
    while around is not None and not isinstance(around, QScrollArea):
        around = around.parentWidget()
    if around is None or QApplication.mouseButtons() != Qt.MouseButton.NoButton or (old is not None and isValid(old) and around.isAncestorOf(old)):
        return
    if new.height() <= around.viewport().height() or new.visibleRegion().isEmpty():
        around.ensureWidgetVisible(new, 0, MARGIN)


def _is_view(widget: QWidget) -> bool:
    """A list, table or document shows by nothing of its own that it has the keyboard; a mouse needs no ring."""
    return isinstance(widget, (QAbstractItemView, QTextBrowser)) and not getattr(widget, "shows_focus", False) and QApplication.mouseButtons() == Qt.MouseButton.NoButton


class _Frame(QFocusFrame):
    def __init__(self) -> None:
        super().__init__(None)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        target = self.widget()
        if target is None:
            return
        if not self.mask().isEmpty():  # Qt cuts the target's rectangle out, and with it the rounded corners of the ring
            self.clearMask()
        p = QPainter(self)
        radius = getattr(target, "radius", 7.0)
        paint.box(p, QRectF(self.rect()), radius + 2, None, theme().color("accent", 0.28 if not theme().dark else 0.4), 2.0)
        p.end()
