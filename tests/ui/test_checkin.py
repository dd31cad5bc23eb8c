"""The check-in page: pins, templates, looking back, export, search and the reminder, as a person does them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog

from tests.ui.conftest import App
from tokenpal.engine import commands, queries, weekpage
from tokenpal.model.events import Notable
from tokenpal.model.journal import CheckIn, Template
from tokenpal.model.ranges import iso_week
from tokenpal.ui.checkins.rows import NoteRow

KEY, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(sample: App) -> Any:
    sample.page("overview")  # the engine runs
    this = iso_week(sample.desktop.desk.today())
    rows = [row for row in sample.ask(queries.sessions) if iso_week(sample.desktop.desk.moment(row.started).date()) == this] or sample.ask(queries.sessions)[:3]
    sample.ask(commands.label_sessions, (rows[0].id,), "delivered", None, "Shipped the arena\nNo copies left.")
    sample.ask(commands.label_sessions, (rows[-1].id,), "exploration", None, "A second pass")
    opened = sample.page("check-in")
    week = iso_week(sample.desktop.desk.moment(rows[0].started).date())
    if week != this:  # early in a week there is no session in it yet
        opened.show_item(week)
        sample.settle()
    sample.ask(commands.save_checkin, CheckIn(week))
    sample.settle()
    return opened


def row(page: Any, words: str) -> NoteRow:
    return next(one for one in page.evidence.findChildren(NoteRow) if one._title == words)


def pins(app: App, page: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pin in app.ask(weekpage.words, page._week).pins:
        found.setdefault(pin.field, []).append(pin.session)
    return found


def named(page: Any, name: str) -> list[Any]:
    return [one for one in page.findChildren(QAbstractButton) if one.objectName() == name and one.isVisible()]


def test_a_note_goes_into_its_field_with_a_pin_and_one_undo_takes_both(sample: App, page: Any) -> None:
    note = row(page, "Shipped the arena")
    before = page.fields["worked"].text()
    note.link.click()
    sample.wait(lambda: pins(sample, page) == {"worked": [note.row.id]}, "the pin")
    sample.settle()
    assert page.fields["worked"].text().endswith("Shipped the arena\nNo copies left.")
    sample.wait(note.link.isHidden, "the link goes")
    assert note._where == "worked"
    assert page.fields["worked"].pins.sessions() == (note.row.id,)
    page.setFocus()
    sample.window.undo()
    sample.wait(lambda: not pins(sample, page), "undone")
    sample.wait(lambda: page.fields["worked"].text() == before, "the words, too")
    sample.wait(lambda: not note.link.isHidden(), "the link comes back")


def test_two_notes_at_once_are_both_kept(sample: App, page: Any) -> None:
    one, two = row(page, "Shipped the arena"), row(page, "A second pass")
    one.link.click()
    two.link.click()
    sample.settle()
    assert pins(sample, page) == {"worked": [one.row.id], "tried": [two.row.id]}
    kept = sample.ask(queries.checkin, page._week)
    assert "Shipped the arena" in kept.worked
    assert "A second pass" in kept.tried


def test_a_key_chooses_the_field_and_ctrl_i_takes_the_next_note(sample: App, page: Any) -> None:
    note = row(page, "A second pass")
    note.link.setFocus()
    QTest.keyClick(note.link, KEY.Key_4)
    sample.wait(lambda: pins(sample, page) == {"learned": [note.row.id]}, "into learned")
    sample.settle()
    QTest.keyClick(page, KEY.Key_I, CTRL)
    sample.wait(lambda: len(pins(sample, page)) == 2, "the next note")
    sample.settle()
    said: list[str] = []
    page.toast.connect(lambda words, _: said.append(words))
    for _ in range(30):
        QTest.keyClick(page, KEY.Key_I, CTRL)
        sample.settle()
        if said:
            break
    assert said == ["Every note of this week is in a field."]


def test_a_pin_opens_its_session_and_goes_by_mouse_and_key(sample: App, page: Any) -> None:
    one, two = row(page, "Shipped the arena"), row(page, "A second pass")
    sample.ask(weekpage.pin, page._week, "failed", one.row.id)
    sample.ask(weekpage.pin, page._week, "failed", two.row.id)
    sample.settle()
    field = page.fields["failed"]
    sample.wait(lambda: field.pins.sessions() == (one.row.id, two.row.id), "both chips")
    named(field, "pin-remove")[0].click()
    sample.wait(lambda: pins(sample, page) == {"failed": [two.row.id]}, "one less")
    sample.wait(lambda: len(named(field, "pin-open")) == 1, "one chip less")
    (face,) = named(field, "pin-open")
    face.click()
    sample.settle()
    assert sample.window.page_key == "sessions"
    assert sample.page("sessions").list.current().id == two.row.id
    sample.page("check-in")
    (face,) = named(field, "pin-open")
    QTest.keyClick(face, KEY.Key_Delete)
    sample.wait(lambda: not pins(sample, page), "gone by key")


def test_long_words_make_the_field_grow_and_writing_is_kept_within_a_second(sample: App, page: Any) -> None:
    area = page.fields["tried"].area
    least = area.minimumHeight()
    area.setPlainText("\n".join(f"line {n}" for n in range(9)))
    sample.wait(lambda: area.minimumHeight() > 2 * least, "it grows")
    assert page.fields["tried"].waiting
    timer = page.fields["tried"]._timer
    left = timer.remainingTime()
    area.insertPlainText("x")
    assert timer.remainingTime() <= left, "who goes on typing does not put it off"
    sample.wait(lambda: "line 8" in sample.ask(queries.checkin, page._week).tried, "kept")


def test_a_template_fills_what_is_empty_and_no_more(sample: App, page: Any) -> None:
    sample.ask(commands.save_template, Template("Ordinary", "tried words", "worked words", "", "learned words"))
    QTest.keyClicks(page.fields["worked"].area, "mine")
    page._save_now()
    sample.settle()
    sample.wait(lambda: "Ordinary" in [action.text() for action in page.more.templates.actions()], "it is offered")
    before = page.fields["learned"].text()
    next(action for action in page.more.templates.actions() if action.text() == "Ordinary").trigger()
    sample.wait(lambda: page.fields["tried"].text(), "it is filled")
    sample.settle()
    assert page.fields["worked"].text().endswith("mine")
    assert page.fields["learned"].text() == before or page.fields["learned"].text() == "learned words"
    sample.window.undo()
    sample.wait(lambda: page.fields["tried"].text() == "", "undone")


def test_templates_are_made_changed_and_removed_in_their_dialog(sample: App, page: Any) -> None:
    page.writing.begin.emit()  # none there: the dialog opens
    dialog = sample.dialog()
    named(dialog, "template-new")[0].click()
    sample.settle()
    dialog.name.setText("Short week")
    dialog.fields["learned"].area.setPlainText("One line.")
    named(dialog, "template-new")[0].click()
    sample.settle()
    assert [one.name for one in sample.ask(weekpage.every_template)] == ["Short week", "Template"]
    dialog.name.setText("short WEEK")
    named(dialog, "templates-done")[0].click()
    assert dialog.isVisible()
    assert "already" in dialog._said.text()
    dialog.name.setText("Other")
    named(dialog, "templates-done")[0].click()
    sample.settle()
    assert [(one.name, one.learned) for one in sample.ask(weekpage.every_template)] == [("Other", ""), ("Short week", "One line.")]
    sample.ask(commands.undo)
    assert [one.name for one in sample.ask(weekpage.every_template)] == ["Short week", "Template"]


def test_a_month_is_exported_with_the_figures_it_was_written_with(sample: App, page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page._tabs.choose("back")
    page._show_tab("back")
    sample.settle()
    target = tmp_path / "months.md"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    link = next(one for one in page.back.findChildren(QAbstractButton) if one.text() == "Export…" and one.isVisible())
    link.click()
    sample.wait(target.exists, "the file")
    text = target.read_text("utf-8")
    assert text.count("## Check-in 20") >= 1
    assert "as they were when this was written" in text
    assert "% of the tokens with a task and a label" in text
    copy = next(one for one in page.back.findChildren(QAbstractButton) if one.text() == "Copy" and one.isVisible())
    QGuiApplication.clipboard().clear()
    copy.click()
    sample.wait(lambda: QGuiApplication.clipboard().text().rstrip() == text.rstrip(), "the same on the clipboard")


@pytest.mark.parametrize("by", ["week", "quarter"])
def test_looking_back_by_weeks_and_quarters(sample: App, page: Any, by: str) -> None:
    page._tabs.choose("back")
    page.back.by.choose(by)
    page._show_tab("back")
    sample.settle()
    links = [one for one in page.back.findChildren(QAbstractButton) if one.text() == "Open" and one.isVisible()]
    assert links
    assert all(one.accessibleName().startswith("Open Week") for one in links)


def test_find_opens_what_it_finds_from_any_page(sample: App, page: Any) -> None:
    task = sample.ask(commands.add_task, "Quokka feeding")
    session = row(page, "Shipped the arena").row.id
    sample.ask(commands.note_session, session, "The quokka is fed")
    sample.ask(commands.save_checkin, CheckIn("2026-W02", learned="Feed the quokka first"))
    sample.page("settings")
    QTest.keyClick(sample.window, KEY.Key_K, CTRL)
    dialog = sample.dialog()
    QTest.keyClicks(dialog.search, "quok")
    sample.wait(lambda: "3 hits" in dialog.said.text(), "three kinds")
    texts = [dialog.list.item(n).text() for n in range(dialog.list.count())]
    assert texts[0::2] == ["Tasks", "Notes", "Check-ins"]
    QTest.keyClick(dialog.search, KEY.Key_Down)
    QTest.keyClick(dialog.search, KEY.Key_Return)
    sample.settle()
    assert sample.window.page_key == "sessions"
    assert sample.page("sessions").list.current().id == session
    for steps, page_key in ((0, "tasks"), (2, "check-in")):
        sample.window.search()
        dialog = sample.dialog()
        QTest.keyClicks(dialog.search, "quok")
        sample.wait(lambda dialog=dialog: "3 hits" in dialog.said.text(), "again")
        for _ in range(steps):
            QTest.keyClick(dialog.search, KEY.Key_Down)
        QTest.keyClick(dialog.search, KEY.Key_Return)
        sample.settle()
        assert sample.window.page_key == page_key
    assert page._week == "2026-W02"
    assert task.name


def test_find_says_when_there_is_nothing(sample: App) -> None:
    sample.window.search()
    dialog = sample.dialog()
    QTest.keyClicks(dialog.search, "zzzxqy")
    sample.wait(lambda: "Nothing" in dialog.nothing.title.text(), "nothing")
    QTest.keyClick(dialog.search, KEY.Key_Return)
    assert dialog.isVisible()
    dialog.close()
    assert QApplication.activeModalWidget() is not dialog


def test_the_reminder_comes_when_its_time_has_come(make_app: Callable[..., App], sample_profile: Path) -> None:
    app = make_app(sample_profile)
    app.page("overview")
    desk = app.desktop.desk
    week = iso_week(desk.today())
    app.ask(commands.save_checkin, CheckIn(week))
    told: list[Notable] = []
    app.desktop.standing.notable.connect(told.append)
    past = desk.moment()  # its minute has begun, so its time has come
    app.settings.set("notifications.checkin_day", ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[past.weekday()])
    app.settings.set("notifications.checkin_time", f"{past:%H:%M}")
    app.desktop.reminder.look()
    app.settle()
    assert not told, "it is off"
    app.settings.set("notifications.checkin", True)
    app.desktop.settings_changed("notifications.checkin")
    app.wait(lambda: told, "the reminder")
    assert (told[0].kind, told[0].page, told[0].item) == ("checkin", "check-in", week)
    app.desktop.reminder.look()
    app.settle()
    assert len([one for one in told if one.kind == "checkin"]) == 1
    assert isinstance(datetime.now(desk.zone()), datetime)
