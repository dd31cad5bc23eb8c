"""PySide6 6.12.0 on Python 3.10 and 3.11 loses references to None until the process dies (architecture 2.4)."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QLabel


def test_pyside_keeps_none_alive(qapp):
    label = QLabel()
    label.setText("x")
    before = sys.getrefcount(None)
    for _ in range(200):
        label.setText("x")
    assert sys.getrefcount(None) > before - 50
