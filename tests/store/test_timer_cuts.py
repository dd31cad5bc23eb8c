"""A break is cut out of the timers: no second is lost or counted twice, and undo brings all back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tokenpal.model.errors import UsageError
from tokenpal.store import edits, tasks
from tokenpal.store.database import Store
from tokenpal.store.timer_cuts import Span, cut_timer, parts

NOW = 1_790_000_000
moments = st.integers(0, 300)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = Store.open(tmp_path / "tokenpal.db")
    yield one
    one.close()


def seconds(span: Span | None, now: int = 300) -> set[int]:
    return set() if span is None else set(range(span[0], now if span[1] is None else span[1]))


@given(moments, st.one_of(st.none(), st.integers(1, 200)), moments, moments)
def test_the_parts_are_the_whole(start: int, length: int | None, first: int, until: int) -> None:
    span: Span = (start, None if length is None else start + length)
    before, inside, after = parts(span, first, until)
    whole = seconds(span, 600)
    pieces = [seconds(one, 600) for one in (before, inside, after)]
    assert set().union(*pieces) == whole
    assert sum(map(len, pieces)) == len(whole), "no second twice"
    assert pieces[1] == whole & set(range(first, until))
    if length is None and inside is not None:
        assert after is not None
        assert after[1] is None, "what runs goes on"


def rows(store: Store) -> list[tuple[int, int, int | None]]:
    return [(one.task, one.start, one.end) for one in tasks.timers(store)]


def test_a_running_timer_goes_on_after_the_break(store: Store) -> None:
    work, other = tasks.add_task(store, "work").id, tasks.add_task(store, "other").id
    tasks.start_timer(store, work, now=NOW - 3600)
    before = rows(store)
    assert cut_timer(store, NOW - 1800, NOW - 600, now=NOW) == 1200
    assert sorted(rows(store), key=lambda row: row[1]) == [(work, NOW - 3600, NOW - 1800), (work, NOW - 600, None)]
    assert edits.undo(store) == "Take a break out of the timer"
    assert rows(store) == before
    assert cut_timer(store, NOW - 1800, NOW - 600, other, now=NOW) == 1200
    assert sorted(rows(store), key=lambda row: row[1]) == [(work, NOW - 3600, NOW - 1800), (other, NOW - 1800, NOW - 600), (work, NOW - 600, None)]
    edits.undo(store)
    assert rows(store) == before, "one edit"


def test_a_break_from_the_start_on_and_one_without_a_timer(store: Store) -> None:
    work = tasks.add_task(store, "work").id
    tasks.start_timer(store, work, now=NOW - 600)
    assert cut_timer(store, NOW - 3600, NOW - 700, now=NOW) == 0
    assert len(edits.history(store)) == 2, "nothing was changed"
    assert cut_timer(store, NOW - 3600, NOW - 60, now=NOW) == 540
    assert rows(store) == [(work, NOW - 60, None)]
    assert cut_timer(store, NOW - 60, NOW + 999, now=NOW) == 60, "not beyond now"
    assert rows(store) == [(work, NOW, None)]


def test_the_answer_comes_late(store: Store) -> None:
    work, other = tasks.add_task(store, "work").id, tasks.add_task(store, "other").id
    tasks.start_timer(store, work, now=NOW - 3600)
    tasks.start_timer(store, other, now=NOW - 300)
    tasks.stop_timer(store, now=NOW - 100)
    assert cut_timer(store, NOW - 2000, NOW - 200, now=NOW) == 1800
    assert sorted(rows(store), key=lambda row: row[1]) == [(work, NOW - 3600, NOW - 2000), (other, NOW - 200, NOW - 100)]
    with pytest.raises(UsageError, match="does not exist"):
        cut_timer(store, NOW - 3000, NOW - 2500, 999, now=NOW)
    assert len(rows(store)) == 2
