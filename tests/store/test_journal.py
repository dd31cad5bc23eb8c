"""What the person says of sessions and tasks, on a real database file; every edit can be taken back and done again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn, RuleKind
from tokenpal.store import checkins, edits, journal, search, tasks
from tokenpal.store.database import Store

JOURNAL_TABLES = [*edits.TABLES, "search_ref"]


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the journal, and what the search index holds."""
    rows = {table: sorted(map(tuple, store.execute(f"SELECT * FROM {table}")), key=repr) for table in JOURNAL_TABLES}
    rows["search_ref"] = sorted((kind, ref) for _, kind, ref in rows["search_ref"])
    rows["search"] = sorted(map(tuple, store.execute("SELECT body FROM search")))
    return rows


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "tokenpal.db")
    yield opened
    opened.close()


def annotation(store: Store, session: str) -> tuple[Any, ...]:
    return tuple(store.execute("SELECT label, reason, note FROM annotation WHERE session = ?", (session,)).fetchone())


# ---------------------------------------------------------------------------------------------- sessions


def test_labels_reasons_and_notes_are_kept_apart(store: Store) -> None:
    journal.annotate(store, ["a", "b"], label="waste", reason="loop", now=10)
    journal.annotate(store, ["a"], note="  it ran in circles \n", now=11)
    assert annotation(store, "a") == ("waste", "loop", "it ran in circles")
    assert annotation(store, "b") == ("waste", "loop", "")
    journal.annotate(store, ["a"], label="delivered", now=12)
    assert annotation(store, "a") == ("delivered", "", "it ran in circles"), "a reason belongs to waste"
    journal.annotate(store, ["a"], label=None, now=13)
    assert annotation(store, "a")[0] == ""
    times = store.execute("SELECT label_at, note_at, tags_at FROM annotation WHERE session = 'a'").fetchone()
    assert tuple(times) == (13, 11, 0)


@pytest.mark.parametrize(
    "words", [{"label": "good"}, {"label": "waste", "reason": "bad luck"}, {"label": "delivered", "reason": "loop"}, {"reason": "loop"}]
)
def test_words_that_do_not_fit_change_nothing(store: Store, words: dict[str, str]) -> None:
    before = contents(store)
    with pytest.raises(UsageError) as raised:
        journal.annotate(store, ["a"], **words)  # type: ignore[arg-type]  # wrong on purpose
    assert raised.value.next_step
    assert contents(store) == before
    assert edits.undo(store) is None


def test_tags_are_cleaned_and_replaced(store: Store) -> None:
    journal.annotate(store, ["a"], tags=[" #spike ", "two  words", "spike", ""])
    assert [row[0] for row in store.execute("SELECT tag FROM session_tag ORDER BY tag")] == ["spike", "two words"]
    journal.annotate(store, ["a"], tags=["other"])
    assert [row[0] for row in store.execute("SELECT tag FROM session_tag")] == ["other"]


def test_assignments_and_splits_reach_the_attribution(store: Store) -> None:
    first, second = tasks.add_task(store, "first"), tasks.add_task(store, "second")
    journal.assign(store, ["a"], first.id)
    journal.assign(store, ["b"], None)
    journal.split(store, "c", 500, second.id)
    journal.split(store, "c", 900, None)
    tasks.project_default(store, "/p", second.id)
    tasks.add_rule(store, "branch", "feature/*", first.id)
    found = journal.attribution(store)
    assert found.hand == {"a": first.id, "b": None}
    assert [(split.at, split.task) for split in found.splits["c"]] == [(500, second.id), (900, None)]
    assert found.defaults == {"/p": second.id}
    assert [(rule.kind, rule.pattern, rule.task) for rule in found.rules] == [(RuleKind.BRANCH, "feature/*", first.id)]
    journal.release(store, ["a", "b"])
    journal.unsplit(store, "c", 500)
    found = journal.attribution(store)
    assert not found.hand
    assert [split.at for split in found.splits["c"]] == [900]
    with pytest.raises(UsageError):
        journal.assign(store, ["a"], 99)


# ---------------------------------------------------------------------------------------------- tasks


