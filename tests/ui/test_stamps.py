"""Shapes that are put down as a picture look as they would if they were drawn, on every screen; few are kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication

from tokenpal.ui import icons, paint, stamps
from tokenpal.ui.theme import color, theme
from tokenpal.ui.widgets import strips

NEAR = 8  # of 255: a 64th of a pixel, and rounding
PLACES = [(20.0, 12.0), (21.5, 12.25), (20.25, 13.75)]
SHAPES: dict[str, Callable[[QPainter, float, float], object]] = {
    "small box": lambda p, x, y: paint.box(p, QRectF(x, y, 42, 30), 7, color("card"), color("line-strong")),
    "box of ink": lambda p, x, y: paint.box(p, QRectF(x, y, 42, 30), 7, theme().ink(0.04)),
    "border": lambda p, x, y: paint.box(p, QRectF(x, y, 42, 30), 7, None, color("accent"), 2.0),
    "card": lambda p, x, y: paint.box(p, QRectF(x, y, 300, 140), 10, color("card"), color("line")),
    "wide card": lambda p, x, y: paint.box(p, QRectF(x, y, 300.5, 140.25), 10, color("accent-soft"), color("accent")),
    "row": lambda p, x, y: paint.box(p, QRectF(x, y, 300, 36), 8, theme().ink(0.03), None),
    "diamond": lambda p, x, y: paint.glyph(p, "exploration", QPointF(x, y), 10),
    "disc": lambda p, x, y: paint.glyph(p, "delivered", QPointF(x, y), 10),
    "bar": lambda p, x, y: paint.glyph(p, "waste", QPointF(x, y), 10),
    "ring": lambda p, x, y: paint.glyph(p, None, QPointF(x, y), 13),
    "dots": lambda p, x, y: paint.fill(p, QRectF(x, y, 120.3, 17), "exploration"),
    "stripes": lambda p, x, y: paint.fill(p, QRectF(x, y, 120.3, 17), "none"),
    "levels": lambda p, x, y: paint.fill(p, QRectF(x, y, 120.3, 17), "waste", provisional=True),
    "nothing": lambda p, x, y: paint.swatch(p, QRectF(x, y, 10, 10), "none"),
    "shadow": lambda p, x, y: (paint.soft_shadow(p, QRectF(x, y, 200, 60), 9), paint.box(p, QRectF(x, y, 200, 60), 9, color("tip"))),
    "hours of a day": lambda p, x, y: strips._hours(p, QRectF(x, y, 300.5, 17), tuple(float(hour % 7) for hour in range(24)), 6.0),
    "series": lambda p, x, y: paint.swatch(p, QRectF(x, y, 10, 10), 3),
    "meter": lambda p, x, y: paint.meter(p, QRectF(x, y, 240, 6), 0.4),
    "icon": lambda p, x, y: icons.paint_icon(p, "search", QRectF(x, y, 16, 16), color("text-2")),
    "faint icon": lambda p, x, y: icons.paint_icon(p, "search", QRectF(x, y, 16, 16), color("text-3", 0.6)),
}


@pytest.fixture(autouse=True)
def fresh(qapp: QApplication) -> None:
    theme().apply(qapp, scheme="light")
    stamps._kept.clear()
    stamps._size = 0


def painted(shape: Callable[[QPainter, float, float], object], at: tuple[float, float], ratio: float) -> QImage:
    image = QImage(QSize(360, 180) * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.lightGray)
    p = QPainter(image)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape(p, *at)
    p.end()
    return image


def farthest(one: QImage, other: QImage) -> int:
    a, b = (memoryview(image.constBits()).cast("B") for image in (one, other))
    return max(abs(x - y) for x, y in zip(a, b, strict=True)) if bytes(a) != bytes(b) else 0


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("name", SHAPES)
def test_a_stamp_looks_as_what_it_stands_for(name: str, ratio: float, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in PLACES:
        stamped = painted(SHAPES[name], at, ratio)
        again = painted(SHAPES[name], at, ratio)
        with monkeypatch.context() as patch:
            patch.setattr(stamps, "_place", lambda _: None)  # as for a file
            drawn = painted(SHAPES[name], at, ratio)
        assert farthest(stamped, again) == 0
        assert drawn != painted(lambda p, x, y: None, at, ratio)
        assert farthest(stamped, drawn) <= NEAR, (at, ratio)


def test_what_is_kept_is_bounded() -> None:
    image = QImage(400, 60, QImage.Format.Format_RGB32)
    p = QPainter(image)
    for width in range(600):
        paint.box(p, QRectF(0, 0, 100 + width / 10, 50), 7, color("card"))
    p.end()
    assert stamps._size <= stamps.BOUND
    assert stamps._size == sum(one.width() * one.height() * 4 for one in stamps._kept.values())
    assert len(stamps._kept) > 20


def test_a_file_has_shapes_and_no_pictures() -> None:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    file = QSvgGenerator()
    file.setOutputDevice(buffer)
    p = QPainter(file)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    for shape in SHAPES.values():
        shape(p, 20, 20)
    p.end()
    text = bytes(buffer.data().data())
    assert b"<image" not in text
    assert b"<path" in text
    assert not stamps._kept


def test_another_theme_shows_its_colours(qapp: QApplication) -> None:
    light = painted(SHAPES["ring"], (20, 20), 1.0)
    theme().apply(qapp, scheme="dark")
    assert painted(SHAPES["ring"], (20, 20), 1.0) != light
    theme().apply(qapp, scheme="light")
    assert painted(SHAPES["ring"], (20, 20), 1.0) == light
