"""From released sums to shares with intervals: windows, gaps, zero, change, whole percent (sharing-protocol 5.9)."""

from __future__ import annotations

from math import isclose, sqrt

import pytest
from hypothesis import given, strategies as st

from tokenpal.share.protocol import epochs
from tokenpal.share.protocol.estimate import WINDOWS, Bar, Result, Week, Z, bars, nearest_shares, percents, result, waiting, window
from tokenpal.share.protocol.questions import KINDS

NEWEST = "2026-W47"


def week(back: int, n: int = 5, bins: tuple[int, ...] | None = None, until: str = NEWEST) -> Week:
    bins = bins or (n, 0, 0, 0, n, 0, 0)
    return Week(epochs.shifted(until, -back), n, bins)


def weeks(count: int, n: int = 5, bins: tuple[int, ...] | None = None) -> list[Week]:
    return [week(back, n, bins) for back in reversed(range(count))]


def shown(*args, **options) -> Result:
    found = result(*args, **options)
    assert found is not None
    return found


# ------------------------------------------------------------------------------------------------------ windows


@pytest.mark.parametrize(("n", "length"), [(5, 13), (7, 13), (8, 8), (15, 8), (16, 4), (31, 4), (32, 2), (500, 2), (1, 13)])
def test_the_fewer_share_the_longer(n: int, length: int) -> None:
    assert window(n) == length


@pytest.mark.parametrize("n", range(5, 100))
def test_a_full_window_has_ten_points_of_error(n: int) -> None:
    """The rule behind the table; the coin and the draw of a session at a true share of 0.4."""
    seen = 0.1 + 0.6 * 0.4
    assert sqrt(seen * (1 - seen) / (n * window(n))) / 0.6 <= 0.1


def test_a_policy_may_pool_longer_but_never_shows_one_week() -> None:
    assert window(50, {"5": 20, "32": 4}) == 4
    assert window(50, {"5": 1}) == 2
    assert result(weeks(1, 50), {"5": 1}) is None


@pytest.mark.parametrize(("n", "needed"), [(5, 4), (8, 4), (16, 4), (32, 2)])
def test_nothing_is_shown_before(n: int, needed: int) -> None:
    for count in range(needed):
        assert result(weeks(count, n)) is None
        assert waiting(weeks(count, n)) == (needed - count if count else 4)
    assert waiting(weeks(needed, n)) == 0
    found = shown(weeks(needed, n))
    assert (len(found.weeks), found.full) == (needed, window(n) == needed)


def test_a_part_of_the_first_window_says_how_uncertain_it_is() -> None:
    bins = (2, 1, 1, 1, 1, 2, 2)
    part, whole = shown(weeks(4, 5, bins)), shown(weeks(13, 5, bins))
    assert (part.full, whole.full) == (False, True)
    assert (part.window, whole.window) == (13, 13)
    for narrow, wide in zip(whole.questions[0].bars, part.questions[0].bars, strict=True):
        assert wide.raw == pytest.approx(narrow.raw)
        assert wide.error > 1.7 * narrow.error
        assert wide.high - wide.low > narrow.high - narrow.low
    assert part.questions[0].bars[0].error > 0.17


def test_old_weeks_leave_the_window() -> None:
    old = [week(back, 5, (0, 5, 0, 0, 0, 5, 0)) for back in range(13, 30)]
    found = shown(old + weeks(13, 5, (5, 0, 0, 0, 5, 0, 0)))
    assert found.weeks == tuple(epochs.shifted(NEWEST, -back) for back in reversed(range(13)))
    assert found.answers == 65
    assert found.questions[0].bars[0].percent == 100


def test_the_smallest_week_decides_how_many_are_pooled() -> None:
    """Else a week of 32 would bring a team of 5 down to two weeks."""
    grown = [*(week(back, 5) for back in range(1, 13)), week(0, 40, (40, 0, 0, 0, 40, 0, 0))]
    found = shown(grown)
    assert (found.window, len(found.weeks), found.n_low, found.n_high) == (13, 13, 5, 40)
    assert found.answers == 100
    steps = [*(week(back, 5) for back in range(8, 13)), *(week(back, 12) for back in range(4, 8)), *(week(back, 20) for back in range(4))]
    assert shown(steps).window == 4
    assert shown([*steps, week(-1, 6)], until="2026-W48").window == 13


def test_every_report_weighs_the_same() -> None:
    many, few = week(0, 12, (12, 0, 0, 0, 0, 12, 0)), week(1, 8, (0, 8, 0, 0, 8, 0, 0))
    found = shown([many, few, week(2, 8), week(3, 8)])
    kept = (12 + 8 + 8) / 36
    assert found.questions[0].bars[0].raw == pytest.approx((kept - 0.1) / 0.6)


