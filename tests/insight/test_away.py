"""Breaks found from looks at the clock once a minute."""

from __future__ import annotations

import itertools

from hypothesis import given, strategies as st

from tokenpal.insight.away import Break, Watch, look

MINUTE = 60


def walk(touches: set[int], until: int, enough: int, asleep: range = range(0)) -> list[Break]:
    """Look every minute; ``touches`` are seconds with a key press, in ``asleep`` nothing is looked at."""
    watch, found = Watch(0), []
    for now in range(MINUTE, until, MINUTE):
        if now in asleep:
            continue
        last = max((at for at in touches if at <= now), default=0)
        watch, one = look(watch, now, now - last, enough)
        if one is not None:
            found.append(one)
    return found


def test_a_break_begins_with_the_last_touch_and_ends_with_the_next() -> None:
    touches = {*range(0, 600, 30), *range(3000, 4000, 30)}
    (one,) = walk(touches, 4000, 900)
    assert one.start == 570
    assert 3000 <= one.end <= 3060
    assert one.seconds == one.end - one.start


def test_short_pauses_are_none() -> None:
    assert walk({*range(0, 7200, 500)}, 7200, 900) == []


def test_sleep_is_a_break_even_where_idle_time_is_not_known() -> None:
    watch, one = look(Watch(1000), 1000 + 3600, None, 900)
    assert one == Break(1000, 4600)
    assert look(watch, 4660, None, 900)[1] is None, "told once"
    assert look(Watch(1000), 1060, None, 900)[1] is None


def test_who_sits_before_a_film_after_sleep_is_still_away() -> None:
    watch, one = look(Watch(1000), 5000, 2000.0, 900)
    assert one is None
    assert watch.gone == 1000
    _, one = look(watch, 5060, 3.0, 900)
    assert one == Break(1000, 5057)


@given(st.sets(st.integers(0, 20_000), max_size=60), st.integers(5, 60))
def test_breaks_never_overlap_and_never_hold_work(touches: set[int], minutes: int) -> None:
    found = walk(touches, 21_000, minutes * 60)
    for one in found:
        assert one.seconds >= minutes * 60
        inside = {at for at in touches if one.start < at < one.end}
        assert not inside or one.end - min(inside) <= MINUTE, "only what came since the last look may be counted in"
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
