"""One after the other, filters, parts of a session, the way back, and what leaves the page: as a person does it, by key."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from tests.ui.conftest import App
from tokenpal.engine import commands, listing, queries
from tokenpal.model.report import Filter
from tokenpal.store import edits
from tokenpal.system.paths import inside
from tokenpal.ui.sessions.run import Run
from tokenpal.ui.shortcuts import SHORTCUTS

KEY = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(sample: App) -> Any:
    shown = sample.page("sessions")
    shown.list.setFocus()
    return shown


def begin(app: App, page: Any) -> tuple[int, ...]:
    waiting = app.ask(listing.waiting)
    QTest.keyClick(page.list, KEY.Key_L, CONTROL)
    app.settle()
    assert page.run.on
    return tuple(waiting)


def labels(app: App, ids: tuple[int, ...]) -> list[str]:
    rows = app.ask(listing.session_page, ids)
    return [rows[id_].label for id_ in ids]


def test_one_after_the_other_by_key_alone(sample: App, page: Any) -> None:
    waiting = begin(sample, page)
    assert page.subtitle.text() == f"1 of {len(waiting)}"
    assert not page.list.isVisible()
    QTest.keyClick(page, KEY.Key_D)
    sample.settle()
    assert page.subtitle.text() == f"2 of {len(waiting)}"
    QTest.keyClick(page, KEY.Key_W)
    sample.settle()
    assert page.subtitle.text() == f"2 of {len(waiting)}", "waste stays, to be asked why"
    assert page.triage._reasons.isVisible()
    assert page.triage.height() == page.triage.heightForWidth(page.triage.width()), "no room is kept for the suggestion that went"
    QTest.keyClick(page, KEY.Key_3)
    sample.settle()
    QTest.keyClick(page, KEY.Key_Space)
    sample.settle()
    assert page.subtitle.text() == f"4 of {len(waiting)}"
    assert labels(sample, waiting[:4]) == ["delivered", "waste", "", ""]
    assert sample.ask(listing.session_page, waiting[1:2])[waiting[1]].reason == "loop"
    QTest.keyClick(page, KEY.Key_Z)  # later is taken back without an edit
    sample.settle()
    assert page.subtitle.text() == f"3 of {len(waiting)}"
    for _ in range(2):  # the reason, then the label
        QTest.keyClick(page, KEY.Key_Z)
        sample.settle()
    assert page.subtitle.text() == f"2 of {len(waiting)}"
    assert labels(sample, waiting[:2]) == ["delivered", ""]
    QTest.keyClick(page, KEY.Key_Escape)
    sample.settle()
    assert not page.run.on
    assert page.list.isVisible()


def test_a_note_is_written_in_a_run_and_the_run_goes_on(sample: App, page: Any) -> None:
    waiting = begin(sample, page)
    QTest.keyClick(page, KEY.Key_N)
    assert QApplication.focusWidget() is page.detail.note_edit
    QTest.keyClicks(page.detail.note_edit, "wed: 123")
    QTest.keyClick(page.detail.note_edit, KEY.Key_Return)
    sample.settle()
    assert page.subtitle.text() == f"1 of {len(waiting)}"
    row = sample.ask(listing.session_page, waiting[:1])[waiting[0]]
    assert (row.note, row.label) == ("wed: 123", "")
    QTest.keyClick(page, KEY.Key_E)
    sample.settle()
    assert labels(sample, waiting[:1]) == ["exploration"]


def test_the_same_as_last_time_is_offered_and_taken_with_enter(sample: App, page: Any) -> None:
    waiting = begin(sample, page)
    for _ in range(len(waiting)):
        if page._offer is not None:
            break
        QTest.keyClick(page, KEY.Key_Space)
        sample.settle()
    assert page.triage.suggestion.isVisible()
    id_, offered = page.run.ids()[0], page._offer.label
    assert labels(sample, (id_,)) == [""]
    QTest.keyClick(page, KEY.Key_Return)
    sample.settle()
    assert labels(sample, (id_,)) == [offered]


def test_the_end_says_so_in_a_neutral_sentence(sample: App, page: Any) -> None:
    waiting = sample.ask(listing.waiting)
    sample.ask(listing.label, waiting[2:], "delivered")
    sample.settle()
    begin(sample, page)
    QTest.keyClick(page, KEY.Key_Space)
    sample.settle()
    QTest.keyClick(page, KEY.Key_D)
    sample.settle()
    assert page._end.title.text() == "1 session waits for later."
    page._later_link.click()
    sample.settle()
    QTest.keyClick(page, KEY.Key_E)
    sample.settle()
    assert page._end.title.text() == "Every session has a label."
    assert page._end.isVisible()
    QTest.keyClick(page, KEY.Key_Escape)
    sample.settle()
    assert page.list.isVisible()


def test_the_way_back_of_a_run() -> None:
    run = Run([5, 6, 7])
    run.edited()
    run.go_on()
    run.put_off()
    assert (run.current, run.later) == (7, [6])
    assert run.back() is False
    assert (run.current, run.later) == (6, [])
    assert run.back() is True
    assert run.current == 5
    assert run.back() is False


def test_a_session_is_split_on_its_timeline_and_merged_again(sample: App, page: Any) -> None:
    timeline = page.detail.timeline
    key = page.detail.row.id
    QTest.keyClick(page.list, KEY.Key_S)
    assert QApplication.focusWidget() is timeline
    assert timeline.at() is not None, "the cursor stands after the longest pause"
    places = timeline.cuts.places()
    QTest.keyClick(timeline, KEY.Key_Home)
    assert timeline.cursor_bar == places[0]
    QTest.keyClick(timeline, KEY.Key_Right)
    assert timeline.cursor_bar == places[1]
    at, sides = timeline.at(), timeline.cuts.sides(timeline.at())
    assert sum(sides) == page.detail.row.measures.tokens.total
    QTest.keyClick(timeline, KEY.Key_S)
    dialog = sample.dialog()
    said = [one.accessibleName() for one in dialog.findChildren(type(page.detail._task))]
    assert any(f"{sides[0]:,}" in one for one in said), "the parts are shown before they are made"
    QTest.keyClicks(dialog.search, "flaky")
    QTest.keyClick(dialog.search, KEY.Key_Return)
    sample.wait(lambda: len(timeline.cuts.parts) == 2, "two parts")
    sample.settle()
    detail, splits = sample.ask(listing.detail, key)
    assert [split.at for split in splits] == [at]
    assert {part.task for part in detail.segments if part.started >= at} == {"Flaky integration tests"}
    assert timeline._tint_of(0) != timeline._tint_of(55)
    assert page.detail._segments.isVisible()
    QTest.keyClick(page.list, KEY.Key_M)
    sample.wait(lambda: len(timeline.cuts.parts) == 1, "one part again")
    sample.settle()
    sample.window.undo()
    sample.wait(lambda: len(timeline.cuts.parts) == 2, "merging can be undone")
    sample.settle()


def test_filters_are_shown_as_words_that_go_away(sample: App, page: Any) -> None:
    every = page.list.sessions.loaded()
    page.filters.fill(sample.ask(listing.choices))
    tasks = next(action.menu() for action in page.filters.menu.actions() if action.text() == "Task")
    next(action for action in tasks.actions() if action.text() == "Code review").trigger()
    sample.settle()
    agents = next(action.menu() for action in page.filters.menu.actions() if action.text() == "Agent")
    assert "Claude Code" in [action.text() for action in agents.actions()]
    next(action for action in agents.actions() if action.text() == "Claude Code").trigger()
    sample.settle()
    assert page.filters.chips.words() == ["Code review", "Claude Code"]
    rows = sample.ask(queries.sessions, Filter(tasks=("Code review",), agents=("claude-code",)))
    assert page.list.sessions.loaded() == len(rows) < every
    chip = next(one for one in page.filters.chips.findChildren(QAbstractButton) if one.text() == "Code review" and one.isVisible())
    assert "Code review" in chip.accessibleName()
    chip.click()
    sample.settle()
    assert page.filters.chips.words() == ["Claude Code"]
    page.filters.chips.clear.click()
    sample.settle()
    assert page.list.sessions.loaded() == every
    assert page.filters.chips.isHidden()


def test_what_is_listed_goes_out_as_csv_and_what_is_chosen_is_copied(sample: App, page: Any, tmp_path: Path) -> None:
    page.filters.label.chosen.emit("delivered")
    sample.settle()
    page.edits.export_to(page.list.sessions.columns.ids, tmp_path / "out.csv")
    sample.settle()
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == page.list.sessions.loaded()
    assert {row["label"] for row in table} == {"delivered"}
    page.list.choose_place(0)
    QTest.keyClick(page.list, KEY.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(page.list, KEY.Key_C, CONTROL)
    sample.wait(lambda: QGuiApplication.clipboard().text().startswith("id\t"), "copied")
    sample.settle()
    assert len(QGuiApplication.clipboard().text().strip().splitlines()) == 3
    page.edits.export_to(page.list.sessions.columns.ids, tmp_path / "nowhere" / "out.csv")
    sample.settle()
    assert "could not be written" in sample.window.toasts._words.text()


def test_the_last_edits_are_listed_and_undone_up_to_one_after_a_restart(make_app: Callable[..., App], sample_profile: Path) -> None:
    app = make_app(sample_profile)
    app.page("sessions")
    ids = app.ask(listing.waiting)[:3]
    for id_ in ids:
        app.ask(listing.label, (id_,), "waste")
    app.end()
    again = App(inside(app.folder), app.folder / "nobody")
    try:
        page = again.page("sessions")
        page.edits.show_past()
        dialog = again.dialog()
        assert dialog.list.item(0).text().endswith("Label a session waste")
        dialog.list.setCurrentRow(1)
        assert dialog.take.text() == "Undo up to here: 2 edits"
        dialog.take.click()
        again.settle()
        assert labels(again, ids) == ["waste", "", ""]
    finally:
        again.end()


def test_edits_that_had_no_room_are_said(sample: App, page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list promises the newest 200; where room took some of them, it says so."""
    ids = sample.ask(listing.waiting)[:3]
    said = "took too much room and can no longer be taken back."

    def told() -> list[str]:
        page.edits.show_past()
        dialog = sample.dialog()
        words = [label.text() for label in dialog.findChildren(QLabel) if said in label.text()]
        dialog.reject()
        sample.settle()
        return words

    for id_ in ids:
        sample.ask(listing.label, (id_,), "waste")
    assert told() == []
    monkeypatch.setattr(edits, "MOST_BYTES", 1)
    sample.ask(listing.label, ids, "delivered")
    (words,) = told()
    assert words.endswith(said)
    assert len(sample.ask(listing.history)) == 1


