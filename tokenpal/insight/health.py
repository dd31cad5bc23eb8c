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

from tokenpal.insight.moments import age, moment, short_day, until
from tokenpal.insight.numbers import digits
from tokenpal.model.events import AccountState
from tokenpal.model.ranges import number_day
from tokenpal.model.report import AccountRow
from tokenpal.translation import mark, tr, trn

DAY: Final = 86_400
SHOWN_REASONS: Final = 3
TROUBLE: Final = frozenset({
    AccountState.KEY_MISSING, AccountState.KEY_LOCKED, AccountState.KEY_REFUSED, AccountState.NOT_ALLOWED, AccountState.NOT_AVAILABLE,
    AccountState.PROVIDER_PROBLEM, AccountState.UNREADABLE,
})  # fmt: skip
WAITING: Final = frozenset({AccountState.NEW, AccountState.READING, AccountState.RATE_LIMITED, AccountState.OFFLINE, AccountState.STALE})
STATE_WORDS: Final = {
    "new": mark("not read yet"), "reading": mark("reading"), "stale": mark("not answered for a while"), "offline": mark("no network"),
    "key missing": mark("no key"), "key locked": mark("credential store is locked"), "key refused": mark("key refused"),
    "not allowed": mark("key lacks permission"), "not available": mark("not available for this account"),
    "rate limited": mark("waiting, as the provider asked"), "provider problem": mark("provider problem"), "unreadable": mark("could not be read"),
}  # fmt: skip


def state_words(state: str) -> str:
    """How an account is doing, in few words of the person's language; an unknown state as it is."""
    return tr(STATE_WORDS[state]) if state in STATE_WORDS else state


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
    """One source. ``sentence`` may be several; "" as next step = there is nothing to do. ``command``: what does it in a terminal."""

    account: int
    name: str
    grade: Grade
    sentence: str
    next_step: str = ""
    command: str = ""


def health(row: AccountRow, newest: Newest | None, left_out: Sequence[LeftOut], now: int, zone: ZoneInfo) -> Health:
    """``row`` as it is now (``queries.accounts``); times are told in ``zone``."""
    state = AccountState(row.state) if row.state in set(AccountState) else AccountState.UNREADABLE
    grade = Grade.PROBLEM if state in TROUBLE else Grade.NOTE if state in WAITING or left_out else Grade.WELL
    parts = [_trouble(row, state), _success(row, now), _newest(newest, now, zone), _missing(left_out, row.kind)]
    if state in TROUBLE and row.last_success:
        parts.insert(2, tr("Figures up to {when} are safe; nothing after that is read.", when=_moment(row.last_success, now, zone)))
    return Health(row.id, row.name, grade, " ".join(part for part in parts if part), *_step(row, state, bool(left_out), now, zone))


def _trouble(row: AccountRow, state: AccountState) -> str:
    if state not in TROUBLE | WAITING or state is AccountState.NEW:
        return ""
    words = state_words(state.value)
    said = tr(row.sentence) if row.sentence else f"{words[:1].upper()}{words[1:]}."
    return said if said.endswith((".", "…")) else f"{said}."


def _success(row: AccountRow, now: int) -> str:
    if not row.last_success:
        return tr("Not read yet.") if row.kind == "log" else tr("Nothing was handed over yet.") if row.kind == "inbox" else tr("No answer yet.")
    when = age(now - row.last_success)
    return tr("Read {when}.", when=when) if row.kind == "log" else tr("Taken in {when}.", when=when) if row.kind == "inbox" else tr("Last good answer {when}.", when=when)


def _newest(newest: Newest | None, now: int, zone: ZoneInfo) -> str:
    if newest is None:
        return tr("It has no figures so far.")
    if newest.whole_days:
        day = number_day((newest.at - 1) // DAY)
        year = f" {day.year}" if day.year != datetime.fromtimestamp(now, zone).year else ""
        return tr("Its newest figures are those of {day}, a UTC day.", day=short_day(day) + year)
    return tr("Its newest figure is from {age}.", age=age(now - newest.at)) if now - newest.at >= 45 else tr("Its newest figure is from just now.")


def _missing(left_out: Sequence[LeftOut], kind: str) -> str:
    if not left_out:
        return ""
    total = sum(one.count for one in left_out)
    reasons = sorted(left_out, key=lambda one: (-one.count, one.reason))
    words = [tr(one.reason).rstrip(".") + (f" ({digits(one.count)})" if len(reasons) > 1 else "") for one in reasons[:SHOWN_REASONS]]
    more = len(reasons) - SHOWN_REASONS
    if more > 0:
        words.append(trn("and {n} other reason", "and {n} other reasons", more, shown=digits(more)))
    said, n = "; ".join(words), digits(total)
    if kind == "log":
        return trn("{n} place in its logs could not be read: {reasons}. Everything else was.",
                   "{n} places in its logs could not be read: {reasons}. Everything else was.", total, shown=n, reasons=said)  # fmt: skip
    if kind == "inbox":
        return trn("{n} place in what was handed over could not be read: {reasons}. Everything else was.",
                   "{n} places in what was handed over could not be read: {reasons}. Everything else was.", total, shown=n, reasons=said)  # fmt: skip
    return trn("{n} place in its answers could not be read: {reasons}. Everything else was.",
               "{n} places in its answers could not be read: {reasons}. Everything else was.", total, shown=n, reasons=said)  # fmt: skip


def _step(row: AccountRow, state: AccountState, left_out: bool, now: int, zone: ZoneInfo) -> tuple[str, str]:
    """What to press in the window, and the command that does the same."""
    if row.next_step:
        return tr(row.next_step), ""
    if state in TROUBLE | WAITING and row.next_try and row.next_try > now:
        return _again(row.next_try, now, zone), ""
    if state is AccountState.STALE:
        return tr("Keep tokenpal running, or press “Read now”."), "tokenpal poll"
    if state is AccountState.NEW and row.kind == "log":
        return tr("“Read again” reads it now."), "tokenpal scan"
    if state is AccountState.NEW and row.kind != "inbox":
        return tr("“Read now” asks it now."), "tokenpal poll"
    if left_out and row.source == "jsonl":
        return tr("Write the line again, corrected, at the end of its file."), ""
    if left_out:
        return tr("A line that is still being written is read next time. What stays unreadable may be a newer format: look for an update of tokenpal."), ""
    return "", ""


def _moment(at: int, now: int, zone: ZoneInfo) -> str:
    return moment(datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone))


def _again(at: int, now: int, zone: ZoneInfo) -> str:
    words = until(datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone))
    return tr("tokenpal asks again {when}.", when=words) if at - now < DAY else tr("tokenpal asks again on {when}.", when=words)
