"""Dialogs as they open in the app itself: made in slices (issue 5: no call takes longer than a frame), and whole in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from tests.ui import sharing_samples as samples
from tests.ui.conftest import App
from tests.ui.sharing_desk import sample_desk
from tokenpal.model.insight import InsightKind
from tokenpal.ui import still
from tokenpal.ui.dialogs import slices
from tokenpal.ui.turns import Turns


def _insight(app: App) -> None:
    from datetime import timedelta

    from tokenpal.engine import insights

    today = app.desktop.desk.today()
    found = app.ask(insights.insights, "UTC", today - timedelta(days=27), today + timedelta(days=1))
    app.page("overview").insights._explain(next(one for one in found if one.kind is InsightKind.CACHE))


def _sharing(name: str) -> Callable[[App], None]:
    def open_it(app: App) -> None:
        page = app.page("sharing")
        page.desk, page.view = sample_desk(page.desk, samples.SHARING), samples.SHARING
        getattr(page, name)()

    return open_it


OPENED: dict[str, Callable[[App], Any]] = {
    "keys": lambda app: app.window.show_keys(),
    "account": lambda app: app.page("accounts").add(),
    "budgets": lambda app: app.page("overview").open_budgets(),
    "templates": lambda app: app.page("check-in")._more_chosen("templates", ""),
    "publish": lambda app: app.page("check-in")._publish("learned"),
    "licences": lambda app: app.page("settings")._about._show_licences(),
    "insight": _insight,
    "another model": lambda app: app.page("overview").insights.compare(),
    "help": lambda app: app.window.show_help(),
    "start": _sharing("_start"),
    "invite": _sharing("_invite"),
}


@pytest.fixture(name="gradual")
def _gradual(sample: App) -> Iterator[App]:
    sample.page("overview")
    sample.desktop.beforehand = True
    yield sample
    sample.desktop.beforehand = False


def parts(dialog: QWidget) -> list[str]:
    """What is in it, without what holds its picture."""
    return sorted(type(one).__name__ for one in dialog.findChildren(QWidget) if one.objectName() != still.VEIL and type(one) is not QWidget)


@pytest.mark.parametrize("name", OPENED)
def test_a_dialog_in_slices_is_the_dialog(gradual: App, name: str) -> None:
    app = gradual
    OPENED[name](app)
    dialog: QDialog = app.dialog()
    size = dialog.size()
    app.wait(lambda: not any(one.busy for one in dialog.findChildren(Turns)) and not getattr(still.of(dialog), "busy", False), "it is whole")
    app.settle()
    if name not in {"publish", "invite", "budgets"}:  # these are told more later, and grow with it
        assert dialog.size() == size, "it does not jump"
    in_slices, focus = parts(dialog), type(dialog.focusWidget()).__name__
    dialog.reject()
    app.settle()
    app.desktop.beforehand = False
    OPENED[name](app)
    whole: QDialog = app.dialog()
    app.settle()
    assert (whole is dialog) == (name == "help"), "only the help stays"
    assert parts(whole) == in_slices
    assert type(whole.focusWidget()).__name__ == focus
    whole.reject()
    app.settle()


@pytest.mark.parametrize("name", OPENED)
def test_it_can_be_left_before_it_is_whole(gradual: App, name: str) -> None:
    OPENED[name](gradual)
    dialog: QDialog = gradual.dialog()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    gradual.wait(lambda: not any(isinstance(one, QDialog) and one.isVisible() for one in QApplication.topLevelWidgets()), "it is gone")
    gradual.settle()


def test_slices_end_with_their_owner(gradual: App) -> None:
    done = []

    def work() -> Iterator[None]:
        for place in range(10_000_000):
            done.append(place)
            yield

    owner = QWidget(gradual.window)
    turns = slices.fill(owner, work())
    gradual.wait(lambda: done, "it begins")
    assert turns.busy
    owner.deleteLater()
    gradual.settle()
    count = len(done)
    gradual.settle()
    assert len(done) == count
