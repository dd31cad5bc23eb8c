"""Everything the Overview page shows, asked in one go: the chart, and the small pictures around it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.engine import limits, prices, queries
from tokenpal.insight import labels, series, usual
from tokenpal.insight.limits import BalanceView, LimitView
from tokenpal.model.money import Converted
from tokenpal.model.ranges import Bucket, bucket_date, local_day
from tokenpal.model.report import AccountRow, Correction, Dimension, Filter, Query, Report
from tokenpal.model.usage import Origin
from tokenpal.store import corrections, report as reports, tasks
from tokenpal.store.database import Store

MIX_WEEKS = 5
MAP_DAYS = 28
LAST_DAYS = 30
USUAL_DAYS = 91


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


class Overview(msgspec.Struct, frozen=True):
    """The chart and its total. ``origins``: tokens of the total by who says so."""

    report: Report
    chart: series.Chart
    coverage: labels.Coverage
    origins: tuple[tuple[Origin, int], ...] = ()
    currency: str = ""  # in which the person wants to see money, beside what it was
    converted: Converted | None = None
    corrections: tuple[Correction, ...] = ()  # by providers, of these days


def overview(store: Store, query: Query, measure: series.Measure = series.Measure.TOKENS, currency: str = "") -> Overview:
    """The chart that the page asks for. ``query`` has a bucket; ``currency`` is the setting general.currency."""
    answer = reports.report(store, query)
    colors = {task.name: task.color for task in tasks.tasks(store, archived=True)} if query.by is Dimension.TASK else {}
    plain, without_task = labels.coverage_queries(query)
    covered = labels.coverage(reports.report(store, plain), reports.report(store, without_task))
    return Overview(
        answer, series.chart(answer, measure, colors=colors), covered, _origins(store, query),
        currency, prices.shown_in(store, answer.total.money, currency, answer.until), tuple(corrections.of_report(store, answer)),
    )  # fmt: skip


def _origins(store: Store, query: Query) -> tuple[tuple[Origin, int], ...]:
    """What logs of this machine measured, and what providers reported."""
    kinds = {row.name: row.kind for row in queries.accounts(store, removed=True)}
    found: dict[Origin, int] = {}
    for row in reports.report(store, msgspec.structs.replace(query, bucket=None, by=Dimension.ACCOUNT)).rows:
        origin = {"log": Origin.MEASURED, "api": Origin.REPORTED}.get(kinds.get(row.key, ""), Origin.UNKNOWN)
        found[origin] = found.get(origin, 0) + row.measures.tokens.total
    return tuple(sorted(((origin, tokens) for origin, tokens in found.items() if tokens), key=lambda pair: -pair[1]))


def around(store: Store, zone: str, week_start: int = 0, how: limits.How = limits.How()) -> Around:  # noqa: B008 - frozen
    """The small pictures: this week's mix and the four before, the map of four weeks, the usual range, limits."""
    today = local_day(store.now(), ZoneInfo(zone))
    tomorrow = today + timedelta(days=1)
    first_week = bucket_date(today, Bucket.WEEK, week_start) - timedelta(weeks=MIX_WEEKS - 1)
    by_week = reports.report(store, Query(zone, first_week, tomorrow, Bucket.WEEK, Dimension.LABEL, week_start))
    by_hour = reports.report(store, Query(zone, today - timedelta(days=MAP_DAYS - 1), tomorrow, Bucket.HOUR))
    by_day = reports.report(store, Query(zone, today - timedelta(days=USUAL_DAYS), tomorrow, Bucket.DAY))
    days = last_days(by_day, today, LAST_DAYS)
    rows = queries.accounts(store)
    standing = limits.standing(store, zone, how)
    return Around(
        today, days[-1], usual.usual(usual.weekday_values(by_day, today)), labels.token_mix(by_week),
        usual.week_map(by_hour), standing.windows, last_read(rows),
        sum(row.kind == "log" for row in rows), sum(row.kind == "api" for row in rows),
        bool(by_day.rows) or bool(queries.sessions(store, Filter(), None, None, zone, 1, 0)), days, standing.balances,
    )  # fmt: skip


def last_days(by_day: Report, today: date, number: int) -> tuple[int, ...]:
    """Tokens of so many days up to today, oldest first, from a report by day."""
    totals = {row.bucket: row.measures.tokens.total for row in by_day.rows}
    return tuple(totals.get((today - timedelta(days=back)).isoformat(), 0) for back in range(number - 1, -1, -1))


def last_read(rows: Iterable[AccountRow]) -> int | None:
    """When anything was read last, epoch seconds."""
    return max((row.last_success for row in rows if row.last_success), default=None)
