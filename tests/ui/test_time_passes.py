"""A window that was open, or hidden, over a night says what one says that is opened in the morning: no figure keeps the name of "today"."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from tests.ui.conftest import AFTERNOON, App, spin
from tokenpal.model.ranges import iso_week
from tokenpal.store.rollups import clock
from tokenpal.ui.window import PAGES

KEYS = [key for key, _, _ in PAGES]
MORNING = timedelta(hours=10)
MONDAY = timedelta(hours=60)


def said(part: QWidget) -> list[str]:
    """All that a screen reader could tell of it, but for where the profile is and what a coin decides."""
    lines = []
    for one in part.findChildren(QWidget):
        told = QAccessible.queryAccessibleInterface(one) if one.isVisible() else None
        if told is not None:
            name, more = told.text(QAccessible.Text.Name), told.text(QAccessible.Text.Description)
            words = (name, more * (more != name), str(getattr(one, "text", str)()))  # hovering tells again what had no room when it was painted
            lines += [f"{type(one).__name__} {' | '.join(words)}"] * any(words)
    return [line for line in lines if "/profile-" not in line and "coin" not in line and not line.startswith("BytePreview")]


def words(app: App, key: str) -> list[str]:
    page = app.page(key)
    app.wait(lambda: app.desktop.bridge.idle and (spin(120) or app.desktop.bridge.idle), "the page is at rest")
    return said(page) + said(app.window.sidebar)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("hidden", "later"), [(False, MORNING), (True, MONDAY)], ids=["left open over a night", "hidden over a weekend"])
def test_a_page_says_after_a_night_what_a_new_one_says(make_app: Callable[..., App], sample_profile: Path, key: str, hidden: bool, later: timedelta) -> None:
    with time_machine.travel(AFTERNOON + later, tick=False):
        new = make_app(sample_profile)
        wanted = words(new, key)
        new.end()
    app = make_app(sample_profile)
    before = words(app, key)
    if hidden:
        app.window.hide()
    with time_machine.travel(AFTERNOON + later, tick=False):
        if not hidden:
            app.desktop._minute.timeout.emit()
        app.window.open_page(key)
        try:
            app.wait(lambda: words(app, key) == wanted)
        except AssertionError:
            raise AssertionError("\n".join(difflib.unified_diff(words(app, key), wanted, "left", "new", lineterm="", n=0))) from None
    assert key in {"settings", "sharing"} or before != wanted


@pytest.mark.parametrize("hidden", [False, True], ids=["left open", "hidden"])
def test_the_tray_says_nothing_of_yesterday_as_of_today(sample: App, hidden: bool) -> None:
    standing = sample.desktop.standing
    if not hidden:
        sample.page("overview")
    sample.wait(lambda: standing.figures and standing.figures.today.measures.tokens.total, "today's figure")
    sample.wait(lambda: sample.engine._inside._today, "the engine knows the day")
    with time_machine.travel(AFTERNOON + MORNING, tick=False):
        if hidden:  # the next look at the logs comes within a minute
            sample.engine._call(lambda inside: inside.logs.now())
        sample.wait(lambda: not standing.figures.today.measures.tokens.total, "another day")
        assert "Nothing" in standing.status().today


def test_the_tray_warns_of_a_limit_until_its_window_is_over(sample: App) -> None:
    standing = sample.desktop.standing
    sample.wait(lambda: standing.figures and standing.status().near_limit, "Codex is near its limit")
    assert standing._reset.isActive()
    with time_machine.travel(AFTERNOON + MONDAY, tick=False):
        standing._reset.timeout.emit()
        sample.wait(lambda: standing.status().near_limit is None, "it has begun anew")
    sample.settle()
    standing._reset.stop()
    standing._wait_for_reset(standing.figures)
    assert not standing._reset.isActive()


def test_who_is_writing_on_sunday_night_stays_in_that_week(sample: App) -> None:
    page = sample.page("check-in")
    week = page._week
    page.fields["tried"].area.setFocus()
    QTest.keyClicks(page.fields["tried"].area, "Late at night")
    with time_machine.travel(AFTERNOON + MONDAY, tick=False):
        sample.desktop._minute.timeout.emit()
        sample.settle()
        assert page._week == week
        assert any(one.text() == f"Week {int(week[-2:])}" for one in page._tabs.findChildren(QAbstractButton))
        page.window().setFocus()
        page.fields["tried"].area.clearFocus()
        page._go_later()
        sample.settle()
        assert page._week == iso_week(page.desk.today())
        page._go_earlier()
        sample.settle()
        assert page.fields["tried"].text().endswith("Late at night")


def test_who_travels_has_the_days_of_where_they_are(make_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    app = make_app()
    page = app.page("overview")
    assert page.query().zone == "Europe/Berlin"
    app.window.hide()
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    app.window.show()
    app.wait(lambda: page.query().zone == "Asia/Tokyo", "the zone of the machine")
    app.settle()
    assert app.ask(lambda store: clock(store).zone.key) == "Asia/Tokyo"
