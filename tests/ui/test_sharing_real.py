"""From the pasted invitation to leaving, in the window, with a real engine and a real endpoint over TLS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from tests.team.endpoint import Endpoint
from tests.ui.conftest import App
from tokenpal.share.protocol import epochs

TUESDAY = epochs.start("2026-W48") + 86_400 + 3600


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    made = Endpoint(tmp_path / "endpoint", clock=TUESDAY)
    made.start()
    yield made
    made.stop()


def button(where: QWidget, words: str) -> QAbstractButton | None:
    return next((one for one in where.findChildren(QAbstractButton) if one.text() == words and one.isVisible()), None)


def press(app: App, where: QWidget, words: str) -> None:
    found = app.wait(lambda: (one := button(where, words)) and one.isEnabled() and one, f"{words} can be pressed")
    found.click()


def said(where: QWidget) -> str:
    return "\n".join(label.text() for label in where.findChildren(QLabel) if label.isVisible())


def test_a_person_joins_shares_pauses_and_leaves(
    make_app: Callable[..., App], endpoint: Endpoint, memory_keyring: dict[tuple[str, str], str], internet_sockets: list[str]
) -> None:
    line = endpoint.found_team("The makers")
    app = make_app(now=lambda: TUESDAY)
    app.settings.set("sharing.ca_file", str(endpoint.ca_file))
    app.engine.settings_changed()
    page: Any = app.page("sharing")
    page.paste()
    dialog = app.dialog()
    dialog.line.setText(line)
    assert "127.0.0.1" in said(dialog)
    assert "found this team" in said(dialog)
    assert internet_sockets == [], "nothing has been asked of anybody"
    press(app, dialog, "Look at the team's rules")
    app.wait(lambda: "A result is made from 5 or more reports" in said(dialog), "the rules")
    press(app, dialog, "Begin the preview")
    app.wait(lambda: page.view is not None and page.view.state == "preview", "the preview")
    assert page.view.log, "what was fetched stands in the list"
    assert set(internet_sockets) == {"127.0.0.1"}, "only the address of the invitation"
    app.wait(lambda: button(page, "Start without waiting…"), "it can be started")
    press(app, page, "Start without waiting…")
    dialog = app.dialog()
    for box in dialog.boxes.values():
        box.click()
    press(app, dialog, "Start without waiting")
    app.wait(lambda: page.view.state == "sharing" and page.view.members == 1, "the founder is in the list")
    app.wait(lambda: app.desktop.standing.sharing.startswith("Sharing: on"), "the tray says so")
    press(app, page, "Invite…")
    dialog = app.dialog()
    app.wait(lambda: dialog.line.text().startswith("tokenpal-team:"), "an invitation for the next member")
    dialog.reject()
    press(app, page, "Verify byte for byte")
    dialog = app.dialog()
    app.wait(lambda: "Everything is as it was sent" in said(dialog), "the log holds")
    dialog.reject()
    page.pauses.actions()[0].trigger()
    app.wait(lambda: page.view.state == "paused", "paused")
    app.wait(lambda: app.desktop.standing.sharing.startswith("Sharing: paused"), "the tray says so")
    press(app, page, "Resume sharing")
    app.wait(lambda: page.view.state == "sharing", "on again")
    press(app, page, "Leave the team")
    press(app, app.dialog(), "Leave the team")
    app.wait(lambda: page.view.state == "left", "gone")
    app.wait(lambda: button(page, "Paste an invitation…"), "a way back")
    assert page.view.log, "what left stays to be seen"
