"""Every page with the real engine: it opens, it follows changes, it survives an engine that fails, and it can be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget

from tests.ui import huge
from tests.ui.conftest import App, spin
from tokenpal.engine import commands, queries
from tokenpal.model.errors import StoreError
from tokenpal.model.events import Changed, ScanProgress
from tokenpal.model.report import Dimension
from tokenpal.system.paths import inside
from tokenpal.ui.page import EVERYTHING
from tokenpal.ui.theme import theme
from tokenpal.ui.widgets.text import Text
from tokenpal.ui.window import PAGES

KEYS = [key for key, _, _ in PAGES]


@pytest.fixture(scope="session")
def awkward_profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("awkward")
    huge.fill(inside(folder), sessions=240, requests=3)
    return folder


# ---------------------------------------------------------------------------------------------- opening


@pytest.mark.parametrize("data", ["sample", "empty"])
def test_every_page_opens_light_and_dark(data: str, request: pytest.FixtureRequest) -> None:
    app: App = request.getfixturevalue(data)
    for scheme in ("light", "dark"):
        app.settings.set("appearance.theme", scheme)
        app.desktop.settings_changed("appearance.theme")
        assert theme().dark is (scheme == "dark")
        for key in KEYS:
            page = app.page(key)
            assert page.isVisible()
            assert page.accessibleName() == page.title
            assert app.window.banner.isHidden(), app.window.banner.sentence.text()


def parts(page: QWidget) -> Iterator[QWidget]:
    """What of the page can be seen: shown, and neither a viewport's content that is scrolled away nor nothing at all."""
    for part in page.findChildren(QWidget):
        if part.isVisible() and part.width() > 1 and part.height() > 1:
            yield part


def too_wide(page: QWidget) -> list[str]:
    """Parts that reach out of the page to the right: nothing scrolls sideways, so nobody could ever see them."""
    found = []
    for part in parts(page):
        rect = QRect(part.mapTo(page, QPoint(0, 0)), part.size())
        if rect.right() > page.width() or rect.left() < 0:
            found.append(f"{type(part).__name__} {part.accessibleName() or getattr(part, 'text', str)()!r} {rect.getRect()}")
    return found


def cut(page: QWidget) -> list[str]:
    """Words that do not fit into their label and have no ellipsis."""
    return [
        f"{label.text()!r} has {label.width()} of {label.sizeHint().width()} px"
        for label in page.findChildren(QLabel)
        if label.isVisible() and label.text() and not label.wordWrap() and not (isinstance(label, Text) and label._elide)
        and label.width() < label.sizeHint().width() - 2
    ]  # fmt: skip


@pytest.mark.parametrize(("width", "height", "percent"), [(900, 600, 100), (900, 600, 130), (1320, 934, 100), (1920, 1080, 130)])
def test_nothing_is_cut_whatever_the_size_and_the_names(make_app: Callable[..., App], awkward_profile: Path, width: int, height: int, percent: int) -> None:
    app = make_app(awkward_profile)
    app.settings.set("appearance.text_size", percent)
    app.desktop.settings_changed("appearance.text_size")
    app.settle()
    app.window.resize(width, height)
    for key in KEYS:
        page = app.page(key)
        assert app.window.size().width() == width
        assert too_wide(page) == [], key
        assert cut(page) == [], key
        for scroll in page.findChildren(QScrollArea):
            inner = scroll.widget()
            if scroll.isVisible() and inner is not None:
                assert inner.width() <= scroll.viewport().width(), f"{key} would have to scroll sideways"


# ---------------------------------------------------------------------------------------------- following


def test_pages_follow_what_is_changed_elsewhere(sample: App) -> None:
    tasks = sample.page("tasks")
    count = len(tasks._rows)
    sample.ask(commands.add_task, "Made elsewhere")
    sample.wait(lambda: len(tasks._rows) == count + 1, "the new task is shown")
    overview = sample.page("overview")
    sample.ask(commands.add_rule, "branch", "*", tasks._rows[0].task.id)
    sample.wait(lambda: overview.chart.legend._shown_rows(), "a legend")
    sessions = sample.page("sessions")
    row = sessions.list.current()
    sample.ask(commands.label_sessions, (row.id,), "waste", "loop")
    sample.wait(lambda: sessions.list.sessions.session(sessions.list.sessions.place(row.id)).reason == "loop", "the label is shown")


def test_a_hidden_page_is_refreshed_only_when_it_is_shown(sample: App) -> None:
    tasks = sample.page("tasks")
    sample.page("settings")
    asked: list[Any] = []
    before = tasks.refresh
    tasks.refresh = lambda what: (asked.append(what), before(what))  # type: ignore[method-assign]  # spied on
    sample.ask(commands.add_task, "Later")
    sample.settle()
    assert asked == []
    sample.page("tasks")
    assert [what for what in asked if "tasks" in what]


