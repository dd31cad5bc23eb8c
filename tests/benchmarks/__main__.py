"""``python3 dev.py bench [ROW ...] [--full] [--rounds N]``: each row alone, each only after its totals were checked."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import edit_rows, gui_rows, log_rows, store_queries, team_load, tray_rows
from tests.benchmarks.measure import Failed, Line


def overview(full: bool, rounds: int) -> Iterator[Line]:
    """The slowest and the usual question of the charts, over ten years of records."""
    del rounds
    count = 2_000_000 if full else 200_000
    with tempfile.TemporaryDirectory() as folder:
        store = store_queries.fill(Path(folder) / "benchmark.db", count, 40)
        answers = list(store_queries.compare(store))
        name, ours, raw = max(answers, key=lambda answer: answer[1] / answer[2])
        for title, mine, theirs in ((f"slowest chart: {name}", ours, raw), (f"Overview, {count:,} records: {answers[0][0]}", *answers[0][1:])):
            yield Line(title, f"{mine * 1e3:.1f} ms CPU", f"{theirs * 1e3:.0f} ms on records", mine / theirs, 0.05, 0.01)
        store.close()


ROWS: dict[str, Callable[[bool, int], Iterator[Line]]] = {
    "first-scan": log_rows.first_scan,
    "unchanged": log_rows.unchanged,
    "append": log_rows.appended,
    "start": tray_rows.started,
    "idle": tray_rows.idle,
    "overview": overview,
    "bulk": edit_rows.bulk,
    "gui": gui_rows.calls,
    "team": team_load.team,
}


def main() -> int:
    """Print the table; 1 when a limit does not hold, a total is wrong or a process failed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"which rows: {', '.join(ROWS)} (all)")
    parser.add_argument("--full", action="store_true", help="the sizes that the budgets are for: 1.3 GB of logs, two million records")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    unknown = [name for name in options.rows if name not in ROWS]
    if unknown:
        parser.error(f"there is no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    bad = False
    print(f"{'':44} {'figure':>14} / {'yardstick':24} {'ratio':>7}  limit   aim  verdict")
    for name in options.rows or ROWS:
        try:
            for line in ROWS[name](options.full, options.rounds):
                ratio = "" if line.ratio is None else f"{line.ratio:.3f}" if line.ratio < 0.1 else f"{line.ratio:.2f}"
                print(
                    f"{line.name:44} {line.figure:>14} / {line.yardstick:24} {ratio:>7} {line.limit or '':>6} {line.aim or '':>5}"
                    f"  {line.verdict}{f'  ({line.note})' if line.note else ''}",
                    flush=True,
                )
                bad = bad or line.verdict == "TOO MUCH"
        except Failed as problem:
            print(f"{name:44} FAILED: {problem}", flush=True)
            bad = True
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
