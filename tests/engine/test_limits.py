"""Windows and balances through the real store: thinned histories still tell the pace; what is asked of them stays small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.store import kit
from tokenpal.engine import limits
from tokenpal.engine.limits import How
from tokenpal.insight.burn import HOUR, Outlook
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.usage import Balance, LimitReading
from tokenpal.settings import Settings
from tokenpal.store import accounts, readings
from tokenpal.store.database import Store

NOW = 1_795_270_000
DAY = 86_400


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store.open(tmp_path / "tokenpal.db", now=lambda: NOW) as opened:
        yield opened


def account(store: Store, name: str = "plan", source: str = "openrouter") -> int:
    return accounts.add_account(store, source, name, "x")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(minutes=st.sampled_from([300, 10_080, 43_200]), rate=st.floats(0.2, 0.95), step=st.integers(60, 1800), part=st.integers(1, 50))
def test_a_thinned_history_tells_the_same_pace(tmp_path_factory: Any, minutes: int, rate: float, step: int, part: int) -> None:
    """Readings come often and in batches of any size; the store keeps few of them; the true pace is in the range all the same."""
    length = minutes * 60
    start = NOW - int(length * 0.8)
    resets = start + length
    used = [LimitReading("w", rate * 100 * (at - start) / (NOW - start), at, resets, minutes) for at in range(start + step, NOW - 60, max(step, length // 300))]
    with Store.open(tmp_path_factory.mktemp("s") / "tokenpal.db", now=lambda: NOW) as store:
        id_ = account(store)
        for first in range(0, len(used), part):
            with store.transaction():
                readings.note_limits(store, id_, used[first : first + part])
        (view,) = limits.standing(store, "UTC").windows
        kept = readings.limit_history(store, id_, "w")
    assert len(kept) < 700
    true = rate * 100 / (NOW - start) * HOUR
    assert view.burn.per_hour is not None
    assert view.burn.low <= true * 1.001
    assert true * 0.999 <= view.burn.high
    lasts = 100 / true * HOUR + start >= resets
    assert view.burn.outlook is not (Outlook.RUNS_OUT if lasts else Outlook.LASTS)


def test_windows_of_all_accounts_with_what_the_settings_say(store: Store) -> None:
    plan, unofficial, gone = account(store), account(store, "claude", "claude-plan"), account(store, "gone")
    with store.transaction():
        readings.note_limits(store, plan, [LimitReading("week", 70, NOW - 60, NOW + DAY, 10_080), LimitReading("old", 5, NOW - 30 * DAY, NOW - 20 * DAY, 300)])
        readings.note_limits(store, unofficial, [LimitReading("5 hours", 10, NOW - 60, NOW + 60, 300)])
        readings.note_limits(store, gone, [LimitReading("5 hours", 10, NOW - 60, NOW + 60, 300)])
        readings.note_balances(store, plan, [Balance("credits", Money.of(MoneyKind.CREDITS, 7), NOW - 60)])
    store.execute("UPDATE account SET removed_at = 1 WHERE id = ?", (gone,))
    found = limits.standing(store, "UTC", How(near_percent=60, low_amount=10))
    assert [(one.name, one.state.near, one.unofficial) for one in found.windows] == [("plan week", True, False), ("claude 5 hours", False, True)]
    assert [(one.name, one.burn.low_balance) for one in found.balances] == [("plan credits", True)]
    assert limits.fullest(found.windows)[0].name == "plan week"
    usual = limits.standing(store, "UTC")
    assert not usual.windows[0].state.near
    assert not usual.balances[0].burn.low_balance
    assert limits.how(Settings()) == How()


def test_the_own_days_are_those_that_were_used(store: Store) -> None:
    """Only Mondays and Tuesdays have use, so the week's pace stands still from Wednesday on."""
    plan = account(store)
    with store.transaction():
        readings.note_limits(store, plan, [LimitReading("week", 41, NOW - 60, NOW + 2 * DAY, 10_080)])  # it ends on a Monday
    (view,) = limits.standing(store, "UTC").windows
    assert view.pace is not None
    assert not view.pace.own_pattern, "nothing is known of the days yet"
    monday = NOW - 5 * DAY
    used = [kit.record(f"m{n}", at=monday - n // 2 * 7 * DAY + n % 2 * DAY) for n in range(20)]
    kit.put(store, kit.log_account(store), used)
    (view,) = limits.standing(store, "UTC").windows
    assert view.pace is not None
    assert view.pace.own_pattern
    assert view.pace.even == pytest.approx(70.6, abs=0.1), "two days' work, of which Monday morning is left"
    assert view.pace.even == limits.standing(store, "UTC").windows[0].pace.even  # type: ignore[union-attr]  # as above
