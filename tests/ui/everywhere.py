"""Every face there is, with the sample data: the pages, their other states, the glance, and every dialog, opened one after the other.

``everywhere(app)`` yields (name, widget). ``FACES`` names all of them, so that a test sees that none is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from unittest import mock

from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import isValid

from tests import shots
from tests.ui import sharing_samples, sharing_scenes
from tests.ui.conftest import App
from tests.ui.sharing_desk import sample_desk
from tests.ui.states import STATES
from tokenpal.engine import listing
from tokenpal.ui.window import PAGES

PRESSED = {"licences": "licences", "delete": "data-delete"}  # buttons of Settings
SHARING = sharing_scenes.DIALOGS
OF_SHOTS = tuple(name for name in shots.DIALOGS if name != "keys")


def show(dialog: QDialog) -> None:
    dialog.open()


def _range(app: App) -> None:
    from tokenpal.ui.dialogs.range import RangeDialog

    RangeDialog(date(2026, 11, 1), date(2026, 11, 20), date(2026, 11, 20), app.window).open()


def _away(app: App) -> None:
    from tokenpal.ui.dialogs.away import AwayDialog

    AwayDialog("Checkout", "12:10 – 12:50", 2400, app.window).open()


def _split(app: App) -> None:
    detail = app.page("sessions").detail
    places = detail.timeline.cuts.places()
    detail.timeline.put_cursor(places[len(places) // 3])
    detail.press("s")


def _past(app: App) -> None:
    app.page("sessions").edits.show_past()


def _names(app: App) -> None:
    from tokenpal.ui.sessions.namepicker import NamePicker

    NamePicker("Tags", [("spike", "spike"), ("review", "review")], app.window).open()


def _ask(app: App) -> None:
    app.page("sessions").edits.all_of("Label", "23,412 sessions: Delivered", listing.label, range(23_412), "delivered")


def _task(what: str) -> Callable[[App], None]:
    def opened(app: App) -> None:
        page = app.page("tasks")
        task = next(row.task for row in page._rows if row.task is not None)
        page._chosen = task
        {"merge": page._menu_merge, "delete": page._menu_delete, "edit": lambda: page._edit(task.id), "trackers": page.set_up_trackers}[what]()

    return opened


def _help(app: App) -> None:
    app.page("overview")
    app.window.show_help()


def _job(app: App) -> None:
    from tokenpal.ui.dialogs.job import JobDialog

    JobDialog(app.desktop.desk, "Export everything", app.window).open()


def _shot(name: str) -> Callable[[App], None]:
    def opened(app: App) -> None:
        if name in shots.BUTTONS:
            app.page(shots.BUTTONS[name][0])
        if name == "new-key" and not _worded(app, name):
            return
        with mock.patch.object(shots, "settle", side_effect=lambda *_: app.settle()):
            shots.dialog(QApplication.instance(), app.desktop, app.window, name)  # type: ignore[arg-type]  # it is one

    return opened


def _worded(app: App, name: str) -> bool:
    from PySide6.QtWidgets import QAbstractButton

    page, words = shots.BUTTONS[name]
    return any(button.text() == words and button.isVisible() for button in app.page(page).findChildren(QAbstractButton))


OPENERS: dict[str, Callable[[App], None]] = {
    "keys": lambda app: app.window.show_keys(), "help": _help, "range": _range, "away": _away, "split": _split, "past": _past, "names": _names,
    "ask": _ask, "merge": _task("merge"), "delete-task": _task("delete"), "edit-task": _task("edit"), "trackers": _task("trackers"), "job": _job,
    **{name: _shot(name) for name in OF_SHOTS},
}  # fmt: skip


FACES = frozenset({*(key for key, _, _ in PAGES), "glance", *STATES, *OPENERS, *PRESSED, *SHARING})


def the_dialog() -> QDialog | None:
    """The dialog that is open, the newest first."""
    return next((one for one in reversed(QApplication.topLevelWidgets()) if isinstance(one, QDialog) and one.isVisible()), None)


def everywhere(app: App, only: tuple[str, ...] = ()) -> Iterator[tuple[str, QWidget]]:
    """Name and widget of the window on each page and in each state, the glance, and each dialog while it is open."""
    wanted = lambda name: not only or name in only  # said once
    for key, _, _ in PAGES:
        if wanted(key):
            app.page(key)
            yield key, app.window
    for name, state in STATES.items():
        if wanted(name):
            back = state(app)
            app.settle()
            yield name, app.window
            back()
            app.settle()
    if wanted("glance"):
        yield "glance", _glance(app)
        assert app.desktop.glance is not None
        app.desktop.glance.hide()
    for name, opened in OPENERS.items():
        if wanted(name):
            yield from _dialog(app, name, lambda opened=opened: opened(app))
    for name, button in PRESSED.items():
        if wanted(name):
            yield from _dialog(app, name, lambda button=button: app.page("settings").findChild(QWidget, button).click())
    for name in SHARING:
        if wanted(name):
            yield from _sharing(app, name)


def _dialog(app: App, name: str, opened: Callable[[], Any]) -> Iterator[tuple[str, QWidget]]:
    opened()
    app.settle()
    dialog = the_dialog()
    if dialog is None:
        raise AssertionError(f"{name} did not open")
    yield name, dialog
    if not isValid(dialog):
        return  # closed by the test
    dialog.close()
    if dialog.isVisible():  # a job that was never begun cannot be stopped
        QDialog.done(dialog, 0)
    app.settle()


def _glance(app: App) -> QWidget:
    app.desktop.toggle_glance()
    assert app.desktop.glance is not None
    app.desktop.glance.setProperty("keep", True)
    app.settle()
    return app.desktop.glance


def _sharing(app: App, name: str) -> Iterator[tuple[str, QWidget]]:
    page = app.page("sharing")
    real = page.desk
    page.desk = desk = sample_desk(real, sharing_samples.PREVIEW if name.endswith(("rules", "start")) else sharing_samples.SHARING)
    try:
        page._ask_again()
        app.settle()
        yield from _dialog(app, name, lambda: sharing_scenes._dialog(desk, page, name.removeprefix("sharing-dialog-")).open())
    finally:
        page.desk = real
