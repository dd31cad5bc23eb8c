"""A list of any length: true length and days at once, rows in pages, an honest scroll bar, and everything chosen at once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester, QTest

from tests.ui import many
from tests.ui.conftest import App
from tokenpal.engine import commands, listing, queries
from tokenpal.model.report import Filter
from tokenpal.system.paths import inside
from tokenpal.ui.sessions.model import PAGE_ROWS, PAGES_KEPT, SessionModel
from tokenpal.ui.theme import px

KEY = Qt.Key
LONG = 6_000


@pytest.fixture(scope="module")
def long_profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    places = inside(tmp_path_factory.mktemp("long"))
    places.make()
    many.fill(places.database, LONG)
    return places.settings.parent


@pytest.fixture
def long(make_app: Callable[..., App], long_profile: Path) -> App:
    return make_app(long_profile)


@pytest.fixture
def page(long: App) -> Any:
    shown = long.page("sessions")
    shown.list.setFocus()
    return shown


def test_it_is_a_proper_model_with_its_true_length(long: App, page: Any) -> None:
    model: SessionModel = page.list.sessions
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    long.settle()
    columns = model.columns
    assert model.loaded() == LONG
    assert model.rowCount() == LONG + len(columns.days)
    assert model.kept() < 10 * PAGE_ROWS
    headers = [row for row in range(model.rowCount()) if model.is_header(row)]
    assert len(headers) == len(columns.days)
    for place in (0, 1, PAGE_ROWS, LONG // 2, LONG - 1):
        assert model.locate(model.row_of(place))[1] == place
    assert sum(len(model.places(low, high - 1)) for low, high in pairwise([*headers, model.rowCount()])) == LONG
    tall = len(columns.days) * px(36) + LONG * px(54)
    bar = page.list.verticalScrollBar()
    assert bar.maximum() + page.list.viewport().height() == tall


def test_the_end_is_one_key_away_and_old_pages_are_let_go(long: App, page: Any) -> None:
    listed = page.list
    QTest.keyClick(listed, KEY.Key_End)
    long.wait(lambda: listed.current() is not None, "the last row is read")
    oldest = long.ask(queries.sessions, Filter(), None, None, "UTC", 1, LONG - 1)[0]
    assert listed.current().id == oldest.id
    assert listed.verticalScrollBar().value() == listed.verticalScrollBar().maximum()
    for part in range(0, 100, 2):  # drag from end to end
        listed.verticalScrollBar().setValue(listed.verticalScrollBar().maximum() * part // 100)
        long.settle()
    assert listed.sessions.kept() <= PAGES_KEPT * PAGE_ROWS
    QTest.keyClick(listed, KEY.Key_Home)
    long.wait(lambda: listed.current() is not None and listed.current_place() == 0, "the newest")


def test_what_is_under_the_mouse_is_what_is_painted(long: App, page: Any) -> None:
    listed = page.list
    for value in (0, 777, 123_456):
        listed.verticalScrollBar().setValue(value)
        for y in range(3, listed.viewport().height(), 29):
            index = listed.indexAt(QPoint(30, y))
            assert listed.visualRect(index).contains(QPoint(30, y))
    assert not listed.indexAt(QPoint(30, -1 - listed.verticalOffset())).isValid()


def test_everything_chosen_is_labelled_as_one_edit_loaded_or_not(long: App, page: Any) -> None:
    page.filters.label.chosen.emit("exploration")
    long.settle()
    count = page.list.sessions.loaded()
    assert 0 < count < LONG
    QTest.keyClick(page.list, KEY.Key_A, Qt.KeyboardModifier.ControlModifier)
    long.settle()
    assert page.list.count_selected() == count == len(page.list.selected_ids())
    assert page._right.currentWidget() is page.bulk
    assert page.bulk.heading.text() == f"{count:,} sessions"
    page.bulk.add.setText("one #two")
    QTest.keyClick(page.bulk.add, KEY.Key_Return)
    long.wait(lambda: long.ask(listing.mix, page.list.selected_ids()).tags.get("two") == count, "all are tagged")
    long.settle()
    assert page.list.count_selected() == count, "they stay chosen"
    long.ask(commands.undo)
    long.settle()
    assert "two" not in long.ask(listing.mix, page.list.selected_ids()).tags


def test_above_five_thousand_the_person_is_asked_first(long: App, page: Any) -> None:
    page.list.selectAll()
    long.settle()
    QTest.keyClick(page.list, KEY.Key_W)
    dialog = long.dialog()
    QTest.keyClick(dialog, KEY.Key_Escape)
    long.settle()
    assert long.ask(listing.mix, page.list.selected_ids()).labels["waste"] < LONG
    QTest.keyClick(page.list, KEY.Key_W)
    dialog = long.dialog()
    dialog.chosen.emit("go")
    dialog.accept()
    long.wait(lambda: not page.work.busy, "done")
    long.settle()
    assert long.ask(listing.mix, page.list.selected_ids()).labels == {"waste": LONG}
    long.ask(commands.undo)
    long.settle()
    assert long.ask(listing.mix, page.list.selected_ids()).labels["waste"] < LONG


def test_a_range_with_shift_and_single_ones_with_control(long: App, page: Any) -> None:
    listed = page.list
    listed.choose_place(3)
    for _ in range(4):
        QTest.keyClick(listed, KEY.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    long.settle()
    assert listed.count_selected() == 5
    spot = listed.visualRect(listed.index_of(1)).center()
    QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, spot)
    long.settle()
    assert listed.count_selected() == 6
    assert [listed.sessions.columns.ids[place] for part in listed.ranges() for place in part] == list(listed.selected_ids())


def test_new_use_does_not_move_what_is_read_or_chosen(long: App, page: Any) -> None:
    listed = page.list
    listed.choose_place(50)
    long.settle()
    chosen = listed.current().id
    listed.selectionModel().select(listed.index_of(52), QItemSelectionModel.SelectionFlag.Select)
    before, rect = list(listed.selected_ids()), listed.visualRect(listed.currentIndex())
    long.ask(_one_more, "claude-code:brand-new")
    page._read()
    long.settle()
    assert listed.sessions.loaded() == LONG + 1
    assert listed.current().id == chosen
    assert list(listed.selected_ids()) == before
    assert listed.visualRect(listed.currentIndex()).top() == rect.top()


def _one_more(store: Any, key: str) -> None:
    with store.transaction():
        store.execute("INSERT INTO session(key, account, first_at, last_at, total) VALUES(?, 1, ?, ?, 5000)", (key, many.NOW - 20, many.NOW - 10))


def test_a_session_far_down_is_found_by_its_key(long: App, page: Any) -> None:
    far = long.ask(queries.sessions, Filter(), None, None, "UTC", 1, 4_321)[0]
    page.show_item(far.id)
    long.wait(lambda: page.list.current() is not None and page.list.current().id == far.id, "found")
    assert page.list.current_place() == 4_321


def test_a_screen_reader_hears_rows_that_are_not_loaded(long: App, page: Any) -> None:
    model = page.list.sessions
    row = model.row_of(5_000)
    early = model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "tokens" in early
    long.settle()
    said = model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "feature/PAY" in said or "Note of session" in said
    assert any(word in said for word in ("Not labelled", "Exploration", "Delivered", "Waste"))
    face = QAccessible.queryAccessibleInterface(page.list)
    assert face is not None
    assert face.childCount() >= model.rowCount()
    head = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "session" in head


def test_the_day_stays_on_top(long: App, page: Any) -> None:
    listed = page.list
    listed.verticalScrollBar().setValue(px(54) * 1_000)
    day, _ = listed.sessions.locate(listed._row_at(listed.verticalOffset()))
    long.settle()
    picture = listed.viewport().grab().toImage()
    assert picture.pixelColor(4, 4) == listed.viewport().grab().toImage().pixelColor(4, 4)
    assert listed.sessions.day_words(day)
    place = listed._place_at(36)
    assert listed.visualRect(listed.index_of(place)).bottom() > px(36)
