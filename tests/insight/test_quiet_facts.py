"""Long sessions without a label, windows left unused, the check-in's question, another model's price: by hand, and for any input."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from tokenpal.insight import waste
from tokenpal.insight.rated import Rated
from tokenpal.insight.switching import switch
from tokenpal.insight.unlabelled import long_unlabelled
from tokenpal.insight.unused import Ended, ended, unused
from tokenpal.model.session import WasteReason
from tokenpal.model.tokens import Tokens
from tokenpal.pricing.cost import PerToken

NOW = 1_795_270_000
DAY = 86_400
WEEK = 7 * DAY


def test_long_is_more_than_nine_in_ten() -> None:
    """Twenty sessions of 1 to 20: nine in ten stay at or below 18.1, rounded down 18."""
    found = long_unlabelled(range(1, 21), [("a", 20), ("b", 18), ("c", 19), ("d", 1)])
    assert found is not None
    assert (found.above, found.of, found.sessions) == (18, 20, (("a", 20), ("c", 19)))
    assert long_unlabelled(range(1, 20), [("a", 10**6)]) is None
    assert long_unlabelled(range(1, 21), [("b", 18)]) is None


@given(st.lists(st.integers(0, 10**9), max_size=60), st.lists(st.tuples(st.text(max_size=3), st.integers(0, 10**9)), max_size=9))
def test_only_long_ones_the_largest_first(own: list[int], waiting: list[tuple[str, int]]) -> None:
    found = long_unlabelled(own, waiting)
    if found is not None:
        assert [tokens for _, tokens in found.sessions] == sorted((tokens for _, tokens in waiting if tokens > found.above), reverse=True)
        assert sum(tokens > found.above for tokens in own) <= len(own) / 10 + 1


def window(end: int, used: float, read: int = 3600) -> list[tuple[int, float, int | None]]:
    return [(end - 5 * DAY, used / 3, end + 40), (end - read, used, end), (end - read - 60, used - 1, end - 15)]


def test_windows_that_ended_below_half() -> None:
    ends = [NOW - 60 - week * WEEK for week in range(3, -1, -1)]
    points = [point for end, used in zip(ends, (30.0, 41.0, 38.0, 29.0), strict=True) for point in window(end, used)]
    points += [(NOW - 10, 80.0, NOW - 60 + WEEK), (NOW - 10, 99.0, None)]  # the one that runs, and one without an end
    found = unused(points, 10_080, NOW)
    assert [round(one.used) for one in found] == [30, 41, 38, 29]
    assert unused(points, 300, NOW) == ()  # five hours are nobody's business
    assert unused([*points, (NOW - 3700, 50.0, NOW - 60)], 10_080, NOW) == ()
    assert unused(window(NOW - 60, 10.0), 10_080, NOW) == ()  # once is no pattern
    assert ended(window(NOW - 60, 10.0, read=2 * DAY), 10_080, NOW) == ()  # nobody knows how it ended


@given(st.lists(st.tuples(st.integers(NOW - 9 * WEEK, NOW), st.floats(0, 120), st.one_of(st.none(), st.integers(NOW - 8 * WEEK, NOW + WEEK))), max_size=40))
def test_whatever_is_read_only_low_ended_windows_are_told(points: list[tuple[int, float, int | None]]) -> None:
    found = unused(points, 10_080, NOW)
    assert len(found) in {0, 2, 3, 4}
    assert all(isinstance(one, Ended) and one.at <= NOW and one.used < 50 for one in found)
    assert [one.at for one in found] == sorted(one.at for one in found)


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ({}, ""), ({"loop": 1, "other": 9}, ""), ({"loop": 2, "wrong model": 1}, "What could have stopped the loop sooner?"),
        ({"loop": 3, "missing context": 3}, "What could the agent have been given at the start?"), ({"nonsense": 7}, ""),
    ],
)  # fmt: skip
def test_the_question(reasons: dict[str, int], expected: str) -> None:
    assert waste.question(reasons) == expected


def test_each_reason_that_says_something_has_a_question() -> None:
    assert set(waste.QUESTIONS) == set(WasteReason) - {WasteReason.OTHER}
    assert all(text.endswith("?") for text in waste.QUESTIONS.values())


def test_another_model_by_hand() -> None:
    """1 M fresh at $3.00, 2 M cached at $0.30, 100 k out at $15.00 are $5.10; at $1.00, $0.10 and $5.00 they would be $1.70."""
    own, other = PerToken(3_000_000, 300_000, 0, 0, 0, 15_000_000), PerToken(1_000_000, 100_000, 0, 0, 0, 5_000_000)
    found = switch([Rated("a", Tokens(400_000, 2_000_000, output=100_000), own), Rated("a", Tokens(600_000), own)], other)
    assert [(line.name, line.tokens) for line in found.lines] == [("fresh_input", 1_000_000), ("cache_read", 2_000_000), ("output", 100_000)]
    assert (found.was, found.would) == (5_100_000_000_000, 1_700_000_000_000)


def test_what_has_no_price_is_said() -> None:
    found = switch([Rated("a", Tokens(10, output=5), None)], PerToken(1, 1, 1, 1, 1, None))
    assert (found.was, found.would) == (None, None)
    assert [(line.was, line.would) for line in found.lines] == [(None, 10), (None, None)]


counts = st.integers(0, 10**9)


@given(st.lists(st.tuples(st.builds(Tokens, counts, counts, counts, counts, counts, counts), st.tuples(*[st.integers(0, 10**8)] * 6)), max_size=6))
def test_the_same_model_would_have_cost_the_same(rows: list[tuple[Tokens, tuple[int, ...]]]) -> None:
    each = PerToken(*rows[0][1]) if rows else PerToken(1, 1, 1, 1, 1, 1)
    found = switch([Rated("a", tokens, each) for tokens, _ in rows], each)
    assert found.was == found.would
    assert sum(line.tokens for line in found.lines) == sum(tokens.total for tokens, _ in rows)
