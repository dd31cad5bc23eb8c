"""When accounts are asked: properties over fake clocks."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import given, strategies as st

from tokenpal.engine import schedule
from tokenpal.engine.schedule import Slot, Trouble

NOW = 1_800_000_000
rolls = st.floats(0, 1, exclude_max=True)
periods = st.integers(60, 86_400)
troubles = st.sampled_from(list(Trouble))


@given(periods, rolls, st.lists(troubles, max_size=40))
def test_waits_grow_to_a_limit_and_success_ends_them(every: int, roll: float, path: list[Trouble]) -> None:
    slot, now = Slot(every, NOW, NOW), NOW
    for trouble in path:
        slot = schedule.failed(slot, now, roll, trouble)
        assert 1 <= slot.due - now <= 1.1 * max(every, schedule.NEEDS_PERSON)
        now = slot.due
    assert slot.failures == len(path)
    done = schedule.succeeded(slot, now, roll)
    assert done.failures == 0
    assert not done.offline
    assert 0.9 * every - 1 <= done.due - now <= 1.1 * every


@given(st.integers(1, 200), rolls)
def test_each_failure_doubles_the_wait(failures: int, roll: float) -> None:
    before = schedule.failed(Slot(900, NOW, NOW, failures - 1), NOW, roll, Trouble.THEIRS).due - NOW
    after = schedule.failed(Slot(900, NOW, NOW, failures), NOW, roll, Trouble.THEIRS).due - NOW
    assert after >= before
    if after < 0.9 * schedule.LONGEST_BACK_OFF:
        assert after >= 2 * before - 2


@given(st.integers(-5, 10**9), rolls, troubles)
def test_retry_after_is_obeyed_within_reason(retry_after: int, roll: float, trouble: Trouble) -> None:
    wait = schedule.failed(Slot(900, NOW, NOW), NOW, roll, trouble, retry_after).due - NOW
    assert wait >= min(retry_after, schedule.MOST_RETRY_AFTER)
    assert wait <= schedule.MOST_RETRY_AFTER + 5


@given(st.lists(st.tuples(periods, st.integers(0, 86_400), rolls), min_size=1, max_size=20), st.integers(0, 10 * 86_400))
def test_after_sleep_everything_overdue_comes_within_a_minute_and_nothing_twice(accounts: list[tuple[int, int, float]], slept: int) -> None:
    now = NOW + slept
    for every, ahead, roll in accounts:
        slot = Slot(every, NOW + ahead, NOW)
        woken = schedule.jumped(slot, now, roll)
        if slot.due <= now:
            assert now <= woken.due < now + schedule.SPREAD_SECONDS
            assert schedule.jumped(woken, woken.due - 1, roll).due in {woken.due, woken.due - 1 + int(roll * 60)}
        else:
            assert woken == slot


def test_accounts_are_spread_after_sleep() -> None:
    dues = {schedule.jumped(Slot(900, NOW, NOW), NOW + 9999, number / 20).due for number in range(20)}
    assert len(dues) == 20


@given(st.integers(1, 10 * 365 * 86_400), periods, rolls)
def test_a_clock_that_was_set_back_leaves_nobody_waiting_for_the_old_time(back: int, every: int, roll: float) -> None:
    slot = schedule.succeeded(Slot(every, NOW, NOW), NOW, roll)
    now = NOW - back
    assert schedule.wait(slot, now) == 0
    assert now <= schedule.jumped(slot, now, roll).due < now + schedule.SPREAD_SECONDS


@given(periods, rolls, st.none() | st.integers(0, 2 * NOW), st.none() | st.integers(0, 2 * NOW), st.integers(0, 9))
def test_the_first_time_is_never_in_the_past_nor_far_away(
    every: int, roll: float, success: int | None, planned: int | None, failures: int
) -> None:
    slot = schedule.first(every, NOW, roll, last_success=success, next_try=planned, failures=failures)
    assert NOW <= slot.due <= NOW + schedule.MOST_RETRY_AFTER
    assert slot.failures == failures


def test_a_restart_does_not_ask_again_before_its_time() -> None:
    assert schedule.first(900, NOW, 0.5, last_success=NOW - 100).due == NOW + 800
    assert schedule.first(900, NOW, 0.5, last_success=NOW - 100, next_try=NOW + 3000, failures=3).due == NOW + 3000


@given(rolls, st.integers(1, 30))
def test_when_the_network_is_back_only_those_that_waited_for_it_move(roll: float, failures: int) -> None:
    offline = schedule.failed(Slot(900, NOW, NOW, failures), NOW, roll, Trouble.OFFLINE)
    limited = schedule.failed(Slot(900, NOW, NOW, failures), NOW, roll, Trouble.THEIRS, 5000)
    assert offline.due - NOW <= 1.1 * schedule.OFFLINE_LONGEST
    assert schedule.network_back(offline, NOW, roll).due < NOW + schedule.SPREAD_SECONDS
    assert schedule.network_back(limited, NOW, roll) == limited
    assert schedule.jumped(offline, NOW + 1, roll).due <= NOW + 1 + schedule.SPREAD_SECONDS


def test_a_wrong_key_is_not_tried_every_few_minutes() -> None:
    assert schedule.failed(Slot(60, NOW, NOW), NOW, 0, Trouble.PERSON).due - NOW > 5 * 3600


def test_refresh_and_a_new_period() -> None:
    slot = Slot(900, NOW + 800, NOW)
    assert schedule.wait(schedule.asked(slot, NOW + 5), NOW + 5) == 0
    assert schedule.changed_period(slot, 60, NOW, 0.5).due == NOW + 60
    assert schedule.changed_period(slot, 6000, NOW, 0.5).due == NOW + 800
    limited = schedule.failed(slot, NOW, 0.5, Trouble.THEIRS, 5000)
    assert schedule.changed_period(limited, 60, NOW, 0.5).due == limited.due


def test_staleness_is_two_periods() -> None:
    assert not schedule.is_stale(900, NOW, None)
    assert not schedule.is_stale(900, NOW, NOW - 1800)
    assert schedule.is_stale(900, NOW, NOW - 1801)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be changed here")
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Australia/Lord_Howe"])
def test_daylight_saving_does_not_come_into_it(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both changes of a year, hour by hour: the wait is what it is anywhere."""
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for change in (1_772_953_200, 1_793_512_800):
            for now in range(change - 7200, change + 7200, 600):
                assert schedule.succeeded(Slot(3600, now, now), now, 0.5).due == now + 3600
    finally:
        monkeypatch.undo() if before is None else monkeypatch.setenv("TZ", before)
        time.tzset()
