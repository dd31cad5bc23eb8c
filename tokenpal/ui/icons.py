"""Own icons: drawn as SVG on a 16 grid with `currentColor`, coloured from the palette when they are painted.

    icon("search")                      QIcon for an action; follows the theme by itself
    paint_icon(painter, "key", rect, color("text-2"))
    tray_icon("near-limit", "dark")     QIcon with the pixel sizes a tray host asks for
    app_icon()                          the tile, from PNG files

QtSvg is imported on first use. Nothing here keeps a widget alive.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QByteArray, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPainterPath, QPixmap

from tokenpal.system.paths import resource
from tokenpal.ui.palette import TRAY_INK, ColorName
from tokenpal.ui.stamps import stamp
from tokenpal.ui.theme import theme

if TYPE_CHECKING:
    from PySide6.QtSvg import QSvgRenderer

TrayState = Literal["problem", "paused", "near-limit", "reading", "to-label", "idle"]
TrayVariant = Literal["light", "dark", "colour"]

TRAY_SIZES = (16, 22, 24, 32, 48, 64)  # every size a StatusNotifier host may take (desktop-lab 4.2)
APP_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
METER_STEPS = 14  # levels of a meter in the icon: one per pixel at 16 px
METERED = frozenset({"idle", "to-label", "near-limit"})  # the others say something that a level would hide
BADGE = (12.0, 12.0, 4.6)  # centre and radius, on the 16 grid, of what stands in the corner: it never fades
TRAY_PICTURES: dict[TrayState, tuple[str, ...]] = {
    # in order of rank: of several states that hold, the first wins (design.md section 6)
    "problem": ("problem",),
    "paused": ("paused",),
    "near-limit": ("near-limit",),
    "reading": ("reading-1", "reading-2", "reading-3"),
    "to-label": ("to-label",),
    "idle": ("idle",),
}


@cache
def _svg(name: str) -> str:
    return (resource("icons") / f"{name}.svg").read_text(encoding="utf-8")


@cache
def _renderer(name: str, rgb: str) -> QSvgRenderer:
    from PySide6.QtSvg import QSvgRenderer

    return QSvgRenderer(QByteArray(_svg(name).replace("currentColor", rgb).encode()))


def names() -> tuple[str, ...]:
    """Names of all icons, sorted."""
    return tuple(sorted(p.stem for p in resource("icons").glob("*.svg")))


def paint_icon(painter: QPainter, name: str, rect: QRect | QRectF, ink: QColor) -> None:
    """Paint the icon `name` into `rect` in `ink`. Raises FileNotFoundError for a name that does not exist."""
    where = QRectF(rect)
    stamp(painter, where, ("icon", name, ink.rgba()), lambda painter, where: _paint(painter, name, where, ink))


def _paint(painter: QPainter, name: str, rect: QRectF, ink: QColor) -> None:
    alpha = ink.alphaF()
    if alpha < 1:
        painter.save()
        painter.setOpacity(painter.opacity() * alpha)
    _renderer(name, ink.name()).render(painter, rect)
    if alpha < 1:
        painter.restore()


def pixmap(name: str, size: int, ink: QColor, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of `size` logical px for a screen of `ratio` physical px each."""
    px = max(1, round(size * ratio))
    out = QPixmap(px, px)
    out.fill(Qt.GlobalColor.transparent)
    painter = QPainter(out)
    paint_icon(painter, name, QRect(0, 0, px, px), ink)
    painter.end()
    out.setDevicePixelRatio(ratio)
    return out


class _Engine(QIconEngine):
    """Draws an icon in the palette colour that is in force when it is painted, so a theme change needs no new icon."""

    def __init__(self, name: str, tone: ColorName) -> None:
        super().__init__()
        self._name, self._tone = name, tone

    def _ink(self, mode: QIcon.Mode) -> QColor:
        return theme().color("text-3", 0.6) if mode == QIcon.Mode.Disabled else theme().color(self._tone)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        square = QRect(QPoint(0, 0), QSize(side, side))
        square.moveCenter(rect.center())
        paint_icon(painter, self._name, square, self._ink(mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return pixmap(self._name, min(size.width(), size.height()), self._ink(mode))

    def clone(self) -> QIconEngine:
        copy = _Engine(self._name, self._tone)
        _clones.append(copy)  # Qt owns the clone but Python must keep its half alive
        return copy


_clones: list[_Engine] = []


@cache
def icon(name: str, tone: ColorName = "text-2") -> QIcon:
    """A QIcon that follows the theme; the same object for the same name and tone."""
    return QIcon(_Engine(name, tone))


def tray_icon(state: TrayState, variant: TrayVariant = "light", frame: int = 0, meter: float | None = None) -> QIcon:
    """The tray picture of `state` for a panel of `variant`; `frame` counts the steps of the reading state.

    `meter` 0..1 fills the token from below up to that share (the setting that shows today or a limit in the icon); the part
    above stays at 30 %, the mark in the corner stays as it is. On macOS the one-ink variants are masks.
    """
    frames = TRAY_PICTURES[state]
    steps = METER_STEPS if meter is None else round(min(1.0, max(0.0, meter)) * METER_STEPS)
    return _tray(frames[frame % len(frames)], variant, steps)


@cache
def _tray(picture: str, variant: str, filled: int) -> QIcon:
    out = QIcon()
    ink = QColor(TRAY_INK[variant])
    for size in TRAY_SIZES:
        drawn = pixmap(f"tray/{picture}", size, ink)
        if filled < METER_STEPS and picture in METERED:
            faint = QColor(ink)
            faint.setAlphaF(0.3)
            level = round(size * (15 - 14 * filled / METER_STEPS) / 16)  # the token reaches from 1 to 15 of the 16 grid
            both = pixmap(f"tray/{picture}", size, faint)
            painter = QPainter(both)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            kept = QPainterPath()
            kept.addRect(QRectF(0, level, size, size - level))
            if picture != "idle":
                badge, unit = QPainterPath(), size / 16
                badge.addEllipse(QPointF(BADGE[0] * unit, BADGE[1] * unit), BADGE[2] * unit, BADGE[2] * unit)
                kept = kept.united(badge)
            painter.setClipPath(kept)
            painter.drawPixmap(0, 0, drawn)
            painter.end()
            drawn = both
        out.addPixmap(drawn)
    if QGuiApplication.platformName() == "cocoa" and variant != "colour":
        out.setIsMask(True)
    return out


@cache
def app_icon() -> QIcon:
    """The tile with the mark, from PNG files of 16 to 512 px."""
    out = QIcon()
    for size in APP_SIZES:
        out.addFile(str(resource("icons") / "app" / f"tokenpal-{size}.png"), QSize(size, size))
    return out
