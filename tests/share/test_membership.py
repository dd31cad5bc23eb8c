"""The best informed attacker: knows every other member's true answers and sees the released sum (sharing-protocol 2.4 and 6).

It guesses which of two answers the last member gave, by likelihood, which no guess can beat. The sums come from the real coin
with seeded chance; the exact success comes from all possible sums. No test of this kind would notice a better protocol, only a
worse one: more success than the coin and the sum allow.
"""

from __future__ import annotations

import random
from collections import defaultdict
from functools import cache
from itertools import pairwise
from math import log, sqrt

import pytest

from tokenpal.share.coin import ODDS, toss

K = 3
"""Answers to the question of use."""
Sum = tuple[int, ...]


@cache
def sums(truths: tuple[int, ...]) -> dict[Sum, float]:
    """Every sum these truths can give after the coin, with its probability."""
    chances: dict[Sum, float] = {(0,) * K: 1.0}
    for true in truths:
        further: dict[Sum, float] = defaultdict(float)
        for sum_, chance in chances.items():
            for sent in range(K):
                counted = tuple(number + (answer == sent) for answer, number in enumerate(sum_))
                further[counted] += chance * (ODDS if sent == true else 1) / (ODDS + K - 1)
        chances = dict(further)
    return chances


def known(n: int) -> tuple[int, ...]:
    """The true answers of all members but one."""
    return tuple(place % K for place in range(n - 1))


def best_possible(n: int) -> float:
    """How often the best guess between answers 0 and 1 is right."""
    if_none, if_some = (sums((*known(n), true)) for true in (0, 1))
    return sum(max(if_none.get(sum_, 0.0), if_some.get(sum_, 0.0)) for sum_ in if_none | if_some) / 2


def released(n: int, true: int, chance: random.Random) -> Sum:
    """One week's sum, through the coin of the program."""
    sent = [toss(one, K, chance.randrange) for one in (*known(n), true)]
    return tuple(sent.count(answer) for answer in range(K))


def success(n: int, weeks: int, trials: int, chance: random.Random) -> float:
    """How often the likelihood of ``weeks`` sums finds a habit that never changes."""
    if_none, if_some = (sums((*known(n), true)) for true in (0, 1))
    right = 0
    for _ in range(trials):
        true = chance.randrange(2)
        seen = [released(n, true, chance) for _ in range(weeks)]
        evidence = sum(log(if_some[sum_] / if_none[sum_]) for sum_ in seen)
        guess = int(evidence > 0) if evidence else chance.randrange(2)
        right += guess == true
    return right / trials


def three_sigma(share: float, trials: int) -> float:
    return 3 * sqrt(share * (1 - share) / trials)


@pytest.mark.parametrize(("n", "percent"), [(5, 71), (10, 64), (25, 59)])
def test_one_week_tells_no_more_than_documented(n: int, percent: int) -> None:
    exact = best_possible(n)
    assert round(100 * exact) == percent
    trials = 3000
    assert success(n, 1, trials, random.Random(n)) == pytest.approx(exact, abs=three_sigma(exact, trials))


@pytest.mark.parametrize(("n", "weeks", "percent"), [(25, 13, 79), (25, 4, 66), (5, 13, 96)])
def test_a_quarter_of_weeks_tells_no_more_than_documented(n: int, weeks: int, percent: int) -> None:
    trials = 1000
    found = success(n, weeks, trials, random.Random(weeks * n))
    assert found <= percent / 100 + three_sigma(percent / 100, trials)


def test_more_members_hide_better() -> None:
    exact = [best_possible(n) for n in (2, 5, 10, 25)]
    assert all(small > large for small, large in pairwise(exact))


@pytest.mark.parametrize("n", [1, 2, 5, 25])
def test_no_sum_is_more_than_seven_times_likelier_under_the_truth(n: int) -> None:
    """What holds whoever knows whatever: exact, for every sum there is. One alone reaches seven, the sum of more stays below."""
    if_none, if_some = (sums((*known(n), true)) for true in (0, 1))
    assert if_none.keys() == if_some.keys()
    worst = max(max(if_none[sum_] / if_some[sum_], if_some[sum_] / if_none[sum_]) for sum_ in if_none)
    assert worst <= ODDS * (1 + 1e-9)
    if n == 1:
        assert worst == pytest.approx(ODDS)


def test_the_attack_works_where_a_row_is_seen() -> None:
    """The control: without the others' answers in the sum, the same attack is right in 83 % of weeks and nearly always in a quarter."""
    assert best_possible(1) == pytest.approx(7 / 9 + 1 / 18)
    assert success(1, 13, 500, random.Random(1)) > 0.98
