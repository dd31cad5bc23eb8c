"""The one runner of work in turns."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QObject
from shiboken6 import delete

from tests.ui.conftest import spin
from tokenpal.ui.turns import Turns


def counting(seen: list[int], upto: int) -> Iterator[None]:
    for n in range(upto):
        seen.append(n)
        yield


@pytest.fixture
def owner(qapp) -> Iterator[QObject]:
    one = QObject()
    yield one
    if one is not None:
        one.deleteLater()


def until(condition) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        spin(1)


def test_it_stops_between_two_turns_and_goes_on(owner):
    seen: list[int] = []
    done: list[bool] = []
    turns = Turns(owner, seconds=0.0)
    turns.begin(counting(seen, 5), lambda: done.append(True))
    assert (seen, turns.busy) == ([], True), "nothing happens in the call that asks"
    QCoreApplication.processEvents()
    assert len(seen) < 5, "one turn is not all of it"
    until(lambda: done)
    assert (seen, turns.busy, done) == ([0, 1, 2, 3, 4], False, [True])


def test_the_first_turn_can_be_now(owner):
    seen: list[int] = []
    turns = Turns(owner, seconds=0.0)
    turns.begin(counting(seen, 3), at_once=True)
    assert (seen, turns.busy) == ([0], True)


def test_finish_does_the_rest_in_one_call(owner):
    seen: list[int] = []
    done: list[bool] = []
    turns = Turns(owner, seconds=0.0)
    turns.begin(counting(seen, 3), lambda: done.append(True), at_once=True)
    turns.finish()
    assert (seen, turns.busy, done) == ([0, 1, 2], False, [True])
    turns.finish()
    spin(5)
    assert done == [True], "it is done once"


def test_what_was_stopped_is_dropped(owner):
    seen: list[int] = []
    turns = Turns(owner, seconds=0.0)
    turns.begin(counting(seen, 3), lambda: pytest.fail("it was not done"), at_once=True)
    turns.stop()
    spin(10)
    assert (seen, turns.busy) == ([0], False)


def test_new_work_takes_the_place_of_old(owner):
    old: list[int] = []
    new: list[int] = []
    turns = Turns(owner, seconds=0.0)
    turns.begin(counting(old, 3), lambda: pytest.fail("it was replaced"), at_once=True)
    turns.begin(counting(new, 2))
    until(lambda: not turns.busy)
    assert (old, new) == ([0], [0, 1])


def test_work_may_begin_other_work_and_ask_for_its_own_end(owner):
    new: list[int] = []
    turns = Turns(owner, seconds=0.0)

    def work() -> Iterator[None]:
        turns.finish()  # it cannot be finished from within: nothing happens
        turns.begin(counting(new, 2), at_once=True)
        yield
        pytest.fail("it was replaced")

    turns.begin(work(), lambda: pytest.fail("it was replaced"))
    until(lambda: not turns.busy)
    assert new == [0, 1]


def test_a_pause_leaves_off_and_goes_on(owner):
    seen: list[int] = []
    turns = Turns(owner, seconds=0.0)
    turns.begin(counting(seen, 3), at_once=True)
    turns.pause()
    spin(10)
    assert (seen, turns.busy) == ([0], True)
    turns.go_on()
    until(lambda: not turns.busy)
    assert seen == [0, 1, 2]


def test_work_that_fails_is_not_tried_again(owner):
    turns = Turns(owner)

    def work() -> Iterator[None]:
        yield
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        turns.begin(work(), lambda: pytest.fail("it failed"), at_once=True)
    assert not turns.busy
    spin(5)


def test_it_dies_with_its_owner_even_within_its_work(qapp):
    owner = QObject()
    turns = Turns(owner, seconds=0.0)
    seen: list[int] = []

    def work() -> Iterator[None]:
        seen.append(1)
        delete(owner)
        yield
        seen.append(2)

    turns.begin(work(), lambda: seen.append(3), at_once=True)
    spin(10)
    assert seen == [1]