# --------------------------------------------------------------------------------------------------------- gaps


def test_missing_weeks_are_named() -> None:
    gone = {3, 7}
    found = shown([one for back, one in enumerate(reversed(weeks(20))) if back not in gone])
    assert found.missing == (epochs.shifted(NEWEST, -7), epochs.shifted(NEWEST, -3))
    assert len(found.weeks) == 11
    assert found.full
    assert set(found.weeks).isdisjoint(found.missing)


def test_weeks_before_the_first_are_not_missing() -> None:
    found = shown([week(0), week(2), week(3), week(4)])
    assert found.missing == (epochs.shifted(NEWEST, -1),)
    assert not found.full


def test_weeks_missing_at_the_end_are_named_and_push_old_ones_out() -> None:
    found = shown(weeks(13), until=epochs.shifted(NEWEST, 2))
    assert found.missing == (epochs.shifted(NEWEST, 1), epochs.shifted(NEWEST, 2))
    assert len(found.weeks) == 11


def test_a_team_that_fell_silent_has_no_result() -> None:
    assert result(weeks(13), until=epochs.shifted(NEWEST, 10)) is None
    assert result(weeks(13), until=epochs.shifted(NEWEST, 40)) is None
    assert waiting(weeks(13), until=epochs.shifted(NEWEST, 10)) == 1
    assert waiting(weeks(13), until=epochs.shifted(NEWEST, 40)) == 4


def test_nothing_at_all() -> None:
    assert result([]) is None
    assert result([], until=NEWEST) is None
    assert waiting([]) == 4


def test_the_order_does_not_matter() -> None:
    some = [*weeks(9, 9, (3, 2, 2, 2, 3, 3, 3)), week(20, 9), week(14, 9)]
    assert result(some) == result(some[::-1])


@pytest.mark.parametrize("bins", [(4, 0, 0, 0, 5, 0, 0), (6, -1, 0, 0, 5, 0, 0), (5, 0, 0, 0, 5, 0), ()])
def test_weeks_no_release_can_hold(bins: tuple[int, ...]) -> None:
    with pytest.raises(ValueError):
        result([*weeks(13), Week("2026-W01", 5, bins)])


def test_a_week_twice() -> None:
    with pytest.raises(ValueError):
        result([*weeks(13), week(0)])


# ------------------------------------------------------------------------------------------------------- shares

COUNTS = st.sampled_from(sorted(KINDS.items())).flatmap(
    lambda kind: st.tuples(st.just(kind[0]), st.lists(st.integers(0, 40), min_size=kind[1], max_size=kind[1]).filter(any))
)


@given(COUNTS)
def test_whatever_was_tossed_the_bars_make_sense(counted: tuple[str, list[int]]) -> None:
    question, counts = counted
    found = bars(question, counts)
    assert sum(bar.percent for bar in found) == 100
    assert isclose(sum(bar.share for bar in found), 1)
    assert isclose(sum(bar.raw for bar in found), 1)
    for bar in found:
        assert 0 <= bar.low <= bar.share <= bar.high <= 1
        assert bar.high - bar.low > 0.01
        assert abs(bar.percent - bar.share * 100) < 1
        assert bar.error > 0
        assert bar.zero == (bar.raw < Z * bar.error)
        if bar.zero:
            assert bar.low == 0, "the band says the same"


def test_an_estimate_by_hand() -> None:
    """65 reports, 22 of them "exploration": r = 0.338, share (r - 0.1) / 0.6; the interval's ends solve Wilson's equation."""
    bar = bars("label", [22, 20, 13, 10])[0]
    assert bar.raw == pytest.approx((22 / 65 - 0.1) / 0.6)
    seen = 22 / 65
    assert bar.error == pytest.approx(sqrt(seen * (1 - seen) / 65) / 0.6)
    for end in (bar.low, bar.high):
        chance = 0.1 + 0.6 * end
        assert abs(seen - chance) == pytest.approx(Z * sqrt(chance * (1 - chance) / 65))


def test_days_of_use_are_a_census() -> None:
    """Nobody was sampled: only the coin is uncertain, so the error is smaller than the binomial one."""
    bar = bars("use", [20, 20, 25])[0]
    share, stays, other = bar.raw, 7 / 9, 1 / 9
    coin = share * stays * (1 - stays) + (1 - share) * other * (1 - other)
    assert bar.error == pytest.approx(sqrt(coin / 65) / (stays - other))
    seen = 20 / 65
    assert bar.error < 0.85 * sqrt(seen * (1 - seen) / 65) / (stays - other)


