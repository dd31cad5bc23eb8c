"""The tray's first pictures are files; they are what ``icons`` would draw."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage

from tests.ui.tray_pictures import drawn
from tokenpal.system.paths import resource
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
