"""The Tasks page with the real app: rules by mouse, keyboard and button, suggestions, time, merge, archive, table and CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from tests.ui.conftest import App
from tokenpal.engine import commands, queries, sorting
from tokenpal.engine.sorting import Draft, Shown
from tokenpal.insight.effects import Effect, Move
from tokenpal.ui.dialogs.budgets import BudgetsDialog
from tokenpal.ui.tasks.effect import EffectView
from tokenpal.ui.tasks.words import move
from tokenpal.ui.theme import Theme
from tokenpal.ui.widgets.text import Text

KEY = Qt.Key


@pytest.fixture
def page(sample: App) -> Any:
    """The page with the sample data."""
    found = sample.page("tasks")
    sample.window.resize(1320, 934)
    sample.settle()
    made(sample, found)
    return found


def patterns(page: Any) -> list[str]:
    return [row.rule.pattern for row in page.rules._rules]


def shown_patterns(page: Any) -> list[str]:
    return [line.row.rule.pattern for line in page.rules._shown_lines()]


def button(page: Any, words: str) -> Any:
    return next((one for one in page.findChildren(QAbstractButton) if one.accessibleName() == words and one.isVisibleTo(page)), None)


def press(sample: App, page: Any, words: str) -> None:
    sample.wait(lambda: button(page, words), words).click()
    sample.settle()


def made(sample: App, page: Any) -> None:
    """All rows are there: they are made a few at a time."""
    sample.wait(lambda: not page.listing.busy, "the rows")


def stored(sample: App) -> list[str]:
    return [row.rule.pattern for row in sample.ask(queries.rules)]


def drag(line: Any, y: int, *, drop: bool = True) -> None:
    """Drag a rule by its grip, ``y`` pixels down (up below zero), as a person does: press, move in steps, let go."""
    start = QPoint(14, line.height() // 2)
    QTest.mousePress(line, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 9):
        QTest.mouseMove(line, start + QPoint(0, y * step // 8))
    if drop:
        QTest.mouseRelease(line, Qt.MouseButton.LeftButton, pos=start + QPoint(0, y))


# ---------------------------------------------------------------------------------------------- rules: order


def test_a_rule_is_dragged_looked_at_and_moved(sample: App, page: Any) -> None:
    sample.ask(commands.add_rule, "folder", "/home/sam", page._rows[0].task.id)
    sample.wait(lambda: "/home/sam" in patterns(page), "the rule")
    sample.settle()
    before = patterns(page)
    lines = page.rules._lines
    page.scroller.ensureWidgetVisible(lines[-1])
    drag(lines[-1], lines[0].geometry().top() - lines[-1].geometry().bottom() - 4)
    sample.wait(lambda: page.rules._question is not None and page.rules._question.take.isEnabled(), "its effect")
    assert "change their task" in page.rules._question.view.text()
    assert shown_patterns(page) == ["/home/sam", *before[:-1]]
    assert stored(sample) == before, "nothing is written before the person says so"
    QTest.keyClick(page.rules._question.take, KEY.Key_Return)
    sample.wait(lambda: patterns(page) == ["/home/sam", *before[:-1]], "moved")
    sample.window.undo()
    sample.wait(lambda: patterns(page) == before, "undone")


def test_a_drag_shows_where_and_esc_leaves(sample: App, page: Any) -> None:
    before = patterns(page)
    line = page.rules._lines[0]
    page.scroller.ensureWidgetVisible(page.rules._lines[-1])
    drag(line, line.height() * 2, drop=False)
    assert line.dragging
    assert page.rules._mark.isVisible()
    QTest.keyClick(line, KEY.Key_Escape)
    assert not page.rules._mark.isVisible()
    QTest.mouseRelease(line, Qt.MouseButton.LeftButton, pos=QPoint(14, 90))
    sample.settle()
    assert stored(sample) == before
    assert page.rules._question is None


def test_alt_and_arrows_move_a_rule_and_esc_takes_it_back(sample: App, page: Any) -> None:
    sample.ask(commands.add_rule, "folder", "/home/sam", page._rows[0].task.id)
    sample.wait(lambda: "/home/sam" in patterns(page), "the rule")
    before = patterns(page)
    line = page.rules._lines[-1]
    line.setFocus()
    QTest.keyClick(line, KEY.Key_Up, Qt.KeyboardModifier.AltModifier)
    sample.wait(lambda: page.rules._question is not None and page.rules._question.take.isEnabled(), "its effect")
    QTest.keyClick(line, KEY.Key_Up, Qt.KeyboardModifier.AltModifier)
    sample.settle()
    assert shown_patterns(page).index("/home/sam") == len(before) - 3
    QTest.keyClick(page.rules._question, KEY.Key_Escape)
    assert page.rules._question is None
    assert shown_patterns(page) == before == stored(sample)
    assert line.hasFocus()
    QTest.keyClick(line, KEY.Key_Up)
    assert page.rules._lines[-2].hasFocus()


def test_what_changes_nothing_is_done_at_once(sample: App, page: Any) -> None:
    before = patterns(page)
    press(sample, page, f"Try later: {before[0]}")  # the sample's rules do not overlap
    sample.wait(lambda: patterns(page)[:2] == [before[1], before[0]], "moved")
    assert page.rules._question is None
    assert sample.ask(queries.rules)[1].rule.pattern == before[0]


# ---------------------------------------------------------------------------------------------- rules: change


def test_a_rule_is_changed_in_place_with_its_effect(sample: App, page: Any) -> None:
    rules, old = page.rules, patterns(page)[1]
    hand = sample.ask(queries.sessions)[0].id
    sample.ask(commands.assign_sessions, [hand], page._rows[0].task.id)
    sample.settle()
    line = rules._lines[1]
    line.setFocus()
    QTest.keyClick(line, KEY.Key_F2)
    assert rules._editor.pattern.hasFocus()
    assert rules._editor.pattern.text() == old
    rules._editor.pattern.selectAll()
    QTest.keyClicks(rules._editor.pattern, "*")
    sample.wait(lambda: rules._question.take.isEnabled() and "stay" in rules._question.view.text() and rules._question.view.lines(), "the effect")
    assert any("→ Billing export" in line[0] for line in rules._question.view.lines())
    assert patterns(page)[1] == old
    QTest.keyClick(rules._editor.pattern, KEY.Key_Return)
    sample.wait(lambda: patterns(page)[1] == "*", "changed")
    assert sample.ask(queries.session, hand).via == "hand"
    sample.window.undo()
    sample.wait(lambda: patterns(page)[1] == old, "undone")


def test_each_effect_is_shown_whole_whatever_was_shown_before(qtbot: QtBot, look: Theme) -> None:
    view, draft, names = EffectView(), Draft(1), {1: "One", 2: "Two"}
    qtbot.addWidget(view)
    many = Effect(moves=tuple(Move(1, 2, n, n) for n in range(9, 0, -1)), totals=((1, 50, 5), (2, 5, 50)))
    few = Effect(moves=(Move(None, 1, 3, 7),), totals=((1, 5, 50),))
    first, second = Shown(draft, many, names), Shown(draft, few, names)
    view.set(second)
    view.set(first)
    before = view.lines()
    words = [text.text() for text in view.findChildren(Text) if not text.isHidden()]
    assert words[1:] == [part for line in before for part in line], "read in this order"
    assert before[5:] == [("and 4 more",), ("Tokens of all time, now → then",), ("One", "50 → 5"), ("Two", "5 → 50")]
    assert [line[1] for line in before[:5]] == ["9 sessions", "8 sessions", "7 sessions", "6 sessions", "5 sessions"]
    view.set(second)
    assert view.lines() == [(move(few.moves[0], names), "3 sessions", "7"), ("Tokens of all time, now → then",), ("One", "5 → 50")]
    view.set(first)
    assert view.lines() == before
    view.clear()
    assert view.lines() == []


def test_only_the_newest_preview_is_shown(sample: App, page: Any) -> None:
    rules = page.rules
    seen: list[str] = []
    rules.new.latest.shown.connect(lambda shown: seen.append(shown.draft.pattern))
    for text in ("f", "fe", "fea", "feature/*"):
        rules.pattern.setText(text)
        rules.form.changed.emit()
    sample.settle()
    assert seen[-1:] == ["feature/*"]
    assert len(seen) == 1
    assert rules.add.isEnabled()
    rules.pattern.setText("feature/*x")
    rules.form.changed.emit()
    assert not rules.add.isEnabled(), "first the effect"


def test_removing_a_rule_is_looked_at_first(sample: App, page: Any) -> None:
    before = patterns(page)
    line = page.rules._lines[0]
    line.setFocus()
    QTest.keyClick(line, KEY.Key_Delete)
    sample.wait(lambda: page.rules._question is not None and page.rules._question.take.isEnabled(), "its effect")
    assert "change their task" in page.rules._question.view.text()
    assert stored(sample) == before
    page.rules._question.take.click()
    sample.wait(lambda: patterns(page) == before[1:], "removed")
    sample.window.undo()
    sample.wait(lambda: patterns(page) == before, "undone")


def test_conflicts_are_told_in_words(sample: App, page: Any) -> None:
    sample.ask(commands.add_rule, "branch", "review/*", page._rows[0].task.id, 0)
    sample.ask(commands.add_rule, "branch", "nothing/of/it", page._rows[0].task.id)
    sample.wait(lambda: len(patterns(page)) == 6, "the rules")
    sample.settle()
    notes = {line.row.rule.id: line.note.text() for line in page.rules._lines}
    loser = next(line for line in page.rules._lines[1:] if line.row.rule.pattern == "review/*")
    assert notes[loser.row.rule.id].startswith("Never wins: rule 1 takes all ")
    assert notes[loser.row.rule.id].endswith("Move it up, or remove it.")
    assert "Matches nothing so far." in notes.values()
    assert loser.accessibleDescription() == loser.note.text()
    assert loser.accessibleName().startswith("Rule 5: when the branch is review/*, to Code review")


# ---------------------------------------------------------------------------------------------- suggestions


def test_a_suggestion_is_taken_with_one_key_and_undone_as_one(sample: App, page: Any) -> None:
    line = sample.wait(lambda: page.suggestions.lines(), "a suggestion")[0]
    one = line.one
    tasks, rules = len(sample.ask(queries.tasks)), stored(sample)
    line.setFocus()
    QTest.keyClick(line, KEY.Key_Return)
    sample.wait(lambda: len(patterns(page)) == len(rules) + 1, "the rule")
    assert sample.ask(queries.task, one.name).name == one.name
    assert {row.task.name: row.sessions for row in sample.ask(queries.tasks) if row.task}[one.name] == one.sessions
    sample.window.undo()
    sample.wait(lambda: patterns(page) == rules, "undone")
    assert len(sample.ask(queries.tasks)) == tasks


def test_a_dismissed_suggestion_stays_away_until_it_is_brought_back(sample: App, page: Any) -> None:
    line = sample.wait(lambda: page.suggestions.lines(), "a suggestion")[0]
    key = line.one.key
    line.setFocus()
    QTest.keyClick(line, KEY.Key_Delete)
    sample.wait(lambda: key not in [one.one.key for one in page.suggestions.lines()], "dismissed")
    sample.settle()
    assert page.suggestions.back.isVisibleTo(page)
    page.suggestions.back.click()
    sample.wait(lambda: key in [one.one.key for one in page.suggestions.lines()], "back")


def test_trackers_give_tickets_their_links(sample: App, page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("tokenpal.ui.pages.tasks.open_url", lambda url: not opened.append(url))
    page.suggestions.setup.click()
    dialog = sample.dialog()
    jira = dialog.address[next(tracker for tracker in dialog.address if tracker.value == "jira")]
    jira.setText("acme.test")
    dialog.findChild(QAbstractButton, "keep").click()
    assert dialog.isVisible(), "no address"
    jira.setText("https://acme.test")
    dialog.findChild(QAbstractButton, "keep").click()
    sample.settle()
    press(sample, page, "Open PAY-142 in the browser")
    assert opened == ["https://acme.test/browse/PAY-142"]


# ---------------------------------------------------------------------------------------------- tasks


def test_range_order_and_filter(sample: App, page: Any) -> None:
    first = [line.row.task.name for line in page.listing.task_lines() if line.row.task]
    page.range.choose("all")
    page._range_chosen("all")
    sample.settle()
    made(sample, page)
    assert page.card.qualifier.text() == "all time, cost at list price"
    whole = {row.task.name: row.tokens for row in sample.ask(queries.tasks) if row.task}
    assert {line.row.task.name: line.row.tokens for line in page.listing.task_lines() if line.row.task} == whole
    page.sort.choose("name")
    page._sorted("name")
    names = [line.row.task.name for line in page.listing.task_lines() if line.row.task and not line.row.task.done]
    assert names == sorted(names, key=str.casefold)
    assert set(names) <= set(first)
    QTest.keyClick(page, KEY.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(page.filter, "infra")
    assert [line.row.task.name for line in page.listing.task_lines() if line.row.task] == ["Flaky integration tests"]
    QTest.keyClicks(page.filter, " nowhere")
    assert page.listing.nothing.isVisibleTo(page)
    page.listing.clear.click()
    assert page.filter.text() == ""


def test_reading_logs_does_not_read_the_whole_history_each_time(sample: App, page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    ask = sample.desktop.bridge.ask
    monkeypatch.setattr(sample.desktop.bridge, "ask", lambda function, *args, **how: (asked.append(function), ask(function, *args, **how)))
    for _ in range(5):
        page.refresh(frozenset({"usage", "limits"}))
    assert asked.count(sorting.task_table) == 5
    assert asked.count(sorting.suggestions) == asked.count(sorting.rule_standings) == 1
    page.refresh(frozenset({"usage", "tasks"}))
    assert asked.count(sorting.suggestions) == 2, "what the person did is seen at once"
    sample.settle()


def test_the_label_mix_says_what_the_colours_mean(sample: App, page: Any) -> None:
    legend = page.listing.legend
    assert legend.isVisible()
    shares = [int(part.rpartition(" ")[2].split("\u00a0")[0].rstrip("%")) for part in legend.accessibleName().split(", ")]
    assert sum(shares) == 100
    page.filter.setText("no such task")
    sample.settle()
    assert not legend.isVisible()


def test_the_table_and_the_csv_have_the_same_figures(sample: App, page: Any, tmp_path: Path) -> None:
    QTest.keyClick(page, KEY.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert page.listing.table.isVisibleTo(page)
    table = page.listing.table.figures.table
    page.export_to(tmp_path / "tasks.csv")
    with (tmp_path / "tasks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(table.rows)
    for row, cells in zip(rows, table.rows, strict=True):
        assert row["task"] == cells[0].replace("No task", "")
        assert f"{int(row['tokens']):,}" == cells[4]
        assert sum(int(row[key]) for key in ("exploration", "delivered", "waste", "not labelled")) == int(row["tokens"])
        assert sum(int(value) for key, value in row.items() if key.startswith("tokens from")) == int(row["tokens"])
    page.export_to(tmp_path / "nowhere" / "tasks.csv")
    sample.wait(lambda: sample.window.banner.isVisible(), "told that it was not written")
    QTest.keyClick(page, KEY.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert page.listing.task_lines()


def test_a_task_is_put_away_under_the_fold_and_comes_back(sample: App, page: Any) -> None:
    task = page._rows[0].task
    page.menu_of(task.id).deleteLater()
    page._menu_archive()
    sample.wait(lambda: page.listing.archived.isVisibleTo(page), "archived")
    assert task.id not in [line.row.task.id for line in page.listing.task_lines() if line.row.task]
    page.listing.fold.click()
    made(sample, page)
    line = next(line for line in page.listing.task_lines() if line.row.task and line.row.task.id == task.id)
    assert line.row.tokens > 0
    assert button(line, f"Work on {task.name}") is None
    sample.window.undo()
    sample.wait(lambda: not page.listing.archived.isVisibleTo(page), "back")


def test_the_menu_offers_what_is_rare(sample: App, page: Any) -> None:
    task = page._rows[0].task
    menu = page.menu_of(task.id)
    assert [action.text() for action in menu.actions()] == ["Budgets…", "Merge into another task…", "Archive", "Delete…"]
    next(action for action in menu.findChildren(QAction) if action.text().startswith("Budgets")).trigger()
    dialog = sample.dialog()
    assert isinstance(dialog, BudgetsDialog)
    menu.deleteLater()


def test_two_tasks_become_one_and_two_again(sample: App, page: Any) -> None:
    names = {row.task.name: row.sessions for row in sample.ask(queries.tasks) if row.task}
    page._chosen = next(row.task for row in page._rows if row.task and row.task.name == "Code review")
    page._menu_merge()
    dialog = sample.dialog()
    sample.wait(lambda: dialog.words.text(), "what happens")
    assert "1 rule" in dialog.words.text()
    dialog.into.choose(str(next(row.task.id for row in page._rows if row.task and row.task.name == "Search prototype")))
    dialog.do.click()
    sample.wait(lambda: "Code review" not in {row.task.name for row in page._rows if row.task}, "merged")
    merged = {row.task.name: row.sessions for row in sample.ask(queries.tasks) if row.task}
    assert merged["Search prototype"] > names["Search prototype"]
    sample.window.undo()
    sample.wait(lambda: "Code review" in {row.task.name for row in page._rows if row.task}, "two again")
    assert {row.task.name: row.sessions for row in sample.ask(queries.tasks) if row.task} == names


def test_deleting_says_what_happens_and_is_undone(sample: App, page: Any) -> None:
    names = {row.task.name: row.sessions for row in sample.ask(queries.tasks) if row.task}
    task = page._chosen = next(row.task for row in page._rows if row.task and row.task.name == "Search prototype")
    page._menu_delete()
    dialog = sample.dialog()
    sample.wait(lambda: dialog.words.text(), "what happens")
    assert "No session and no figure is lost" in dialog.words.text()
    QTest.keyClick(dialog, KEY.Key_Escape)
    assert sample.ask(queries.task, task.name)
    page._menu_delete()
    dialog = sample.dialog()
    dialog.do.click()
    sample.wait(lambda: task.name not in {row.task.name for row in page._rows if row.task}, "deleted")
    sample.window.undo()
    sample.wait(lambda: task.name in {row.task.name for row in page._rows if row.task}, "undone")
    assert {row.task.name: row.sessions for row in sample.ask(queries.tasks) if row.task} == names


def test_a_task_is_edited_with_its_colour_as_one_edit(sample: App, page: Any) -> None:
    task = page._rows[0].task
    page._edit(task.id)
    dialog = sample.dialog()
    dialog.name.setText("Renamed")
    dialog._colors.button((task.color + 1) % 8).click()
    QTest.keyClick(dialog.name, KEY.Key_Return)
    sample.wait(lambda: "Renamed" in {row.task.name for row in page._rows if row.task}, "renamed")
    assert sample.ask(queries.task, "Renamed").color == (task.color + 1) % 8
    sample.window.undo()
    sample.wait(lambda: task.name in {row.task.name for row in page._rows if row.task}, "undone")
    assert sample.ask(queries.task, task.name) == task


def test_the_running_time_is_told_and_walks_on(sample: App, page: Any) -> None:
    task = page._rows[0].task
    press(sample, page, f"Work on {task.name}")
    line = sample.wait(lambda: next((one for one in page.listing.task_lines() if one.row.running_since), None), "it runs")
    line.tick(line.row.running_since + 4360)
    assert line._running.text() == "1:12:40"
    assert page.listing._clock.isActive()
    press(sample, page, f"Stop {task.name}")
    sample.wait(lambda: not page.listing._clock.isActive(), "nothing ticks")


# ---------------------------------------------------------------------------------------------- edges


def test_nothing_yet(empty: App) -> None:
    page = empty.page("tasks")
    assert page.listing.empty.isVisibleTo(page)
    assert page.rules._none.isVisibleTo(page)
    assert not page.rules.form.isVisibleTo(page)
    assert "by hand, a split, the timer" in page.rules.help.text()
    assert page.suggestions._none.isVisibleTo(page)
    QTest.keyClick(page, KEY.Key_N, Qt.KeyboardModifier.ControlModifier)
    dialog = empty.dialog()
    QTest.keyClicks(dialog.name, "First")
    QTest.keyClick(dialog.name, KEY.Key_Return)
    empty.wait(lambda: page.listing.task_lines(), "its row")
    assert page.rules.form.isVisibleTo(page)


@pytest.mark.parametrize(("size", "text"), [((720, 560), 100), ((1320, 934), 200), ((900, 700), 200)])
def test_nothing_is_cut_in_a_narrow_window_or_large_text(sample: App, make_app: Callable[..., App], size: tuple[int, int], text: int) -> None:
    sample.settings.set("appearance.text_size", text)
    sample.desktop.settings_changed("appearance.text_size")
    sample.window.resize(*size)
    sample.page("tasks")
    sample.settle()
    page = sample.page("tasks")  # another text size makes the pages anew
    body = page.scroller.widget()
    assert body.width() <= page.scroller.viewport().width() + 1, "nothing to scroll sideways"
    for one in (*page.findChildren(QAbstractButton),):
        if one.isVisibleTo(page) and one.text():
            assert one.width() >= min(one.minimumSizeHint().width(), body.width() - 40) - 2, one.text()
    sample.settings.set("appearance.text_size", 100)
    sample.desktop.settings_changed("appearance.text_size")


def test_an_edit_of_elsewhere_keeps_the_rule_in_focus(sample: App, page: Any) -> None:
    line = page.rules._lines[2]
    line.setFocus()
    sample.ask(sorting.edit_rule, line.row.rule.id, "branch", "elsewhere/*", line.row.rule.task)
    sample.wait(lambda: "elsewhere/*" in patterns(page), "the edit")
    sample.settle()
    assert page.rules._lines[2].hasFocus()
