"""One truth: report JSON = chart = table behind it = sum of sessions, to the token, by day, week and month, in zones that hurt.

Mixed logs of two agents and a provider's report by UTC day go through the real store; a few lines of plain arithmetic over
the same records are the judge.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tokenpal.insight.series import Chart, Measure, chart, table
from tokenpal.insight.tasks import attribute
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.names import base_name
from tokenpal.model.ranges import Bucket, bucket_date
from tokenpal.model.report import Dimension, Filter, Measures, Query, Report
from tokenpal.model.tokens import CLASSES, NO_TOKENS, Tokens
from tokenpal.model.usage import Grain, Origin, Quality, UsageRecord, Window, stable_key
from tokenpal.pricing import PriceBook, pricer
from tokenpal.store.accounts import add_account, ensure_log_account
from tokenpal.store.database import Store
from tokenpal.store.journal import annotate
from tokenpal.store.ledger import Batch, Rules, apply
from tokenpal.store.maintenance import set_zone
from tokenpal.store.report import report
from tokenpal.store.sessions import sessions, timeline
from tokenpal.store.tasks import add_rule, add_task

FIRST, UNTIL = date(2026, 10, 12), date(2026, 11, 16)  # New York turns its clocks back on 1 November
NOW = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp())
ZONES = ("UTC", "Asia/Kathmandu", "America/New_York")
BUCKETS = (Bucket.DAY, Bucket.WEEK, Bucket.MONTH)
EVERYTHING = Filter()
CLAUDE, CODEX, REPORT = "claude-code", "codex", "openai"
MODELS = {CLAUDE: ("claude-sonnet-4-5-20250929", "claude-opus-4-8", "claude-of-tomorrow"), CODEX: ("gpt-5.2-codex", "gpt-5.5")}


def tokens(dice: random.Random) -> Tokens:
    return Tokens(dice.randrange(5000), dice.randrange(400_000), dice.randrange(9000), dice.randrange(300), dice.randrange(50), output := dice.randrange(3000), output // 3)


def logged(agent: str, seed: int, count: int) -> list[UsageRecord]:
    dice = random.Random(seed)
    start, end = (int(datetime.combine(day, datetime.min.time(), UTC).timestamp()) for day in (FIRST - timedelta(days=1), UNTIL + timedelta(days=1)))
    found = []
    for number in range(count):
        session = dice.randrange(25)
        at = dice.randrange(start, end) if number % 3 else edge(dice)
        found.append(
            UsageRecord(
                stable_key(f"{agent}:{number}"), f"{agent}:s{session}", at, dice.choice(MODELS[agent]), tokens(dice),
                folder=dice.choice(["/code/shop", "/code/blog", ""]), branch=dice.choice(["main", "feature/PAY-1", ""]),
                sub_agent=number % 7 == 0, tier=dice.choice(["", "", "priority"]),
            )
        )
    return found


def edge(dice: random.Random) -> int:
    """Seconds around midnights and the hour that New York has twice."""
    day = FIRST + timedelta(days=dice.randrange((UNTIL - FIRST).days))
    zone = ZoneInfo(dice.choice(ZONES))
    midnight = int(datetime.combine(day, datetime.min.time(), zone).timestamp())
    twice = int(datetime(2026, 11, 1, 5, 59, 59, tzinfo=UTC).timestamp())
    return dice.choice([midnight - 1, midnight, midnight + 1, twice, twice + 1, twice + 3600, twice - 3600])


def reported() -> list[UsageRecord]:
    """OpenAI's own report by UTC day: some of it is what the Codex logs have, some is other use."""
    dice = random.Random(3)
    found = []
    for number in range((UNTIL - FIRST).days):
        day = FIRST + timedelta(days=number)
        at = int(datetime.combine(day, datetime.min.time(), UTC).timestamp())
        for model in ("gpt-5.2-codex", "gpt-5.5-2026-01-01", "gpt-4o"):
            if dice.random() < 0.8:
                money = (Money(MoneyKind.CASH, "USD", dice.randrange(10**12)),) if dice.random() < 0.5 else ()
                found.append(
                    UsageRecord(
                        stable_key(f"openai:{day}:{model}"), f"openai:1:key:{day}", at, model, tokens(dice), requests=dice.choice([None, 12]),
                        grain=Grain.DAY, money=money, origin=Origin.REPORTED, quality=Quality.AGGREGATE, endpoint="usage",
                    )
                )
    return found


RECORDS = {CLAUDE: logged(CLAUDE, 1, 350), CODEX: logged(CODEX, 2, 250), REPORT: reported()}


def beyond(one: Tokens, other: Tokens) -> Tokens:
    """What is in one and not in the other, class by class, never below zero; writes to the cache are one class."""
    rest = [max(0, getattr(one, name) - getattr(other, name)) for name in Tokens.__struct_fields__]
    more = [max(0, getattr(other, name) - getattr(one, name)) for name in Tokens.__struct_fields__]
    short, long, unknown = 2, 3, 4
    for wanted, given in ((short, unknown), (long, unknown), (unknown, short), (unknown, long), (short, long), (long, short)):
        part = min(rest[wanted], more[given])
        rest[wanted] -= part
        more[given] -= part
    return Tokens(*rest)


