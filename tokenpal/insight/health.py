"""How each source is doing, in one sentence and a next step: the same words in ``tokenpal doctor`` and on the Accounts page.

A sentence says when the source last succeeded, how old its newest figure is, and what could not be read and why (product 2.3,
5.6; design 7: what is, why, what to do next). Nothing here asks anybody: it words what was read before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.insight.moments import MONTHS, age, moment, until
from tokenpal.insight.numbers import count, exact
from tokenpal.model.events import AccountState
from tokenpal.model.ranges import number_day
from tokenpal.model.report import AccountRow

DAY: Final = 86_400
SHOWN_REASONS: Final = 3
TROUBLE: Final = frozenset({
    AccountState.KEY_MISSING, AccountState.KEY_LOCKED, AccountState.KEY_REFUSED, AccountState.NOT_ALLOWED, AccountState.NOT_AVAILABLE,
    AccountState.PROVIDER_PROBLEM, AccountState.UNREADABLE,
})  # fmt: skip
WAITING: Final = frozenset({AccountState.NEW, AccountState.READING, AccountState.RATE_LIMITED, AccountState.OFFLINE, AccountState.STALE})
STATE_WORDS: Final = {
    "new": "not read yet", "reading": "reading", "stale": "not answered for a while", "offline": "no network",
    "key missing": "no key", "key locked": "credential store is locked", "key refused": "key refused", "not allowed": "key lacks permission",
    "not available": "not available for this account", "rate limited": "waiting, as the provider asked", "provider problem": "provider problem",
    "unreadable": "could not be read",
}  # fmt: skip


class Grade(StrEnum):
    """Whether the person has to do something."""

    WELL = "ok"
    NOTE = "note"
    PROBLEM = "problem"


class Newest(msgspec.Struct, frozen=True):
    """The newest figure of a source: epoch seconds of its end; ``whole_days`` = a UTC day, so its hour says nothing."""

    at: int
    whole_days: bool = False


class LeftOut(msgspec.Struct, frozen=True):
    """What could not be read, for one reason."""

    reason: str
    count: int


class Health(msgspec.Struct, frozen=True):
    """One source. ``sentence`` may be several; "" as next step = there is nothing to do."""

    account: int
    name: str
    grade: Grade
    sentence: str
    next_step: str = ""


def health(row: AccountRow, newest: Newest | None, left_out: Sequence[LeftOut], now: int, zone: ZoneInfo) -> Health:
    """``row`` as it is now (``queries.accounts``); times are told in ``zone``."""
    state = AccountState(row.state) if row.state in set(AccountState) else AccountState.UNREADABLE
    grade = Grade.PROBLEM if state in TROUBLE else Grade.NOTE if state in WAITING or left_out else Grade.WELL
    parts = [_trouble(row, state), _success(row, now), _newest(newest, now, zone), _missing(left_out, row.kind)]
    if state in TROUBLE and row.last_success:
        parts.insert(2, f"Figures up to {_moment(row.last_success, now, zone)} are safe; nothing after that is read.")
    return Health(row.id, row.name, grade, " ".join(part for part in parts if part), _step(row, state, bool(left_out), now, zone))


def _trouble(row: AccountRow, state: AccountState) -> str:
    if state not in TROUBLE | WAITING or state is AccountState.NEW:
        return ""
    said = row.sentence or f"{STATE_WORDS.get(state.value, state.value).capitalize()}."
    return said if said.endswith((".", "…")) else f"{said}."


def _success(row: AccountRow, now: int) -> str:
    if not row.last_success:
        return "Not read yet." if row.kind == "log" else "Nothing was handed over yet." if row.kind == "inbox" else "No answer yet."
    when = age(now - row.last_success)
    return f"Read {when}." if row.kind == "log" else f"Taken in {when}." if row.kind == "inbox" else f"Last good answer {when}."


def _newest(newest: Newest | None, now: int, zone: ZoneInfo) -> str:
    if newest is None:
        return "It has no figures so far."
    if newest.whole_days:
        day = number_day((newest.at - 1) // DAY)
        year = f" {day.year}" if day.year != datetime.fromtimestamp(now, zone).year else ""
        return f"Its newest figures are those of {day.day} {MONTHS[day.month - 1]}{year}, a UTC day."
    return f"Its newest figure is from {age(now - newest.at)}." if now - newest.at >= 45 else "Its newest figure is from just now."


def _missing(left_out: Sequence[LeftOut], kind: str) -> str:
    if not left_out:
        return ""
    total = sum(one.count for one in left_out)
    reasons = sorted(left_out, key=lambda one: (-one.count, one.reason))
    words = [one.reason.rstrip(".") + (f" ({exact(one.count)})" if len(reasons) > 1 else "") for one in reasons[:SHOWN_REASONS]]
    more = len(reasons) - SHOWN_REASONS
    tail = f"; and {count(more, 'other reason')}" if more > 0 else ""
    where = "in its logs" if kind == "log" else "in what was handed over" if kind == "inbox" else "in its answers"
    return f"{count(total, 'place')} {where} could not be read: {'; '.join(words)}{tail}. Everything else was."


def _step(row: AccountRow, state: AccountState, left_out: bool, now: int, zone: ZoneInfo) -> str:
    if row.next_step:
        return row.next_step
    if state in TROUBLE | WAITING and row.next_try and row.next_try > now:
        return f"tokenpal asks again {_until(row.next_try, now, zone)}."
    if state is AccountState.STALE:
        return "Keep tokenpal running, or ask now with: tokenpal poll"
    if state is AccountState.NEW:
        return "Read it now with: tokenpal scan" if row.kind == "log" else "" if row.kind == "inbox" else "Ask it now with: tokenpal poll"
    if left_out and row.source == "jsonl":
        return "Write the line again, corrected, at the end of its file."
    if left_out:
        return "A line that is still being written is read next time. What stays unreadable may be a newer format: look for an update of tokenpal."
    return ""


def _moment(at: int, now: int, zone: ZoneInfo) -> str:
    return moment(datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone))


def _until(at: int, now: int, zone: ZoneInfo) -> str:
    words = until(datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone))
    return words if words.startswith("in ") or words == "now" else f"on {words}"