def test_another_zone_moves_the_days_at_once(sample: App) -> None:
    page = sample.page("overview")
    assert page.query().zone == "Europe/Berlin"
    sample.settings.set("general.zone", "Pacific/Kiritimati")
    sample.desktop.settings_changed("general.zone")
    sample.wait(lambda: page._view is not None and page._view.report.query.zone == "Pacific/Kiritimati", "the chart is in the new zone")
    assert page._view.report.query.until == sample.desktop.desk.today() + timedelta(days=1)
    assert sample.desktop.desk.zone().key == "Pacific/Kiritimati"


def test_another_text_size_lays_the_pages_out_anew(sample: App) -> None:
    old = sample.page("overview")
    small = old.chart.total.font().pixelSize()
    sample.page("settings")
    sample.settings.set("appearance.text_size", 130)
    sample.desktop.settings_changed("appearance.text_size")
    sample.settle()
    assert sample.window.page_key == "settings"
    again = sample.page("overview")
    assert again is not old
    assert again.chart.total.font().pixelSize() > small
    assert again.chart.panel.minimumHeight() == theme().px(250)


# ---------------------------------------------------------------------------------------------- failing


def failing(*_: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(StoreError("The disk is full, so nothing more can be kept.", "Make room on it."))
    return future


@pytest.mark.parametrize("key", KEYS)
def test_a_store_that_fails_is_told_with_a_way_out_and_the_page_stays(sample: App, key: str) -> None:
    page = sample.page(key)
    before = sample.engine.ask
    sample.engine.ask = failing  # type: ignore[method-assign]  # the disk is full from here on
    page.refresh(EVERYTHING)
    spin(60)
    if key != "settings":  # it asks the store nothing
        assert not sample.window.banner.isHidden()
        assert sample.window.banner.sentence.text() == "The data file cannot be used"
        assert sample.window.banner.consequence.text().endswith("Make room on it.")
    sample.engine.ask = before  # type: ignore[method-assign]  # there is room again
    page.refresh(EVERYTHING)
    sample.settle()
    assert page.isVisible()


@pytest.mark.logs_warnings
def test_a_mistake_of_the_program_is_no_dead_end(sample: App) -> None:
    sample.page("overview")
    sample.desktop.bridge.ask(lambda _: 1 / 0)
    sample.wait(lambda: not sample.window.banner.isHidden(), "the banner")
    assert sample.window.banner.sentence.text() == "Something went wrong"


# ---------------------------------------------------------------------------------------------- reaching


def walk(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    yield interface
    for place in range(min(interface.childCount(), 60)):  # the first rows of a list stand for all
        child = interface.child(place)
        if child is not None and child.isValid():
            yield from walk(child)


ACTS = {
    QAccessible.Role.Button, QAccessible.Role.CheckBox, QAccessible.Role.RadioButton, QAccessible.Role.ComboBox, QAccessible.Role.EditableText,
    QAccessible.Role.SpinBox, QAccessible.Role.ListItem, QAccessible.Role.Link, QAccessible.Role.Slider, QAccessible.Role.PageTab,
}  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_every_control_has_a_name_for_those_who_cannot_see_it(sample: App, key: str) -> None:
    page = sample.page(key)
    seen = 0
    for interface in walk(QAccessible.queryAccessibleInterface(page)):
        state = interface.state()
        if interface.role() in ACTS and not state.invisible:
            seen += 1
            words = interface.text(QAccessible.Text.Name) or interface.text(QAccessible.Text.Description)
            owner = interface.object()
            assert words.strip(), f"{type(owner).__name__} {owner.objectName() if owner else ''} on {key} says nothing"
    assert seen > 2


def test_shortcuts_open_pages_in_order(sample: App) -> None:
    window = sample.window
    sample.settle()
    for number, key in enumerate(KEYS, 1):
        QTest.keyClick(window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
        assert window.page_key == key
    sample.settle()


# ---------------------------------------------------------------------------------------------- overview


def test_the_chart_offers_only_what_says_something(sample: App) -> None:
    page = sample.page("overview")
    page._measure.choose("billed")
    page._choice_made("")
    sample.settle()
    assert page.chart.origin.text() == "reported"
    assert page.chart.total.text().startswith("$")
    page._by.choose(Dimension.CLASS.value)
    page._choice_made("")
    sample.settle()
    assert [page._measure.itemData(i) for i in range(page._measure.count())] == ["tokens"]
    assert page._view.chart.total > 0
    assert "tokens" in page.chart.unit.text()


def test_hours_say_what_was_left_out_and_money_has_no_hours(sample: App) -> None:
    page = sample.page("overview")
    page._range.choose("7")
    page._range_chosen("7")
    page._bucket.choose("hour")
    page._choice_made("")
    sample.settle()
    assert "not in these hours" in page.chart.note.text()
    page._measure.choose("billed")
    page._choice_made("")
    assert "hour" not in [page._bucket.itemData(i) for i in range(page._bucket.count())]
    sample.settle()


def test_the_chip_tells_the_weakest_origin_and_the_split(sample: App) -> None:
    page = sample.page("overview")
    assert page.chart.origin.text() == "measured"
    tip = page.chart.origin.toolTip().splitlines()
    assert len(tip) == 3
    assert "measured" in tip[0]
    assert "reported" in tip[1]
    assert tip[2].startswith("Read "), "the age of the figures"
    shares = [int("".join(c for c in line.rpartition(",")[2] if c.isdigit())) for line in tip[:2]]
    assert 98 <= sum(shares) <= 102


def test_any_days_can_be_chosen(sample: App) -> None:
    page = sample.page("overview")
    today = sample.desktop.desk.today()
    page._range.choose("custom")
    page._range_chosen("custom")
    dialog = sample.dialog()
    first = today - timedelta(days=12)
    dialog.first.setDate(first)  # type: ignore[arg-type]  # Qt takes a date
    dialog.last.setDate(today - timedelta(days=3))
    dialog._take()
    sample.settle()
    assert (page._view.report.first, page._view.report.until) == (first, today - timedelta(days=2))
    page._range_chosen("custom")
    sample.dialog()._all()
    sample.settle()
    assert page._view.report.query.first is None
    assert page._bucket.key() == "month"


def test_a_click_lists_the_sessions_and_goes_on_to_them(sample: App) -> None:
    page = sample.page("overview")
    place = next(i for i in range(len(page._view.chart.slots) - 1, -1, -1) if page._view.chart.totals[i] > 0)
    page.chart.panel.chart.select(place)
    page._pick(place, place)
    sample.settle()
    lines = [line for line in page.day._lines if not line.isHidden()]
    assert lines
    page._show_in_sessions()
    sample.settle()
    assert sample.window.page_key == "sessions"
    sessions = sample.page("sessions")
    assert len(sessions.filters.chips.words()) == 1
    assert sessions.list.sessions.loaded() >= len(lines)
    sessions.filters.chips.clear.click()
    sample.settle()
    assert sessions.filters.chips.isHidden()


def test_what_is_shown_can_be_taken_away(sample: App, tmp_path: Path) -> None:
    page = sample.page("overview")
    for ending in ("png", "svg", "csv"):
        page.export_to(tmp_path / f"out.{ending}")
        assert (tmp_path / f"out.{ending}").stat().st_size > 100
    page.export_to(tmp_path / "nowhere" / "out.csv")
    assert sample.window.banner.sentence.text() == "Not exported"


def test_the_table_behind_the_chart_has_its_numbers(sample: App) -> None:
    page = sample.page("overview")
    page.chart.as_table.click()
    assert page.chart.panel.is_table()
    assert page.chart.as_table.text() == "Show as chart"
    table = page.chart.panel.table.model().table
    assert len(table.rows) == len(page._view.chart.slots)
    QTest.keyClick(sample.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert not page.chart.panel.is_table()


def test_the_first_run_stays_while_logs_are_read(empty: App) -> None:
    page = empty.page("overview")
    assert page.first_run.isVisible()
    empty.desktop.bridge.happened.emit(ScanProgress("claude-code", 3, 9))
    assert page.first_run._title.text() == "Reading what is already here"
    empty.ask(_use)
    empty.desktop.bridge.happened.emit(Changed(frozenset({"usage"})))
    empty.wait(lambda: max(page.first_run._days._days) > 0, "the bars fill")
    assert page.first_run.isVisible(), "the scan still runs"
    empty.desktop.bridge.happened.emit(ScanProgress("claude-code", 9, 9, finished=True))
    empty.settle()
    assert not page.first_run.isVisible()
    assert page.chart.isVisible()


def _use(store: Any) -> None:
    from tokenpal.engine import demo

    demo.fill_store(store, store.now(), "UTC")


def test_today_in_numbers_is_the_same_everywhere(sample: App) -> None:
    page = sample.page("overview")
    sample.desktop.toggle_glance()
    sample.settle()
    today = sample.ask(queries.today, "Europe/Berlin").measures.tokens.total
    assert sample.desktop.glance is not None
    assert f"Today {sample.desktop.glance._total.text()}" in page.chart.pace.text()
    assert sample.desktop.standing.figures is not None
    assert sample.desktop.standing.figures.today.measures.tokens.total == today
