"""Other tools' journals in the store: timers in the free time, notes where they belong, one undo, and the same file twice is once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.engine.journals.test_parsers import ENTRIES, JRNL_TEXT, TIMEW, TOGGL_CSV
from tests.store.kit import log_account, open_store, put, record
from tokenpal.engine import commands, diaries, queries
from tokenpal.engine.diaries import Diary, Wish
from tokenpal.engine.files import Given, opened
from tokenpal.engine.scan import here
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn
from tokenpal.store import checkins, edits, journal, tasks
from tokenpal.store.database import Store
from tokenpal.store.diaries import with_line

NOW = int(datetime(2026, 11, 20, 15, tzinfo=UTC).timestamp())


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.fixture
def store(tmp_path: Path) -> Any:
    open_store(tmp_path / "t.db", "Europe/Berlin").close()
    with Store.open(tmp_path / "t.db", now=lambda: NOW) as store:
        yield store


def take(store: Store, text: str, wish: Wish = Wish(), kind: str = "") -> Diary:  # noqa: B008 - frozen
    return diaries.take(here(store), opened(Given.content("x", text.encode(), NOW), kind), wish)


def look(store: Store, text: str, wish: Wish = Wish()) -> Diary:  # noqa: B008 - frozen
    return diaries.look(here(store), opened(Given.content("x", text.encode(), NOW)), wish)


def timers(store: Store) -> list[tuple[str, int, int | None]]:
    return [tuple(row) for row in store.execute('SELECT k.name, t.start, t."end" FROM timer t JOIN task k ON k.id = t.task ORDER BY t.start')]


def everything(store: Store) -> list[Any]:
    return [store.execute(f"SELECT * FROM {table}").fetchall() for table in ("task", "timer", "annotation", "checkin", "edit", "search", "segment")]


def test_intervals_become_timers_and_use_in_that_time_goes_to_their_task(store: Store) -> None:
    put(store, log_account(store), [record(at=at("2026-11-16T09:00:00Z"), session="claude-code:a"), record("m2", at=at("2026-11-16T12:00:00Z"), session="claude-code:b")])
    before = everything(store)
    dry = look(store, TIMEW)
    assert everything(store) == before
    assert [(group.name, group.task, group.known) for group in dry.groups] == [("pay", "pay", False), ("with space", "with space", False)]
    done = take(store, TIMEW)
    assert done.laid == dry.laid
    assert done.running == 1
    assert timers(store) == [
        ("pay", at("2026-11-16T08:00:00Z"), at("2026-11-16T09:30:00Z")), ("with space", at("2026-11-16T10:00:00Z"), at("2026-11-16T10:15:00Z")),
    ]  # fmt: skip
    of = {row.id: (row.task, row.via) for row in queries.sessions(store)}
    assert of["claude-code:a"] == ("pay", "timer")
    assert of["claude-code:b"][1] == "unassigned"


def test_the_same_file_twice_changes_nothing_and_one_undo_takes_it_back(store: Store) -> None:
    before = everything(store)[:4]
    take(store, TIMEW)
    once = everything(store)
    again = take(store, TIMEW)
    assert (again.makes, again.laid.covered) == (0, 105 * 60)
    assert everything(store) == once
    assert commands.undo(store) == "Import from Timewarrior"
    assert everything(store)[:4] == before
    assert commands.undo(store) is None


def test_a_timer_that_is_here_wins_and_keeps_its_time(store: Store) -> None:
    mine = tasks.add_task(store, "mine")
    with edits.editing(store, "timer") as change:
        change.put("timer", {"id": 1, "task": mine.id, "start": at("2026-11-16T08:30:00Z"), "end": at("2026-11-16T09:00:00Z")})
        change.put("timer", {"id": 2, "task": mine.id, "start": at("2026-11-16T10:10:00Z"), "end": None})
    done = take(store, TIMEW)
    assert timers(store) == [
        ("pay", at("2026-11-16T08:00:00Z"), at("2026-11-16T08:30:00Z")),
        ("mine", at("2026-11-16T08:30:00Z"), at("2026-11-16T09:00:00Z")),
        ("pay", at("2026-11-16T09:00:00Z"), at("2026-11-16T09:30:00Z")),
        ("with space", at("2026-11-16T10:00:00Z"), at("2026-11-16T10:10:00Z")),
        ("mine", at("2026-11-16T10:10:00Z"), None),
    ]
    assert done.laid.covered == 30 * 60 + 5 * 60


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30), st.sampled_from("abc")), max_size=10)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mine=spans, more=spans)
def test_timers_never_overlap_and_nothing_of_mine_moves(tmp_path_factory: Any, mine: list[Any], more: list[Any]) -> None:
    start = at("2026-11-16T00:00:00Z")

    def text(some: list[Any]) -> str:
        def stamp(minute: int) -> str:
            return datetime.fromtimestamp(start + minute * 60, UTC).strftime("%Y%m%dT%H%M%SZ")

        return "inc 20261101T080000Z\n" + "\n".join(f"inc {stamp(a)} - {stamp(a + n)} # {name}" for a, n, name in some)

    open_store(path := tmp_path_factory.mktemp("s") / "t.db").close()
    with Store.open(path, now=lambda: NOW) as store:
        take(store, text(mine))
        kept = set(timers(store))
        done = take(store, text(more))
        rows = timers(store)
        assert kept <= set(rows)
        assert all(one[2] <= two[1] for one, two in pairwise(rows))  # type: ignore[operator]  # all ended
        minutes = {start + m * 60 for a, n, _ in (*mine, *more) for m in range(a, a + n)}
        assert sum(end - begin for _, begin, end in rows if end) == 60 * len(minutes)
        total = sum(n for _, n, _ in more) * 60
        assert done.laid.seconds + done.laid.covered == total
        assert take(store, text(more)).makes == 0


def test_names_can_be_chosen_changed_and_left_out(store: Store) -> None:
    tasks.add_task(store, "Checkout retry", ticket="PAY-1")
    dry = look(store, TOGGL_CSV, Wish("project", {"Payments": "pay-1", "ACME": ""}))
    assert [(group.name, group.task, group.known) for group in dry.groups] == [("ACME", "", False), ("Payments", "pay-1", True)]
    take(store, TOGGL_CSV, Wish("project", {"Payments": "pay-1", "ACME": ""}))
    assert [name for name, *_ in timers(store)] == ["Checkout retry"]
    assert look(store, json.dumps(ENTRIES), Wish("words")).groups[0].name == "Retry"
    with pytest.raises(UsageError):
        look(store, TIMEW, Wish("colour"))
    none = take(store, TOGGL_CSV, Wish("words", {"Retry, second try": "none", "No project": "unassigned"}))
    assert none.laid.refused >= 1


def test_what_lies_ahead_is_no_past_timer(store: Store) -> None:
    take(store, "inc 20261120T140000Z - 20261120T170000Z # a\ninc 20271120T140000Z - 20271120T170000Z # b")
    assert timers(store) == [("a", NOW - 3600, NOW)]


def test_entries_become_notes_on_the_session_they_fall_in(store: Store) -> None:
    account = log_account(store)
    long = [record(f"l{n}", at=at("2026-11-16T07:00:00Z") + n * 600, session="claude-code:long") for n in range(20)]
    inner = [record(f"i{n}", at=at("2026-11-16T08:20:00Z") + n * 600, session="claude-code:inner") for n in range(3)]
    near = [record("n", at=at("2026-11-17T13:40:00Z"), session="claude-code:near")]
    put(store, account, [*long, *inner, *near])
    journal.annotate(store, ["claude-code:inner"], note="mine", now=NOW - 50)
    done = take(store, JRNL_TEXT)
    notes = dict(store.execute("SELECT session, note FROM annotation").fetchall())
    assert notes["claude-code:inner"].startswith("mine\nBorrow checker, second try.\nArena works")
    assert notes["claude-code:near"] == "A title only"
    assert "claude-code:long" not in notes
    assert (done.said.added, done.said.unplaced) == (2, 0)
    assert take(store, JRNL_TEXT).makes == 0
    assert [one.ref for one in queries.find(store, "lifetimes")] == ["claude-code:inner"]
    commands.undo(store)
    assert dict(store.execute("SELECT session, note FROM annotation").fetchall()) == {"claude-code:inner": "mine"}


def test_entries_without_a_session_can_go_to_the_check_ins(store: Store) -> None:
    assert look(store, JRNL_TEXT).said.unplaced == 2
    checkins.save_checkin(store, CheckIn("2026-W47", learned="mine"), now=NOW - 5)
    take(store, JRNL_TEXT, Wish(to="learned"))
    kept = checkins.checkin_of(store, "2026-W47")
    assert kept is not None
    assert kept.learned.splitlines() == ["mine", "Borrow checker, second try. Arena works; lifetimes still fight back. More of it.", "A title only"]
    assert take(store, JRNL_TEXT, Wish(to="learned")).makes == 0
    commands.undo(store)
    kept = checkins.checkin_of(store, "2026-W47")
    assert kept is not None
    assert kept.learned == "mine"


def test_ten_thousand_entries_of_one_week_are_a_field_that_ends_and_not_an_hour(store: Store) -> None:
    text = "\n".join(f"[2026-11-16 09:{n % 60:02}] {'word ' * 20}{n}" for n in range(10_000))
    done = take(store, text, Wish(to="learned"))
    kept = checkins.checkin_of(store, "2026-W47")
    assert kept is not None
    assert 90_000 < len(kept.learned) <= 100_100
    assert done.said.added == len(kept.learned.splitlines())
    assert done.said.added + done.said.unplaced == 10_000
    assert take(store, text, Wish(to="learned")).makes == 0
    commands.undo(store)
    assert checkins.checkin_of(store, "2026-W47") is None


@given(st.text(max_size=60), st.text(max_size=20).filter(lambda text: text.strip()))
def test_a_line_is_added_once(whole: str, text: str) -> None:
    added = with_line(whole, text)
    if added is not None:
        assert with_line(added, text) is None
        assert added.startswith(whole.rstrip()) or not whole.strip()


def test_a_journal_that_is_too_long_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokenpal.engine.journals.base.MOST_BYTES", 10)
    with pytest.raises(UsageError, match="longer than"):
        look(store, TIMEW)
    with pytest.raises(UsageError):
        take(store, TIMEW, kind="diary")
