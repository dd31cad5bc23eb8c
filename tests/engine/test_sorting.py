"""Rules with their effect, suggestions, tasks over time and merged tasks, on real data files; each edit is undone exactly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.store.kit import NOW, log_account, open_store, put, record
from tokenpal.engine import commands, queries, sorting
from tokenpal.engine.sorting import Draft
from tokenpal.insight.tasks import attribute
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import RuleKind
from tokenpal.model.session import Via
from tokenpal.store import edits, journal
from tokenpal.store.database import Store
from tokenpal.store.segments import reattribute

DAY = 86_400


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Nine sessions on three branches in two folders, one a day, and three tasks."""
    with open_store(tmp_path / "data.db") as found:
        account = log_account(found)
        branches = ("feature/PAY-142-x", "jane/eng-7-y", "main")
        put(found, account, [
            record(f"m{n}", "r", session=f"claude-code:{n}", at=NOW - n * DAY, folder="/code/shop" if n % 3 else "/code/lab", branch=branches[n % 3], model="cheap")
            for n in range(9)
        ])  # fmt: skip
        for name in ("Pay", "Lab", "Other"):
            commands.add_task(found, name)
        reattribute(found, attribute)
        yield found


def dump(store: Store) -> dict[str, Any]:
    tables = {table: store.execute(f'SELECT * FROM "{table}" ORDER BY 1, 2').fetchall() for table in ("task", "task_tag", "rule", "timer", "hand", "split", "project_default", "budget", "dismissed")}
    return tables | {"segment": store.execute("SELECT id, cut, task, via FROM segment WHERE first_at > 0 ORDER BY id").fetchall()}


def by_task(store: Store) -> dict[str, int]:
    return {row.task.name if row.task else "": row.sessions for row in queries.tasks(store) if row.sessions}


def undone(store: Store, before: dict[str, Any]) -> None:
    commands.undo(store)
    assert dump(store) == before
    commands.redo(store)
    assert dump(store) != before


def test_a_rule_is_previewed_changed_and_undone(store: Store) -> None:
    rule = commands.add_rule(store, "branch", "main", 1)
    commands.assign_sessions(store, ["claude-code:2"], 3)
    before = dump(store)
    shown = sorting.preview(store, Draft(rule, RuleKind.FOLDER, "/code", 2))
    assert dump(store) == before
    assert (shown.effect.sessions, shown.effect.taken_sessions, shown.effect.held_sessions, shown.effect.moved_sessions) == (9, 8, 1, 8)
    assert {(move.before, move.after): move.sessions for move in shown.effect.moves} == {(1, 2): 2, (None, 2): 6}
    assert shown.names[2] == "Lab"
    sorting.edit_rule(store, rule, "folder", "/code", 2)
    assert by_task(store) == {"Lab": 8, "Other": 1}
    assert next(iter(edits.history(store)))[1] == "Change rule 1"
    undone(store, before)


def test_what_is_previewed_is_what_happens(store: Store) -> None:
    ids = [commands.add_rule(store, kind, pattern, task) for kind, pattern, task in (("branch", "feature/*", 1), ("folder", "/code/shop", 2), ("model", "cheap", 3))]
    for draft, do in (
        (Draft(ids[2], position=0), lambda: commands.move_rule(store, ids[2], 0)),
        (Draft(ids[1], gone=True), lambda: commands.delete_rule(store, ids[1])),
        (Draft(kind=RuleKind.TICKET, pattern="ENG-*", task=1, position=0), lambda: commands.add_rule(store, "ticket", "ENG-*", 1, 0)),
        (Draft(ids[0], pattern="*eng*"), lambda: sorting.edit_rule(store, ids[0], "branch", "*eng*", 1)),
    ):
        told = sorting.preview(store, draft).effect
        was = dict(store.execute("SELECT id, task FROM segment").fetchall())
        do()
        now = dict(store.execute("SELECT id, task FROM segment").fetchall())
        assert told.moved_sessions == sum(was[one] != now[one] for one in now)


def test_rules_that_are_no_rules_are_refused(store: Store) -> None:
    rule = commands.add_rule(store, "branch", "main", 1)
    other = commands.add_rule(store, "branch", "x", 1)
    for args in ((rule, "branch", "  ", 1), (rule, "colour", "x", 1), (rule, "branch", "x", 1), (rule, "branch", "y", 99), (77, "branch", "y", 1)):
        with pytest.raises(UsageError):
            sorting.edit_rule(store, *args)
    with pytest.raises(UsageError):
        sorting.preview(store, Draft(77, gone=True))
    assert [row.rule.pattern for row in queries.rules(store)] == ["main", "x"]
    assert sorting.preview(store, Draft(other, pattern="main")).effect.moved_sessions == 0


