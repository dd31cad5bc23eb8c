"""Importing in the window: what it would do is shown first; what cannot be read says so; the watched folder is made when asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton, QWidget

from tests.ui.conftest import App
from tokenpal.engine import outside, queries
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.text import Text

DATA = Path(__file__).parent.parent / "data"


def words(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(Text))


def button(widget: QWidget, name: str) -> Any:
    return next(one for one in widget.findChildren(QWidget) if one.objectName() == name and isinstance(one, Button | QPushButton))


def test_a_report_of_another_tracker(sample: App) -> None:
    page = sample.page("settings")
    page.import_file(str(DATA / "imported" / "ccusage-daily.json"))
    dialog = sample.dialog()
    sample.wait(lambda: button(dialog, "import").isEnabled(), "the file is read")
    said = words(dialog)
    assert "3 records on 2 days, 1 to 2 October 2026. The file holds a daily report of ccusage." in said
    assert "new account ccusage" in said
    for figure in ("42,955", "4,240", "Known already", "Would count"):
        assert figure in said
    assert all(row.name != "ccusage" for row in sample.ask(queries.accounts))
    told: list[str] = []
    page.toast.connect(lambda sentence, _: told.append(sentence))
    button(dialog, "import").click()
    sample.wait(lambda: told, "it is imported")
    assert told == ["3 records new or changed in ccusage."]
    sample.settle()
    row = next(row for row in sample.ask(queries.accounts) if row.name == "ccusage")
    accounts = sample.page("accounts")
    accounts.show_item(row.id)
    sample.settle()
    names = {one.objectName() for one in accounts.findChildren(QWidget)}
    assert "account-remove" in names
    assert "account-counts" in names
    assert not {"account-key", "account-test", "account-read"} & names, "there is no key and nobody to ask"


def test_outcomes(sample: App, tmp_path: Path) -> None:
    session = sample.ask(lambda store: store.execute("SELECT key FROM session WHERE label = '' ORDER BY key LIMIT 1").fetchone())
    key = session[0] if session else "claude-code:x"
    file = tmp_path / "outcomes.jsonl"
    file.write_text(json.dumps({"is": "tokenpal-outcome/1", "session": key, "label": "delivered"}) + "\n")
    sample.page("settings").import_file(str(file))
    dialog = sample.dialog()
    sample.wait(lambda: "session" in words(dialog) and "Reading" not in words(dialog), "the file is read")
    assert "They fill in only what you have not said" in words(dialog)
    button(dialog, "leave").click()


@pytest.mark.parametrize("content", ["hello", "", '{"type": "monthly", "data": []}'])
def test_something_else(sample: App, tmp_path: Path, content: str) -> None:
    file = tmp_path / "x"
    file.write_text(content)
    sample.page("settings").import_file(str(file))
    dialog = sample.dialog()
    sample.wait(lambda: button(dialog, "leave").text() == "Close", "it says so")
    assert not button(dialog, "import").isEnabled()
    assert "ccusage" in words(dialog)
    button(dialog, "leave").click()


def test_the_watched_folder_is_made_when_asked_for(sample: App, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Path] = []
    monkeypatch.setattr(outside, "open_folder", lambda folder: bool(shown.append(folder)) or True)
    page = sample.page("settings")
    inbox = sample.engine.paths.data / "inbox"
    assert str(inbox) in words(page)
    assert not inbox.exists()
    button(page, "data-open-folder").click()
    assert inbox.is_dir()
    assert shown == [inbox]


def test_timers_of_another_tool_go_to_the_tasks_that_are_chosen(sample: App, tmp_path: Path) -> None:
    file = tmp_path / "work.data"
    file.write_text("inc 20250310T080000Z - 20250310T093000Z # pay\ninc 20250310T100000Z - 20250310T110000Z # lunch\n")
    page = sample.page("settings")
    page.import_file(str(file))
    dialog = sample.dialog()
    sample.wait(lambda: button(dialog, "import").isEnabled(), "the file is read")
    assert "This is a journal of Timewarrior: 2 timers, 10 March 2025." in words(dialog)
    dialog.diary._names["lunch"].setText("")
    dialog.diary._names["pay"].setText("Payments of spring")
    dialog.diary._tell()
    sample.wait(lambda: "1 timer of" in dialog.words.text() and button(dialog, "import").isEnabled(), "worked out anew")
    button(dialog, "import").click()
    sample.wait(lambda: any(row.task is not None and row.task.name == "Payments of spring" for row in sample.ask(queries.tasks)), "the task")
    assert sample.ask(lambda store: store.execute("SELECT COUNT(*) FROM timer WHERE start < 1750000000").fetchone()[0]) == 1
