"""Plan windows and balances with their pace and how long they last, as of now: the one answer that every face shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.engine.unofficial import is_unofficial
from tokenpal.insight.burn import BALANCE_LOOK, LOW_AMOUNT, balance_burn, burn
from tokenpal.insight.limits import NEAR_PERCENT, BalanceView, LimitView, Standing, limit_state
from tokenpal.insight.pace import pace, pattern
from tokenpal.model.ranges import Bucket, local_day
from tokenpal.model.report import Query
from tokenpal.settings import Settings
from tokenpal.store import accounts, readings, report as reports
from tokenpal.store.database import Store

PATTERN_DAYS = 91
LONGEST = 45 * 86_400  # no window that is watched is longer
FORGOTTEN = 14 * 86_400  # a window that nobody told of for so long after its reset says nothing any more


class How(msgspec.Struct, frozen=True):
    """What the settings say of limits."""

    near_percent: int = NEAR_PERCENT
    low_amount: int = LOW_AMOUNT
    working_days: str = "usual"


def how(settings: Settings) -> How:
    """The settings as they are now."""
    get = settings.get
    return How(int(get("advanced.near_limit")), int(get("advanced.low_balance")), str(get("general.working_days")))


def standing(store: Store, zone: str, said: How = How()) -> Standing:  # noqa: B008 - frozen
    """Windows by account and length, balances by account; ``zone`` is an IANA name."""
    now, place = store.now(), ZoneInfo(zone)
    rows = {row.id: row for row in accounts.accounts(store)}
    known = [(account, reading) for account, reading in readings.limits(store) if account in rows]
    found = [(account, reading) for account, reading in known if now < (reading.resets_at or now) + FORGOTTEN]
    own = _own_days(store, zone) if said.working_days == "usual" and any((one.window_minutes or 0) > 1440 for _, one in found) else None
    windows = tuple(
        LimitView(
            account, rows[account].name, limit_state(reading, now, said.near_percent),
            burn(readings.limit_history(store, account, reading.name, now - LONGEST), reading, now),
            pace(reading, now, place, said.working_days, own), is_unofficial(rows[account].source),
        )
        for account, reading in found
    )  # fmt: skip
    balances = tuple(
        BalanceView(
            account, rows[account].name, balance, max(0, now - balance.at),
            balance_burn(readings.balance_history(store, account, balance.name, now - 2 * BALANCE_LOOK), balance, now, said.low_amount),
        )
        for account, balance in readings.balances(store) if account in rows
    )  # fmt: skip
    return Standing(windows, balances)


def fullest(windows: Iterable[LimitView]) -> tuple[LimitView, ...]:
    """The most used first; what is not known comes last."""
    return tuple(sorted(windows, key=lambda one: -(one.state.used_percent if one.state.used_percent is not None else -1.0)))


def _own_days(store: Store, zone: str) -> tuple[float, ...] | None:
    """The days the person usually works; asked once a day, as past days hardly change."""
    today = local_day(store.now(), ZoneInfo(zone))
    known: tuple[Any, tuple[float, ...]] | None = store.memory.get("own days")
    if known is not None and known[0] == (today, zone):
        return known[1]
    weights = pattern(reports.report(store, Query(zone, today - timedelta(days=PATTERN_DAYS), today, Bucket.DAY)), today)
    if weights is not None:
        store.memory["own days"] = ((today, zone), weights)
    return weights