def test_colour_slots_are_the_least_used_and_kept(store: Store) -> None:
    made = [tasks.add_task(store, f"task {number}") for number in range(10)]
    assert [task.color for task in made] == [0, 1, 2, 3, 4, 5, 6, 7, 0, 1]
    tasks.delete_task(store, made[3].id)
    tasks.edit_task(store, made[0].id, name="renamed", archived=True)
    assert tasks.add_task(store, "next").color == 3
    assert {task.name: task.color for task in tasks.tasks(store, archived=True)}["renamed"] == 0
    assert "renamed" not in {task.name for task in tasks.tasks(store)}


@pytest.mark.parametrize("name", ["", "   ", "Checkout", "CHECKOUT ", "unassigned", "x" * 201])
def test_names_are_one_of_a_kind(store: Store, name: str) -> None:
    tasks.add_task(store, "checkout")
    with pytest.raises(UsageError) as raised:
        tasks.add_task(store, name)
    assert raised.value.next_step
    assert len(tasks.tasks(store)) == 1


def test_a_task_is_found_by_name_and_ticket(store: Store) -> None:
    task = tasks.add_task(store, "Retry checkout", ticket="PAY-142", tags=["pay"])
    assert tasks.task_named(store, "retry  CHECKOUT") == task
    assert tasks.task_named(store, "pay-142") == task
    assert tasks.task_named(store, "pay") is None
    assert task.tags == ("pay",)


def test_rules_keep_an_order_without_gaps(store: Store) -> None:
    task = tasks.add_task(store, "t").id
    a = tasks.add_rule(store, "branch", "a", task)
    b = tasks.add_rule(store, "branch", "b", task)
    c = tasks.add_rule(store, "branch", "c", task, position=0)

    def order() -> list[tuple[int, int]]:
        return [(rule.id, rule.position) for rule in tasks.rules(store)]

    assert order() == [(c, 0), (a, 1), (b, 2)]
    tasks.move_rule(store, b, 0)
    assert order() == [(b, 0), (c, 1), (a, 2)]
    tasks.delete_rule(store, c)
    assert order() == [(b, 0), (a, 1)]
    edits.undo(store)
    assert order() == [(b, 0), (c, 1), (a, 2)]
    for wrong in ({"kind": "colour", "pattern": "x"}, {"kind": "branch", "pattern": " "}):
        with pytest.raises(UsageError):
            tasks.add_rule(store, task=task, **wrong)
    with pytest.raises(UsageError):
        tasks.delete_rule(store, c + 100)
    with pytest.raises(UsageError):
        tasks.move_rule(store, c + 100, 0)


@given(moves=st.lists(st.tuples(st.sampled_from(["start 0", "start 1", "stop"]), st.integers(-50, 100)), max_size=25))
def test_timers_never_overlap(store: Store, moves: list[tuple[str, int]]) -> None:
    store.execute("DELETE FROM timer")  # one file for all examples
    both = [(tasks.task_named(store, name) or tasks.add_task(store, name)).id for name in ("a", "b")]
    now = 10_000
    for move, step in moves:
        now += step  # the clock may go back
        if move == "stop":
            tasks.stop_timer(store, now=now)
            assert tasks.running_timer(store) is None
        else:
            wanted = both[int(move[-1])]
            assert tasks.start_timer(store, wanted, now=now).task == wanted
    every = tasks.timers(store)
    for earlier, later in pairwise(every):
        assert earlier.end is not None
        assert earlier.start < earlier.end <= later.start


def test_starting_what_runs_changes_nothing(store: Store) -> None:
    task = tasks.add_task(store, "t").id
    first = tasks.start_timer(store, task, now=100)
    assert tasks.start_timer(store, task, now=200) == first
    assert edits.history(store)[0][1] == "Work on t"
    assert len(edits.history(store)) == 2
    assert tasks.stop_timer(store, now=300) == first
    assert tasks.stop_timer(store, now=400) is None


# ---------------------------------------------------------------------------------------------- undo and redo


