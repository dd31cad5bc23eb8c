"""DeepInfra: credit and spending limit; tokens and cost by model, from what its month adds up to (provider-apis 8.5).

Months are all that it tells, so they are read like counters: what grew between two readings is use of that time. The first
reading is a baseline; a month that was corrected downwards counts again only above what it had reached.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item, Origin, Problem, UsageRecord, stable_key
from tokenpal.sources.balances import HIDDEN, Call, State, Told, left, read, summary
from tokenpal.sources.base import Context, Cursor, Kind, Reply, SourceInfo
from tokenpal.sources.buckets import DAY, month_after, month_start
from tokenpal.sources.http import StatusError, Words, decode, getter
from tokenpal.sources.numbers import MAX_AMOUNT, Notes, fields, number, rows, text
from tokenpal.sources.plans import window
from tokenpal.sources.prometheus import dated

INFO: Final = SourceInfo(
    id="deepinfra",
    name="DeepInfra",
    kind=Kind.API,
    provider="deepinfra",
    docs="https://deepinfra.com/docs",
    key="Any API key. There are no keys with fewer rights: make one for tokenpal alone, so that you can delete it by itself.",
    key_page="https://deepinfra.com/dash/api_keys",
    tells="Prepaid credit (or what is owed), the spending limit, and tokens and cost by model from the first reading on.",
    silent="Nothing before the first reading, and no requests: DeepInfra adds up whole months, so use is dated by when tokenpal asked.",
    base_url="https://api.deepinfra.com",
)
WORDS: Final = Words(
    provider="DeepInfra",
    refused="Make a new key at deepinfra.com, Dashboard, API keys, and enter it under Accounts.",
    scope="Use a key of the account itself, not one that is limited to some models.",
    missing="Look at the address of this account; it is https://api.deepinfra.com.",
)
get = getter(INFO.base_url, WORDS)
USAGE: Final = "usage"
MONTH: Final = re.compile(r"(20\d\d)\.(0[1-9]|1[0-2])")
CLASSES: Final = (("cache.*write", "cache_write_other"), ("cache", "cache_read"), ("out|completion|generat", "output"), ("in|prompt", "fresh_input"))
"""Of a pricing type, the first that fits; others have a cost, but no tokens."""


class Sum(msgspec.Struct, frozen=True):
    """What one model and pricing type had come to."""

    units: int = 0
    pico: int = 0  # of a dollar


class Memory(msgspec.Struct, frozen=True):
    """The last reading; the state of the cursor. Sums by month, and by model and pricing type."""

    at: int = 0
    serial: int = 0
    months: dict[str, dict[tuple[str, str], Sum]] = {}


class Facts(msgspec.Struct, frozen=True):
    account: int
    memory: Memory


# ---------------------------------------------------------------------------------------------- fetch


async def fetch(context: Context) -> AsyncIterator[Reply]:
    """From the month of the last reading on: its end may not have been seen."""
    body = await get(context, BALANCE.path, BALANCE.what, *BALANCE.params)
    yield Reply(Cursor("balance"), "balance", body, context.now())
    memory = remembered(context)
    try:
        body = await get(context, "/payment/usage/tokens", "the usage of the month", ("from", max(memory.months, default="current")))
    except StatusError as problem:
        if problem.status in HIDDEN:  # the balance alone is something
            return
        raise
    months = sums(decode(body), Notes(USAGE, ""))
    after = Memory(context.now(), memory.serial + 1, highest(memory.months, months))
    yield Reply(Cursor(USAGE, state=msgspec.msgpack.encode(after)), USAGE, body, context.now(), context=Facts(context.account, memory))


def remembered(context: Context) -> Memory:
    cursor = context.cursors.get(USAGE)
    try:
        return msgspec.msgpack.decode(cursor.state, type=Memory) if cursor is not None and cursor.state else Memory()
    except msgspec.DecodeError:
        return Memory()


def highest(before: Mapping[str, dict[tuple[str, str], Sum]], now: Mapping[str, dict[tuple[str, str], Sum]]) -> dict[str, dict[tuple[str, str], Sum]]:
    """The most that each sum had come to, of the last two months."""
    found = {
        month: {
            key: Sum(max(one.units, two.units), max(one.pico, two.pico))
            for key in {**before.get(month, {}), **now.get(month, {})}
            for one, two in [(before.get(month, {}).get(key, Sum()), now.get(month, {}).get(key, Sum()))]
        }
        for month in {**before, **now}
    }
    return {month: found[month] for month in sorted(found)[-2:]}


async def check(context: Context) -> str:
    return summary(read(BALANCE, Reply(Cursor(""), "balance", await get(context, BALANCE.path, BALANCE.what, *BALANCE.params), context.now())))


# ---------------------------------------------------------------------------------------------- parse


def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
    """Total. Without a memory the sums are a baseline."""
    if reply.endpoint != USAGE:
        return State(), read(BALANCE, reply)
    try:
        data = fields(decode(reply.body))
    except ValueError:
        data = {}
    notes = Notes(reply.endpoint, "the answer")
    if not isinstance(data.get("months"), list):
        notes.problem("the answer is not a report; nothing was changed")
    months = sums(data, notes)
    facts = reply.context if isinstance(reply.context, Facts) else Facts(0, Memory())
    found = list(grown(facts, months, reply.at, notes)) if facts.memory.serial else []
    return State(), [*found, *notes.problems()]


def sums(data: Any, notes: Notes) -> dict[str, dict[tuple[str, str], Sum]]:
    """By month, and by model and pricing type. Costs are cents here, dollars in the balance."""
    found: dict[str, dict[tuple[str, str], Sum]] = {}
    for month in map(fields, rows(fields(data).get("months"))):
        said = number(month.get("period"))
        period = f"{said:.2f}" if said is not None and 2000 < said < 2100 else ""
        if MONTH.fullmatch(period) is None:
            notes.problem("a month has no usable name; it was left out")
            continue
        notes.place = period
        month_sums = found.setdefault(period, {})
        for item in map(fields, rows(month.get("items"))):
            key = text(fields(item.get("model")).get("model_name")), text(item.get("pricing_type"))
            cents, units = number(item.get("cost")), notes.tokens(item.get("units"))
            if cents is None or not 0 <= cents <= MAX_AMOUNT * 100:
                notes.problem("a cost is missing or impossible; it was counted as zero")
                cents = Decimal(0)
            before = month_sums.get(key, Sum())
            month_sums[key] = Sum(before.units + units, before.pico + Money.of(MoneyKind.CREDITS, cents / 100).pico)
    return found


def grown(facts: Facts, months: Mapping[str, Mapping[tuple[str, str], Sum]], now: int, notes: Notes) -> Iterator[Item]:
    """One record a month and model. A month that is new began at zero, on its first day."""
    for month, found in months.items():
        year, number_ = MONTH.fullmatch(month).groups()  # type: ignore[union-attr]  # sums() keeps no other
        first = int(datetime(int(year), int(number_), 1, tzinfo=UTC).timestamp())
        start, end = max(first, min(facts.memory.at, now)), min(now, month_after(first) - 1)
        if start > end or first > now or (month not in facts.memory.months and first < month_start(facts.memory.at)):
            continue  # a month from before the first reading
        before = facts.memory.months.get(month, {})
        tokens: dict[str, Tokens] = {}
        pico: dict[str, int] = {}
        for (model, kind), one in found.items():
            was = before.get((model, kind), Sum())
            if one.units < was.units or one.pico < was.pico:
                notes.problem("DeepInfra corrected a sum downwards; what was counted before stays")
            name = next((name for pattern, name in CLASSES if re.search(pattern, kind.lower())), "")
            more = Tokens(**{name: max(0, one.units - was.units)}) if name else Tokens()
            tokens[model] = tokens.get(model, Tokens()) + more
            pico[model] = pico.get(model, 0) + max(0, one.pico - was.pico)
        when = dated(INFO, facts.account, start, end)
        if end - start > DAY and any(pico.values()):
            yield Problem(USAGE, "gaps", "nobody asked for over a day; that use is booked on the day the gap began")
        for model, spent in pico.items():
            if not spent and not tokens[model].total:
                continue
            yield UsageRecord(
                key=stable_key(f"{INFO.id}:{facts.account}:{USAGE}:{month}:{facts.memory.at}:{facts.memory.serial}", model),
                session=when.session.replace(":server:", ":all-keys:"),
                at=start,
                model=model,
                tokens=tokens[model],
                requests=None,
                grain=when.grain,
                money=(Money(MoneyKind.CREDITS, "USD", spent),) if spent else (),
                origin=Origin.REPORTED,
                quality=when.quality,
                endpoint=USAGE,
            )


def checklist(told: Told) -> Iterator[Item]:
    """Dollars. ``stripe_balance`` below zero is credit."""
    owed = number(told.data.get("stripe_balance"))
    yield from left(told, told.data.get("stripe_balance") if owed is None else owed.copy_negate() if owed else owed, "USD")
    if told.data.get("limit") is not None:
        yield from window(told, None, name="spending limit", used=told.data.get("recent"), limit=told.data.get("limit"), unit="USD")
    if told.data.get("suspended") is True:
        told.notes.problem("DeepInfra has suspended this account; its dashboard says why")


BALANCE: Final = Call("balance", "/payment/checklist", "the balance", checklist, params=(("compute_owed", "true"),))
__all__ = ["INFO", "State", "check", "fetch", "parse"]
