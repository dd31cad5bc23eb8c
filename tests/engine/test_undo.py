"""Undo and redo for every edit that a person can make (issue 5), across 200 edits and a restart."""

from __future__ import annotations

import importlib
import json
import pkgutil
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

import tokenpal.engine
from tokenpal.engine import commands, demo, importing, keep, prices, sorting
from tokenpal.engine.changes import changed_by
from tokenpal.engine.files import Given
from tokenpal.insight.tasks import attribute
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod, BudgetScope
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn, Template
from tokenpal.pricing.table import PERSON
from tokenpal.sources.imported.outcomes import Outcome
from tokenpal.store import accounts, budgets, checkins, edits, journal, tasks
from tokenpal.store.database import Store

NOW: Final = 1_795_187_400  # 2026-11-20 15:10 UTC

NOT_UNDONE: Final = {
    "undo": "it is undo itself", "redo": "it is redo itself", "undo_back": "it is undo, many times",
    "add_account": "an account hangs on a key in the credential store; remove it instead",
    "remove_account": "its key goes at once; it asks before, and keeps the history unless told otherwise",
    "set_account_options": "the provider is asked again with the new answers; give the old ones again",
    "note_key": "names an entry of the credential store",
    "ensure_account": "a part of importing usage", "put_batch": "imported usage is forgotten with its account",
    "pause": "sharing keeps a log that only grows", "resume": "sharing keeps a log that only grows", "decline": "sharing keeps a log that only grows",
}  # fmt: skip
"""Commands that change something and are no edit, each with the reason."""


