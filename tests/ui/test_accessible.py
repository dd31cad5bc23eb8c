"""Every face as a screen reader is told of it: names, roles, words for pictures, no two things that sound alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from tests.ui.accessible import faults
from tests.ui.conftest import App
from tests.ui.everywhere import everywhere
from tokenpal.ui.charts.bars import StackedChart
from tokenpal.ui.tasks.ruleline import RuleLine
from tokenpal.ui.theme import Theme
from tokenpal.ui.window import PAGES

pytestmark = pytest.mark.timeout(900)  # every page, state and dialog there is


def test_every_control_has_a_name_and_a_role(sample: App) -> None:
    found = [line for where, face in everywhere(sample) for line in faults(where, face)]
    assert not found, "\n".join(dict.fromkeys(found))


def test_a_profile_without_anything_has_names_too(make_app: Callable[[], App]) -> None:
    faces = everywhere(make_app(), (*(key for key, _, _ in PAGES), "glance", "help", "add-account"))
    found = [line for where, face in faces for line in faults(where, face)]
    assert not found, "\n".join(dict.fromkeys(found))


def planted(*parts: QWidget) -> QWidget:
    window = QWidget()
    column = QVBoxLayout(window)
    for part in parts:
        column.addWidget(part)
    window.show()
    return window


def nameless() -> QWidget:
    return planted(QToolButton())


def called_like_an_icon() -> QWidget:
    button = QPushButton()
    button.setAccessibleName("chevron-down")
    return planted(button)


def alike() -> QWidget:
    return planted(QPushButton("Remove"), QPushButton("Remove"))


def painted() -> QWidget:
    class Painted(QWidget):
        pass

    part = Painted()
    part.setAccessibleName("Something to press")
    part.setFocusPolicy(part.focusPolicy().StrongFocus)
    return planted(part)


def chart_without_words() -> QWidget:
    chart = StackedChart()
    chart.setAccessibleDescription("")
    return planted(chart)


def field_without_words() -> QWidget:
    return planted(QLineEdit())


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (nameless, "no name"), (called_like_an_icon, "a name for programs"), (alike, "2 alike"), (painted, "role says nothing"),
        (chart_without_words, "a picture without words"), (field_without_words, "no name"),
    ],
    ids=lambda one: one.__name__ if callable(one) else "",
)  # fmt: skip
def test_the_walk_finds_what_is_planted(look: Theme, make: Any, said: str) -> None:
    window = make()
    found = faults("planted", window)
    assert [line for line in found if said in line], found
    window.close()


def test_painted_parts_say_what_they_are(sample: App) -> None:
    assert QAccessible.queryAccessibleInterface(StackedChart()).role() == QAccessible.Role.Graphic
    line = sample.page("tasks").findChild(RuleLine)
    face = QAccessible.queryAccessibleInterface(line)
    assert face.role() == QAccessible.Role.Button
    face.actionInterface().doAction("Press")
    sample.wait(lambda: sample.page("tasks").rules._editor is not None, "the rule is open for a change")
