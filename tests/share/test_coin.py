"""The coin is exactly 7:1: by enumeration of every outcome, not by statistics (sharing-protocol 6)."""

from __future__ import annotations

import secrets
from collections import Counter
from fractions import Fraction

import pytest

from tests.share.chance import p_value
from tokenpal.share.coin import ODDS, toss


def probabilities(true: int, k: int, odds: int = ODDS) -> dict[int, Fraction]:
    """Every value the random source can give, each with the same weight."""
    cases = odds + k - 1
    sent = Counter(toss(true, k, lambda n, value=value: value if n == cases else pytest.fail("another range"), odds) for value in range(cases))
    return {answer: Fraction(sent[answer], cases) for answer in range(k)}


@pytest.mark.parametrize("k", [2, 3, 4, 6])
def test_the_worst_ratio_is_exactly_seven(k: int) -> None:
    table = [probabilities(true, k) for true in range(k)]
    assert all(sum(row.values()) == 1 for row in table)
    ratios = [one[sent] / two[sent] for sent in range(k) for one in table for two in table]
    assert (max(ratios), min(ratios)) == (7, Fraction(1, 7))


@pytest.mark.parametrize(("k", "stays"), [(3, Fraction(7, 9)), (4, Fraction(7, 10))])
def test_the_two_questions_as_documented(k: int, stays: Fraction) -> None:
    for true in range(k):
        found = probabilities(true, k)
        assert found[true] == stays
        assert {share for answer, share in found.items() if answer != true} == {(1 - stays) / (k - 1)}


def test_other_odds() -> None:
    assert probabilities(0, 2, odds=1) == {0: Fraction(1, 2), 1: Fraction(1, 2)}


@pytest.mark.parametrize(("true", "k", "odds"), [(-1, 3, 7), (3, 3, 7), (0, 3, 0)])
def test_answers_that_do_not_exist(true: int, k: int, odds: int) -> None:
    with pytest.raises(ValueError):
        toss(true, k, secrets.randbelow, odds)


def test_the_systems_generator_gives_every_answer() -> None:
    """200 tosses of a 1 in 9 chance: missing one has a probability under 1e-10."""
    assert {toss(1, 3, secrets.randbelow) for _ in range(200)} == {0, 1, 2}


@pytest.mark.parametrize(("true", "k"), [(1, 4), (2, 3)])
def test_the_systems_generator_keeps_the_odds(true: int, k: int) -> None:
    """100,000 tosses each; fails by accident once in a million runs, and an odds of 6.5 or 7.5 instead of 7 is far beyond that."""
    draws = 100_000
    sent = Counter(toss(true, k, secrets.randbelow) for _ in range(draws))
    found = [sent[answer] for answer in range(k)]
    assert sum(found) == draws
    assert p_value(found, hoped(draws, k, true, ODDS)) > 1e-6
    for near in (6.5, 7.5):
        assert p_value([round(number) for number in hoped(draws, k, true, near)], hoped(draws, k, true, ODDS)) < 1e-6


def hoped(draws: int, k: int, true: int, odds: float) -> list[float]:
    return [draws * (odds if answer == true else 1) / (odds + k - 1) for answer in range(k)]
