"""What lies over a place of a window so that Qt paints nothing below it (``ui.still``, ``ui.resizing``). No control: clicks go
through, it takes no focus and is no part of the accessible tree.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from tokenpal.ui.palette import ColorName
from tokenpal.ui.theme import color

VEIL: Final = "qt_rubberband"  # Qt leaves what is called so out of the accessible tree


class _Pictured(QWidget):
    """A veil that brings its picture along."""

    def __init__(self, picture: QImage, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown = picture

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), color("ground"))  # it may be smaller
        painter.drawImage(QPoint(), self._shown)
        painter.end()


def veil(
    window: QWidget, there: QRect, *, picture: QImage | None = None, ground: ColorName | None = None, above: QWidget | None = None
) -> QWidget:
    """Something over a place of the window (px) below which Qt paints nothing. Without a picture and a ground it shows what was there."""
    one = _Pictured(picture, window) if picture is not None else QWidget(window)
    one.setObjectName(VEIL)
    one.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    if ground is not None:
        colors = QPalette()
        colors.setColor(QPalette.ColorRole.Window, color(ground))
        one.setPalette(colors)
        one.setAutoFillBackground(True)
    else:
        one.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        one.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
    one.setGeometry(there)
    if above is not None:
        one.stackUnder(above)
    one.show()
    return one


def picture(window: QWidget) -> QImage | None:
    """What Qt has painted of the window so far; not a copy. None where that cannot be had."""
    store = window.backingStore()
    image = store.paintDevice() if store is not None else None
    return image if isinstance(image, QImage) and not image.isNull() else None


def pixels(there: QRect, image: QImage) -> QRect:
    """A place of the window in the pixels of its picture."""
    ratio = image.devicePixelRatio()
    return QRect(there.topLeft() * ratio, there.size() * ratio)


def place(widget: QWidget, window: QWidget) -> QRect:
    """Where it is in the window."""
    return QRect(widget.mapTo(window, QPoint()), widget.size()) if widget is not window else window.rect()


def above(over: QWidget, window: QWidget) -> QWidget | None:
    """The lowest of what stands over everything in the window (a message, the focus ring) and is to stay to be seen."""
    if over is window:
        return None
    top = over
    while (around := top.parentWidget()) is not None and around is not window:
        top = around
    children = [one for one in window.children() if isinstance(one, QWidget) and not one.isWindow()]
    return next((one for one in children[children.index(top) + 1 :] if one.objectName() != VEIL), None)
