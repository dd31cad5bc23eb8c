"""Unusual burn: quiet without history, within the range, after a pause; told from where it began."""

from __future__ import annotations

from hypothesis import given, strategies as st

from tokenpal.insight.unusual import LEAST_WINDOWS, PAUSE, WINDOW, OwnRange, own_range, quantile, spell

NOW = 1_795_270_000
USUAL = OwnRange(100, 10_000, 20_000, 50_000, 100_000)


def test_the_range_by_hand() -> None:
    """1,000 to 100,000 in steps of 1,000: quartiles 25,750 and 75,250, 95 of 100 stay below 95,050; three distances reach further than twice."""
    found = own_range(range(1_000, 101_000, 1_000))
    assert found == OwnRange(100, 50_500, 75_250, 95_050, 75_250 + 3 * 49_500)
    even = own_range([50_000] * 60)
    assert even == OwnRange(60, 50_000, 50_000, 50_000, 100_000)
    assert own_range([10] * 60) == OwnRange(60, 10, 10, 10, 20_000)  # however small, 20 k are not worth a word
    assert own_range([50_000] * 59 + [0] * 9) is None


def every(step: int, tokens: int, length: int, end: int = NOW) -> list[tuple[int, int]]:
    return [(at, tokens) for at in range(end - length, end + 1, step)]


def test_a_loop_is_told_from_where_it_began() -> None:
    """One request in half a minute of 17 k: 12 minutes of it are 25 requests, 425 k."""
    found = spell([(NOW - 7200, 5_000), *every(30, 17_000, 720)], NOW, USUAL)
    assert found is not None
    assert (found.tokens, found.seconds) == (425_000, 720)


def test_quiet() -> None:
    assert spell([], NOW, USUAL) is None
    assert spell(every(30, 4_000, 720), NOW, USUAL) is None  # 80 k in ten minutes: within
    assert spell(every(30, 17_000, 720, NOW - PAUSE - 1), NOW, USUAL) is None  # it stopped
    assert spell([(NOW - 10, 900_000)], NOW, USUAL) is None  # one large prompt
    assert spell(every(30, 17_000, 720, NOW + 900), NOW - 3600, USUAL) is None  # the future


def test_what_came_before_a_pause_or_was_slow_is_not_told() -> None:
    busy = every(60, 20_000, 540)
    assert spell([(NOW - 541 - PAUSE, 10**9), *busy], NOW, USUAL) == spell(busy, NOW, USUAL)
    slow = [*every(200, 10, 2400, NOW - 700), *every(60, 11_000, 600)]
    found = spell(slow, NOW, USUAL)
    assert found is not None
    assert found.seconds < 1_200


@given(st.lists(st.integers(0, 10**9), max_size=150))
def test_the_range_is_ordered_and_needs_history(values: list[int]) -> None:
    found = own_range(values)
    used = [value for value in values if value > 0]
    assert (found is None) == (len(used) < LEAST_WINDOWS)
    if found is not None:
        assert min(used) <= found.median <= found.third <= found.high <= max(used)
        assert found.fence >= 2 * found.high


@given(st.lists(st.integers(1, 10**6), min_size=60, max_size=120), st.integers(10**9, 10**12))
def test_one_burst_of_the_past_moves_the_range_little(values: list[int], burst: int) -> None:
    before, after = own_range(values), own_range([*values, burst])
    assert before is not None
    assert after is not None
    assert after.high <= max(values)
    assert after.median <= sorted(values)[len(values) // 2 + 1 if len(values) > len(values) // 2 + 1 else -1]


@given(st.lists(st.tuples(st.integers(NOW - 4000, NOW + 100), st.integers(0, 10**6)), max_size=60))
def test_what_is_told_holds(uses: list[tuple[int, int]]) -> None:
    uses = sorted(uses)
    found = spell(uses, NOW, USUAL)
    if found is not None:
        assert found.tokens == sum(tokens for at, tokens in uses if NOW - found.seconds <= at <= NOW) or found.seconds == WINDOW
        assert found.tokens * WINDOW >= USUAL.fence * found.seconds
        assert WINDOW <= found.seconds < 3600
        assert any(NOW - PAUSE <= at <= NOW for at, _ in uses)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50), st.integers(0, 100))
def test_quantiles_lie_between_the_least_and_the_most(values: list[int], percent: int) -> None:
    ordered = sorted(values)
    assert ordered[0] <= quantile(ordered, percent) <= ordered[-1]
    assert quantile(ordered, 0) == ordered[0]
    assert quantile(ordered, 100) == ordered[-1]
