"""For tests of the window: the shipped look, light, at text size 100 %."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from tokenpal.ui.theme import Theme, theme


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Theme]:
    """The theme, light; put back after the test whatever it did."""
    theme().apply(qapp, scheme="light")
    yield theme()
    theme().apply(qapp, scheme="light")