def test_conflicts_name_the_winner(store: Store) -> None:
    assert sorting.rule_standings(store) == ()
    commands.add_rule(store, "folder", "/code", 1)
    commands.add_rule(store, "branch", "main", 2)
    wide, narrow = sorting.rule_standings(store)
    assert (wide.won_sessions, narrow.sessions, narrow.won_sessions, narrow.lost, narrow.idle) == (9, 3, 0, ((1, 3),), True)


def test_a_suggestion_is_one_edit_and_a_dismissed_one_is_remembered(store: Store) -> None:
    found = {one.pattern: one for one in sorting.suggestions(store)}
    assert set(found) == {"PAY-142", "ENG-7", "/code/shop", "/code/lab"}
    before = dump(store)
    task = sorting.take_suggestion(store, found["PAY-142"])
    assert by_task(store)["PAY-142"] == found["PAY-142"].sessions == 3
    assert queries.why(store, "claude-code:0")[0].via is Via.RULE
    assert "PAY-142" not in {one.pattern for one in sorting.suggestions(store)}
    undone(store, before)
    assert queries.task_name(store, task) == "PAY-142"
    before = dump(store)
    sorting.dismiss_suggestion(store, found["ENG-7"])
    assert "ENG-7" not in {one.pattern for one in sorting.suggestions(store)}
    assert sorting.dismissed_count(store) == 1
    undone(store, before)
    sorting.bring_back_suggestions(store)
    assert "ENG-7" in {one.pattern for one in sorting.suggestions(store)}


def test_a_ticket_that_a_task_has_becomes_a_rule_of_it(store: Store) -> None:
    commands.edit_task(store, 3, ticket="eng-7")
    one = next(one for one in sorting.suggestions(store) if one.pattern == "ENG-7")
    assert one.task == 3
    assert sorting.take_suggestion(store, one) == 3
    assert by_task(store)["Other"] == 3


def test_two_tasks_become_one_and_two_again(store: Store) -> None:
    commands.add_rule(store, "branch", "main", 1)
    commands.add_rule(store, "branch", "main", 2)
    commands.add_rule(store, "ticket", "PAY-*", 1)
    commands.assign_sessions(store, ["claude-code:1"], 1)
    journal.split(store, "claude-code:4", NOW - 5 * DAY, 1, attribute)
    commands.set_project_default(store, "/code/shop", 1)
    commands.start_timer(store, 1)
    commands.edit_task(store, 1, tags=("a", "b"), ticket="PAY-1", link="https://x.test/1")
    commands.edit_task(store, 2, tags=("b",))
    before, used = dump(store), by_task(store)
    held = sorting.belongings(store, 1)
    assert (held.rules, held.timers, held.by_hand, held.budgets) == (2, 1, 3, 0)
    sorting.merge_tasks(store, 1, 2)
    kept = queries.task(store, "Lab")
    assert (kept.tags, kept.ticket, kept.link) == (("a", "b"), "PAY-1", "https://x.test/1")
    assert by_task(store) == {"Lab": used["Pay"] + used.get("Lab", 0), **({"": used[""]} if "" in used else {})}
    assert [(row.rule.position, row.rule.pattern, row.task) for row in queries.rules(store)] == [(0, "main", "Lab"), (1, "PAY-*", "Lab")]
    undone(store, before)
    for one, into in ((2, 2), (1, 2), (2, 99)):
        with pytest.raises(UsageError):
            sorting.merge_tasks(store, one, into)


def test_tasks_over_time_add_up(store: Store) -> None:
    commands.add_rule(store, "branch", "main", 1)
    commands.label_sessions(store, ["claude-code:2"], "delivered")
    table = sorting.task_table(store, "UTC")
    every = {row.task.name if row.task else "": row for row in table.rows}
    assert {name: row.sessions for name, row in every.items() if row.sessions} == {"Pay": 3, "": 6}
    for row in table.rows:
        assert len(row.bars) == len(table.starts)
        assert sum(sum(bar.values()) for bar in row.bars) == row.tokens == sum(row.mix.values())
    assert every["Pay"].mix["delivered"] * 2 == every["Pay"].mix[""]
    assert table.rows[-1].task is None
    assert table.top == max(sum(bar.values()) for bar in every["Pay"].bars) > 0, "use without a task does not count"
    short = sorting.task_table(store, "UTC", week_start=6, days=2)
    assert sum(row.sessions for row in short.rows) == 2
    assert (short.until - short.first).days == 2
    assert short.starts[0].weekday() == 6


def test_colours_and_the_archive(store: Store) -> None:
    before = dump(store)
    commands.edit_task(store, 1, color=7)
    assert queries.task(store, "Pay").color == 7
    undone(store, before)
    commands.edit_task(store, 2, archived=True)
    assert [task.task.name for task in queries.tasks(store) if task.task] == ["Other", "Pay"]
    assert {row.task.name for row in sorting.task_table(store, "UTC").rows if row.task and row.task.archived} == {"Lab"}
    with pytest.raises(UsageError):
        commands.edit_task(store, 1, color=8)
    assert commands.add_task(store, "Blue", color=0).color == 0