def marked() -> dict[str, Callable[..., Any]]:
    """Every command of the engine that says what it changes."""
    found = {}
    for module in pkgutil.walk_packages(tokenpal.engine.__path__, "tokenpal.engine."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if callable(value) and getattr(value, "__module__", "") == module.name and changed_by(value):
                assert name not in found, f"two commands are called {name}"
                found[name] = value
    return found


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight weeks of use with words, and no edits to take back."""
    path = tmp_path_factory.mktemp("sample") / "tokenpal.db"
    with Store.open(path, now=lambda: NOW) as store:
        demo.fill_store(store, NOW, "UTC")
        task = tasks.tasks(store)[0].id
        tasks.start_timer(store, task, attribute, now=NOW - 3600)
        commands.split_session(store, keys(store)[3], NOW - 5000, task)
        checkins.set_pins(store, "2026-W46", "tried", [keys(store)[0]])
        commands.save_template(store, Template("short", tried="- "))
        prices.set_price_override(store, "gpt-5.5", {"output": "7"})
        commands.delete_rule(store, tasks.rules(store)[0].id)
        sorting.dismiss_suggestion(store, sorting.suggestions(store)[0])
        prices.set_exchange_rate(store, "EUR", "1.08", date(2026, 11, 1))
        store.execute("DELETE FROM edit")
        store.execute("PRAGMA journal_mode = DELETE")
    return path


@pytest.fixture
def path(sample: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sample, tmp_path / "tokenpal.db"))


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path, now=lambda: NOW) as opened:
        yield opened


def keys(store: Store) -> list[str]:
    return [key for (key,) in store.execute("SELECT key FROM session WHERE first_at > 0 ORDER BY first_at DESC, key LIMIT 40")]


def state(store: Store) -> dict[str, list[Any]]:
    """All that edits can reach: rows of the person's, what follows from them, and every record's price."""
    found: dict[str, list[Any]] = {}
    for table, (_, columns) in edits.TABLES.items():
        where = {"rate": f"origin = '{PERSON}' AND (until IS NULL OR until > since)", "model": "alias <> ''", "reprice": "0"}.get(table, "1")
        quoted = ", ".join('"' + name + '"' for name in columns)
        found[table] = sorted(store.execute(f"SELECT {quoted} FROM {table} WHERE {where}").fetchall(), key=repr)
    found["prices"] = store.execute("SELECT id, list_pico, rate FROM usage ORDER BY id").fetchall()
    found["places"] = sorted(
        store.execute(
            """SELECT s.key, IFNULL(g.project, 0), g.branch, g.cut, IFNULL(g.task, 0), g.via, SUM(b.output), SUM(b.list_pico), SUM(b.unpriced)
            FROM segment g JOIN session s ON s.id = g.session JOIN by_segment b ON b.segment = g.id GROUP BY g.id"""
        ).fetchall()
    )
    found["days"] = store.execute("SELECT day, SUM(output), SUM(list_pico), SUM(unpriced) FROM by_day GROUP BY day ORDER BY day").fetchall()
    found["searched"] = store.execute("SELECT r.kind, r.ref, s.body FROM search_ref r JOIN search s ON s.rowid = r.id ORDER BY 1, 2").fetchall()
    found["labels"] = store.execute("SELECT key, label FROM session ORDER BY key").fetchall()
    return found


def archive_with_words() -> Given:
    line = {"is": "template", "name": "from elsewhere", "tried": "x", "worked": "", "failed": "", "learned": "", "changed_at": 5}
    return Given.content("x", b'{"is":"tokenpal-archive/1"}\n' + json.dumps(line).encode(), 0)


def one_of_each(store: Store) -> dict[str, Callable[[], Any]]:
    """Every command that is an edit, in a form that changes something in the sample."""
    do = marked()
    first, second, third, *_ = (task.id for task in tasks.tasks(store))
    some = keys(store)
    ids = [row[0] for row in store.execute("SELECT id FROM session WHERE label <> '' ORDER BY id LIMIT 5")]
    offered = sorting.suggestions(store)
    api = next(row for row in accounts.accounts(store) if row.source == "openai")
    budget = budgets.budgets(store)[0]
    running = store.execute('SELECT start FROM timer WHERE "end" IS NULL').fetchone()[0]
    assert offered
    return {
        "label_sessions": lambda: commands.label_sessions(store, some[:4], "waste", "loop"),
        "note_session": lambda: commands.note_session(store, some[0], note="a word", minutes_saved=5),
        "assign_sessions": lambda: commands.assign_sessions(store, some[:3], second),
        "release_sessions": lambda: commands.release_sessions(store, [row[0] for row in store.execute("SELECT session FROM hand")]),
        "split_session": lambda: commands.split_session(store, some[1], NOW - 9000, first),
        "merge_session": lambda: commands.merge_session(store, some[3]),
        "add_task": lambda: commands.add_task(store, "brand new", ["x"]),
        "edit_task": lambda: commands.edit_task(store, first, name="other", tags=["y"]),
        "finish_task": lambda: commands.finish_task(store, second),
        "delete_task": lambda: commands.delete_task(store, first),
        "start_timer": lambda: commands.start_timer(store, third),
        "stop_timer": lambda: commands.stop_timer(store),
        "add_rule": lambda: commands.add_rule(store, "branch", "*", third),
        "move_rule": lambda: commands.move_rule(store, tasks.rules(store)[-1].id, 0),
        "delete_rule": lambda: commands.delete_rule(store, tasks.rules(store)[-1].id),
        "set_project_default": lambda: commands.set_project_default(store, "/home/sam/notes", third),
        "save_checkin": lambda: commands.save_checkin(store, CheckIn("2026-W47", tried="something")),
        "save_template": lambda: commands.save_template(store, Template("short", learned="- ")),
        "delete_template": lambda: commands.delete_template(store, "short"),
        "set_budget": lambda: commands.set_budget(store, Budget(BudgetMeasure.TOKENS, 5, BudgetPeriod.DAY, BudgetScope.TASK, first)),
        "delete_budget": lambda: commands.delete_budget(store, budget.id),
        "rename_account": lambda: commands.rename_account(store, api.id, "another name"),
        "set_counts": lambda: commands.set_counts(store, api.id, "all"),
        "alias_model": lambda: prices.alias_model(store, "gpt-5-mini", "claude-opus-5"),
        "set_price_override": lambda: prices.set_price_override(store, "gpt-5-mini", {"output": "9"}),
        "remove_price_override": lambda: prices.remove_price_override(store, "gpt-5.5"),
        "reprice": lambda: prices.reprice(store),
        "set_exchange_rate": lambda: prices.set_exchange_rate(store, "CHF", "1.2"),
        "remove_exchange_rate": lambda: prices.remove_exchange_rate(store, "EUR"),
        "edit_rule": lambda: do["edit_rule"](store, tasks.rules(store)[0].id, "branch", "main", second),
        "take_suggestion": lambda: do["take_suggestion"](store, offered[0]),
        "dismiss_suggestion": lambda: do["dismiss_suggestion"](store, offered[0]),
        "bring_back_suggestions": lambda: do["bring_back_suggestions"](store),
        "merge_tasks": lambda: do["merge_tasks"](store, first, second),
        "label": lambda: do["label"](store, ids, "exploration" if ids else None),
        "tag": lambda: do["tag"](store, ids, ["bulk"]),
        "assign": lambda: do["assign"](store, ids, third),
        "release": lambda: do["release"](store, [row[0] for row in store.execute("SELECT s.id FROM session s JOIN hand h ON h.session = s.key")]),
        "same_as": lambda: do["same_as"](store, some[0], "waste", "loop", second),
        "insert": lambda: do["insert"](store, CheckIn("2026-W47", worked="a note"), "worked", some[0]),
        "pin": lambda: do["pin"](store, "2026-W46", "worked", some[1]),
        "unpin": lambda: do["unpin"](store, "2026-W46", "tried", some[0]),
        "change_template": lambda: do["change_template"](store, "short", Template("shorter", failed="x")),
        "begin": lambda: do["begin"](store, "2026-W47", "short"),
        "silence": lambda: do["silence"](store, some[0]),
        "put_aside": lambda: do["put_aside"](store, "an insight"),
        "cut_timer": lambda: do["cut_timer"](store, running + 600, running + 1800, second),
        "tell_outcomes": lambda: importing.tell_outcomes(store, [Outcome(some[2].partition(":")[2], note="from a hook")]),
        "import_lines": lambda: keep.import_lines(store, archive_with_words().open()),
        "merge_archive": lambda: importing.merge_archive(store, archive_with_words()),
    }


LATER: Final = {"reprice"}
"""Those that change nothing in this sample; they have tests of their own (tests/store/test_reprice)."""


def test_every_command_is_an_edit_or_says_why_not(store: Store) -> None:
    known = one_of_each(store)
    missing = [name for name in marked() if name not in known and name not in NOT_UNDONE]
    assert missing == [], "neither in one_of_each nor in NOT_UNDONE"
    assert known.keys() <= marked().keys()
    assert all(NOT_UNDONE.values())


def test_each_edit_can_be_taken_back_and_done_again(path: Path) -> None:
    store = Store.open(path, now=lambda: NOW)
    wrong = []
    before = state(store)
    for name in one_of_each(store):
        one_of_each(store)[name]()
        after = state(store)
        titles = edits.history(store)
        if after == before or not titles:
            wrong += [] if name in LATER else [f"{name}: changed nothing that undo knows"]
            continue
        store.close()
        store = Store.open(path, now=lambda: NOW)
        title = commands.undo(store)
        assert title == titles[0][1]
        wrong += [f"{name}: undo leaves {table} otherwise" for table, rows in state(store).items() if rows != before[table]]
        assert commands.redo(store) == title
        wrong += [f"{name}: redo leaves {table} otherwise" for table, rows in state(store).items() if rows != after[table]]
        commands.undo(store)
        store.execute("DELETE FROM edit")
        if wrong:
            break
    store.close()
    assert wrong == []


@pytest.mark.parametrize("seed", [3, 11])
def test_two_hundred_edits_all_the_way_back_and_forth(path: Path, seed: int) -> None:
    """Undo all = the start; redo all = the end; with restarts, and edits that fail between."""
    roll = random.Random(seed)
    store = Store.open(path, now=lambda: NOW)
    start = state(store)
    made = 0
    while made < edits.KEPT:
        name = roll.choice(SMALL)
        try:
            play(store, roll, name, made)
        except UsageError:
            continue
        made = len(edits.history(store, edits.KEPT))
    end = state(store)
    for count in range(edits.KEPT):
        if count % 60 == 0:
            store.close()
            store = Store.open(path, now=lambda: NOW)
        assert commands.undo(store) is not None, count
    assert commands.undo(store) is None
    assert [table for table, rows in state(store).items() if rows != start[table]] == []
    for _ in range(edits.KEPT):
        assert commands.redo(store) is not None
    assert commands.redo(store) is None
    assert [table for table, rows in state(store).items() if rows != end[table]] == []
    store.close()


SMALL: Final = (
    "label", "note", "tags", "assign", "release", "split", "merge", "task", "rename", "delete task", "rule", "move", "no rule", "default", "checkin", "pins",
    "template", "no template", "budget", "no budget", "account", "counts", "timer", "stop", "alias", "price", "no price", "rate", "merge tasks",
)  # fmt: skip


def play(store: Store, roll: random.Random, name: str, number: int) -> None:
    """One random edit. Raises UsageError where it makes no sense now."""
    some = roll.sample(keys(store), 3)
    every = [task.id for task in tasks.tasks(store, archived=True)] or [0]
    task, rules, own = roll.choice(every), tasks.rules(store) or [None], budgets.budgets(store) or [None]
    api = roll.choice([row.id for row in accounts.accounts(store) if row.kind == "api"])
    model = roll.choice(["gpt-5.5", "gpt-5-mini", "claude-haiku-4-5"])
    week = roll.choice(["2026-W45", "2026-W47"])
    actions: dict[str, Callable[[], Any]] = {
        "label": lambda: commands.label_sessions(store, some, roll.choice(["waste", "delivered", None])),
        "note": lambda: commands.note_session(store, some[0], note=f"word {number}"),
        "tags": lambda: journal.change_tags(store, some, add=[roll.choice("abc")], remove=[roll.choice("abc")]),
        "assign": lambda: commands.assign_sessions(store, some, roll.choice([task, None])),
        "release": lambda: commands.release_sessions(store, some),
        "split": lambda: commands.split_session(store, some[0], NOW - roll.randrange(10**6), task),
        "merge": lambda: commands.merge_session(store, some[0]),
        "task": lambda: commands.add_task(store, f"task {number}", [roll.choice("xyz")]),
        "rename": lambda: commands.edit_task(store, task, name=f"name {number}", done=roll.random() < 0.5),
        "delete task": lambda: commands.delete_task(store, task),
        "rule": lambda: commands.add_rule(store, "branch", roll.choice(["main", "feature/*", "*"]), task),
        "move": lambda: commands.move_rule(store, getattr(roll.choice(rules), "id", 0), 0),
        "no rule": lambda: commands.delete_rule(store, getattr(roll.choice(rules), "id", 0)),
        "default": lambda: commands.set_project_default(store, "/home/sam/notes", roll.choice([task, None])),
        "checkin": lambda: commands.save_checkin(store, CheckIn(week, tried=f"words {number}")),
        "pins": lambda: checkins.set_pins(store, week, "tried", some[: roll.randrange(3)]),
        "template": lambda: commands.save_template(store, Template(roll.choice("mn"), tried=f"t {number}")),
        "no template": lambda: commands.delete_template(store, roll.choice("mn")),
        "budget": lambda: commands.set_budget(store, Budget(BudgetMeasure.TOKENS, 10 + number, BudgetPeriod.DAY, BudgetScope.TASK, task)),
        "no budget": lambda: commands.delete_budget(store, getattr(roll.choice(own), "id", 0)),
        "account": lambda: commands.rename_account(store, api, f"account {number}"),
        "counts": lambda: commands.set_counts(store, api, roll.choice(["all", "remainder", "none"])),
        "timer": lambda: commands.start_timer(store, task),
        "stop": lambda: commands.stop_timer(store),
        "alias": lambda: prices.alias_model(store, model, roll.choice(["claude-opus-5", ""])),
        "price": lambda: prices.set_price_override(store, model, {"output": str(roll.randrange(1, 9))}),
        "no price": lambda: prices.remove_price_override(store, model),
        "rate": lambda: prices.set_exchange_rate(store, "EUR", f"1.{number + 1}"),
        "merge tasks": lambda: sorting.merge_tasks(store, task, roll.choice(every)),
    }
    actions[name]()


def test_a_name_that_was_taken_meanwhile_stays_where_it_is(store: Store) -> None:
    api = next(row for row in accounts.accounts(store) if row.source == "openai")
    commands.rename_account(store, api.id, "office")
    accounts.add_account(store, "openai", api.name, "openai", root=api.root)
    assert commands.undo(store) == "Rename the account to office"
    assert accounts.account(store, api.id).name == "office"


def test_records_that_came_after_a_price_follow_its_undo(store: Store) -> None:
    from tests.store.kit import record
    from tokenpal.engine.shared import make_rulebook
    from tokenpal.store import ledger

    rules = make_rulebook(store, Path("/nonexistent"), lambda: NOW)

    def read(number: int) -> None:
        ledger.apply(store, ledger.Batch(1, [record(f"late {number}", session="claude-code:late", at=NOW, model="model-nobody-knows")]), ledger.Rules(None, rules.price, rules.place))

    def priced() -> list[bool]:
        return [row[0] is not None for row in store.execute("SELECT u.list_pico FROM usage u JOIN model m ON m.id = u.model WHERE m.name = 'model-nobody-knows' ORDER BY u.id")]

    read(1)
    assert priced() == [False]
    assert prices.set_price_override(store, "model-nobody-knows", {"output": "3", "fresh_input": "1", "cache_read": "1"}) == 1
    rules = make_rulebook(store, Path("/nonexistent"), lambda: NOW)
    read(2)
    assert priced() == [True, True]
    commands.undo(store)
    assert priced() == [False, False]
    rules = make_rulebook(store, Path("/nonexistent"), lambda: NOW)
    read(3)
    commands.redo(store)
    assert priced() == [True, True, True]