def expected(zone: ZoneInfo, bucket: Bucket) -> dict[str, Tokens]:
    """The judge: local dates by zoneinfo; of a report only what no log of the provider has, per UTC day, model and class."""
    found: dict[date, Tokens] = {}
    in_logs: dict[tuple[date, str], Tokens] = {}
    for agent in (CLAUDE, CODEX):
        for record in RECORDS[agent]:
            moment = datetime.fromtimestamp(record.at, UTC)
            day = moment.astimezone(zone).date()
            found[day] = found.get(day, NO_TOKENS) + record.tokens
            if agent == CODEX:
                key = (moment.date(), base_name(record.model))
                in_logs[key] = in_logs.get(key, NO_TOKENS) + record.tokens
    for record in RECORDS[REPORT]:
        day = datetime.fromtimestamp(record.at, UTC).date()
        rest = beyond(record.tokens, in_logs.get((day, base_name(record.model)), NO_TOKENS))
        found[day] = found.get(day, NO_TOKENS) + rest
    sums: dict[str, Tokens] = {}
    for day, part in found.items():
        if FIRST <= day < UNTIL:
            key = bucket_date(day, bucket).isoformat()
            sums[key] = sums.get(key, NO_TOKENS) + part
    return {key: part for key, part in sums.items() if part.total}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile with everything in it, as a scan and a poll leave it."""
    home = tmp_path_factory.mktemp("one-truth")
    (home / "data").mkdir(exist_ok=True)
    with Store.open(database(home), now=lambda: NOW) as store:
        fill(store)
    return home


def database(home: Path) -> Path:
    from tokenpal.system.paths import inside

    places = inside(home)
    places.make()
    return places.database


def fill(store: Store) -> None:
    rules = Rules(None, pricer(PriceBook(now=NOW)), None, attribute)
    checkout = add_task(store, "Checkout", tags=("payments", "q4"))
    add_rule(store, "branch", "feature/*", checkout.id)
    accounts = {
        CLAUDE: ensure_log_account(store, CLAUDE, "/logs/claude", "Claude Code", "anthropic"),
        CODEX: ensure_log_account(store, CODEX, "/logs/codex", "Codex", "openai"),
        REPORT: add_account(store, "openai", "work", "openai"),
    }
    start, end = (int(datetime.combine(day, datetime.min.time(), UTC).timestamp()) for day in (FIRST, UNTIL))
    apply(store, Batch(accounts[REPORT], [Window("usage", start, end), *RECORDS[REPORT]]), rules)
    for agent in (CLAUDE, CODEX):
        records = RECORDS[agent]
        for part in range(0, len(records), 90):
            apply(store, Batch(accounts[agent], records[part : part + 90]), rules)
    annotate(store, [f"{CLAUDE}:s{number}" for number in range(8)], label="delivered")
    annotate(store, [f"{CODEX}:s{number}" for number in range(5)], label="exploration", tags=("spike",))
    annotate(store, [f"{CLAUDE}:s9"], label="waste", reason="loop")


@pytest.fixture(params=["UTC", "Asia/Kathmandu"])
def store(home: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """The same data with the roll-ups of two homes: a report in another zone than one's own must not differ."""
    with Store.open(database(home), now=lambda: NOW) as opened:
        set_zone(opened, request.param)
        yield opened


def ask(store: Store, zone: str, bucket: Bucket | None = None, by: Dimension | None = None, filter_: Filter = EVERYTHING) -> Report:
    return report(store, Query(zone, FIRST, UNTIL, bucket, by, filter=filter_))


def add_up(parts: list[Measures]) -> Tokens:
    total = NO_TOKENS
    for part in parts:
        total += part.tokens
    return total


def by_bucket(found: Report) -> dict[str, Tokens]:
    return {name: add_up([row.measures for row in found.rows if row.bucket == name]) for name in {row.bucket for row in found.rows}}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("bucket", BUCKETS)
def test_the_report_is_what_arithmetic_says(store: Store, zone: str, bucket: Bucket) -> None:
    wanted = expected(ZoneInfo(zone), bucket)
    assert {name: part for name, part in by_bucket(ask(store, zone, bucket)).items() if part.total} == wanted
    total = NO_TOKENS
    for part in wanted.values():
        total += part
    assert ask(store, zone, bucket).total.tokens == ask(store, zone).total.tokens == total


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("bucket", BUCKETS)
@pytest.mark.parametrize("by", [by for by in Dimension if by is not Dimension.TAG])
def test_chart_and_table_are_the_report(store: Store, zone: str, bucket: Bucket, by: Dimension) -> None:
    plain, grouped = ask(store, zone, bucket), ask(store, zone, bucket, by)
    assert by_bucket(grouped) == by_bucket(plain)
    for top in (1, 8):
        drawn = chart(grouped, top=top)
        same_everywhere(drawn, {name: part.total for name, part in by_bucket(plain).items()}, plain.total.tokens.total)
    if by is not Dimension.CLASS:  # money belongs to no single class
        priced = chart(grouped, Measure.LIST_PRICE)
        assert priced.total == sum(priced.totals) == sum(one.pico for one in plain.total.money if one.kind is MoneyKind.LIST_PRICE)
        billed = chart(grouped, Measure.BILLED)
        assert billed.total == sum(billed.totals) == sum(one.pico for one in plain.total.money if one.kind is MoneyKind.CASH) > 0


