"""Draws the tray's first pictures, which are files so that the icon waits for no SVG: ``python -m tests.ui.tray_pictures``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from PySide6.QtGui import QColor, QGuiApplication, QImage

from tokenpal.system.paths import resource
from tokenpal.ui.icons import TRAY_SIZES, TrayVariant, pixmap
from tokenpal.ui.palette import TRAY_INK


def drawn() -> Iterator[tuple[str, QImage]]:
    """File name and picture of each variant and size of the idle mark."""
    for variant in get_args(TrayVariant):
        for size in TRAY_SIZES:
            yield f"{variant}-{size}.png", pixmap("tray/idle", size, QColor(TRAY_INK[variant])).toImage()


if __name__ == "__main__":
    app = QGuiApplication([])
    folder = resource("icons") / "tray" / "first"
    folder.mkdir(exist_ok=True)
    for name, image in drawn():
        assert image.save(str(folder / name), "PNG")
