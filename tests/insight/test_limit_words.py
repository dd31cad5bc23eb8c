"""What is said of windows and balances."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from tokenpal.insight.burn import BalanceBurn, Burn, Outlook, balance_burn, burn
from tokenpal.insight.limit_words import balance_words, limit_words, most_pressing
from tokenpal.insight.limits import BalanceView, LimitView, limit_state
from tokenpal.insight.numbers import NNBSP, Marks, use_marks
from tokenpal.insight.pace import Pace
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.usage import Balance, LimitReading

NOW = 1_795_270_000  # Saturday 21 November 2026, 14:06:40 UTC
UTC = ZoneInfo("UTC")
HOUR, DAY = 3600, 86_400


@pytest.fixture(autouse=True)
def english_marks() -> None:
    use_marks(Marks())


def plain(text: str) -> str:
    return text.replace(NNBSP, " ").replace("\u00a0", " ")


def view(used: float, found: Burn, *, resets: int | None = NOW + 2 * HOUR, minutes: int = 300, unofficial: bool = False, pace: Pace | None = None) -> LimitView:
    reading = LimitReading("5 hours" if minutes == 300 else "week", used, NOW - 240, resets, minutes)
    return LimitView(1, "Claude Code", limit_state(reading, NOW), found, pace, unofficial)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Burn(Outlook.UNKNOWN), "not enough readings to tell a pace"),
        (Burn(Outlook.UNKNOWN, stale=True), "read too long ago to tell a pace"),
        (Burn(Outlook.QUIET, 0.0, since=NOW - HOUR), "no use seen since 13:06"),
        (Burn(Outlook.LASTS, 8.0, 7.0, 9.0, NOW + DAY, NOW + DAY), "8 % an hour (7 to 9) · lasts until its reset"),
        (Burn(Outlook.MAY, 20.0, 0.0, 40.0, NOW + 2 * HOUR, NOW + HOUR), "20 % an hour (0 to 40) · may run out before its reset, from 15:06 on"),
        (
            Burn(Outlook.RUNS_OUT, 40.0, 36.0, 44.0, NOW + HOUR, NOW + HOUR - 600, NOW + HOUR + 600),
            "40 % an hour (36 to 44) · runs out about 15:06 (14:56 to 15:16)",
        ),
    ],
)
def test_a_window_in_words(found: Burn, said: str) -> None:
    words = limit_words(view(62, found), NOW, UTC)
    assert plain(words.line) == f"62 % used · resets in 2 h · {said} · reported, 4 min ago"
    assert (words.name, words.share, words.near) == ("Claude Code 5 hours", 0.62, False)


def test_near_used_up_void_and_unofficial() -> None:
    near = limit_words(view(88, Burn(Outlook.USED_UP), unofficial=True), NOW, UTC)
    assert plain(near.foot) == "88 % used · near the limit · used up"
    assert near.source == "reported, unofficial, 4 min ago".replace("4 min", "4\u00a0min")
    void = limit_words(view(88, Burn(Outlook.LASTS), resets=NOW + 5), NOW + 5, UTC)
    assert (void.share, void.near, void.reset, void.outlook) == (None, False, "", "")
    assert void.used == "not known since its reset"


def test_days_and_even_paces_of_long_windows() -> None:
    found = Burn(Outlook.RUNS_OUT, 1.0, 0.9, 1.2, NOW + 2 * DAY, NOW + DAY, NOW + 3 * DAY)
    words = limit_words(view(62, found, resets=NOW + 4 * DAY, minutes=10_080, pace=Pace(55.0, 62.0, own_pattern=True)), NOW, UTC)
    assert plain(words.pace) == "24 % a day (22 to 29)"
    assert plain(words.outlook) == "runs out about Mon 14:06 (Sun 14:06 to Tue 14:06)"
    assert plain(words.even) == "above an even pace over your usual days (55 % by now)"
    assert plain(limit_words(view(57, found, minutes=10_080, pace=Pace(55.0, 57.0, own_pattern=False)), NOW, UTC).even) == "about at an even pace over the working days (55 % by now)"


def test_the_most_pressing_is_the_first_to_run_out() -> None:
    soon = Burn(Outlook.RUNS_OUT, 40.0, 36.0, 44.0, NOW + HOUR, NOW + HOUR, NOW + HOUR)
    later = Burn(Outlook.MAY, 40.0, 0.0, 44.0, NOW + 3 * HOUR, NOW + HOUR)
    assert most_pressing([view(1, later), view(2, soon), view(3, Burn(Outlook.LASTS))], NOW, UTC) == "Claude Code 5 hours runs out about 15:06"
    assert most_pressing([view(3, Burn(Outlook.UNKNOWN)), view(100, Burn(Outlook.USED_UP))], NOW, UTC) == ""


def balance(amount: str, found: BalanceBurn, currency: str = "USD") -> Any:
    return balance_words(BalanceView(1, "OpenRouter", Balance("credits", Money.of(MoneyKind.CREDITS, amount, currency), NOW - 720), 720, found), NOW, UTC)


def test_a_balance_in_words() -> None:
    topped = (NOW - 3 * DAY, Money.of(MoneyKind.CREDITS, 20))
    found = BalanceBurn(Outlook.RUNS_OUT, low_balance=True, per_day=Decimal("1.2"), run_out=NOW + 10 * DAY, earliest=NOW + 8 * DAY, latest=None, topped_up=topped)
    assert plain(balance("12.4", found).line) == (
        "$12.40 credit left · low · $1.20 a day · lasts until about 1 Dec (from 29 Nov on) · topped up by $20.00 (Wed 14:06) · read 12 min ago"
    )
    assert plain(balance("3000", BalanceBurn(Outlook.QUIET, since=NOW - DAY), "points").line) == "3000 points left · not used since Fri 14:06 · read 12 min ago"
    assert plain(balance("1", BalanceBurn(Outlook.UNKNOWN)).outlook) == "not enough readings to tell how long it lasts"


@given(
    history=st.lists(st.tuples(st.integers(NOW - 9 * DAY, NOW), st.floats(0, 150), st.none() | st.integers(NOW, 2**40)), max_size=9),
    used=st.floats(0, 1e12), resets=st.none() | st.integers(0, 99_999_999_999), minutes=st.sampled_from([None, 300, 10_080, 43_200]), ahead=st.integers(0, 99_999_999),
)  # fmt: skip
def test_there_are_words_for_everything(history: Any, used: float, resets: int | None, minutes: int | None, ahead: int) -> None:
    reading = LimitReading("x", used, NOW, resets, minutes)
    found = limit_words(LimitView(1, "a", limit_state(reading, NOW), burn(history, reading, NOW)), NOW + ahead, UTC)
    assert found.line
    assert "None" not in found.line
    left = Balance("x", Money.of(MoneyKind.CREDITS, round(used) % 10**6), NOW)
    spent = balance_burn([(at, Money.of(MoneyKind.CREDITS, round(percent * 100))) for at, percent, _ in history], left, NOW)
    assert "None" not in balance_words(BalanceView(1, "a", left, 0, spent), NOW + ahead, UTC).line
