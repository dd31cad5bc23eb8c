"""Taking a picture away: to a file that the person names, or to the clipboard."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from tokenpal.translation import tr
from tokenpal.ui.charts.sheet import Exhibit
from tokenpal.ui.page import Page


def take(page: Page, exhibit: Exhibit, how: str) -> None:
    """``how`` is "save", "picture" or "table"; the page says what was done."""
    if how == "picture":
        exhibit.copy_picture()
        page.toast.emit(tr("The picture and its table are on the clipboard."), False)
    elif how == "table":
        exhibit.copy_table()
        page.toast.emit(tr("The table is on the clipboard."), False)
    else:
        kinds = ";;".join((tr("Picture (*.png)"), tr("Drawing (*.svg)"), tr("Table (*.csv)")))
        name, chosen = QFileDialog.getSaveFileName(page, tr("Export what is shown"), "tokenpal.png", kinds)
        if name:
            save(page, exhibit, _ended(Path(name), chosen))


def save(page: Page, exhibit: Exhibit, path: Path) -> None:
    """Write it; the file's ending says how. What fails is told with a way out."""
    try:
        exhibit.save(path)
    except (OSError, ValueError) as error:
        said = tr("{name} could not be written: {error}.", name=path.name, error=error)
        page.desk.bridge.failed.emit(tr("Not exported"), said, tr("Choose another place."))
        return
    page.toast.emit(tr("Written to {name}.", name=path.name), False)


def _ended(path: Path, chosen: str) -> Path:
    """A name without an ending gets that of the kind that was chosen."""
    if path.suffix:
        return path
    return path.with_suffix(next((kind for kind in (".svg", ".csv") if f"*{kind}" in chosen), ".png"))
