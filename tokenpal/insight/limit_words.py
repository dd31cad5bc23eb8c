"""What is said of a window or a balance: one place, so that command line, window, glance and tray use the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Final

import msgspec

from tokenpal.insight.burn import HOUR, Burn, Outlook
from tokenpal.insight.limits import BalanceView, LimitView
from tokenpal.insight.moments import age, moment, resets, until
from tokenpal.insight.numbers import NNBSP, hidden, is_unit, join, money, money_line, percent
from tokenpal.insight.pace import Pace
from tokenpal.translation import mark, tr

NEAR: Final = mark("near the limit")
LOW: Final = mark("low")
NO_WINDOW: Final = mark("No plan limit is known yet. Codex tells its own; Claude Code's come with tokenpal's status line, others with a provider account.")
NOTHING: Final = mark("No limit or balance is known. Agents that log their plan windows, and some provider accounts, tell them.")
LONG: Final = 2 * 24 * HOUR
ORIGINS: Final = {"reported": mark("reported"), "measured": mark("measured"), "estimated": mark("estimated"), "unknown": mark("unknown")}
EVEN_USUAL: Final = {
    "above": mark("above an even pace over your usual days ({even} by now)"),
    "below": mark("below an even pace over your usual days ({even} by now)"),
    "": mark("about at an even pace over your usual days ({even} by now)"),
}
EVEN_WORKING: Final = {
    "above": mark("above an even pace over the working days ({even} by now)"),
    "below": mark("below an even pace over the working days ({even} by now)"),
    "": mark("about at an even pace over the working days ({even} by now)"),
}


class LimitWords(msgspec.Struct, frozen=True):
    """A window in words. ``share`` is for a meter, 0 to 1 and more; None = not known."""

    name: str  # "Claude Code 5 hours"
    share: float | None
    near: bool
    used: str  # "62 % used", "not known since its reset"
    reset: str  # "resets in 1 h 48 min"; "" = it does not say
    source: str  # "reported, 4 min ago"
    pace: str  # "22 % an hour (18 to 27)"; "" = not known
    outlook: str  # "runs out about 15:40 (15:20 to 16:10)"
    even: str  # "above an even pace over your usual days (55 % by now)"; "" for short windows
    pressing: bool  # it may run out before its reset
    runs: bool = False  # and ``outlook`` says when
    left: str = ""  # "in 1 h 48 min": ``reset`` without its verb, for a narrow place
    known: str = ""  # ``outlook``; "" while too little was read to tell, where silence says that as well

    @property
    def head(self) -> str:
        """What is used, and near the limit in words."""
        return join((self.used, tr(NEAR) if self.near else ""))

    @property
    def foot(self) -> str:
        """The same with what comes of it."""
        return join((self.head, self.outlook))

    @property
    def line(self) -> str:
        """Everything but the name, in one line."""
        return join((self.used, tr(NEAR) if self.near else "", self.reset, self.pace, self.outlook, self.even, self.source))


def limit_words(view: LimitView, now: int, zone: tzinfo | None) -> LimitWords:
    """As of ``now``, with times in ``zone``."""
    state, reading = view.state, view.state.reading
    void = state.void or (reading.resets_at is not None and now >= reading.resets_at)  # it may have ended since it was asked
    used = None if void else state.used_percent
    said = tr("not known since its reset") if used is None else tr("{share} used", share=percent(used / 100))
    if used is not None and reading.used and reading.limit:
        part, whole = money(reading.used.amount, reading.used.currency), money(reading.limit.amount, reading.limit.currency)
        said = tr("{share} used ({part} of {whole})", share=percent(used / 100), part=part, whole=whole)
    here = datetime.fromtimestamp(now, zone)
    end = datetime.fromtimestamp(reading.resets_at, zone) if reading.resets_at is not None and not void else None
    reset, left = (resets(end, here), until(end, here)) if end is not None else ("", "")
    word = tr(ORIGINS.get(reading.origin.value, reading.origin.value))
    origin = tr("{origin}, unofficial", origin=word) if view.unofficial else word
    burn = Burn(Outlook.OVER) if void else view.burn
    outlook = outlook_words(burn, now, zone)
    return LimitWords(
        view.name, None if used is None else used / 100, state.near and not void, said, reset, f"{origin}, {age(max(0, now - reading.at))}",
        rate_words(burn, reading.window_minutes), outlook, "" if void else even_words(view.pace),
        burn.outlook in {Outlook.RUNS_OUT, Outlook.MAY, Outlook.USED_UP}, burn.outlook in {Outlook.RUNS_OUT, Outlook.MAY}, left,
        "" if burn.outlook is Outlook.UNKNOWN and not burn.stale else outlook,
    )  # fmt: skip


def rate_words(burn: Burn, window_minutes: int | None) -> str:
    """``22 % an hour (18 to 27)``; by day for windows of more than two days."""
    if burn.per_hour is None or burn.outlook is Outlook.QUIET:
        return ""
    by_day = (window_minutes or 0) * 60 > LONG
    factor = 24.0 if by_day else 1.0
    low, high = round(burn.low * factor), round(burn.high * factor)
    share = percent(burn.per_hour * factor / 100)
    if low == high or hidden():
        return tr("{share} a day", share=share) if by_day else tr("{share} an hour", share=share)
    if by_day:
        return tr("{share} a day ({low} to {high})", share=share, low=low, high=high)
    return tr("{share} an hour ({low} to {high})", share=share, low=low, high=high)


def outlook_words(burn: Burn, now: int, zone: tzinfo | None) -> str:
    """What the pace means for the time until the reset, with its range."""

    def at(when: int) -> str:
        return _moment(when, now, zone)

    if burn.outlook is Outlook.UNKNOWN:
        return tr("read too long ago to tell a pace") if burn.stale else tr("not enough readings to tell a pace")
    if burn.outlook is Outlook.USED_UP:
        return tr("used up")
    if burn.outlook is Outlook.QUIET:
        return tr("no use seen since {at}", at=at(burn.since)) if burn.since is not None else tr("no use seen")
    if burn.outlook is Outlook.LASTS:
        return tr("lasts until its reset")
    if burn.outlook is Outlook.MAY and burn.earliest is not None:
        return tr("may run out before its reset, from {at} on", at=at(burn.earliest))
    if burn.run_out is not None:
        return tr("runs out about {at}", at=at(burn.run_out)) + _between(burn.earliest, burn.latest, now, zone)
    return ""


def even_words(pace: Pace | None) -> str:
    """Where an even use of the working days would be; in words, without a plus or a minus."""
    if pace is None:
        return ""
    even = percent(pace.even / 100)
    if pace.own_pattern:
        said = EVEN_USUAL.get(pace.place, EVEN_USUAL[""])
    else:
        said = EVEN_WORKING.get(pace.place, EVEN_WORKING[""])
    return tr(said, even=even)


class BalanceWords(msgspec.Struct, frozen=True):
    """A balance in words."""

    name: str  # "OpenRouter credits"
    left: str  # "$12.40 credit left"
    low: bool
    source: str  # "read 12 min ago"
    pace: str  # "$1.20 a day"
    outlook: str  # "lasts until about 2 Dec (29 Nov to 8 Dec)"
    topped_up: str  # "topped up by $20.00 (18 Nov 09:12)"
    lasts: bool = False  # ``outlook`` says until when
    known: bool = True  # enough was read to say anything of how long it lasts

    @property
    def foot(self) -> str:
        """What is left and how long it lasts, where that is known; how sure that is, is told with the rest."""
        return join((self.left, tr(LOW) if self.low else "", self.outlook.partition(" (")[0] if self.known else ""))

    @property
    def line(self) -> str:
        """Everything but the name, in one line."""
        return join((self.left, tr(LOW) if self.low else "", self.pace, self.outlook, self.topped_up, self.source))


def balance_words(view: BalanceView, now: int, zone: tzinfo | None) -> BalanceWords:
    """As of ``now``, with times in ``zone``."""
    left, burn = view.balance.left, view.burn
    per_day = tr("{amount} a day", amount=_amount(burn.per_day, left.currency)) if burn.per_day else ""
    outlook = {
        Outlook.UNKNOWN: tr("not enough readings to tell how long it lasts"),
        Outlook.QUIET: tr("not used since {at}", at=_moment(burn.since, now, zone)) if burn.since is not None else tr("not used"),
        Outlook.USED_UP: tr("used up"),
    }.get(burn.outlook, "")
    if burn.outlook is Outlook.RUNS_OUT and burn.run_out is not None:
        outlook = tr("lasts until about {day}", day=_day(burn.run_out, now, zone)) + _between(burn.earliest, burn.latest, now, zone, _day)
    topped = ""
    if burn.topped_up is not None:
        at, added = burn.topped_up
        topped = tr("topped up by {amount} ({at})", amount=_amount(added.amount, left.currency), at=_moment(at, now, zone))
    said = money_line(left.amount, left.currency, "balance") if not is_unit(left.currency) else tr("{amount} left", amount=_amount(left.amount, left.currency))
    read = tr("read {age}", age=age(max(0, now - view.balance.at)))
    return BalanceWords(view.name, said, burn.low_balance, read, per_day, outlook, topped, burn.outlook is Outlook.RUNS_OUT, burn.outlook is not Outlook.UNKNOWN)


def most_pressing(views: Iterable[LimitView], now: int, zone: tzinfo | None) -> str:
    """The window that runs out first before its reset, as a sentence; "" when none is in sight."""
    found: list[tuple[int, str]] = []
    for view in views:
        said = limit_words(view, now, zone)
        if said.pressing and view.burn.run_out is not None:
            found.append((view.burn.run_out, tr("{name} {outlook}", name=said.name, outlook=said.outlook)))
    return min(found)[1] if found else ""


LAST: Final = 250_000_000_000
"""No calendar draws later years."""


def _moment(at: int, now: int, zone: tzinfo | None) -> str:
    return moment(datetime.fromtimestamp(min(at, LAST), zone), datetime.fromtimestamp(now, zone))


def _day(at: int, now: int, zone: tzinfo | None) -> str:
    """A day is enough for what takes weeks: ``2 Dec``; within two days the time too."""
    said = _moment(at, now, zone)
    return said if at - now < LONG else said.rpartition(" ")[0]


def _between(earliest: int | None, latest: int | None, now: int, zone: tzinfo | None, say: Callable[[int, int, tzinfo | None], str] = _moment) -> str:
    if earliest is None:
        return ""
    first = say(earliest, now, zone)
    if latest is None:
        return " " + tr("(from {at} on)", at=first)
    last = say(latest, now, zone)
    return " " + tr("({first} to {last})", first=first, last=last) if first != last else ""


def _amount(amount: Decimal | None, currency: str) -> str:
    if amount is None:
        return ""
    if is_unit(currency) and not hidden():
        return f"{amount.quantize(Decimal('0.01')).normalize():f}{NNBSP}{currency}"
    return money(amount, currency)
