"""Every face laid out from right to left: nothing lies on something else, nothing leaves its place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import App
from tests.ui.walking import faces, outside, overlaps


@pytest.fixture
def mirrored(sample: App, qapp: QApplication) -> Iterator[App]:
    """The app in a language that is written from the right."""
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        yield sample
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_the_window_is_mirrored(mirrored: App) -> None:
    page = mirrored.page("settings")
    window = mirrored.window
    assert window.sidebar.mapTo(window, window.sidebar.rect().topLeft()).x() > window.width() / 2
    assert page.heading.mapTo(page, page.heading.rect().topRight()).x() > page.width() / 2, "titles begin at the right"
    assert page.search.mapTo(page, page.search.rect().topLeft()).x() < page.width() / 2


def test_nothing_overlaps_or_leaves_from_right_to_left(mirrored: App) -> None:
    found = [line for where, face in faces(mirrored) for line in (*overlaps(where, face), *outside(where, face))]
    assert not found, "\n".join(found)


def test_nothing_overlaps_from_left_to_right(sample: App) -> None:
    found = [line for where, face in faces(sample) for line in (*overlaps(where, face), *outside(where, face))]
    assert not found, "\n".join(found)
