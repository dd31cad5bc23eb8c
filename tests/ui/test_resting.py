"""The Tasks page with a person in front: rows show their parts when they are near, and come a few at a time."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from msgspec import UNSET
from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from tests.ui.conftest import App
from tokenpal.engine import commands, queries
from tokenpal.ui.page import EVERYTHING
from tokenpal.ui.tasks.listing import MOST
from tokenpal.ui.tasks.mixbars import MixBars

KEY = Qt.Key


@pytest.fixture
def page(sample: App) -> Any:
    """The page as a person has it: everything a little at a time."""
    sample.window.resize(1320, 934)
    sample.desktop.beforehand = True
    return ready(sample, sample.page("tasks"))


def ready(sample: App, page: Any) -> Any:
    sample.wait(lambda: page.listing.task_lines() and not page.listing.busy, "the rows")
    sample.wait(lambda: not page._nearby._turns.busy and in_sight(page) and all(line.resting.inside.isVisible() for line in in_sight(page)), "their parts")
    sample.settle()
    return page


def in_sight(page: Any) -> list[Any]:
    """Rows that are seen as a whole."""
    return [line for line in page.listing.task_lines() if line.visibleRegion().boundingRect() == line.rect()]


def test_the_row_with_the_keyboard_is_itself_wherever_it_is(sample: App, page: Any) -> None:
    line = in_sight(page)[0]
    button = next(one for one in line.findChildren(QAbstractButton) if one.accessibleName().startswith("Edit "))
    button.setFocus(Qt.FocusReason.TabFocusReason)
    bar = page.scroller.verticalScrollBar()
    sample.window.resize(1320, 560)
    sample.settle()
    bar.setValue(bar.maximum())
    sample.settle()
    assert button.isVisible()
    assert button.hasFocus()
    page.filter.setFocus()
    sample.wait(lambda: not button.isVisible(), "far away and left")
    bar.setValue(0)
    sample.wait(lambda: button.isVisible(), "near again")


def test_a_row_says_something_else_in_its_place(sample: App, page: Any) -> None:
    line = next(one for one in in_sight(page) if one.row.task and not one.row.task.done)
    others = [one for one in page.listing.task_lines() if one is not line]
    sample.ask(commands.start_timer, line.row.task.id)
    sample.wait(lambda: line.row.running_since is not None, "it runs")
    assert line._play.accessibleName() == f"Stop {line.row.task.name}"
    sample.ask(commands.stop_timer)
    sample.wait(lambda: line.row.running_since is None, "it stands")
    assert page.listing.task_lines().count(line) == 1
    assert [one for one in page.listing.task_lines() if one is not line] == others, "no row was made anew"
    name = line.row.task.name
    sample.ask(commands.edit_task, line.row.task.id, f"{name} again", UNSET, UNSET, UNSET, UNSET, UNSET, UNSET)
    other = sample.wait(lambda: next((one for one in page.listing.task_lines() if one.row.task and one.row.task.name == f"{name} again"), None), "its new name")
    assert other is not line, "its name is in every part of it"
    assert [one for one in page.listing.task_lines() if one is not other] == others


def test_a_filter_and_another_order_keep_rows_and_scale(sample: App, page: Any) -> None:
    lines = {line.row.task.name if line.row.task else "": line for line in page.listing.task_lines()}
    tops = {line.bars._top for line in lines.values()}
    assert len(tops) == 1
    page.filter.setFocus()
    QTest.keyClicks(page.filter, "infra")
    sample.wait(lambda: [line.row.task.name for line in page.listing.task_lines() if line.row.task] == ["Flaky integration tests"] and not page.listing.busy, "found")
    sample.settle()
    page.filter.clear()
    sample.wait(lambda: len(page.listing.task_lines()) == len(lines) and not page.listing.busy, "all again")
    page.sort.choose("name")
    page._sorted("name")
    ready(sample, page)
    assert {line.row.task.name if line.row.task else "": line for line in page.listing.task_lines()} == lines
    assert {line.bars._top for line in lines.values()} == tops


def test_a_page_at_rest_asks_for_no_turns(sample: App, page: Any) -> None:
    def at_work() -> list[QTimer]:
        return [one for one in page.findChildren(QTimer) if one.isActive()]

    sample.wait(lambda: not at_work(), "all is done")
    page.refresh(EVERYTHING)
    bar = page.scroller.verticalScrollBar()
    sample.window.resize(1320, 600)
    sample.settle()
    line = page.listing.task_lines()[1]
    bar.setValue(line.mapTo(page.scroller.widget(), line.rect().center()).y())  # half of it is seen
    sample.wait(lambda: not at_work(), "all is done again")


def test_other_figures_of_a_suggestion_keep_its_row(sample: App, page: Any) -> None:
    card = page.suggestions
    lines = card.lines()
    assert lines
    found = tuple(replace(one, tokens=one.tokens + 1_000_000, sessions=one.sessions + 1) for one in card._found)
    card.set_found(found, card._names, 0)
    assert card.lines() == lines
    assert [line.one for line in lines] == list(found[: len(lines)])
    assert all(line._would in line.accessibleName() for line in lines)


def test_a_thousand_tasks_stand_under_a_fold_and_are_all_found(sample: App, page: Any) -> None:
    count = MOST + 30
    many(sample, count)
    there = len(sample.ask(queries.tasks))
    sample.wait(lambda: page._table is not None and len(page._table.rows) >= there and not page.listing.busy, "all of them")
    open_ = page.listing._lines[0].count()
    assert open_ == MOST
    more = page.listing.rest[0]
    assert more.isVisibleTo(page)
    assert more.text().startswith("and ")
    page.filter.setText(f"Chore {count - 1:03}")
    sample.wait(lambda: [line.row.task.name for line in page.listing.task_lines() if line.row.task] == [f"Chore {count - 1:03}"] and not page.listing.busy, "the last one")
    page.filter.clear()
    sample.wait(lambda: page.listing._lines[0].count() == MOST and not page.listing.busy, "the first ones")
    more.click()
    sample.wait(lambda: page.listing._lines[0].count() > MOST and not page.listing.busy, "the rest")
    assert not more.isVisibleTo(page)
    sample.wait(lambda: 0 < sum(line.resting.inside.isVisible() for line in page.listing.task_lines()) < MOST // 2, "only what is near shows its parts")


def many(sample: App, count: int) -> None:
    for number in range(count):
        sample.ask(commands.add_task, f"Chore {number:03}")


def test_narrow_bars_have_the_colours_of_their_labels(qapp: object, look: Any) -> None:
    bars = MixBars()
    bars.set([{"delivered": 4, "waste": 4}] * 60, [f"Week {n}" for n in range(60)], 8, "A task")
    bars.resize(150, 32)  # 2.5 px each
    seen = Counter(bars.grab().toImage().pixelColor(x, y).name() for x in range(150) for y in range(31))
    assert {name for name, _ in seen.most_common(2)} == {look.color("delivered").name(), look.color("waste").name()}
