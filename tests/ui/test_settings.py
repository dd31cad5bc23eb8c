"""The Settings page as a person uses it: find a setting, change it, take it back, go back to the default, act on the data."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog

from tests.ui.conftest import App
from tokenpal.engine import keep
from tokenpal.settings import SETTINGS
from tokenpal.translation import language, use
from tokenpal.ui.dialogs.job import JobDialog
from tokenpal.ui.settings.about import LIBRARIES
from tokenpal.ui.theme import theme
from tokenpal.ui.widgets.controls import PhraseCombo
from tokenpal.ui.widgets.switch import Switch

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    use("en")


def pick(page: object, key: str, choice: str) -> None:
    """Choose in a combo as a person does."""
    combo = page.findChild(PhraseCombo, key)  # type: ignore[attr-defined]
    combo.setCurrentIndex(combo.findData(choice))
    combo.activated.emit(combo.currentIndex())


def test_a_search_leaves_the_rows_that_match(sample: App) -> None:
    page = sample.page("settings")
    page.search.setText("quiet")
    shown = {key for key, row in page._rows.items() if row.isVisibleTo(page)}
    assert "notifications.quiet" in shown
    assert "general.zone" not in shown
    assert [key for key, anchor in page.sections._anchors.items() if not anchor.isHidden()] == ["notifications"]
    page.search.setText("midnight zone")
    assert [key for key, row in page._rows.items() if row.isVisibleTo(page)] == ["general.zone"]
    page.search.setText("no such thing anywhere")
    assert page._nothing.isVisibleTo(page)
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    assert page.search.text() == ""
    assert all(row.isVisibleTo(page) for row in page._rows.values())
    assert not page._nothing.isVisibleTo(page)


def test_the_key_jumps_to_the_search(sample: App) -> None:
    page = sample.page("settings")
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Slash)
    assert page.search.hasFocus()


def test_sections_are_a_jump_away_and_follow_the_scrolling(sample: App) -> None:
    page = sample.page("settings")
    page.sections._anchors["advanced"].click()
    assert page._scroll.verticalScrollBar().value() > 300
    assert page.sections._anchors["advanced"].isChecked()
    page._scroll.verticalScrollBar().setValue(0)
    assert page.sections._anchors["general"].isChecked()
    page._scroll.verticalScrollBar().setValue(page._scroll.verticalScrollBar().maximum())
    assert page.sections._anchors["about"].isChecked()


def test_a_change_is_told_and_taken_back(sample: App) -> None:
    page = sample.page("settings")
    pick(page, "appearance.theme", "dark")
    assert theme().dark
    assert sample.window.toasts._words.text() == "Theme: Dark"
    QTest.keyClick(sample.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not theme().dark
    assert sample.settings.get("appearance.theme") == "system"
    assert sample.window.toasts._words.text() == "Undone: Theme"
    assert page.findChild(PhraseCombo, "appearance.theme").key() == "system"


def test_undo_goes_back_to_the_data_once_the_toast_is_gone(sample: App) -> None:
    page = sample.page("settings")
    page.findChild(Switch, "appearance.key_hints").click()
    assert sample.settings.get("appearance.key_hints") is False
    sample.window.toasts.dismiss()
    sample.window.undo()
    sample.settle()
    assert sample.settings.get("appearance.key_hints") is False


def test_each_row_knows_the_way_back_to_its_default(sample: App) -> None:
    page = sample.page("settings")
    reset = page.findChild(QAbstractButton, "reset-appearance.reduce_motion")
    assert not reset.isVisibleTo(page)
    page.findChild(Switch, "appearance.reduce_motion").click()
    assert reset.isVisibleTo(page)
    assert theme().reduce_motion
    reset.click()
    assert not theme().reduce_motion
    assert not page.findChild(Switch, "appearance.reduce_motion").isChecked()
    assert not reset.isVisibleTo(page)
    file = sample.folder / "settings.toml"
    assert "reduce_motion" not in (tomllib.loads(file.read_text("utf-8")).get("appearance", {}) if file.exists() else {})


def test_another_language_is_spoken_at_once_and_taken_back(sample: App) -> None:
    page = sample.page("settings")
    words = sample.window.sidebar._rows["overview"].text()
    pick(page, "appearance.language", "de")
    assert language() == "de"
    sample.wait(lambda: sample.window.stack.currentWidget() is not page, "the page is made again")
    from tokenpal.ui import numbers

    assert numbers.exact(1234567) == "1.234.567"
    sample.settle()
    sample.window.undo()
    assert language() == "en"
    sample.settle()
    assert sample.window.sidebar._rows["overview"].text() == words


def test_sample_data_does_not_start_at_login(sample: App, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    sample.desktop.demo = True
    page, told = sample.page("settings"), []
    sample.desktop.bridge.failed.connect(lambda *words: told.append(words))
    switch = page.findChild(Switch, "general.start_at_login")
    switch.click()
    assert not switch.isChecked()
    assert not list(tmp_path.rglob("*.desktop"))
    assert "sample data" in told[0][1]
    assert told[0][2], "a next step"
    sample.desktop.demo = False
    switch.click()
    assert switch.isChecked()
    assert list(tmp_path.rglob("*.desktop"))


def test_a_setting_can_be_shown_from_elsewhere(sample: App) -> None:
    sample.window.open_page("settings", "advanced.near_limit")
    sample.settle()
    page = sample.page("settings")
    assert page._scroll.verticalScrollBar().value() > 300


def test_a_setting_that_changes_elsewhere_is_shown(sample: App) -> None:
    page = sample.page("settings")
    sample.settings.set("appearance.theme", "dark")
    sample.desktop.settings_changed("appearance.theme")
    sample.wait(lambda: page._rows["appearance.theme"].control.key() == "dark", "the choice follows")


def test_a_back_up_and_an_export_are_made(sample: App, tmp_path: Path) -> None:
    page = sample.page("settings")
    page.findChild(QAbstractButton, "data-back-up").click()
    sample.wait(lambda: list((sample.folder / "backups").glob("tokenpal-*.db")) or list(sample.folder.rglob("backups/tokenpal-*.db")), "a backup")
    sample.settle()
    assert sample.window.toasts._words.text().startswith("Backed up to tokenpal-")
    page.data.export_to(str(tmp_path / "all.jsonl"))
    sample.wait(lambda: (tmp_path / "all.jsonl").exists(), "an export")
    sample.settle()
    assert sample.window.toasts._words.text().startswith("Exported ")


def test_long_work_can_be_stopped_and_leaves_nothing(sample: App, tmp_path: Path) -> None:
    page = sample.page("settings")
    said: list[str] = []
    dialog = JobDialog(sample.desktop.desk, "Export", page)
    dialog.stopped.connect(said.append)
    dialog.job.stop = True  # before it begins: the first look ends it
    dialog.run(keep.export_to, str(tmp_path / "all.jsonl"))
    sample.wait(lambda: said, "it stops")
    assert said == ["Stopped. Nothing was kept of it."]
    assert list(tmp_path.glob("all.jsonl*")) == []


def test_about_names_every_library_and_the_fonts(sample: App) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {line.split(">")[0].split(";")[0].split("<")[0].strip() for line in project["dependencies"]}
    assert wanted <= {name for name, _ in LIBRARIES}
    page = sample.page("settings")
    page.findChild(QAbstractButton, "licences").click()
    dialog = sample.dialog()
    assert isinstance(dialog, QDialog)
    assert dialog.text.toPlainText().count("SIL OPEN FONT LICENSE Version 1.1") >= 2
    assert dialog.table.model().rowCount() == len(LIBRARIES)
    dialog.close()


def test_every_row_of_the_page_has_a_name_and_a_label_to_read() -> None:
    assert [one.key for one in SETTINGS if not one.hidden and not one.label] == []
