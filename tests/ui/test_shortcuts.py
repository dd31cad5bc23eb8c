"""The list of keys against the real window: nothing is missing, nothing collides, and ``?`` shows it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tokenpal.ui import still
from tokenpal.ui.dialogs.shortcuts import KeyGroup
from tokenpal.ui.shortcuts import GROUPS, SHORTCUTS, of_page, shown, with_key
from tokenpal.ui.window import PAGES

INSIDE = ("chart", "table")  # only while the focus is in one, which takes its keys first


def portable(keys: list[QKeySequence]) -> set[str]:
    return {key.toString(QKeySequence.SequenceFormat.PortableText) for key in keys}


def test_every_key_of_the_window_is_listed(sample: Any) -> None:
    unlisted = []
    for key, _, _ in PAGES:
        page = sample.page(key)
        listed = {one for shortcut in (*of_page(""), *of_page(key)) for one in shortcut.each}
        for shortcut in (*page.findChildren(QShortcut), *sample.window.findChildren(QShortcut, options=Qt.FindChildOption.FindDirectChildrenOnly)):
            if not portable(shortcut.keys()) & listed:
                unlisted.append((key, portable(shortcut.keys())))
    assert unlisted == []


def test_no_two_keys_of_a_page_collide() -> None:
    for group in GROUPS:
        together = (*of_page(group), *(() if group in {"", "glance", *INSIDE} else of_page("")))
        keys = [key for shortcut in together for key in shortcut.each]
        assert sorted(keys) == sorted(set(keys)), group


def test_the_list_is_well_formed() -> None:
    assert {one.page for one in SHORTCUTS} <= set(GROUPS)
    assert set(GROUPS) - {"", "glance", *INSIDE} <= {key for key, _, _ in PAGES}
    for one, key in itertools.chain.from_iterable(((one, key) for key in one.each) for one in SHORTCUTS):
        assert QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText) == key, one
    assert [one.words for one in SHORTCUTS if not one.words.strip()] == []


def test_a_tooltip_says_its_key() -> None:
    assert with_key("Export", "Ctrl+E") == f"Export ({shown('Ctrl+E')})"
    assert with_key("Export", "") == "Export"


@pytest.mark.parametrize("page", ["sessions", "check-in"])
def test_a_question_mark_shows_the_sheet(sample: Any, page: str) -> None:
    sample.page(page)
    sample.window.setFocus()
    QTest.keyClick(sample.window, Qt.Key.Key_Question)
    sheet = sample.dialog()
    words = [label.text() for label in sheet.findChildren(QLabel)]
    for one in SHORTCUTS:
        assert one.words in words
    titles = [words.index(word) for key, word in GROUPS.items() if key in {page, ""}]
    assert titles[1] < titles[0], "the keys of the page in front come first"
    told = [(label.text(), label.accessibleDescription()) for group in sheet.findChildren(KeyGroup) for label in group.labels]
    for one in SHORTCUTS:
        assert any(words == one.words and all(shown(key) in keys for key in one.each) for words, keys in told), one
    for group in sheet.findChildren(KeyGroup):
        places = [label.geometry() for label in group.labels]
        assert len(places) == len(group.lines)
        assert all(upper.bottom() < lower.top() for upper, lower in itertools.pairwise(places))
        assert places[-1].bottom() < group.height()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_the_sheet_comes_in_slices_and_is_read_all_the_same(sample: Any) -> None:
    sample.desktop.beforehand = True
    sample.window.show_keys()
    sheet = sample.dialog()
    size = sheet.size()
    listed = sum(bool(of_page(group)) for group in GROUPS)
    sample.wait(lambda: len(sheet.findChildren(KeyGroup)) == listed and not still.of(sheet).busy, "all of it is there")
    assert sheet.size() == size, "nothing jumps"
    words = {label.text() for group in sheet.findChildren(KeyGroup) for label in group.labels if label.isVisibleTo(sheet)}
    assert words == {one.words for one in SHORTCUTS}
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_the_sheet_can_be_left_before_all_of_it_is_there(sample: Any) -> None:
    sample.desktop.beforehand = True
    sample.window.show_keys()
    sheet = sample.dialog()
    assert len(sheet.findChildren(KeyGroup)) < sum(bool(of_page(group)) for group in GROUPS)
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    sample.settle()
