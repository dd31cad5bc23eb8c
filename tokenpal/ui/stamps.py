"""Shapes that are painted again and again: drawn once, then put down as a picture (issue 5: painting a page takes half a frame).

A stamp is the same, pixel by pixel, as what it stands for: it is kept by its size, its colours, the scale of the screen and the
part of a pixel it begins at. What is painted for a file (SVG, PDF) is drawn. Words are never stamped: a screen may smooth them
in a way that needs the ground beneath.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import ceil, floor
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

BOUND: Final = 4 << 20
"""Bytes of pictures that are kept; the one longest not used goes first."""
LARGEST: Final = 48 << 10
"""Square pixels of a shape from which on it is drawn, or put together from its corners."""
STEPS: Final = 64  # parts of a pixel that are told apart
ON_PIXELS: Final = (QWidget, QPixmap, QImage)
SMOOTH: Final = QPainter.RenderHint.Antialiasing

Draw = Callable[[QPainter, QRectF], None]

_kept: OrderedDict[Hashable, QPixmap] = OrderedDict()
_size = 0


def stamp(p: QPainter, rect: QRectF, key: Hashable, draw: Draw) -> None:
    """What ``draw(painter, rect)`` paints inside ``rect``, smoothed at its edges. ``key`` says all that it depends on but its size."""
    place = _place(p)
    if place is None:
        draw(p, rect)
        return
    ratio, dx, dy = place
    width, height = rect.width(), rect.height()
    if width * height * ratio * ratio > LARGEST:
        draw(p, rect)
        return
    x, y = dx + rect.x() * ratio, dy + rect.y() * ratio
    left, top = floor(x + 0.5 / STEPS), floor(y + 0.5 / STEPS)
    part = int((x - left) * STEPS + 0.5), int((y - top) * STEPS + 0.5)
    whole = (key, width, height, part, ratio)
    picture = _kept.get(whole)
    if picture is None:
        size = ceil(part[0] / STEPS + width * ratio), ceil(part[1] / STEPS + height * ratio)
        picture = _draw(size, ratio, QRectF(part[0] / STEPS / ratio, part[1] / STEPS / ratio, width, height), draw)
        _keep(whole, picture)
    else:
        _kept.move_to_end(whole)
    p.drawPixmap(QPointF((left - dx) / ratio, (top - dy) / ratio), picture)


def frame(p: QPainter, rect: QRectF, key: Hashable, corner: float, inside: QColor | None, draw: Draw) -> None:
    """A large shape from its four corners of ``corner`` px, its edges and what is ``inside``; ``key`` as for ``stamp``."""
    place = _place(p)
    if place is None:
        draw(p, rect)
        return
    ratio, dx, dy = place
    x, y, width, height = dx + rect.x() * ratio, dy + rect.y() * ratio, rect.width() * ratio, rect.height() * ratio
    edge = ceil(corner * ratio) + 1
    left, top = floor(x + 0.5 / STEPS), floor(y + 0.5 / STEPS)
    part = int((x - left) * STEPS + 0.5), int((y - top) * STEPS + 0.5)
    right, bottom = ceil(x + width - 0.5 / STEPS), ceil(y + height - 0.5 / STEPS)
    side = 2 * edge + 1
    if right - left < side or bottom - top < side:
        draw(p, rect)
        return
    # a small one with the same parts of a pixel at both ends
    small = QRectF(part[0] / STEPS, part[1] / STEPS, width - (right - left - side), height - (bottom - top - side))
    whole = (key, round(small.width() * STEPS), round(small.height() * STEPS), part, ratio)
    picture = _kept.get(whole)
    if picture is None:
        picture = _draw((side, side), ratio, QRectF(small.x() / ratio, small.y() / ratio, small.width() / ratio, small.height() / ratio), draw)
        _keep(whole, picture)
    else:
        _kept.move_to_end(whole)
    x0, y0 = (left - dx) / ratio, (top - dy) / ratio
    x1, y1 = (left + edge - dx) / ratio, (top + edge - dy) / ratio
    x2, y2 = (right - edge - dx) / ratio, (bottom - edge - dy) / ratio
    cut, wide, high = edge / ratio, x2 - x1, y2 - y1
    for tx, ty, w, h, sx, sy, sw, sh in (
        (x0, y0, cut, cut, 0, 0, edge, edge), (x2, y0, cut, cut, edge + 1, 0, edge, edge),
        (x0, y2, cut, cut, 0, edge + 1, edge, edge), (x2, y2, cut, cut, edge + 1, edge + 1, edge, edge),
        (x1, y0, wide, cut, edge, 0, 1, edge), (x1, y2, wide, cut, edge, edge + 1, 1, edge),
        (x0, y1, cut, high, 0, edge, edge, 1), (x2, y1, cut, high, edge + 1, edge, edge, 1),
    ):  # fmt: skip
        p.drawPixmap(QRectF(tx, ty, w, h), picture, QRectF(sx, sy, sw, sh))
    if inside is not None:
        p.fillRect(QRectF(x1, y1, wide, high), inside)


def _place(p: QPainter) -> tuple[float, float, float] | None:
    """Scale and origin of the painter on the pixels beneath; None where it is turned, or where there are none."""
    if not isinstance(p.device(), ON_PIXELS):
        return None
    to = p.deviceTransform()
    ratio = to.m11()
    if ratio <= 0 or to.m22() != ratio or to.m12():
        return None
    return ratio, to.dx(), to.dy()


def _draw(size: tuple[int, int], ratio: float, rect: QRectF, draw: Draw) -> QPixmap:
    out = QPixmap(max(1, size[0]), max(1, size[1]))
    out.setDevicePixelRatio(ratio)
    out.fill(Qt.GlobalColor.transparent)
    painter = QPainter(out)
    painter.setRenderHint(SMOOTH)
    draw(painter, rect)
    painter.end()
    return out


def _keep(key: Hashable, picture: QPixmap) -> None:
    global _size
    _kept[key] = picture
    _size += picture.width() * picture.height() * 4
    while _size > BOUND:
        _, gone = _kept.popitem(last=False)
        _size -= gone.width() * gone.height() * 4