def test_minutes_link_and_reason_are_kept_and_undone(sample: App, page: Any) -> None:
    key = page.detail.row.id
    outcome = page.detail.outcome
    outcome.minutes.setFocus()
    QTest.keyClicks(outcome.minutes, "45")
    QTest.keyClick(outcome.minutes, KEY.Key_Return)
    sample.settle()
    outcome.link.setFocus()
    outcome.link.setText("https://example.org/pull/7")
    QTest.keyClick(outcome.link, KEY.Key_Return)
    sample.settle()
    detail, _ = sample.ask(listing.detail, key)
    assert (detail.minutes_saved, detail.link) == (45, "https://example.org/pull/7")
    outcome.minutes.setFocus()
    outcome.minutes.setText("many")
    QTest.keyClick(outcome.minutes, KEY.Key_Return)
    sample.settle()
    assert outcome.minutes.text() == "45"
    outcome.note.setFocus()
    QTest.keyClicks(outcome.note, "never mind")
    QTest.keyClick(outcome.note, KEY.Key_Escape)
    sample.settle()
    assert sample.ask(queries.session, key).note == ""
    for _ in range(2):
        sample.ask(commands.undo)
    detail, _ = sample.ask(listing.detail, key)
    assert (detail.minutes_saved, detail.link) == (None, "")


