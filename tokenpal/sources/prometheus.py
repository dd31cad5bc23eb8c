"""Counters of self-hosted servers, as Prometheus text (provider-apis 9): what grew between two scrapes is use.

Counters of the last scrape stay in the cursor. The first scrape is a baseline, nothing is invented; a counter that fell began
anew at zero; a process that began after the last scrape counts whole; one that was running before it and is met for the first
time is a baseline too. So the records add up to the growth that could be seen, never to more, however often one asks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from tokenpal.model.errors import AccountError
from tokenpal.model.events import AccountState
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Item, Origin, Problem, Quality, UsageRecord, stable_key
from tokenpal.sources.base import Context, Cursor, Reply, SourceInfo
from tokenpal.sources.buckets import DAY, utc_day
from tokenpal.sources.exposition import ENDPOINT, MAX_SERIES, Meter, Scrape, scraped, unquoted
from tokenpal.sources.http import Answer, StatusError, Words, address, ask, bearer, no_web_page
from tokenpal.sources.numbers import MAX_COUNT
from tokenpal.system.net import Params

SKEW: Final = 5  # seconds between two clocks of one machine, rounded
MAX_PROCESSES: Final = 4  # behind one address
HOUR: Final = 3600


class Process(msgspec.Struct, frozen=True):
    """One server process as it was last seen."""

    at: int
    series: dict[tuple[str, str, str], tuple[str, int]]
    early: dict[str, int] = {}  # by model: cached tokens that were counted before the prompts they are part of


class Memory(msgspec.Struct, frozen=True):
    """What the cursor keeps."""

    serial: int = 0  # scrapes so far
    model: str = ""  # of a server that does not label it
    processes: dict[str, Process] = {}  # by start time; "" where the server does not tell it


class Growth(msgspec.Struct, frozen=True):
    """What grew since ``start``, by model; and what to remember."""

    after: Memory
    start: int
    grown: dict[str, dict[str, int]] = {}
    early: dict[str, int] = {}  # cached tokens of each model that the prompts of this growth cover
    restarted: bool = False
    stranger: bool = False


class Facts(msgspec.Struct, frozen=True):
    """What parse has to know besides the text; travels in Reply.context."""

    account: int
    memory: Memory
    model: str = ""


class State(msgspec.Struct, frozen=True):
    """Nothing: the cursor holds the counters."""


Fetch = Callable[[Context], AsyncIterator[Reply]]
Parse = Callable[[State | None, Reply], tuple[State, list[Item]]]
Check = Callable[[Context], Awaitable[str]]
Named = Callable[[Context, Words], Awaitable[str]]


# ---------------------------------------------------------------------------------------------- what grew


def growth(memory: Memory, scrape: Scrape, now: int, model: str = "") -> Growth:
    """Compares a scrape with what is remembered. Pure: ``fetch`` takes the memory of it, ``parse`` the records."""
    key = "" if scrape.started is None else repr(scrape.started)
    known = memory.processes.get(key)
    last = max((process.at for process in memory.processes.values()), default=None)
    born = last is not None and scrape.started is not None and scrape.started >= last - SKEW
    restarted = False
    grown: dict[str, dict[str, int]] = {}
    base = known or Process(now, {})
    start = base.at
    if known is None and born and last is not None and scrape.started is not None:
        restarted, start = True, max(last, int(scrape.started))
    counting = known is not None or born
    if counting:
        grown, fell = differences(base.series, scrape.series)
        restarted = restarted or fell
    early = {} if restarted else base.early
    covered = {}
    for name, fields in grown.items():
        waiting = fields.get("cached", 0) + early.get(name, 0)
        covered[name] = min(waiting, fields.get("prompt", 0))
        early = {**early, name: waiting - covered[name]}
    seen = Process(now, merged(base.series, scrape.series), {name: count for name, count in early.items() if count})
    newest = sorted(memory.processes.items(), key=lambda each: -each[1].at)
    kept = {other: process for other, process in newest if other != key}
    processes = {key: seen, **dict(list(kept.items())[: MAX_PROCESSES - 1])}
    after = Memory(memory.serial + 1, model or memory.model, processes)
    return Growth(after, min(start, now), grown, covered, restarted, not counting and last is not None)


def differences(before: Mapping[Any, tuple[str, int]], now: Mapping[Any, tuple[str, int]]) -> tuple[dict[str, dict[str, int]], bool]:
    """Growth by model and field, and whether any counter fell. A counter that is new began at zero after the last scrape."""
    grown: dict[str, dict[str, int]] = {}
    fell = False
    for key, (rank, count) in now.items():
        field, model, _ = key
        was_rank, was = before.get(key, (rank, 0))
        if rank != was_rank:  # another worker's count of the same tokens: where it began is not known
            continue
        more = count - was
        if more < 0:
            more, fell = count, True
        fields = grown.setdefault(model, {})
        fields[field] = fields.get(field, 0) + more
    return grown, fell


def merged(before: Mapping[Any, tuple[str, int]], now: Mapping[Any, tuple[str, int]]) -> dict[Any, tuple[str, int]]:
    """What to remember: a counter that is missing this time keeps its value, or its return would count it all again."""
    series = dict(before)
    for key, (rank, count) in now.items():
        if key not in series or rank <= series[key][0]:
            series[key] = (rank, count)
    return dict(list(series.items())[-MAX_SERIES:])


# ---------------------------------------------------------------------------------------------- records


class Dated(msgspec.Struct, frozen=True):
    """How finely the use between two readings can be dated."""

    session: str
    grain: Grain
    quality: Quality  # INFERRED: which of several days it was is not known


def dated(info: SourceInfo, account: int, start: int, now: int) -> Dated:
    """Within an hour to the hour, within a UTC day to the day, else to the gap: booked where it began and named by its end."""
    gap, across = now - start > HOUR, now // DAY != start // DAY
    span = f"until {utc_day(now)}" if gap and across else "server"
    quality = Quality.INFERRED if gap and across else Quality.AGGREGATE
    return Dated(f"{info.id}:{account}:{span}:{utc_day(start)}", Grain.DAY if gap else Grain.HOUR, quality)


def records(info: SourceInfo, meter: Meter, facts: Facts, scrape: Scrape, now: int) -> Iterator[Item]:
    """One record a model, dated as the gap between the scrapes: no finer (provider-apis 9)."""
    found = growth(facts.memory, scrape, now, facts.model)
    yield from scrape.problems
    if found.stranger:
        yield Problem(ENDPOINT, "the server", "another server answers at this address; it is counted from now on")
    when = dated(info, facts.account, found.start, now)
    quality = Quality.LOWER_BOUND if found.restarted else when.quality
    family = f"{info.id}:{facts.account}:{ENDPOINT}:{found.start}:{facts.memory.serial}"
    for name, fields in found.grown.items():
        if not any(fields.values()):
            continue
        if max(fields.values()) > MAX_COUNT:
            yield Problem(ENDPOINT, "the server", "a counter grew impossibly fast; that growth was left out")
            continue
        if now - found.start > DAY:
            yield Problem(ENDPOINT, "gaps", "nobody asked the server for over a day; that use is booked on the day the gap began")
        model = name or found.after.model
        cached = found.early.get(name, 0)
        yield UsageRecord(
            key=stable_key(family, model),
            session=when.session,
            at=found.start,
            model=model,
            tokens=Tokens(fresh_input=fields.get("prompt", 0) - cached, cache_read=cached, output=fields.get("output", 0)),
            requests=fields.get("requests", 0) if meter.requests else None,
            grain=when.grain,
            origin=Origin.REPORTED,
            quality=quality,
            endpoint=ENDPOINT,
        )


# ---------------------------------------------------------------------------------------------- a server as a source


async def unnamed(context: Context, words: Words) -> str:
    """The server labels its counters with the model."""
    return ""


def server(
    info: SourceInfo, words: Words, meter: Meter, *, named: Named = unnamed, query: Callable[[Context], Params] = lambda _: ()
) -> tuple[Fetch, Parse, Check, Check]:
    """``fetch``, ``parse``, ``check`` and ``identity`` of a server. ``named``: asks for the model where no label tells it; "" = not known."""

    async def load(context: Context) -> tuple[bytes, str]:
        url = f"{place(context, info)}/metrics"
        headers = {"accept": "text/plain", **optional_key(context)}
        try:
            body = await ask(context, words, url, query(context), what="the metrics", headers=headers, read=text_bytes)
        except StatusError as problem:
            if problem.status in {404, 501}:
                raise no_metrics(words) from None
            raise
        if meter.prefix.encode() not in body:
            raise AccountError(f"What answers at this address is no {words.provider} server.", words.missing)
        return body, await named(context, words)

    async def fetch(context: Context) -> AsyncIterator[Reply]:
        memory, now = remembered(context), context.now()
        body, model = await load(context)
        after = growth(memory, scraped(body, meter), now, model).after
        cursor = Cursor(ENDPOINT, state=msgspec.msgpack.encode(after))
        yield Reply(cursor, ENDPOINT, body, now, context=Facts(context.account, memory, model))

    def parse(state: State | None, reply: Reply) -> tuple[State, list[Item]]:
        """Total. Without a memory the text is a baseline."""
        facts = reply.context if isinstance(reply.context, Facts) else Facts(0, Memory())
        scrape = scraped(reply.body, meter)
        if not scrape.series and meter.prefix.encode() not in reply.body:
            return State(), [Problem(ENDPOINT, "the answer", "the answer holds no counters; nothing was changed")]
        return State(), list(records(info, meter, facts, scrape, reply.at))

    async def check(context: Context) -> str:
        body, model = await load(context)
        models = sorted({key[1] for key in scraped(body, meter).series} - {""}) or [model]
        known = f" It serves {', '.join(models)}." if any(models) else ""
        return f"The server answers.{known} Counting starts with the first reading."

    async def identity(context: Context) -> str:
        """The address: a server that is added twice would count twice. With a model it is that part of it."""
        return "\n".join([place(context, info).replace("//localhost", "//127.0.0.1"), *(value for _, value in query(context)[:1])])

    return fetch, parse, check, identity


def place(context: Context, info: SourceInfo) -> str:
    """The server's address, however much of a path was copied with it."""
    return address(context, info.base_url).removesuffix("/metrics").removesuffix("/v1")


def no_metrics(words: Words) -> AccountError:
    return AccountError(f"{words.provider} tells no metrics at this address.", words.missing, state=AccountState.NOT_AVAILABLE)


def optional_key(context: Context) -> dict[str, str]:
    """A server on this machine needs no key; one behind a gateway may."""
    return bearer(context) if context.secret is not None and context.secret.reveal().strip() else {}


def remembered(context: Context) -> Memory:
    """The counters of the last scrape; none when they cannot be read, and then this scrape is a baseline."""
    cursor = context.cursors.get(ENDPOINT)
    try:
        return msgspec.msgpack.decode(cursor.state, type=Memory) if cursor is not None and cursor.state else Memory()
    except msgspec.DecodeError:
        return Memory()


def text_bytes(answer: Answer, words: Words) -> bytes:
    """The body of a text answer; a web page instead of counters is said in words."""
    no_web_page(answer, words)
    return unquoted(answer.body)