def same_everywhere(drawn: Chart, buckets: dict[str, int], total: int) -> None:
    assert {slot.key: height for slot, height in zip(drawn.slots, drawn.totals) if height} == {name: height for name, height in buckets.items() if height}
    shown = table(drawn)
    assert [row[2] for row in shown.rows] == list(drawn.totals) == [sum(one.values[place] for one in drawn.series) for place in range(len(drawn.slots))]
    assert drawn.total == sum(drawn.totals) == shown.foot[1] == sum(shown.foot[0]) == total


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("bucket", BUCKETS)
def test_sessions_add_up_to_the_report(store: Store, zone: str, bucket: Bucket) -> None:
    """Every request of every session, put into its bucket by zoneinfo; buckets of a UTC day keep their date."""
    sums: Counter[str] = Counter()
    for session in sessions(store, limit=None):
        moments = timeline(store, session.id)
        assert sum(moment.tokens.total for moment in moments) == session.measures.tokens.total
        for moment in moments:
            day = datetime.fromtimestamp(moment.at, UTC if moment.seconds else ZoneInfo(zone)).date()
            if FIRST <= day < UNTIL:
                sums[bucket_date(day, bucket).isoformat()] += moment.tokens.total
    assert {name: total for name, total in sums.items() if total} == {name: part.total for name, part in by_bucket(ask(store, zone, bucket)).items() if part.total}


def test_all_sessions_are_all_use(store: Store) -> None:
    whole = report(store, Query("UTC"))
    rows = sessions(store, limit=None)
    assert add_up([row.measures for row in rows]) == whole.total.tokens
    for kind in MoneyKind:
        listed = sum(one.pico for row in rows for one in row.measures.money if one.kind is kind)
        assert listed == sum(one.pico for one in whole.total.money if one.kind is kind)
    assert sum(row.measures.unpriced_requests for row in rows) == whole.total.unpriced_requests > 0


@pytest.mark.parametrize("zone", ZONES)
def test_hours_and_what_is_left_out_of_them(store: Store, zone: str) -> None:
    hours, days = ask(store, zone, Bucket.HOUR), ask(store, zone, Bucket.DAY)
    drawn = chart(hours)
    assert drawn.total == sum(drawn.totals) == hours.total.tokens.total
    assert hours.left_out_of_hours == days.total.utc_day_tokens == sum(part for one in chart(days).series for part in one.hatched) > 0
    assert hours.total.tokens.total + hours.left_out_of_hours == days.total.tokens.total


@pytest.mark.parametrize("by", [Dimension.PROJECT, Dimension.MODEL, Dimension.LABEL, Dimension.TASK, Dimension.AGENT, Dimension.BRANCH, Dimension.ACCOUNT, Dimension.PROVIDER])
def test_filters_cut_the_whole_into_its_parts(store: Store, by: Dimension) -> None:
    fields = {Dimension.PROJECT: "projects", Dimension.MODEL: "models", Dimension.LABEL: "labels", Dimension.TASK: "tasks", Dimension.AGENT: "agents",
              Dimension.BRANCH: "branches", Dimension.ACCOUNT: "accounts", Dimension.PROVIDER: "providers"}  # fmt: skip
    for row in ask(store, "America/New_York", by=by).rows:
        alone = ask(store, "America/New_York", filter_=Filter(**{fields[by]: (row.key,)}))  # type: ignore[arg-type]  # one of the fields above
        assert alone.total == row.measures


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("by", ["day", "week", "month", "model", "task", "class"])
def test_the_command_line_says_the_same(home: Path, zone: str, by: str) -> None:
    """As scripts read it: another process, the same figures."""
    done = subprocess.run(
        [sys.executable, "-m", "tokenpal", "report", "--json", "--by", by, "--tz", zone, "--since", FIRST.isoformat(), "--until", UNTIL.isoformat()],
        env={**os.environ, "TOKENPAL_HOME": str(home)}, capture_output=True, text=True, timeout=60, check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    with Store.open(database(home), now=lambda: NOW) as store:
        bucket = Bucket(by) if by in set(Bucket) else None
        answer = ask(store, zone, bucket, None if bucket else Dimension(by))
    assert said["total"]["total"] == answer.total.tokens.total == sum(row["total"] for row in said["rows"])
    assert [(row["key"], *(row[name] for name in CLASSES)) for row in said["rows"]] == [
        (row.bucket or row.key, *(getattr(row.measures.tokens, name) for name in CLASSES)) for row in answer.rows
    ]
    if bucket:
        assert {row["key"]: row["total"] for row in said["rows"] if row["total"]} == {name: part.total for name, part in expected(ZoneInfo(zone), bucket).items()}