def test_the_menu_has_every_action_and_reaches_many(sample: App, page: Any) -> None:
    page.list.choose_place(0)
    sample.settle()
    menu = page.make_row_menu()
    words = [action.text() for action in menu.actions() if action.text()]
    assert words[:3] == ["Exploration", "Delivered", "Waste"]
    assert {"Choose a task…", "Let rules decide", "Write a note", "Split…", "Copy as a table", "Choose all"} <= set(words)
    next(action for action in menu.actions() if action.text() == "Choose all").trigger()
    sample.settle()
    assert page.list.count_selected() == page.list.sessions.loaded()


def test_narrow_the_list_and_the_session_take_turns(sample: App, page: Any) -> None:
    page._narrow = True
    page._place()
    assert page.list.isVisible()
    assert not page._right.isVisible()
    page.list.choose_place(2)
    page.show_coming()
    page.open_session()
    assert page._right.isVisible()
    assert not page.list.isVisible()
    assert page.triage.isVisible()
    QTest.keyClick(page, KEY.Key_Escape)
    assert page.list.isVisible()


def test_every_key_of_the_page_is_on_the_sheet() -> None:
    listed = {key for one in SHORTCUTS if one.page == "sessions" for key in one.each}
    assert {"E", "D", "W", "N", "T", "S", "M", "F", "Z", "Space", "Ctrl+L", "Ctrl+H", "Ctrl+E", "Ctrl+A", "Ctrl+C", "/"} <= listed
