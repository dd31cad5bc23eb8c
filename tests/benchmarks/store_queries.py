"""Questions to a full ledger against the same questions on its raw records, in CPU time (performance 8).

    python -m tests.benchmarks.store_queries [RECORDS] [CALLS PER SESSION]

The limit is 0.05 for every grouping over ten years, the aim 0.01; lists of sessions are judged in milliseconds.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tokenpal.model.ranges import Bucket, number_day
from tokenpal.model.rates import Priced, Prices, Rate
from tokenpal.model.report import Dimension, Filter, Query
from tokenpal.model.session import Via
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import UsageRecord, stable_key
from tokenpal.store import accounts, journal, ledger, tasks
from tokenpal.store.database import Store
from tokenpal.store.report import report
from tokenpal.store.sessions import count_sessions, sessions

NOW = 1_790_000_000
YEARS = 10  # that FULL records are spread over; fewer records are spread over fewer years
FULL = 2_000_000
RATE = Rate("anthropic", "m", Prices(3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_000), "benchmark", 0)
TOTAL = "SUM(u.fresh_input), SUM(u.cache_read), SUM(u.cache_write_5m), SUM(u.cache_write_1h), SUM(u.cache_write_other), SUM(u.output), SUM(u.list_pico)"
JOINED = " JOIN segment g ON g.id = u.segment"
LABELLED = f"{JOINED} JOIN session x ON x.id = g.session LEFT JOIN annotation a ON a.session = x.key"
TAGGED = f"{JOINED} JOIN session x ON x.id = g.session LEFT JOIN session_tag t ON t.session = x.key LEFT JOIN task_tag k ON k.task = g.task"
RAW: dict[Dimension | None, tuple[str, str]] = {
    None: ("0", ""),
    Dimension.CLASS: ("0", ""),
    Dimension.MODEL: ("u.model", ""),
    Dimension.PROVIDER: (
        "CASE m.provider WHEN '' THEN c.provider ELSE m.provider END", f"{JOINED} JOIN account c ON c.id = g.account JOIN model m ON m.id = u.model"
    ),
    Dimension.TASK: ("g.task", JOINED),
    Dimension.PROJECT: ("g.project", JOINED),
    Dimension.BRANCH: ("g.branch", JOINED),
    Dimension.AGENT: ("g.account", JOINED),
    Dimension.ACCOUNT: ("g.account", JOINED),
    Dimension.LABEL: ("a.label", LABELLED),
    Dimension.TAG: ("IFNULL(t.tag, k.tag)", TAGGED),
}


def records(count: int, calls: int, seed: int = 7) -> Iterator[UsageRecord]:
    """Sessions at the pace of two million calls in ten years, newest first: 60 projects, branches of a few weeks, four models at a time."""
    rnd = random.Random(seed)
    every = count // calls
    step = max(YEARS * count // FULL, 1) * 365 * 86_400 // max(1, every)
    number = 0
    for session in range(every):
        start = NOW - session * step - rnd.randrange(3_600)
        folder = f"/home/me/work/project-{rnd.randrange(60)}"
        branch = rnd.choice(["main", "main", f"feature/PAY-{session // 60}"])
        key = f"claude-code:{session:08x}"
        model = f"claude-{rnd.choice(['opus', 'sonnet', 'sonnet', 'haiku'])}-{5 - session * 4 // every}"
        for call in range(calls):
            number += 1
            tokens = Tokens(
                rnd.randrange(200), rnd.randrange(150_000), rnd.randrange(4_000), rnd.choice([0, 0, 900]), 0, rnd.randrange(3_000)
            )
            yield UsageRecord(
                stable_key(f"claude-code:msg_{number}", f"req_{number}"), key, start + call * 40, model, tokens,
                folder=folder, branch=branch, home=start,
            )  # fmt: skip


def fill(path: Path, count: int, calls: int) -> Store:
    """A data file of that many records, a third of its sessions labelled, a twentieth tagged, most with a task."""
    store = Store.open(path, now=lambda: NOW)
    account = accounts.ensure_log_account(store, "claude-code", "/home/me/.claude", "Claude Code", "anthropic")
    of_project = {}
    for number in range(40):
        tags = [f"tag-{number % 9}"] if number % 3 else []
        of_project[f"/home/me/work/project-{number}"] = tasks.add_task(store, f"task {number}", tags=tags).id
    rules = ledger.Rules(
        price=lambda provider, model, at, tier, grain, tokens: Priced(tokens.output * 15_000_000 + tokens.cache_read * 300_000, RATE),
        attribute=lambda known, segment: (of_project.get(segment.project), Via.RULE),
    )
    batch: list[UsageRecord] = []
    for record in records(count, calls):
        batch.append(record)
        if len(batch) == 5_000:
            ledger.apply(store, ledger.Batch(account, batch), rules)
            batch = []
    ledger.apply(store, ledger.Batch(account, batch), rules)
    keys = [row[0] for row in store.execute("SELECT key FROM session ORDER BY key")]
    with store.transaction():
        for start, label in ((0, "delivered"), (1, "exploration"), (2, "waste")):
            for low in range(0, len(keys), 9_000):
                journal.annotate(store, keys[low + start : low + 9_000 : 9], label=label)
        journal.annotate(store, keys[::20], tags=["own"], note="looked into the retry loop")
        store.execute("DELETE FROM edit")  # nobody labels thousands of sessions in one edit
    return store


def cpu(function: Callable[[], object], rounds: int = 3) -> float:
    """The best of some rounds, in seconds of CPU time."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best


