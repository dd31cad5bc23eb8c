"""Everything the Overview page shows, asked in one go: the chart, and the small pictures around it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.engine import budgets, limits, prices, queries
from tokenpal.engine.today import USUAL_DAYS, last_days, last_read
from tokenpal.insight import cacheuse, labels, series, usual
from tokenpal.insight.limits import BalanceView, LimitView
from tokenpal.insight.marks import Mark, MarkKind, first_line
from tokenpal.model.budget import Budget, Standing
from tokenpal.model.money import Converted
from tokenpal.model.ranges import Bucket, bucket_date, day_start, days_range, iso_week_days, local_day
from tokenpal.model.report import AccountRow, Correction, Dimension, Filter, Query, Report, SessionRow
from tokenpal.model.usage import Origin
from tokenpal.store import checkins, corrections, facts, report as reports, sessions, tasks
from tokenpal.store.database import Store

MIX_WEEKS = 5
CACHE_WEEKS = 12
MAP_DAYS = 28
LAST_DAYS = 30


class Around(msgspec.Struct, frozen=True):
    """What stands beside the chart; none of it depends on how the chart is grouped."""

    today: date
    today_tokens: int
    usual: usual.UsualRange | None  # of this weekday
    mixes: tuple[labels.Mix, ...]  # by week, oldest first
    week_map: tuple[tuple[int, ...], ...]  # Monday first
    limits: tuple[LimitView, ...]
    last_read: int | None
    agents: int  # log roots known
    accounts: int
    anything: bool  # whether there has ever been any use
    days: tuple[int, ...] = ()  # tokens of the last days, oldest first
    balances: tuple[BalanceView, ...] = ()
    cache: tuple[cacheuse.CacheWeek, ...] = ()  # oldest first, weeks without use too
    budgets: tuple[Standing, ...] = ()


class Overview(msgspec.Struct, frozen=True):
    """The chart and its total. ``origins``: tokens of the total by who says so. ``names``: of accounts that corrected something."""

    report: Report
    chart: series.Chart
    coverage: labels.Coverage
    origins: tuple[tuple[Origin, int], ...] = ()
    currency: str = ""  # in which the person wants to see money, beside what it was
    converted: Converted | None = None
    corrections: tuple[Correction, ...] = ()  # by providers, of these days
    names: tuple[tuple[int, str], ...] = ()
    marks: tuple[Mark, ...] = ()  # what the person wrote of these days
    usual: usual.UsualRange | None = None  # of the day or week that runs, where the bars are days or weeks of tokens
    last_read: int | None = None
    budgets: tuple[Budget, ...] = ()


class Day(msgspec.Struct, frozen=True):
    """The largest sessions of some days or hours, how many there are in all, and their tokens of that time alone."""

    rows: tuple[SessionRow, ...]
    count: int
    tokens: int


def overview(store: Store, query: Query, measure: series.Measure = series.Measure.TOKENS, currency: str = "") -> Overview:
    """The chart that the page asks for. ``query`` has a bucket; ``currency`` is the setting general.currency."""
    answer = reports.report(store, query)
    colors = {task.name: task.color for task in tasks.tasks(store, archived=True)} if query.by is Dimension.TASK else {}
    plain, without_task = labels.coverage_queries(query)
    covered = labels.coverage(reports.report(store, plain), reports.report(store, without_task))
    corrected = tuple(corrections.of_report(store, answer))
    accounts = queries.accounts(store, removed=True)
    wrong = {one.account for one in corrected}
    return Overview(
        answer, series.chart(answer, measure, colors=colors), covered, _origins(store, query, accounts),
        currency, prices.shown_in(store, answer.total.money, currency, answer.until), corrected,
        tuple((row.id, row.name) for row in accounts if row.id in wrong), marks(store, answer.first, answer.until, query.zone),
        _usual_of(store, query) if measure is series.Measure.TOKENS else None, last_read(accounts),
        tuple(budgets.budgets(store)),
    )  # fmt: skip


def day(store: Store, zone: str, first: date, until: date, hours: tuple[int, int] | None = None, listed: int = 10) -> Day:
    """Sessions of local days [first, until); with ``hours`` only those that ran in [start, end) epoch seconds of these days."""
    if hours is None:
        total = reports.report(store, Query(zone, first, until)).total.tokens.total
        rows = sessions.sessions(store, Filter(), first, until, zone, listed, 0, "tokens")
        return Day(tuple(rows), sessions.count_sessions(store, Filter(), first, until, zone), total)
    start, end = hours
    by_hour = reports.report(store, Query(zone, first, until, Bucket.HOUR))
    inside = sum(row.measures.tokens.total for row in by_hour.rows if start <= datetime.fromisoformat(row.bucket).timestamp() < end)
    found = [row for row in sessions.sessions(store, Filter(), first, until, zone, None, 0, "tokens") if row.started < end and row.ended >= start]
    return Day(tuple(found[:listed]), len(found), inside)


def marks(store: Store, first: date, until: date, zone: str) -> tuple[Mark, ...]:
    """Notes of the sessions that began in days [first, until), and check-ins, each on the last day of its week; on today while
    the week runs.
    """
    span, place = days_range(first, until, ZoneInfo(zone)), ZoneInfo(zone)
    found = [Mark(MarkKind.NOTE, at, first_line(note), key) for key, at, _, _, note in facts.notes(store, span.start, span.end) if note.strip()]
    for one in checkins.checkins(store):
        words = next((line for field in (one.learned, one.tried, one.worked, one.failed) if (line := first_line(field))), "")
        at = min(day_start(iso_week_days(one.week)[1], place) - 1, store.now())
        if words and at in span:
            found.append(Mark(MarkKind.CHECKIN, at, words, one.week))
    return tuple(sorted(found, key=lambda mark: (mark.at, mark.kind, mark.ref)))


def _usual_of(store: Store, query: Query) -> usual.UsualRange | None:
    """The person's own range for the day or week that runs; of days it is that of the same weekday."""
    if query.bucket not in (Bucket.DAY, Bucket.WEEK) or query.filter != Filter():
        return None
    today = local_day(store.now(), ZoneInfo(query.zone))
    by_day = _past(store, query.zone, today)
    if query.bucket is Bucket.DAY:
        return usual.usual(usual.weekday_values(by_day, today))
    return usual.usual(usual.week_values(by_day, today, query.week_start))


