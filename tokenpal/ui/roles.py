"""What painted parts are to a screen reader: Qt takes every plain widget for a filler, unless it is told (issue 5).

A class says it with ``accessible_role``; ``install()`` makes Qt ask. Nothing is called while no screen reader is there.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAccessibleWidget, QWidget


@cache
def install() -> None:
    """Once a process; Qt has no way to take it back."""
    QAccessible.installFactory(_face)


def _face(_class_name: str, thing: QObject) -> QAccessibleWidget | None:
    role = getattr(type(thing), "accessible_role", None)
    return QAccessibleWidget(thing, role) if role is not None and isinstance(thing, QWidget) else None
