"""How figures, shares, money, durations and ages are written (design.md section 4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from tokenpal.ui import numbers, times
from tokenpal.ui.numbers import Marks

S = "\u202f"


def plain(text: str) -> str:
    return text.replace(S, " ").replace("\u00a0", " ")


@pytest.fixture(autouse=True)
def english_marks():
    before = numbers.marks()
    numbers.use_marks(Marks())
    yield
    numbers.use_marks(before)


@pytest.mark.parametrize(
    ("n", "written"),
    [
        (0, "0"), (842, "842"), (999, "999"), (1000, "1.00 k"), (9_840, "9.84 k"), (9_994, "9.99 k"), (9_995, "10.0 k"), (99_949, "99.9 k"),
        (99_950, "100 k"), (214_000, "214 k"), (999_499, "999 k"), (999_500, "1.00 M"), (1_240_000, "1.24 M"), (31_300_000, "31.3 M"),
        (1_020_000_000, "1.02 B"), (999_999_999_999, "1.00 T"), (-1500, "−1.50 k"), (None, "–"), (float("nan"), "–"), (float("inf"), "–"), (0.4, "0"),
    ],
)  # fmt: skip
def test_three_significant_figures(n, written):
    assert plain(numbers.short(n)) == written


def test_the_space_before_a_unit_is_narrow_and_does_not_break():
    assert numbers.short(1_240_000) == f"1.24{S}M"


@given(st.integers(min_value=0, max_value=10**17))
def test_short_figures_never_show_four_digits(n):
    figure = numbers.short(n).split(S)[0]
    assert len(figure.replace(".", "").replace(",", "")) <= 3


@given(st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=12))
def test_whole_shares_add_up(parts):
    shares = numbers.whole_shares(parts)
    assert sum(shares) == (100 if any(parts) else 0)
    assert all(share == 0 for share, part in zip(shares, parts, strict=True) if part == 0)
    assert all(abs(share - 100 * part / sum(parts)) < 1 for share, part in zip(shares, parts, strict=True) if sum(parts))


def test_a_trace_is_not_nothing():
    assert [plain(s) for s in numbers.shares([100_000, 1, 0])] == ["100 %", "< 1 %", "0 %"]


@pytest.mark.parametrize(
    ("share", "written"),
    [(0.78, "78 %"), (0, "0 %"), (0.004, "< 1 %"), (1, "100 %"), (0.999, "> 99 %"), (1.2, "120 %"), (None, "–"), (float("nan"), "–")],
)
def test_percent(share, written):
    assert plain(numbers.percent(share)) == written


def test_exact_follows_the_locale():
    assert numbers.exact(2_204_318) == "2,204,318"
    numbers.use_marks(Marks(decimal=",", group="."))
    assert numbers.exact(2_204_318) == "2.204.318"
    assert plain(numbers.short(9_840)) == "9,84 k"
    assert numbers.money(Decimal("1234.5"), "EUR") == "€1.234,50"


@pytest.mark.parametrize(
    ("amount", "currency", "kind", "written"),
    [
        ("3.1", "USD", "list_price", "$3.10 at list price"),
        ("12", "USD", "cash", "$12.00 billed"),
        ("8.4", "EUR", "balance", "€8.40 credit left"),
        ("0.004", "USD", "list_price", "< $0.01 at list price"),
        ("0", "USD", "cash", "$0.00 billed"),
        ("5", "CHF", "cash", "CHF 5.00 billed"),
    ],
)
def test_money_says_which_kind(amount, currency, kind, written):
    assert plain(numbers.money_line(Decimal(amount), currency, kind)) == written


def test_unpriced():
    assert numbers.unpriced(3) == "3 requests unpriced"
    assert numbers.unpriced(1) == "1 request unpriced"
    assert numbers.unpriced(0) == ""


def test_mixed_origins_show_the_weakest():
    assert numbers.total_weakest_origin(["reported", "estimated", "measured"]) == "estimated"
    assert numbers.total_weakest_origin([]) == "unknown"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (48 * 60, "48 min"), (3600, "1 h"), (4320, "1 h 12 min"), (86_400, "1 d"), (3 * 86_400 + 4 * 3600 + 59, "3 d 4 h"),
     (-5, "0 s"), (None, "–"), (float("nan"), "–")],
)  # fmt: skip
def test_durations(seconds, written):
    assert plain(times.duration(seconds)) == written


def test_running_timer():
    assert times.timer(4360) == "1:12:40"
    assert times.timer(7) == "0:00:07"
    assert times.timer(100 * 3600) == "100:00:00"


NOW = datetime(2026, 11, 20, 14, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (NOW + timedelta(hours=1, minutes=48), "resets in 1 h 48 min"),
        (NOW + timedelta(hours=23, minutes=59), "resets in 23 h 59 min"),
        (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), "resets Mon 09:00"),
        (datetime(2026, 12, 1, 0, 0, tzinfo=UTC), "resets 1 Dec 00:00"),
        (NOW - timedelta(seconds=1), "resets now"),
        (None, "–"),
    ],
)
def test_countdown_then_day(at, written):
    assert plain(times.resets(at, NOW)) == written


@pytest.mark.parametrize(("seconds", "written"), [(10, "just now"), (50, "1 min ago"), (120, "2 min ago"), (3 * 3600 + 5, "3 h ago"), (4 * 86_400, "4 d ago"), (None, "–")])
def test_age(seconds, written):
    assert plain(times.age(seconds)) == written


def test_stale_figure():
    assert plain(times.stale(numbers.short(86_000), NOW.replace(hour=12, minute=58), NOW)) == "86.0 k, until 12:58"


def test_twelve_hour_clock():
    numbers.use_marks(Marks(hours_24=False))
    assert plain(times.clock(NOW)) == "2:50 PM"
    assert plain(times.clock(NOW.replace(hour=0, minute=5))) == "12:05 AM"


def test_days():
    assert times.day(date(2026, 11, 18)) == "Wed 18 Nov"
    assert times.long_day(date(2026, 11, 18)) == "Wednesday 18 November"
    assert times.header_day(date(2026, 11, 20), date(2026, 11, 20)) == "Today, Fri 20 November"
    assert times.header_day(date(2025, 12, 31), date(2026, 1, 2)) == "Wed 31 December 2025"
    assert times.day_range(date(2026, 11, 16), date(2026, 11, 22)) == "16 to 22 November"
    assert times.day_range(date(2026, 11, 30), date(2026, 12, 6)) == "30 November to 6 December"


def test_foot_of_the_side_bar():
    assert plain(times.read_line(120, 4)) == "Read 2 min ago · 4 sources"
    assert plain(times.read_line(120, 4, 1)) == "Read 2 min ago · 1 problem"
    assert plain(times.read_line(None, 0)) == "Nothing read yet"