def _past(store: Store, zone: str, today: date) -> Report:
    """The days that what is usual rests on."""
    return reports.report(store, Query(zone, today - timedelta(days=USUAL_DAYS), today + timedelta(days=1), Bucket.DAY))


def _origins(store: Store, query: Query, accounts: Iterable[AccountRow]) -> tuple[tuple[Origin, int], ...]:
    """What logs of this machine measured, and what providers reported."""
    kinds = {row.name: row.kind for row in accounts}
    found: dict[Origin, int] = {}
    for row in reports.report(store, msgspec.structs.replace(query, bucket=None, by=Dimension.ACCOUNT)).rows:
        origin = {"log": Origin.MEASURED, "api": Origin.REPORTED}.get(kinds.get(row.key, ""), Origin.UNKNOWN)
        found[origin] = found.get(origin, 0) + row.measures.tokens.total
    return tuple(sorted(((origin, tokens) for origin, tokens in found.items() if tokens), key=lambda pair: -pair[1]))


def around(store: Store, zone: str, week_start: int = 0, how: limits.How = limits.How()) -> Around:  # noqa: B008 - frozen
    """The small pictures: this week's mix and the four before, the map of four weeks, cache, the usual range, limits."""
    today = local_day(store.now(), ZoneInfo(zone))
    tomorrow = today + timedelta(days=1)
    this_week = bucket_date(today, Bucket.WEEK, week_start)
    by_week = reports.report(store, Query(zone, this_week - timedelta(weeks=MIX_WEEKS - 1), tomorrow, Bucket.WEEK, Dimension.LABEL, week_start))
    weeks = [this_week - timedelta(weeks=back) for back in range(CACHE_WEEKS - 1, -1, -1)]
    cache = reports.report(store, Query(zone, weeks[0], tomorrow, Bucket.WEEK, None, week_start))
    by_hour = reports.report(store, Query(zone, today - timedelta(days=MAP_DAYS - 1), tomorrow, Bucket.HOUR))
    by_day = _past(store, zone, today)
    days = last_days(by_day, today, LAST_DAYS)
    rows = queries.accounts(store)
    standing = limits.standing(store, zone, how)
    return Around(
        today, days[-1], usual.usual(usual.weekday_values(by_day, today)), labels.token_mix(by_week),
        usual.week_map(by_hour), standing.windows, last_read(rows),
        sum(row.kind == "log" for row in rows), sum(row.kind == "api" for row in rows),
        bool(by_day.rows) or bool(queries.sessions(store, Filter(), None, None, zone, 1, 0)), days, standing.balances,
        cacheuse.cache_weeks(cache, (day.isoformat() for day in weeks)), tuple(budgets.standings(store, zone, week_start, today)),
    )  # fmt: skip
