"""When to ask a provider again: pure arithmetic on wall-clock times, without a clock, a random number or a timer of its own.

All times are epoch seconds, so zones and daylight saving do not come into it. ``roll`` is a number in [0, 1) that the
caller draws; it spreads accounts, so that they are not all asked in the same second (architecture 2.6).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from tokenpal.model.events import AccountState

SPREAD_SECONDS: Final = 60  # after sleep, or when the network is back
FIRST_BACK_OFF: Final = 30
LONGEST_BACK_OFF: Final = 3600
NEEDS_PERSON: Final = 6 * 3600  # asking more often with a wrong key only gets it blocked
MOST_RETRY_AFTER: Final = 24 * 3600
OFFLINE_FIRST: Final = 60
OFFLINE_LONGEST: Final = 900
JITTER: Final = 0.1


class Trouble(StrEnum):
    """What kind of failure it was, as far as waiting goes."""

    OFFLINE = "offline"
    THEIRS = "theirs"  # 429, 5xx, nonsense: double the wait
    PERSON = "person"  # a key that is wrong, locked or not allowed


TROUBLE: Final = {
    AccountState.OFFLINE: Trouble.OFFLINE,
    AccountState.KEY_MISSING: Trouble.PERSON,
    AccountState.KEY_REFUSED: Trouble.PERSON,
    AccountState.NOT_ALLOWED: Trouble.PERSON,
    AccountState.NOT_AVAILABLE: Trouble.PERSON,
}
"""Every other state is the provider's trouble; a locked credential store is looked at again at the usual time."""


class Slot(msgspec.Struct, frozen=True):
    """One account's place in time."""

    every: int  # seconds between two good answers
    due: int
    set_at: int  # when ``due`` was worked out: a clock before this was set back
    failures: int = 0
    offline: bool = False


def first(every: int, now: int, roll: float, *, last_success: int | None = None, next_try: int | None = None, failures: int = 0) -> Slot:
    """At the start of the program: what was planned before holds; what is overdue is spread over a minute."""
    soon = now + int(roll * SPREAD_SECONDS)
    if next_try is not None and failures:
        due = next_try
    elif last_success is not None:
        due = last_success + every
    else:
        due = soon
    if due < soon or due > now + MOST_RETRY_AFTER:  # overdue, or planned by a clock that was wrong
        due = soon
    return Slot(every, due, now, failures)


def succeeded(slot: Slot, now: int, roll: float) -> Slot:
    """The next time is a period away, give or take a tenth of it."""
    return Slot(slot.every, now + _jittered(slot.every, roll), now)


def failed(slot: Slot, now: int, roll: float, trouble: Trouble, retry_after: int | None = None) -> Slot:
    """Wait twice as long after each failure, never less than the provider asked for, never longer than a limit."""
    failures = slot.failures + 1
    if trouble is Trouble.PERSON:
        wait = max(slot.every, NEEDS_PERSON)
    elif trouble is Trouble.OFFLINE:
        wait = min(OFFLINE_LONGEST, OFFLINE_FIRST * 2 ** min(failures - 1, 10))
    else:
        wait = min(max(LONGEST_BACK_OFF, slot.every), FIRST_BACK_OFF * 2 ** min(failures - 1, 20))
    wait = _jittered(wait, roll)
    if retry_after is not None:
        wait = max(wait, min(MOST_RETRY_AFTER, max(1, retry_after)) + int(roll * 5))
    return Slot(slot.every, now + wait, now, failures, offline=trouble is Trouble.OFFLINE)


def asked(slot: Slot, now: int) -> Slot:
    """The person pressed Refresh."""
    return msgspec.structs.replace(slot, due=now, set_at=now)


def changed_period(slot: Slot, every: int, now: int, roll: float) -> Slot:
    """Another period was chosen: never later than the new one says, and waits for troubles stay."""
    due = slot.due if slot.failures else min(slot.due, now + _jittered(every, roll))
    return Slot(every, due, now, slot.failures, slot.offline)


def jumped(slot: Slot, now: int, roll: float) -> Slot:
    """The machine slept or the clock was set: what is overdue, and what a clock of the past planned, comes within a minute."""
    if slot.due <= now or slot.set_at > now:
        return msgspec.structs.replace(slot, due=now + int(roll * SPREAD_SECONDS), set_at=now)
    if slot.offline:
        return network_back(slot, now, roll)  # waking up often means another network
    return slot


def network_back(slot: Slot, now: int, roll: float) -> Slot:
    """Another account was reached: those that waited for the network try within a minute."""
    if not slot.offline:
        return slot
    return msgspec.structs.replace(slot, due=min(slot.due, now + int(roll * SPREAD_SECONDS)), set_at=now)


def wait(slot: Slot, now: int) -> int:
    """Seconds until ``due``; 0 = now. A clock that was set back is as good as due."""
    return 0 if slot.set_at > now else max(0, slot.due - now)


def is_stale(every: int, now: int, last_success: int | None) -> bool:
    """Older than two periods (model.events.AccountState.STALE)."""
    return last_success is not None and now - last_success > 2 * every


def _jittered(seconds: int, roll: float) -> int:
    return max(1, int(seconds * (1 - JITTER + 2 * JITTER * roll)))
