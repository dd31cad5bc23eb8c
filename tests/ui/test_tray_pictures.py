"""The tray's first pictures are files; they are what ``icons`` would draw."""

from __future__ import annotations

from typing import get_args

import pytest
from PySide6.QtGui import QColor, QImage

from tests.ui.tray_pictures import drawn
from tokenpal.system.paths import resource
from tokenpal.ui.icons import TrayState, TrayVariant, tray_icon
from tokenpal.ui.palette import TRAY_INK
from tokenpal.ui.tray import FIRST_SIZES, VARIANTS, first_picture


def test_the_files_are_the_drawings(qapp: object) -> None:
    for name, image in drawn():
        kept = QImage(str(resource("icons") / "tray" / "first" / name))
        assert not kept.isNull(), name
        wanted, found = (one.convertToFormat(QImage.Format.Format_ARGB32) for one in (image, kept))
        apart = [
            abs(a - b)
            for x in range(wanted.width())
            for y in range(wanted.height())
            for a, b in zip(wanted.pixelColor(x, y).getRgb(), found.pixelColor(x, y).getRgb(), strict=True)
            if wanted.pixelColor(x, y).alpha() > 8
        ]
        assert max(apart, default=0) <= 12, f"{name}: draw it again with python -m tests.ui.tray_pictures"


@pytest.mark.parametrize("setting", VARIANTS)
def test_every_setting_has_a_first_picture_in_all_sizes(qapp: object, setting: str) -> None:
    icon = first_picture(VARIANTS[setting])
    assert {size.width() for size in icon.availableSizes()} == set(FIRST_SIZES)


def ink(state: TrayState, variant: TrayVariant, size: int, meter: float | None) -> list[list[int]]:
    """Alpha of every pixel, row by row; checks on the way that there is one ink only."""
    image = tray_icon(state, variant, 0, meter).pixmap(size, size).toImage().convertToFormat(QImage.Format.Format_ARGB32)
    wanted = QColor(TRAY_INK[variant])
    rows = []
    for y in range(image.height()):
        row = [image.pixelColor(x, y) for x in range(image.width())]
        for one in row:
            if one.alpha() > 128:
                apart = max(abs(a - b) for a, b in zip(one.getRgb()[:3], wanted.getRgb()[:3], strict=True))
                assert apart <= 3, "one ink"
        rows.append([one.alpha() for one in row])
    return rows


@pytest.mark.parametrize("size", [16, 22, 24, 32, 48])
@pytest.mark.parametrize("variant", get_args(TrayVariant))
def test_the_meter_fills_the_mark_from_below(qapp: object, size: int, variant: TrayVariant) -> None:
    full = ink("idle", variant, size, None)
    assert ink("idle", variant, size, 1.0) == full, "a full meter is the mark itself"
    before = -1
    for step in range(0, 15, 2):
        rows = ink("idle", variant, size, step / 14)
        strong = sum(a == b and a > 128 for row, whole in zip(rows, full, strict=True) for a, b in zip(row, whole, strict=True))
        assert strong >= before, "more is never less"
        before = strong
        faint = [y for y, (row, whole) in enumerate(zip(rows, full, strict=True)) if row != whole]
        assert not faint or faint == [y for y in range(faint[0], faint[-1] + 1) if max(full[y])], "the upper part is faint, all of it"
        assert not faint or min(faint) < size / 4
    half = ink("idle", variant, size, 0.5)
    assert half[size // 8] != full[size // 8]
    assert half[size - size // 5] == full[size - size // 5]
    seen = [a for row in half for a in row if a]
    assert min(max(row) for row in half[size // 8 : size // 4]) < 110 < max(seen), "the faint part is far from the other"


@pytest.mark.parametrize("state", ["to-label", "near-limit"])
def test_the_mark_in_the_corner_never_fades(qapp: object, state: TrayState) -> None:
    full, empty = ink(state, "light", 48, None), ink(state, "light", 48, 0.0)
    ring = [(x, y) for y in range(48) for x in range(48) if (x - 36) ** 2 + (y - 36) ** 2 < 11**2]
    assert [full[y][x] for x, y in ring] == [empty[y][x] for x, y in ring]
    assert max(empty[8]) < 100 < max(full[8])


@pytest.mark.parametrize("state", ["problem", "paused", "reading"])
def test_what_needs_the_person_is_no_meter(qapp: object, state: TrayState) -> None:
    assert ink(state, "dark", 32, 0.2) == ink(state, "dark", 32, None)
