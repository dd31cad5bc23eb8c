"""Labelling a hundred thousand sessions at once: how long a question waits meanwhile, and what undo keeps of it."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Failed, Line
from tests.ui import many
from tokenpal.engine import commands, listing, queries
from tokenpal.engine.changes import changed_by, long_of
from tokenpal.store import edits, records
from tokenpal.store.database import Store
from tokenpal.store.worker import Worker

EDITED = 100_000
MINE = "SELECT COUNT(*) FROM annotation WHERE label = 'exploration' AND label_at > 1"


def bulk(full: bool, rounds: int) -> Iterator[Line]:
    """A question asked again and again while the edit runs; half the sessions without --full."""
    del rounds
    count = EDITED if full else EDITED // 2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tokenpal.db"
        many.fill(path, 2 * count)
        worker = Worker(path, now=lambda: many.NOW)
        try:
            ids = worker.submit(lambda store: [id_ for (id_,) in store.execute("SELECT id FROM session LIMIT ?", (count,))]).result()
            worst, whole = _waits(worker, listing.label, ids, "exploration")
            if worker.submit(lambda store: store.execute(MINE).fetchone()[0]).result() != count:
                raise Failed("not every session was labelled")
            packed, plain = worker.submit(_sizes).result()
            worst_back, _ = _waits(worker, commands.undo)
            if worker.submit(lambda store: store.execute(MINE).fetchone()[0]).result():
                raise Failed("undo left labels behind")
        finally:
            worker.stop(30)
    title = f"{count:,} labels at once: longest wait"
    yield Line(title, f"{max(worst, worst_back) * 1e3:.0f} ms", f"{whole:.1f} s the edit", max(worst, worst_back) / whole, 0.05, 0.02)
    yield Line("what undo keeps of them", f"{packed / 1e6:.1f} MB", f"{plain / 1e6:.0f} MB as JSON", packed / plain, 0.15, 0.08)


def _waits(worker: Worker, function: Any, *args: Any) -> tuple[float, float]:
    """The longest that a question waited, and how long the edit took, in seconds of wall clock."""
    start, worst = time.perf_counter(), 0.0
    edit = worker.submit(function, *args, writes=bool(changed_by(function)), long=long_of(function))
    while not edit.done():
        asked = time.perf_counter()
        worker.submit(lambda store: queries.sessions(store, limit=20)).result()
        worst = max(worst, time.perf_counter() - asked)
    edit.result()
    return worst, time.perf_counter() - start


def _sizes(store: Store) -> tuple[int, int]:
    before, after = store.execute("SELECT before, after FROM edit ORDER BY id DESC LIMIT 1").fetchone()
    sides = records.load(before, after)
    plain = sum(len(json.dumps([[table, list(key), row] for (table, key), row in side.items()], separators=(",", ":")).encode()) for side in sides)
    return store.execute(f"SELECT {edits.SIZE} FROM edit ORDER BY id DESC LIMIT 1").fetchone()[0], plain