def raw_seconds(store: Store, by: Dimension | None, bucket: str = "%Y-%m") -> float:
    """The same question on the records: sums by month (or another bucket) and group."""
    key, joins = RAW[by]
    sql = f"SELECT strftime('{bucket}', u.at, 'unixepoch') AS bucket, {key}, {TOTAL} FROM usage u{joins} WHERE u.counted = 1 GROUP BY 1, 2"
    return cpu(lambda: store.execute(sql).fetchall(), 1)


def compare(store: Store) -> Iterator[tuple[str, float, float]]:
    """(question, seconds from roll-ups, seconds from records) for every grouping: ten years by month, and all time."""

    def ours(
        by: Dimension | None, bucket: Bucket | None, zone: str = "UTC", filter_: Filter = Filter(), first: date | None = None  # noqa: B008 - a frozen value
    ) -> float:
        query = Query(zone, first, bucket=bucket, by=by, filter=filter_)
        return cpu(lambda: report(store, query))

    for by in (None, *Dimension):
        raw = raw_seconds(store, by)
        for bucket in (Bucket.MONTH, None):
            yield f"by {by or 'nothing'}, {bucket or 'all time'}", ours(by, bucket), raw
    year = datetime.fromtimestamp(NOW, UTC).date() - timedelta(days=365)
    for by in (None, Dimension.MODEL, Dimension.TASK):
        yield f"by {by or 'nothing'}, weeks", ours(by, Bucket.WEEK), raw_seconds(store, by, "%Y-%W")
        if day_start_of_use(store) < year - timedelta(days=1000):  # a year of one year is no question for a roll-up
            yield f"by {by or 'nothing'}, a year of days", ours(by, Bucket.DAY, first=year), raw_seconds(store, by, "%Y-%m-%d")
    one = Filter(projects=("/home/me/work/project-3",))
    yield "by task of one project, weeks", ours(Dimension.TASK, Bucket.WEEK, filter_=one), raw_seconds(store, Dimension.TASK, "%Y-%W")
    yield "by model, months, another zone", ours(Dimension.MODEL, Bucket.MONTH, "America/New_York"), raw_seconds(store, Dimension.MODEL)


def day_start_of_use(store: Store) -> date:
    """The date of the first use."""
    return number_day(store.execute("SELECT MIN(day) FROM by_day").fetchone()[0])


def lists(store: Store) -> Iterator[tuple[str, float]]:
    """(question, seconds) of the Sessions page."""

    def page(filter_: Filter = Filter(), order: str = "started", offset: int = 0) -> float:  # noqa: B008 - a frozen value
        return cpu(lambda: sessions(store, filter_, limit=100, order=order, offset=offset))

    def count(filter_: Filter = Filter()) -> float:  # noqa: B008 - as above
        return cpu(lambda: count_sessions(store, filter_))

    yield "first page", page()
    yield "a page far down", page(offset=100_000)
    yield "count", count()
    for order in ("ended", "tokens", "cost"):
        yield f"by {order}", page(order=order)
    for name, filter_ in {
        "one task": Filter(tasks=("task 3",)),
        "one label": Filter(labels=("waste",)),
        "not labelled": Filter(labels=("not labelled",)),
        "one project": Filter(projects=("/home/me/work/project-3",)),
        "one tag": Filter(tags=("tag-1",)),
        "one model": Filter(models=("claude-opus-3",)),
        "full text": Filter(text="retry loop"),
        "full text, nothing": Filter(text="xyzzy"),
    }.items():
        yield name, page(filter_)
        yield f"count: {name}", count(filter_)


def main(count: int = 200_000, calls: int = 40) -> None:
    """Print figure, yardstick, ratio and verdict."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "benchmark.db"
        start = time.process_time()
        store = fill(path, count, calls)
        print(f"{count:,} records in {time.process_time() - start:.1f} s of CPU")
        show(store, path, count)


def show(store: Store, path: Path, count: int) -> None:
    """All figures of a filled store."""
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size / count
    print(f"{size:8.1f} bytes a call          limit 150, aim 100  {'ok' if size < 150 else 'TOO MUCH'}")
    for name, ours, raw in compare(store):
        ratio = ours / raw
        print(f"{name:36} {ours * 1e3:8.1f} ms / {raw * 1e3:8.0f} ms = {ratio:7.4f}  {'aim' if ratio < 0.01 else 'ok' if ratio < 0.05 else 'TOO MUCH'}")
    for name, seconds in lists(store):
        print(f"{name:36} {seconds * 1e3:8.1f} ms")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
