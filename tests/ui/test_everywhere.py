"""The walks come to every dialog there is: a new one cannot be forgotten."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QDialog

import tokenpal.ui
from tests.ui.conftest import App
from tests.ui.everywhere import FACES, everywhere

pytestmark = pytest.mark.timeout(900)  # every page, state and dialog there is


def test_every_dialog_is_opened_by_the_walks(sample: App) -> None:
    for module in pkgutil.walk_packages(tokenpal.ui.__path__, "tokenpal.ui."):
        importlib.import_module(module.name)
    met = {name: type(face.window()) for name, face in everywhere(sample)}
    assert set(met) == FACES
    there = {one for one in below(QDialog) if one.__module__.startswith("tokenpal.") and not one.__subclasses__()}
    assert len(there) > 25
    assert there - set(met.values()) == set()


def below(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        yield one
        yield from below(one)