def every_kind_of_edit(store: Store) -> list[Callable[[], Any]]:
    """One of each edit, in an order in which each changes something."""
    ids: dict[str, int] = {}

    def add(name: str) -> None:
        ids[name] = tasks.add_task(store, name, tags=["x"], ticket="T-1", now=1).id

    def rule(pattern: str) -> None:
        ids[pattern] = tasks.add_rule(store, "branch", pattern, ids["one"], now=3)

    return [
        lambda: add("one"),
        lambda: add("two"),
        lambda: tasks.edit_task(store, ids["one"], name="uno", tags=["y", "z"], now=2),
        lambda: tasks.edit_task(store, ids["two"], name="one", done=True, now=2),
        lambda: rule("f/*"),
        lambda: rule("g/*"),
        lambda: tasks.move_rule(store, ids["g/*"], 0, now=4),
        lambda: journal.annotate(store, ["s1", "s2"], label="waste", reason="loop", note="first words", tags=["q"], now=5),
        lambda: journal.annotate(store, ["s1"], label=None, note="", link="l", minutes_saved=5, tags=[], now=6),
        lambda: journal.assign(store, ["s1", "s2"], ids["one"], now=7),
        lambda: journal.assign(store, ["s2"], None, now=8),
        lambda: journal.split(store, "s1", 50, ids["one"], now=9),
        lambda: tasks.project_default(store, "/p", ids["one"], now=10),
        lambda: tasks.start_timer(store, ids["one"], now=11),
        lambda: tasks.start_timer(store, ids["two"], now=12),
        lambda: tasks.stop_timer(store, now=13),
        lambda: checkins.save_checkin(store, CheckIn("2026-W47", tried="a", evidence="{}"), now=14),
        lambda: checkins.save_checkin(store, CheckIn("2026-W47", tried="b", learned="c"), now=15),
        lambda: journal.release(store, ["s2"], now=16),
        lambda: tasks.delete_rule(store, ids["f/*"], now=17),
        lambda: journal.unsplit(store, "s1", now=18),
        lambda: journal.split(store, "s1", 60, ids["one"], now=19),
        lambda: tasks.delete_task(store, ids["one"], now=20),
        lambda: tasks.project_default(store, "/p", ids["two"], now=21),
        lambda: tasks.project_default(store, "/p", None, now=22),
    ]


def test_every_edit_can_be_undone_and_redone_after_a_restart(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "tokenpal.db")
    states = [contents(store)]
    titles = []
    for number, step in enumerate(every_kind_of_edit(store)):
        step()
        states.append(contents(store))
        assert states[-1] != states[-2], f"step {number} changed nothing"
        titles.append(edits.history(store)[0][1])
    assert len(edits.history(store)) == len(titles)
    for back in range(len(titles) - 1, -1, -1):
        if back % 5 == 0:
            store.close()
            store = Store.open(tmp_path / "tokenpal.db")
        assert edits.undo(store) == titles[back]
        assert contents(store) == states[back], f"undo of {titles[back]}"
    assert edits.undo(store) is None
    for forth, title in enumerate(titles):
        assert edits.redo(store) == title
        assert contents(store) == states[forth + 1], f"redo of {title}"
    assert edits.redo(store) is None
    assert not store.execute("PRAGMA foreign_key_check").fetchall()
    store.close()


def test_a_new_edit_ends_redo_and_new_numbers_stay_new(store: Store) -> None:
    first = tasks.add_task(store, "first")
    edits.undo(store)
    second = tasks.add_task(store, "second")
    assert second.id != first.id, "an assignment written elsewhere must not jump to another task"
    assert edits.redo(store) is None
    assert edits.undo(store) == "Add the task second"


def test_the_newest_200_edits_are_kept(store: Store) -> None:
    for number in range(edits.KEPT + 5):
        journal.annotate(store, ["a"], note=f"note {number}")
    assert len(edits.history(store, 1000)) == edits.KEPT
    for _ in range(edits.KEPT):
        assert edits.undo(store)
    assert edits.undo(store) is None
    assert annotation(store, "a")[2] == "note 4"


