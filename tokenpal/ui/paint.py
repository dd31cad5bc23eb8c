"""Small pictures that widgets, list delegates and charts share: boxes, label glyphs, fills, swatches, chips, key hints.

Every function paints on a `QPainter` in logical pixels with colours of the theme. Shapes are kept as stamps. Antialiasing is
expected to be on, except where a caller draws bars narrower than 3 px.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from tokenpal.ui.palette import LABELS, ColorName, LabelName
from tokenpal.ui.stamps import SMOOTH, frame, stamp
from tokenpal.ui.theme import RADIUS_CHIP, RADIUS_SWATCH, color, font, px, theme

# what a series, a segment or a swatch is drawn with: series slot 1..8, a label, the rest, or what has no task
Tint = int | LabelName | Literal["else", "none", "accent", "grey"]

WHOLE: Final = 8 << 10
"""Square px: larger boxes are put together from their corners."""
DOT, DOT_STEP, DOT_ALPHA = 1.5, 5.0, 0.62
DOT_TILE = 100.0
LINE_STEP, HATCH_STEP = 4.0, 5.0


def box(p: QPainter, rect: QRectF, radius: float, fill: QColor | None, border: QColor | None = None, width: float = 1.0) -> None:
    """A rounded box; the border lies inside `rect`."""
    key = ("box", radius, None if fill is None else fill.rgba(), None if border is None else border.rgba(), width)
    if rect.width() * rect.height() <= WHOLE:
        stamp(p, rect, key, lambda p, rect: _box(p, rect, radius, fill, border, width))
    else:
        frame(p, rect, key, radius + 1, fill, lambda p, rect: _box(p, rect, radius, fill, border, width))


def _box(p: QPainter, rect: QRectF, radius: float, fill: QColor | None, border: QColor | None, width: float) -> None:
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    if border is None:
        p.setPen(Qt.PenStyle.NoPen)
        p.drawRoundedRect(rect, radius, radius)
    else:
        p.setPen(QPen(border, width))
        h = width / 2
        p.drawRoundedRect(rect.adjusted(h, h, -h, -h), max(0.0, radius - h), max(0.0, radius - h))
    p.restore()


def tint_color(tint: Tint) -> QColor:
    """The colour of a tint; "none" gives the outline colour."""
    if isinstance(tint, int):
        return theme().series(tint)
    if tint in LABELS:
        return color(tint)  # type: ignore[arg-type]  # narrowed by the test above
    return {"else": color("else"), "accent": color("accent"), "grey": color("text-2")}.get(tint, color("unlabelled"))


# ---- label glyphs -------------------------------------------------------------------------------------------------
def glyph(p: QPainter, label: LabelName | None, center: QPointF, size: float = 10.0, ink: QColor | None = None) -> None:
    """The glyph of a label: diamond, disc, short bar, dashed ring. `ink` overrides the colour (waste on a selected row)."""
    c = ink or color(label or "unlabelled")
    side = size + 2  # smoothed edges
    rect = QRectF(center.x() - side / 2, center.y() - side / 2, side, side)
    stamp(p, rect, ("glyph", label, c.rgba()), lambda p, rect: _glyph(p, label, rect.center(), size, c))


def _glyph(p: QPainter, label: LabelName | None, center: QPointF, size: float, c: QColor) -> None:
    x, y, r = center.x(), center.y(), size / 2
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(c)
    if label == "exploration":
        p.drawPolygon(QPolygonF([QPointF(x, y - r), QPointF(x + r, y), QPointF(x, y + r), QPointF(x - r, y)]))
    elif label == "delivered":
        p.drawEllipse(center, r * 0.9, r * 0.9)
    elif label == "waste":
        h = size * 0.34
        p.drawRoundedRect(QRectF(x - r, y - h / 2, size, h), h / 2, h / 2)
    else:
        w = max(1.2, size * 0.13)
        ring = r - w / 2
        pen = QPen(c, w)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        step = 2 * 3.14159265 * ring / 8 / w
        pen.setDashPattern([step * 0.66, step * 0.34])
        p.setPen(pen)
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawEllipse(center, ring, ring)
    p.restore()


# ---- fills --------------------------------------------------------------------------------------------------------
def hatch_lines(rect: QRectF, step: float = HATCH_STEP) -> list[QLineF]:
    """Diagonal lines, rising to the right, clipped to `rect`; anchored at 0,0 so that neighbours match."""
    left, top, right, bottom = rect.left(), rect.top(), rect.right(), rect.bottom()
    pitch = step * 1.41421356
    first = -(-(left + top) // pitch) * pitch
    out = []
    c = first
    while c < right + bottom:
        x1, y1 = (left, c - left) if c - left <= bottom else (c - bottom, bottom)
        x2, y2 = (right, c - right) if c - right >= top else (c - top, top)
        if x2 > x1:
            out.append(QLineF(x1, y1, x2, y2))
        c += pitch
    return out


def hatch(p: QPainter, rect: QRectF, ink: QColor, width: float = 1.0) -> None:
    """Diagonal hatch inside `rect`: what is missing."""
    p.setPen(QPen(ink, width))
    p.drawLines(hatch_lines(rect))


def dots(p: QPainter, rect: QRectF) -> None:
    """The dots of exploration: 1.5 px, 5 px apart, every second row shifted, card colour at 62 %."""
    ink = color("card", DOT_ALPHA)
    while rect.width() > DOT_TILE + 2 * DOT_STEP and rect.height() <= DOT_TILE:  # by far the longest to draw
        stamp(p, QRectF(rect.left(), rect.top(), DOT_TILE, rect.height()), ("dots", ink.rgba()), lambda p, rect: _dots(p, rect, ink))
        rect = rect.adjusted(DOT_TILE, 0, 0, 0)
    _dots(p, rect, ink)


def _dots(p: QPainter, rect: QRectF, ink: QColor) -> None:
    pen = QPen(ink, DOT)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    points = []
    y, row = rect.top() + DOT_STEP / 2, 0
    while y < rect.bottom() - DOT / 2:
        x = rect.left() + DOT_STEP / 2 + (DOT_STEP / 2 if row % 2 else 0)
        while x < rect.right() - DOT / 2:
            points.append(QPointF(x, y))
            x += DOT_STEP
        y, row = y + DOT_STEP / 2 * 1.4, row + 1
    p.setPen(pen)
    p.drawPoints(points)


def level_lines(p: QPainter, rect: QRectF) -> None:
    """The level lines of waste: every 4 px, in card colour."""
    p.setPen(QPen(color("card", 0.75), 1.0))
    y = rect.top() + LINE_STEP - 0.5
    lines = []
    while y < rect.bottom() - 1:
        lines.append(QLineF(rect.left(), y, rect.right(), y))
        y += LINE_STEP
    p.drawLines(lines)


def fill(p: QPainter, rect: QRectF, tint: Tint, radius: float = 3.0, *, path: QPainterPath | None = None, provisional: bool = False) -> None:
    """One segment of a strip or a stack in its colour and fill. `path` replaces the rounded rect; `provisional` hatches over it."""
    if rect.width() <= 0 or rect.height() <= 0:
        return
    striped = provisional or tint in ("none", "unlabelled")
    plain = not striped and tint not in ("exploration", "waste")
    if plain or path is not None or not p.testRenderHint(SMOOTH):
        _fill(p, rect, tint, radius, path, provisional)
        return
    begins = (rect.left() + rect.top()) % (HATCH_STEP * 1.41421356) if striped else 0.0  # neighbours' stripes meet
    key = ("fill", tint, radius, provisional, round(begins, 1), tint_color(tint).rgba(), color("card").rgba())

    def draw(p: QPainter, at: QRectF) -> None:
        p.translate(at.left() - rect.left(), at.top() - rect.top())
        _fill(p, rect, tint, radius, None, provisional)
        p.translate(rect.left() - at.left(), rect.top() - at.top())

    stamp(p, rect, key, draw)


def _fill(p: QPainter, rect: QRectF, tint: Tint, radius: float, path: QPainterPath | None, provisional: bool) -> None:
    shape = path
    if shape is None:
        shape = QPainterPath()
        r = min(radius, rect.width() / 2, rect.height() / 2)
        shape.addRoundedRect(rect, r, r)
    p.save()
    if tint in ("none", "unlabelled"):
        ink = color("unlabelled")
        inner = rect.adjusted(0.5, 0.5, -0.5, -0.5)
        if rect.width() >= 4 and rect.height() >= 3:
            p.save()
            p.setClipPath(shape)
            hatch(p, inner, color("unlabelled", 0.75), 0.8)
            p.restore()
        p.setPen(QPen(ink, 1.0))
        p.setBrush(Qt.BrushStyle.NoBrush)
        if path is None:
            r = max(0.0, min(radius - 0.5, inner.width() / 2, inner.height() / 2))
            p.drawRoundedRect(inner, r, r)
        else:
            p.drawPath(path)
        p.restore()
        return
    p.fillPath(shape, tint_color(tint))
    patterned = provisional or tint in ("exploration", "waste")
    if patterned and rect.width() >= 4 and rect.height() >= 3:
        p.setClipPath(shape)
        if tint == "exploration":
            dots(p, rect)
        elif tint == "waste":
            level_lines(p, rect)
        if provisional:
            hatch(p, rect, color("card", 0.55), 1.2)
    p.restore()


def swatch(p: QPainter, rect: QRectF, tint: Tint, *, off: bool = False) -> None:
    """The small square (or label glyph) beside a series name. `off`: an outline only, for a hidden series."""
    if isinstance(tint, str) and tint in LABELS:
        glyph(p, tint, rect.center(), rect.width(), color("text-3", 0.6) if off else None)  # type: ignore[arg-type]  # tested
    elif off:
        box(p, rect, RADIUS_SWATCH, None, color("line-strong"))
    else:
        stamp(p, rect, ("swatch", tint, tint_color(tint).rgba(), color("card").rgba()), lambda p, rect: _swatch(p, rect, tint))


def _swatch(p: QPainter, rect: QRectF, tint: Tint) -> None:
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.translate(rect.topLeft())  # stripes begin with it: all swatches are alike
    _fill(p, QRectF(0, 0, rect.width(), rect.height()), tint, RADIUS_SWATCH, None, False)
    p.restore()


# ---- small text boxes ---------------------------------------------------------------------------------------------
def chip_width(text: str) -> float:
    """Width in px that `chip` needs for `text`."""
    return advance(text, font("cap")) + px(14)


def chip(p: QPainter, left: float, middle: float, text: str) -> float:
    """A chip (origin, tag) whose vertical middle is at `middle`; returns its width."""
    rect = QRectF(left, round(middle - px(20) / 2), chip_width(text), px(20))
    box(p, rect, RADIUS_CHIP, color("sunk"))
    p.setFont(font("cap"))
    p.setPen(color("text-2"))
    p.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    return rect.width()


def key_width(text: str) -> float:
    """Width in px that `key` needs for `text`."""
    if text == "↵":
        return px(22)
    return max(float(px(20)), advance(text, font("cap")) + px(10))


def key(p: QPainter, left: float, middle: float, text: str, ground: ColorName = "card") -> float:
    """A key hint: a small key cap with a thicker foot line; returns its width. `↵` is drawn as an icon."""
    from tokenpal.ui.icons import paint_icon

    rect = QRectF(left, round(middle - px(20) / 2), key_width(text), px(20))
    line, inner = color("line-strong"), color(ground)
    stamp(p, rect, ("key", line.rgba(), inner.rgba()), lambda p, rect: _key_cap(p, rect, line, inner))
    p.setFont(font("cap"))
    p.setPen(color("text-2"))
    if text == "↵":
        side = px(12)
        paint_icon(p, "return", QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2 - 0.5, side, side), color("text-2"))
    else:
        p.drawText(rect.adjusted(0, 0, 0, -1), Qt.AlignmentFlag.AlignCenter, text)
    return rect.width()


def _key_cap(p: QPainter, rect: QRectF, line: QColor, inner: QColor) -> None:
    _box(p, rect, RADIUS_CHIP, line, None, 1.0)
    _box(p, rect.adjusted(1, 1, -1, -1.75), RADIUS_CHIP - 1, inner, None, 1.0)


def meter(p: QPainter, rect: QRectF, share: float | None, *, near: bool = False) -> None:
    """A meter bar: `text-2`, or `attention` when `near`, on 9 % ink. Unknown (None) leaves the track empty and dashed."""
    r = rect.height() / 2
    if share is None:
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(color("line-strong"), 1.0, Qt.PenStyle.DashLine)
        p.setPen(pen)
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), r, r)
        p.restore()
        return
    box(p, rect, r, theme().ink(theme().palette.track_ink))
    width = rect.width() * min(1.0, max(0.0, share))
    if width > 0:
        box(p, QRectF(rect.left(), rect.top(), max(width, rect.height()), rect.height()), r, color("attention" if near else "text-2"))


def elided(text: str, role_font: QFont, width: float) -> str:
    """`text` cut with an ellipsis to fit `width` px in `role_font`."""
    return text if advance(text, role_font) <= width else _elided(text, role_font, int(width * 64) / 64)


@lru_cache(4096)
def advance(text: str, role_font: QFont) -> float:
    """How wide `text` is in `role_font`, px."""
    return QFontMetricsF(role_font).horizontalAdvance(text)


@lru_cache(4096)
def wide(text: str, role_font: QFont) -> int:
    """The same in whole px, as rows are laid out."""
    return QFontMetrics(role_font).horizontalAdvance(text)


@lru_cache(64)
def tall(role_font: QFont) -> int:
    """How high a line of it is, px."""
    return QFontMetrics(role_font).height()


@lru_cache(1024)
def _elided(text: str, role_font: QFont, width: float) -> str:
    return QFontMetricsF(role_font).elidedText(text, Qt.TextElideMode.ElideRight, width)


def soft_shadow(p: QPainter, rect: QRectF, radius: float) -> None:
    """The one shadow: black 12 %, 12 px blur, 4 px down; none in dark (design.md section 2). The middle may be left out: a box goes there."""
    if theme().dark:
        return
    outer = rect.adjusted(-11, -11, 11, 15)
    frame(p, outer, ("shadow", radius), radius + 12, None, lambda p, outer: _soft_shadow(p, outer.adjusted(11, 11, -11, -15), radius))


def _soft_shadow(p: QPainter, rect: QRectF, radius: float) -> None:
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(Qt.PenStyle.NoPen)
    for i in range(12):
        shade = QColor(Qt.GlobalColor.black)
        shade.setAlphaF(0.0125 * (1 - i / 14))
        p.setBrush(shade)
        grow = i - 1.0
        p.drawRoundedRect(rect.adjusted(-grow, 4 - grow, grow, 4 + grow), radius + grow, radius + grow)
    p.restore()
