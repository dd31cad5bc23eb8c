"""Time buckets of provider reports: which days to ask for, and how rows become usage records (decisions 2, 3).

A report is read in spans of whole UTC days. Days once closed and past their revision are not asked for again. The rows
of one span are gathered over all its pages, added up per group, and replace what was stored for the span.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from tokenpal.model.money import MAX_PICO, Money
from tokenpal.model.ranges import number_day
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Item, Origin, Problem, Quality, UsageRecord, Window, stable_key
from tokenpal.sources.base import Context, Cursor, Reply

DAY: Final = 86_400
HISTORY_DAYS: Final = 90  # read when an account is new
REVISED_DAYS: Final = 3  # closed days that are read again each time (provider-apis 3)
HOURLY_DAYS: Final = 35  # hour buckets back to here, so that local days can be charted; day buckets before


# ---------------------------------------------------------------------------------------------- which days


class Progress(msgspec.Struct, frozen=True):
    """How far one report was read; the state of its cursor. Days are days since 1970, UTC."""

    first: int = 0  # oldest day stored
    until: int = 0  # days before this one were read after they had ended; 0 = nothing was read
    hours_from: int = 0  # days from here on are stored by the hour
    wide_at: int = 0  # when the wide revision was read last, epoch seconds
    dialect: str = ""  # what this provider was found to understand
    dialect_at: int = 0


class Span(msgspec.Struct, frozen=True):
    """Whole UTC days [start, end) in epoch seconds, and what to remember once they are stored."""

    start: int
    end: int
    hourly: bool
    after: Progress


class Rhythm(msgspec.Struct, frozen=True):
    """How a report wants to be asked: the longest span of each width, and how long it is revised."""

    day_span: int = 31
    hour_span: int = 0  # 0 = this report knows days only
    wide: int = 0  # days that are read again once a day, as money is revised for longer; 0 = never
    history: int = HISTORY_DAYS
    oldest: int = 0  # the provider has nothing before this day


def progress_of(context: Context, endpoint: str) -> Progress:
    """What the cursor of this report remembers; nothing when it cannot be read."""
    cursor = context.cursors.get(endpoint)
    if cursor is None or not cursor.state:
        return Progress()
    try:
        return msgspec.msgpack.decode(cursor.state, type=Progress)
    except msgspec.DecodeError:
        return Progress()


def cursor_for(endpoint: str, progress: Progress) -> Cursor:
    return Cursor(endpoint, state=msgspec.msgpack.encode(progress))


def plan(progress: Progress, now: int, since: int | None, rhythm: Rhythm) -> Iterator[Span]:
    """The spans to read, in order: first what is new or may be revised, then history, newest first.

    Each span is stored with the progress made, so that an interruption repeats one span at most.
    """
    today = now // DAY
    wanted = today - rhythm.history + 1 if since is None else min(today, since // DAY)
    wanted = min(today, max(wanted, rhythm.oldest, 0))
    new = progress.until == 0
    edge = today - HOURLY_DAYS + 1
    if not new:
        edge = min(edge, progress.hours_from)
    progress = msgspec.structs.replace(progress, hours_from=edge)

    wide = rhythm.wide > 0 and now - progress.wide_at >= DAY
    if new:
        start = today - max(rhythm.hour_span, REVISED_DAYS + 1) + 1
        start = max(wanted, start)
        progress = msgspec.structs.replace(progress, first=start)
    else:
        start = min(progress.until, today) - REVISED_DAYS
        if wide:
            start = min(start, today - rhythm.wide + 1)
        start = max(start, progress.first, rhythm.oldest)
        if since is not None:
            start = min(start, max(wanted, progress.first))
    start = min(start, today)
    for begin, end, hourly in pieces(start, today + 1, edge, rhythm):
        progress = msgspec.structs.replace(progress, until=max(progress.until, min(end, today)))
        if wide and end == today + 1:
            progress = msgspec.structs.replace(progress, wide_at=now)
        yield Span(begin * DAY, end * DAY, hourly, progress)
    for begin, end, hourly in reversed(list(pieces(wanted, progress.first, edge, rhythm))):
        progress = msgspec.structs.replace(progress, first=begin)
        yield Span(begin * DAY, end * DAY, hourly, progress)


def pieces(first: int, until: int, edge: int, rhythm: Rhythm) -> Iterator[tuple[int, int, bool]]:
    """Days [first, until) cut into spans that are not too long and not part by day, part by hour."""
    at = first
    while at < until:
        hourly = rhythm.hour_span > 0 and at >= edge
        end = min(until, at + (rhythm.hour_span if hourly else rhythm.day_span))
        if rhythm.hour_span and not hourly:
            end = min(end, edge)
        yield at, end, hourly
        at = end


def utc_day(at: int) -> str:
    """2026-11-20"""
    return number_day(min(max(at // DAY, 0), 2_900_000)).isoformat()


def rfc3339(at: int) -> str:
    """2026-11-20T00:00:00Z"""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_after(at: int) -> int:
    """The next UTC midnight."""
    return at - at % DAY + DAY


def week_after(at: int) -> int:
    """The next Monday, 00:00 UTC."""
    day = at // DAY  # 1970-01-01 was a Thursday
    return (day + 7 - (day + 3) % 7) * DAY


def month_start(at: int) -> int:
    """The first of this month, 00:00 UTC."""
    moment = datetime.fromtimestamp(at, UTC)
    return int(datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp())


def month_after(at: int) -> int:
    """The first of the next month, 00:00 UTC."""
    return month_start(month_start(at) + 32 * DAY)


# ---------------------------------------------------------------------------------------------- rows to records


class Facts(msgspec.Struct, frozen=True):
    """What parse needs to know besides the body; travels in Reply.context."""

    account: int
    generation: str = ""  # which of a provider's reports this is
    span: tuple[int, int] | None = None  # the part of the window that this page was asked for


class BucketRow(msgspec.Struct, frozen=True, gc=False):
    """One row of a report in the classes of tokenpal. ``group`` is a key, project or workspace id."""

    start: int
    end: int
    group: str
    model: str
    tier: str = ""
    tokens: Tokens = Tokens()
    requests: int | None = 0
    money: tuple[Money, ...] = ()
    quality: Quality = Quality.AGGREGATE


class State(msgspec.Struct, frozen=True):
    """The rows of the pages before this one, of the same window."""

    window: tuple[int, int] = (0, 0)
    pages: tuple[tuple[BucketRow, ...], ...] = ()
    broken: bool = False  # a page could not be read: the window is not replaced


def gather(
    source: str, state: State | None, reply: Reply, rows: Iterable[BucketRow], problems: Iterable[Problem], *, readable: bool = True
) -> tuple[State, list[Item]]:
    """Put one page's rows to those before. The last page gives the window and all its records, added up per group.

    A page that could not be read leaves what is stored as it is: a failure is never turned into a zero.
    """
    items: list[Item] = list(problems)
    window = reply.window or (0, 0)
    if state is None or reply.page == 1 or state.window != window:
        state = State(window)
    kept: list[BucketRow] = []
    outside = 0
    for row in rows:
        if window[0] <= row.start < window[1]:
            kept.append(row)
        else:
            outside += 1
    if outside:
        items.append(Problem(reply.endpoint, f"page {reply.page}", "a row lies outside of the time asked for; it was left out", outside))
    state = State(window, (*state.pages, tuple(kept)), state.broken or not readable)
    if not reply.final:
        return state, items
    if not state.broken:
        items.append(Window(reply.endpoint, *window))
        found = records(source, reply, (row for page in state.pages for row in page))
        if any(money.pico > MAX_PICO for each in found for money in each.money):
            found = [msgspec.structs.replace(each, money=tuple(m for m in each.money if m.pico <= MAX_PICO)) for each in found]
            items.append(Problem(reply.endpoint, "sums", "an amount of money is impossibly large; it was left out"))
        items.extend(found)
    return State(), items


def records(source: str, reply: Reply, rows: Iterable[BucketRow]) -> list[UsageRecord]:
    """One record per bucket, group, model and tier: the same group on two pages is one record (provider-apis 5.8)."""
    sums: dict[tuple[int, int, str, str, str], BucketRow] = {}
    for row in rows:
        key = (row.start, row.end, row.group, row.model, row.tier)
        before = sums.get(key)
        sums[key] = row if before is None else added(before, row)
    account = reply.context.account if isinstance(reply.context, Facts) else 0
    return [
        record(source, account, reply, row)
        for row in sums.values()
        if row.tokens.total or row.requests or row.requests is None or row.money
    ]


def added(one: BucketRow, two: BucketRow) -> BucketRow:
    amounts: dict[tuple[str, str], Money] = {}
    for money in (*one.money, *two.money):
        key = (money.kind.value, money.currency)
        amounts[key] = amounts[key] + money if key in amounts else money
    return msgspec.structs.replace(
        one,
        tokens=one.tokens + two.tokens,
        requests=None if one.requests is None or two.requests is None else one.requests + two.requests,
        money=tuple(amounts[key] for key in sorted(amounts)),
    )


def record(source: str, account: int, reply: Reply, row: BucketRow) -> UsageRecord:
    """Buckets of an hour or more make one session per account, key or workspace, and UTC day (decisions 3)."""
    width = row.end - row.start
    grain = Grain.MINUTE if width <= 60 else Grain.HOUR if width <= 3600 else Grain.DAY
    family = f"{source}:{account}:{reply.endpoint}:{grain}:{row.start}:{row.group}"
    return UsageRecord(
        key=stable_key(family, f"{row.model}\n{row.tier}"),
        session=f"{source}:{account}:{row.group or 'no-key'}:{utc_day(row.start)}",
        at=row.start,
        model=row.model,
        tokens=row.tokens,
        requests=row.requests,
        grain=grain,
        tier=row.tier,
        money=row.money,
        origin=Origin.REPORTED,
        # A bucket that is still running will grow.
        quality=Quality.LOWER_BOUND if row.end > reply.at else row.quality,
        endpoint=reply.endpoint,
    )