def test_an_edit_that_fails_half_way_leaves_nothing(store: Store) -> None:
    before = contents(store)
    with pytest.raises(RuntimeError), edits.editing(store, "half") as change:
        change.put("annotation", {"session": "a", "label": "waste", "label_at": 1})
        raise RuntimeError
    assert contents(store) == before
    assert edits.undo(store) is None


def test_an_edit_that_changes_nothing_is_no_edit(store: Store) -> None:
    journal.annotate(store, ["a"], label="waste", now=5)
    journal.annotate(store, ["a"], label="waste", now=5)
    assert len(edits.history(store)) == 1


def test_edits_hold_rows_as_json(store: Store) -> None:
    journal.annotate(store, ["a"], note="ü", now=5)
    before, after = store.execute("SELECT before, after FROM edit").fetchone()
    assert json.loads(before) == [["annotation", ["a"], None]]
    assert json.loads(after)[0][2]["note"] == "ü"


# ---------------------------------------------------------------------------------------------- check-ins and search


def test_evidence_stays_frozen(store: Store) -> None:
    checkins.save_checkin(store, CheckIn("2026-w47", tried=" a ", evidence='{"total":1}'), now=5)
    saved = checkins.save_checkin(store, CheckIn("2026-W47", tried="b"), now=6)
    assert saved == CheckIn("2026-W47", tried="b", evidence='{"total":1}', changed_at=6)
    checkins.save_checkin(store, CheckIn("2026-W02"), now=7)
    assert [one.week for one in checkins.checkins(store)] == ["2026-W47", "2026-W02"]
    assert checkins.checkin_of(store, "2026-W03") is None
    for wrong in ("2026-W54", "47", "", "2026-47", "2026-W1x"):
        with pytest.raises(UsageError):
            checkins.checked_week(wrong)
    assert checkins.checked_week("2026-W7") == "2026-W07"


def found(store: Store, text: str) -> set[tuple[str, str]]:
    """What the index and the projects have of all words of a text."""
    sql = "SELECT r.kind, r.ref FROM search s JOIN search_ref r ON r.id = s.rowid WHERE search MATCH ?"
    match = search.match_expression(text)
    words = {(str(kind), str(ref)) for kind, ref in store.execute(sql, (match,))} if match else set()
    return words | {("project", path) for path in search.matching_projects(store, text)}


def test_search_finds_words_wherever_they_were_written(store: Store) -> None:
    journal.annotate(store, ["claude-code:1"], note="The café retry loop\nnever ended", tags=["spike"])
    task = tasks.add_task(store, "Checkout retry", ticket="PAY-142")
    checkins.save_checkin(store, CheckIn("2026-W47", learned="Retry less"))
    store.execute("INSERT INTO project(path) VALUES('/home/me/Retry-Service')")

    def refs(text: str) -> set[tuple[str, str]]:
        return found(store, text)

    note, job, week = ("note", "claude-code:1"), ("task", str(task.id)), ("checkin", "2026-W47")
    assert refs("retry") == {note, job, week, ("project", "/home/me/Retry-Service")}
    assert refs("CAFE ret") == {note}
    assert refs("pay-142") == {job}
    assert refs("spike") == {note}
    assert refs("nothing of the kind") == set()
    tasks.edit_task(store, task.id, name="Checkout", ticket="PAY-7")
    assert refs("pay-142") == set()
    journal.annotate(store, ["claude-code:1"], note="", tags=[])
    assert refs("retry") == {week, ("project", "/home/me/Retry-Service")}
    edits.undo(store)
    assert note in refs("retry")


@given(text=st.text(max_size=30))
def test_no_search_text_is_a_mistake(store: Store, text: str) -> None:
    journal.annotate(store, ["a"], note=f"some {text}")
    assert isinstance(found(store, text), set)


@given(word=st.text(alphabet=st.characters(categories=["L", "N"], max_codepoint=0x24F), min_size=1, max_size=12))
def test_a_word_of_a_note_is_found(store: Store, word: str) -> None:
    journal.annotate(store, ["a"], note=f"before {word} after")
    if any(character.isalnum() for character in word):
        assert found(store, word) == {("note", "a")}
