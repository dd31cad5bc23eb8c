"""Help: the guide is whole and found by its words, F1 opens what belongs to the page, a hint appears once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence, QShortcut

from tests.ui.conftest import App
from tokenpal.settings import Settings
from tokenpal.system.paths import resource
from tokenpal.translation import LANGUAGES
from tokenpal.ui.help import hints
from tokenpal.ui.help.guide import ORDER, matching, of_page, subjects
from tokenpal.ui.shortcuts import SHORTCUTS
from tokenpal.ui.theme import font
from tokenpal.ui.window import PAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_of_the_guide_is_a_subject(language: str) -> None:
    folder = resource("guide") if language == "en" else resource("guide") / language
    assert sorted(path.stem for path in folder.glob("*.md")) == sorted(ORDER)
    for one in subjects(language):
        assert one.title
        assert "#" not in one.title
        assert len(one.text) > 200


def test_every_page_has_help() -> None:
    for key, _, _ in PAGES:
        assert of_page(key) in ORDER


def test_search_finds_beginnings_without_case_and_accents() -> None:
    found = matching(subjects(), "UNDÖ restart")
    assert found
    assert found[0].key == "sessions"
    assert matching(subjects(), "budg")[0].key in {"start", "tasks", "overview", "words"}
    assert matching(subjects(), "check-in")[0].key == "check-in"
    assert matching(subjects(), "xyzzy") == []
    assert matching(subjects(), "  ") == list(subjects())


def test_keys_that_the_guide_names_exist() -> None:
    """What help says and the sheet of keys says are one truth."""
    import re

    known = {key for one in SHORTCUTS for key in one.each} | {"Ctrl+A"}  # Qt's own in lists
    named = {key for one in subjects() for key in re.findall(r"`((?:Ctrl|Alt|Shift)\+[^`]+)`", one.text)}
    assert named - known == set()


def test_f1_opens_the_page_s_subject_and_search_narrows(sample: App) -> None:
    sample.page("tasks")
    next(one for one in sample.window.findChildren(QShortcut) if one.key() == QKeySequence("F1")).activated.emit()  # offscreen no window is active
    window = sample.wait(lambda: sample.window._help, "help opens")
    assert window.list.currentItem().text() == next(one.title for one in subjects() if one.key == "tasks")
    assert "hand" in window.text.toPlainText()
    blocks = [window.text.document().findBlockByNumber(n) for n in range(window.text.document().blockCount())]
    heads = [block for block in blocks if block.blockFormat().headingLevel()]
    assert heads
    assert {head.begin().fragment().charFormat().font().pixelSize() for head in heads} == {font("head").pixelSize()}
    window.search.setText("credential store")
    sample.settle()
    shown = [window.list.item(row).text() for row in range(window.list.count())]
    assert "Privacy" in shown
    assert "Sessions" not in shown
    assert window.text.extraSelections()
    window.search.setText("xyzzy")
    assert window.list.count() == 0
    assert window._none.isVisible()
    window.close()


def test_a_hint_appears_once(sample: App) -> None:
    sample.page("sessions")
    assert sample.window.hint.isVisible()
    assert "One key" in sample.window.hint.sentence.text()
    sample.page("overview")
    assert not sample.window.hint.isVisible()
    sample.page("sessions")
    assert not sample.window.hint.isVisible()
    again = Settings.load(Path(sample.settings.path or ""))
    assert hints.due(again, "sessions") is None
    assert hints.due(again, "tasks") is not None
