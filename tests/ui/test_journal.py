"""Sessions, tasks and check-ins by keyboard: labels, notes, tasks, undo, many at once, and what was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from tests.ui.conftest import App
from tokenpal.engine import commands, queries, weeks
from tokenpal.model.journal import CheckIn
from tokenpal.model.ranges import iso_week
from tokenpal.model.report import Filter

KEY = Qt.Key


@pytest.fixture
def sessions(sample: App) -> Any:
    page = sample.page("sessions")
    page.list.setFocus()
    return page


def row(page: Any, session: str) -> Any:
    return page.list.sessions.session(page.list.sessions.place(session))


def unlabelled(app: App, page: Any, place: int = 0) -> str:
    """The id of a session that waits for a label, with the cursor on it."""
    found = [one for one in app.ask(queries.sessions) if not one.label][place].id
    page.list.choose(found)
    app.settle()
    return str(found)


@pytest.mark.parametrize(("key", "label"), [(KEY.Key_E, "exploration"), (KEY.Key_D, "delivered"), (KEY.Key_W, "waste")])
def test_one_key_labels_and_the_same_key_takes_it_away(sample: App, sessions: Any, key: KEY, label: str) -> None:
    chosen = unlabelled(sample, sessions)
    QTest.keyClick(sessions.list, key)
    sample.wait(lambda: row(sessions, chosen).label == label, "the label")
    sample.settle()
    sessions.list.choose(chosen)
    QTest.keyClick(sessions.list, key)
    sample.wait(lambda: row(sessions, chosen).label == "", "no label again")


def test_after_a_label_the_next_one_is_asked_and_waste_asks_why(sample: App, sessions: Any) -> None:
    first = unlabelled(sample, sessions)
    place = sessions.list.currentIndex().row()
    QTest.keyClick(sessions.list, KEY.Key_D)
    assert sessions.list.currentIndex().row() > place
    sample.settle()
    sessions.list.choose(first)
    QTest.keyClick(sessions.list, KEY.Key_W)
    sample.wait(lambda: row(sessions, first).label == "waste", "waste")
    sample.settle()
    assert sessions.list.current().id == first, "waste stays, to be asked why"
    why = [link for link in sessions.triage._reasons.findChildren(QAbstractButton) if link.isVisible()]
    assert len(why) == 6
    next(link for link in why if link.property("reason") == "loop").click()
    sample.wait(lambda: row(sessions, first).reason == "loop", "the reason")
    sample.settle()
    assert "Loop" in sessions.triage._why.text()


def test_undo_from_the_toast_and_by_key(sample: App, sessions: Any) -> None:
    chosen = unlabelled(sample, sessions)
    QTest.keyClick(sessions.list, KEY.Key_E)
    sample.wait(lambda: row(sessions, chosen).label, "label")
    sample.settle()
    toast = sample.window.toasts
    assert toast.isVisible()
    assert toast._words.text() == "Exploration."
    toast._undo.click()
    sample.wait(lambda: not row(sessions, chosen).label, "undone by the toast")
    QTest.keyClick(sample.window, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    sample.wait(lambda: row(sessions, chosen).label, "done again")
    sessions.list.setFocus()
    QTest.keyClick(sessions.list, KEY.Key_Z)
    sample.wait(lambda: not row(sessions, chosen).label, "undone by the key")
    sample.settle()
    assert toast._words.text().startswith("Undone: ")


def test_many_at_once_are_one_edit(sample: App, sessions: Any) -> None:
    model = sessions.list.sessions
    places = [i for i in range(model.rowCount()) if model.session(i) is not None][:7]
    chosen = [model.session(i).id for i in places]
    before = {session: row(sessions, session).label for session in chosen}
    sessions.list.setCurrentIndex(model.index(places[0]))
    for place in places:
        sessions.list.selectionModel().select(model.index(place), QItemSelectionModel.SelectionFlag.Select)
    sample.settle()
    assert sessions.triage._question.text() == "What were these 7?"
    QTest.keyClick(sessions.list, KEY.Key_D)
    sample.wait(lambda: all(row(sessions, session).label == "delivered" for session in chosen), "all seven")
    sample.settle()
    assert sample.window.toasts._words.text().startswith("7 sessions: Delivered")
    sample.ask(commands.undo)
    sample.wait(lambda: {session: row(sessions, session).label for session in chosen} == before, "one undo for all")


def test_space_goes_on_and_n_writes_a_note(sample: App, sessions: Any) -> None:
    chosen = unlabelled(sample, sessions)
    place = sessions.list.currentIndex().row()
    QTest.keyClick(sessions.list, KEY.Key_Space)
    assert sessions.list.currentIndex().row() > place
    sessions.list.choose(chosen)
    sample.settle()
    QTest.keyClick(sessions.list, KEY.Key_N)
    assert QApplication.focusWidget() is sessions.detail.note_edit
    QTest.keyClicks(sessions.detail.note_edit, "wed: dew, end")  # letters write here, they do not label
    QTest.keyClick(sessions.detail.note_edit, KEY.Key_Return)
    sample.wait(lambda: row(sessions, chosen).note == "wed: dew, end", "the note")
    assert row(sessions, chosen).label == ""
    sample.settle()
    assert sessions.detail._title.text() == "wed: dew, end"


def test_tags_are_added_and_removed(sample: App, sessions: Any) -> None:
    chosen = unlabelled(sample, sessions)
    sessions.detail.tags.setText("one, #two")
    sessions.detail.outcome.tags_done()
    sample.wait(lambda: set(row(sessions, chosen).tags) == {"one", "two"}, "tags")
    sample.settle()
    sessions.detail.tags.setText("two")
    sessions.detail.outcome.tags_done()
    sample.wait(lambda: set(row(sessions, chosen).tags) == {"two"}, "one less")


def test_t_picks_a_task_by_typing(sample: App, sessions: Any) -> None:
    chosen = unlabelled(sample, sessions)
    QTest.keyClick(sessions.list, KEY.Key_T)
    picker = sample.dialog()
    assert picker.list.item(picker.list.count() - 1).text() == "No task"
    QTest.keyClicks(picker.search, "flaky")
    assert [picker.list.item(i).text() for i in range(picker.list.count())] == ["Flaky integration tests", "New task “flaky”"]
    QTest.keyClick(picker.search, KEY.Key_Return)
    sample.wait(lambda: row(sessions, chosen).task == "Flaky integration tests", "the task")
    assert row(sessions, chosen).via == "hand"
    sample.settle()
    QTest.keyClick(sessions.list, KEY.Key_T)
    picker = sample.dialog()
    QTest.keyClicks(picker.search, "Brand new")
    QTest.keyClick(picker.search, KEY.Key_Down)
    QTest.keyClick(picker.search, KEY.Key_Return)
    sample.wait(lambda: row(sessions, chosen).task == "Brand new", "a new task")
    sample.settle()
    QTest.keyClick(sessions.list, KEY.Key_T)
    picker = sample.dialog()
    QTest.keyClick(picker, KEY.Key_Escape)
    sample.settle()
    assert row(sessions, chosen).task == "Brand new"


def test_a_suggestion_is_marked_and_taken_only_when_asked(sample: App, sessions: Any) -> None:
    for place in range(12):
        chosen = unlabelled(sample, sessions, place)
        if sessions.triage.suggestion.isVisible():
            break
    assert sessions.triage.suggestion.isVisible()
    assert row(sessions, chosen).label == ""
    offered = sessions._offer.label
    QTest.keyClick(sessions.list, KEY.Key_Return)
    sample.wait(lambda: row(sessions, chosen).label == offered, "the suggestion is taken")


def test_search_narrows_and_can_be_cleared(sample: App, sessions: Any) -> None:
    every = sessions.list.sessions.loaded()
    sample.ask(commands.note_session, sessions.list.current().id, "Quokka in the reranker")
    sample.settle()
    QTest.keyClick(sessions.list, KEY.Key_Slash)
    assert QApplication.focusWidget() is sessions.search
    QTest.keyClicks(sessions.search, "quokka")
    sample.wait(lambda: 0 < sessions.list.sessions.loaded() < every, "fewer")
    QTest.keyClicks(sessions.search, " zzzz")
    sample.wait(lambda: sessions._either.currentIndex() == 1, "none")
    assert sessions._empty.title.text() == "No session matches these filters."
    sessions._clear_link.click()
    sample.wait(lambda: sessions.list.sessions.loaded() == every, "all again")


# ---------------------------------------------------------------------------------------------- tasks


def test_a_task_is_made_worked_on_finished_and_its_sessions_found(sample: App) -> None:
    page = sample.page("tasks")
    next(one for one in page.findChildren(QAbstractButton) if one.objectName() == "task-new").click()
    dialog = sample.dialog()
    QTest.keyClicks(dialog.name, "Written by hand")
    QTest.keyClicks(dialog.tags, "a, #b")
    QTest.keyClick(dialog.tags, KEY.Key_Return)

    def find(words: str) -> Any:
        return next((one for one in page.findChildren(QAbstractButton) if one.accessibleName() == words and one.isVisible()), None)

    sample.wait(lambda: find("Work on Written by hand"), "the task's row").click()
    sample.wait(lambda: find("Stop Written by hand"), "the timer runs")
    sample.wait(lambda: sample.window.sidebar._running.isVisible(), "the side bar says so")
    find("Stop Written by hand").click()
    sample.wait(lambda: find("Done with Written by hand"), "stopped").click()
    sample.wait(lambda: find("Open again Written by hand"), "done")
    assert find("Work on Written by hand") is None
    link = next(one for one in page.findChildren(QAbstractButton) if one.accessibleName().endswith("sessions of Search prototype"))
    link.click()
    sample.settle()
    sessions = sample.page("sessions")
    assert sessions.filters.chips.words() == ["Search prototype"]
    assert sessions.list.sessions.loaded() == len(sample.ask(queries.sessions, Filter(tasks=("Search prototype",))))


def test_a_rule_says_what_it_would_do_before_it_does_it(sample: App) -> None:
    page = sample.page("tasks")
    rules = page.rules
    count = len(rules._rules)
    page._go_to_rules()
    sample.settle()
    assert not rules.add.isEnabled()
    rules.kind.choose("branch")
    QTest.keyClicks(rules.pattern, "try/*")
    sample.wait(lambda: rules._effect.text(), "the preview")
    assert "sessions" in rules._effect.text()
    assert len(sample.ask(queries.rules)) == count
    rules.add.click()
    sample.wait(lambda: len(rules._rules) == count + 1, "the rule")
    sample.settle()
    up = [one for one in rules.findChildren(QAbstractButton) if one.accessibleName() == "Try earlier: try/*" and one.isVisible()]
    place = [row.rule.pattern for row in rules._rules].index("try/*")
    up[0].click()
    sample.wait(lambda: [row.rule.pattern for row in rules._rules].index("try/*") == place - 1, "tried earlier")
    sample.window.undo()
    sample.wait(lambda: [row.rule.pattern for row in rules._rules].index("try/*") == place, "undone")


# ---------------------------------------------------------------------------------------------- check-in


def test_a_check_in_saves_while_typing_and_is_there_after_a_restart(make_app: Callable[..., App], sample_profile: Path, tmp_path: Path) -> None:
    app = make_app(sample_profile)
    page = app.page("check-in")
    week = iso_week(app.desktop.desk.today())
    QTest.keyClicks(page.fields["tried"].area, "A second pass.")
    app.wait(lambda: (kept := app.ask(queries.checkin, week)) and kept.tried == "A second pass.", "saved without a button")
    assert "Saved on this machine" in page._foot.text()
    QTest.keyClicks(page.fields["learned"].area, "Ask first.")
    page.leave()
    app.settle()
    app.end()
    again = make_app(app.folder)
    page = again.page("check-in")
    assert page.fields["tried"].text() == "A second pass."
    assert page.fields["learned"].text() == "Ask first."


def test_a_note_is_inserted_with_a_click_and_all_is_copied_as_markdown(sample: App) -> None:
    row = sample.ask(queries.sessions)[0]
    sample.ask(commands.label_sessions, (row.id,), "delivered", None, "Shipped the **arena**.")
    page = sample.page("check-in")
    insert = sample.wait(
        lambda: next((one for one in page.evidence.findChildren(QAbstractButton) if one.accessibleName() == "Insert Shipped the **arena**."), None), "the note"
    )
    insert.click()
    assert page.fields["worked"].text() == "Shipped the **arena**."
    QGuiApplication.clipboard().clear()
    page._copy()
    sample.settle()
    text = QGuiApplication.clipboard().text()
    assert weeks.read_fields(text)["worked"] == "Shipped the **arena**."
    assert text.startswith(f"# Check-in {page._week}")


def test_an_earlier_week_keeps_the_figures_it_was_written_with(sample: App) -> None:
    page = sample.page("check-in")
    page._go_earlier()
    sample.settle()
    week = page._week
    assert page.evidence._kept.isVisible()
    then = page.evidence.title.text()
    kept = weeks.frozen_evidence(sample.ask(queries.checkin, week))
    assert kept is not None
    assert then.startswith(str(kept.tokens / 1e6)[:3])
    sample.ask(commands.save_checkin, CheckIn(week, "changed", evidence=sample.ask(queries.checkin, week).evidence))
    sample.wait(lambda: page.fields["tried"].text() == "changed", "the words follow")
    QTest.keyClicks(page.fields["failed"].area, "x")
    page._save_now()
    sample.settle()
    assert weeks.frozen_evidence(sample.ask(queries.checkin, week)) == kept
    page._other_figures()
    sample.settle()
    assert "now" in page.evidence._kept_words.text()
    page._go_later()
    sample.settle()
    assert not page.evidence._kept.isVisible()


def test_looking_back_finds_what_was_written(sample: App) -> None:
    page = sample.page("check-in")
    page._tabs.choose("back")
    page._show_tab("back")
    sample.settle()
    sample.wait(lambda: not page.back._gradual.busy, "all weeks are there")
    links = [one for one in page.back.findChildren(QAbstractButton) if one.text() == "Open"]
    assert len(links) == len([one for one in sample.ask(queries.checkin_list) if one.tried or one.worked or one.failed or one.learned])
    QTest.keyClicks(page.back.search, "schema")

    def shown() -> list[QAbstractButton]:
        return [one for one in page.back.findChildren(QAbstractButton) if one.text() == "Open" and one.isVisible()]

    sample.wait(lambda: len(shown()) == 1, "only the one that has the word")
    (link,) = shown()
    link.click()
    sample.settle()
    assert page.fields["learned"].text() == "Always attach the schema."
    assert page._either.currentIndex() == 0
