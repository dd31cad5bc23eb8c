"""Notices: the one way from what happened to the list behind the bell and to the desktop; quiet hours; figures hidden."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import App
from tokenpal.engine import commands, notices as heard, queries
from tokenpal.insight.away import Break
from tokenpal.insight.quiet import quiet_seconds
from tokenpal.model.events import Notable
from tokenpal.ui import glance as glances, numbers
from tokenpal.ui.noticelist import NoticeList, NoticeRow
from tokenpal.ui.voice import Voice
from tokenpal.ui.widgets.buttons import Link

Sent = list[tuple[str, str]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    said: Sent = []
    monkeypatch.setattr(Voice, "_send", lambda self, title, body, key="": said.append((title, body)))
    return said


def quiet_now(app: App, on: bool = True) -> None:
    """Quiet hours around this moment."""
    hour = app.desktop.desk.moment().hour
    app.settings.set("notifications.quiet_from", f"{(hour - 1) % 24:02}:00")
    app.settings.set("notifications.quiet_until", f"{(hour + 2) % 24:02}:00")
    app.settings.set("notifications.quiet", on)


def budget(number: int) -> Notable:
    return Notable("budgets", f"b{number}", f"Budget {number}", "You are at it.", "tasks")


def test_quiet_hours_keep_what_came_and_end_with_one_summary(empty: App, sent: Sent) -> None:
    empty.settle()
    voice = empty.desktop.voice
    quiet_now(empty)
    for number in range(3):
        voice.tell(budget(number))
    assert sent == []
    assert [one.what.key for one in voice.notices.items] == ["b2", "b1", "b0"]
    assert voice._end_of_quiet.isActive(), "and something will end the silence"
    voice.speak_up()
    assert sent == [], "it is still quiet"
    quiet_now(empty, on=False)
    voice.speak_up()
    assert sent == [("3 notices while it was quiet", "Budget 0\nBudget 1\nBudget 2")]
    voice.speak_up()
    assert len(sent) == 1


def test_what_no_longer_holds_or_was_seen_is_not_told_after_quiet_hours(empty: App, sent: Sent) -> None:
    empty.settle()
    voice = empty.desktop.voice
    quiet_now(empty)
    voice.tell(Notable("limits", "gone by now", "Claude week 88 % used", "."))
    voice.tell(budget(1))
    quiet_now(empty, on=False)
    voice.speak_up()
    assert sent == [("Budget 1", "You are at it.")], "one that is left is told as it is"
    quiet_now(empty)
    voice.tell(budget(2))
    voice.notices.see()
    quiet_now(empty, on=False)
    voice.speak_up()
    assert len(sent) == 1


def test_a_kind_that_is_not_wanted_is_in_the_list_alone(empty: App, sent: Sent) -> None:
    empty.settle()
    empty.settings.set("notifications.budgets", False)
    empty.desktop.voice.tell(budget(1))
    assert sent == []
    assert len(empty.desktop.voice.notices.items) == 1


def test_a_problem_is_told_once_over_restarts(sample: App, make_app: Callable[..., App], sent: Sent) -> None:
    sample.settle()
    assert len([title for title, _ in sent if "key" in title]) == 1
    sample.end()
    again = make_app(sample.folder)
    again.settle()
    assert len([title for title, _ in sent if "key" in title]) == 1
    assert again.ask(heard.heard, "UTC", 0).news == ()


def test_the_bell_opens_the_list_and_a_notice_its_page(empty: App, sent: Sent) -> None:
    window = empty.window
    empty.page("overview")
    bell = window.sidebar.bell
    assert not bell.isVisible(), "nothing to tell"
    empty.desktop.voice.tell(budget(1))
    empty.desktop.voice.tell(budget(2))
    assert bell.isVisible()
    assert bell.accessibleDescription() == "2 new notices"
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    popup = empty.wait(lambda: next((one for one in window.findChildren(NoticeList) if one.isVisible()), None))
    assert bell.accessibleDescription() == "Nothing new"
    assert [row.accessibleName() for row in popup.findChildren(NoticeRow)] == ["Budget 2", "Budget 1"]
    next(link for link in popup.findChildren(Link) if link.accessibleName() == "Dismiss: Budget 2").click()
    assert [one.what.key for one in empty.desktop.voice.notices.items] == ["b1"]
    next(link for link in popup.findChildren(Link) if link.isVisible() and link.accessibleName() == "Show: Budget 1").click()
    empty.settle()
    assert window.page_key == "tasks"


@pytest.mark.parametrize(("clock", "weekends", "hours"), [("2026-11-20 23:00", False, 9), ("2026-11-20 23:00", True, 57), ("2026-11-20 12:00", True, 0), ("2026-11-22 22:00", False, 10)])
def test_how_long_it_stays_quiet(clock: str, weekends: bool, hours: int) -> None:
    moment = datetime.fromisoformat(clock)
    assert quiet_seconds(moment, hours=True, since="20:00", until="08:00", weekends=weekends) == hours * 3600


# ---------------------------------------------------------------------------------------------- figures hidden


def shown_words(window: object) -> list[str]:
    from PySide6.QtWidgets import QLabel, QWidget

    assert isinstance(window, QWidget)
    words = [one.text() for one in window.findChildren(QLabel) if one.isVisible()]
    for one in window.findChildren(QWidget):
        if one.isVisible():
            words += [one.accessibleName(), one.accessibleDescription(), one.toolTip()]
    return [word for word in words if word]


def test_one_key_hides_every_figure_of_the_glance(sample: App) -> None:
    sample.desktop.toggle_glance()
    sample.settle()
    glance = sample.desktop.glance
    assert glance is not None
    glance.setProperty("keep", True)
    total, line = glance._total.text(), sample.desktop.tray._line
    assert any(character.isdigit() for character in total)
    QTest.keyClick(glance, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    sample.settle()
    try:
        assert glance._total.text() == numbers.HIDDEN
        said = "\n".join(shown_words(glance))
        for mark in (total, "$", "\u202f%", "\u202fM", "\u202fk", "88 %"):
            assert mark not in said, (mark, said)
        assert "sessions to label" in said, "counts of things are no secret"
        assert sample.settings.get("appearance.hide_numbers") is True
        tip = sample.desktop.tray._line
        assert not tip.startswith("Today 2")
        assert "\u202f%" not in tip
    finally:
        sample.desktop.hiding.toggle()
    sample.settle()
    assert glance._total.text() == total
    assert sample.desktop.tray._line == line


def test_while_the_screen_is_shared_figures_hide_and_the_person_may_show_them(sample: App) -> None:
    hiding = sample.desktop.hiding
    sample.page("overview")
    hiding._heard(True)
    assert hiding.hidden
    assert hiding.because_shared
    hiding.toggle()
    assert not hiding.hidden, "the person's word wins"
    hiding._heard(True)
    assert not hiding.hidden
    hiding._heard(False)
    hiding._heard(True)
    assert hiding.hidden, "another call, another question"
    hiding._heard(None)
    assert not hiding.hidden
    assert sample.settings.get("appearance.hide_numbers") is False
    sample.settle()


def test_an_export_tells_all(sample: App) -> None:
    numbers.hide(True)
    try:
        assert numbers.short(1_240_000) == numbers.HIDDEN
        with numbers.plain():
            assert numbers.short(1_240_000) == "1.24\u202fM"
        assert numbers.count(3, "session") == "3 sessions"
    finally:
        numbers.hide(False)


# ---------------------------------------------------------------------------------------------- away


@pytest.mark.parametrize("answer", ["keep", "drop", "split"])
def test_after_a_break_the_person_says_what_it_was(sample: App, sent: Sent, answer: str) -> None:
    sample.settle()
    first, other = sample.ask(queries.recent_tasks)[:2]
    timer = sample.ask(commands.start_timer, first.id)
    sample.wait(lambda: sample.desktop.working._look.isActive(), "the clock is looked at")
    sample.ask(_move_start, timer.id, timer.start - 7200)
    sample.desktop.working.was_away(Break(timer.start - 3000, timer.start - 600))
    dialog = sample.dialog()
    assert dialog.windowTitle() == "You were away 40\u00a0min"
    assert sent[-1][0] == dialog.windowTitle()
    dialog.findChild(object, f"away-{answer}").click()
    if answer == "split":
        picker = sample.wait(lambda: next((one for one in QApplication.topLevelWidgets() if type(one).__name__ == "TaskPicker" and one.isVisible()), None))
        picker.search.setText(other.name)
        QTest.keyClick(picker.search, Qt.Key.Key_Return)
    sample.settle()
    rows = {(one[0], one[1]) for one in sample.ask(_timers) if one[1] >= timer.start - 7200}
    wanted = {(first.id, timer.start - 7200)}
    if answer != "keep":
        wanted.add((first.id, timer.start - 600))
    if answer == "split":
        wanted.add((other.id, timer.start - 3000))
    assert rows == wanted
    assert "away" not in [one.what.key for one in sample.desktop.voice.notices.items]
    sample.ask(commands.stop_timer)
    sample.wait(lambda: not sample.desktop.working._look.isActive(), "and no longer")


def _move_start(store: object, timer: int, start: int) -> None:
    store.execute("UPDATE timer SET start = ? WHERE id = ?", (start, timer))  # type: ignore[attr-defined]  # a Store


def _timers(store: object) -> list[tuple[int, int]]:
    return store.execute("SELECT task, start FROM timer").fetchall()  # type: ignore[attr-defined,no-any-return]  # a Store


# ---------------------------------------------------------------------------------------------- where the glance stands


SCREEN = QRect(0, 0, 1440, 900)


@pytest.mark.parametrize(
    ("room", "icon", "edge"),
    [
        (QRect(0, 28, 1440, 872), QPoint(1300, 14), "top"), (QRect(0, 0, 1440, 860), QPoint(1300, 880), "bottom"),
        (QRect(48, 0, 1392, 900), QPoint(24, 850), "left"), (QRect(0, 0, 1392, 900), QPoint(1416, 850), "right"),
        (SCREEN, QPoint(1300, 890), "bottom"), (SCREEN, QPoint(8, 400), "left"),
    ],
)  # fmt: skip
def test_the_glance_stands_at_the_panel_on_every_edge(room: QRect, icon: QPoint, edge: str) -> None:
    size = QSize(420, 700)
    found = QRect(glances.place(size, icon, SCREEN, room), size)
    assert room.contains(found)
    gap = {"top": found.top() - room.top(), "bottom": room.bottom() - found.bottom(), "left": found.left() - room.left(), "right": room.right() - found.right()}
    assert abs(gap[edge] - glances.EDGE) <= 1


def test_with_large_text_on_a_small_screen_nothing_is_cut(sample: App) -> None:
    sample.settings.set("appearance.text_size", 200)
    sample.desktop.settings_changed("appearance.text_size")
    sample.settle()
    sample.desktop.toggle_glance()
    sample.settle()
    glance = sample.desktop.glance
    assert glance is not None
    room = glance.screen().availableGeometry()
    assert glance.height() <= room.height()
    assert glance._total.isVisible()
    assert glance._read.isVisible()
    sample.settings.set("appearance.text_size", 100)
    sample.desktop.settings_changed("appearance.text_size")
    sample.settle()


def test_a_click_that_overtakes_the_daemon_s_answer_is_not_lost(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is read on one thread, clicks come on another: whichever is first."""
    from tokenpal.ui import notify

    class Quick:
        alive = True

        def __init__(self, invoked: Callable[[int], None]) -> None:
            self.invoked = invoked

        def notify(self, *_what: object) -> int:
            self.invoked(3)  # of another program
            self.invoked(7)
            return 7

        def close(self) -> None:
            pass

    monkeypatch.setattr(notify, "_Daemon", Quick)
    notifier = notify.Notifier()
    chosen: list[str] = []
    notifier.chosen.connect(chosen.append)
    notifier._over_dbus("Title", "Body", "b1", "Open", None)
    notifier._invoked(7)
    notifier._invoked(3)
    assert chosen == ["b1"]