def test_an_estimate_below_zero_is_shown_as_zero_with_an_honest_band() -> None:
    bar = bars("label", [0, 30, 20, 15])[0]
    assert bar.raw == pytest.approx(-1 / 6)
    assert (bar.share, bar.percent, bar.low, bar.zero) == (0, 0, 0, True)
    assert bar.high > 0.05
    top = bars("label", [65, 0, 0, 0])[0]
    assert (top.raw > 1, top.share, top.high, top.zero) == (True, 1, 1, False)
    assert top.low < 0.95


def test_a_small_share_cannot_be_told_from_zero() -> None:
    small, clear = (bars("label", counts)[2].zero for counts in ([25, 22, 9, 9], [12, 12, 29, 12]))
    assert (small, clear) == (True, False)


@pytest.mark.parametrize(("counts", "odds"), [([0, 0, 0], 7), ([1, 2, 3], 1)])
def test_nothing_to_estimate_from(counts: list[int], odds: int) -> None:
    with pytest.raises(ValueError):
        bars("use", counts, odds)


def test_other_odds_of_a_policy() -> None:
    found = shown(weeks(13, 5, (2, 1, 1, 1, 1, 2, 2)), odds=3)
    assert found.questions[0].bars[0].raw == pytest.approx((0.4 - 1 / 6) / (3 / 6 - 1 / 6))


@given(st.lists(st.floats(-0.5, 1.5), min_size=2, max_size=6))
def test_the_nearest_shares(some: list[float]) -> None:
    raw = [number + (1 - sum(some)) / len(some) for number in some]
    found = nearest_shares(raw)
    assert isclose(sum(found), 1, abs_tol=1e-9)
    assert min(found) >= 0
    if min(raw) >= 0:
        assert found == pytest.approx(raw, abs=1e-9)
    moved = [number - share for number, share in zip(raw, found, strict=True) if share > 1e-12]
    assert moved == pytest.approx([moved[0]] * len(moved), abs=1e-9), "all that stay are lowered alike"


@pytest.mark.parametrize(("shares", "whole"), [((1 / 3, 1 / 3, 1 / 3), (34, 33, 33)), ((0.005, 0.995), (1, 99)), ((1.0, 0.0), (100, 0))])
def test_whole_percent(shares: tuple[float, ...], whole: tuple[int, ...]) -> None:
    assert percents(shares) == whole


# ------------------------------------------------------------------------------------------------------- change


def test_a_change_is_told_only_beyond_twice_its_error() -> None:
    before, other, moved = (2, 1, 1, 1, 1, 2, 2), (1, 2, 1, 1, 1, 2, 2), (0, 3, 1, 1, 1, 2, 2)
    quarter = [week(back, 5, before) for back in range(13, 26)]
    little = [week(back, 5, other if back < 8 else before) for back in range(13)]  # from 50 % to 30 %, 1.5 errors
    assert shown([*quarter, *little]).changes == ()
    found = shown([*quarter, *weeks(13, 5, moved)])
    assert [(change.question, change.answer) for change in found.changes] == [("label", 0), ("label", 1)]
    for change in found.changes:
        assert abs(change.now.raw - change.before.raw) > 2 * change.error
        assert change.error == pytest.approx(sqrt(change.now.error**2 + change.before.error**2))
    assert found.before == tuple(epochs.shifted(NEWEST, -back) for back in reversed(range(13, 26)))


@pytest.mark.parametrize("n", [5, 8, 16, 32])
def test_no_week_is_on_both_sides_of_a_change(n: int) -> None:
    found = shown([week(back, n) for back in range(40)])
    assert found.before
    assert set(found.before).isdisjoint(found.weeks)
    assert len(found.before) == len(found.weeks) == window(n)


def test_without_a_quarter_there_is_no_change() -> None:
    found = shown([*weeks(13, 5, (0, 3, 1, 1, 1, 2, 2)), *(week(back, 5, (3, 0, 1, 1, 1, 2, 2)) for back in (13, 14, 15))])
    assert (found.before, found.changes) == ((), ())


def test_values_only() -> None:
    """The result holds numbers and weeks: nothing in it can name anybody."""
    assert set(Bar.__struct_fields__) == {"answer", "raw", "share", "percent", "low", "high", "error", "zero"}
    assert WINDOWS == {"5": 13, "8": 8, "16": 4, "32": 2}
