"""``tokenpal reprice``: what today's prices would change, then the change, when the person says so (agent-logs 2.7)."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, add_range, parse_range
from tokenpal.engine import prices
from tokenpal.insight.exchange import HEADS, repricing_cells, repricing_total
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.rates import Repricing

NOTHING = "Everything has today's prices already."


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name,
        help=help_line,
        description="What was used keeps the price it was given when it was read. This shows what today's prices would change"
        " - your own, and those of the public list that is installed - and changes it if you say so. Prices that a source"
        " stated itself stay. Take it back with: tokenpal undo",
        epilog=output.EXIT_CODES,
    )
    add_range(parser)
    parser.add_argument("--yes", action="store_true", help="change them without asking")
    parser.add_argument("--json", action="store_true", help="one JSON object; changes nothing without --yes")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    profile = Profile()
    first, until = parse_range(options, profile.zone(), int(time.time()))
    with profile.store() as store:
        rows = prices.repricings(store, first, until)
        if not options.json:
            show(rows)
        wanted = bool(rows) and (options.yes or (not options.json and asked()))
        changed = prices.reprice(store, first, until) if wanted else 0
    if options.json:
        output.print_json({"changed": changed, "rows": [as_json(row) for row in rows]})
    elif changed:
        print(f"{output.count(changed, 'record')} changed. Take it back with: tokenpal undo")
    elif rows:
        print("Nothing was changed." if sys.stdin.isatty() else "Nothing was changed. Change them with: tokenpal reprice --yes")
    return None


def show(rows: list[Repricing]) -> None:
    """The table, or a sentence."""
    if not rows:
        print(NOTHING)
        return
    right = {"Records", "Now", "Would be", "Change"}
    drop = {"Records": 2, "Why": 1}
    columns = [Column(head, right=head in right, flexible=head in {"Model", "Why"}, drop=drop.get(head, 0)) for head in HEADS]
    output.print_table(columns, [repricing_cells(row) for row in rows])
    output.print_text(repricing_total(rows))


def asked() -> bool:
    """Whether the person says yes; nobody there to ask is no."""
    return sys.stdin.isatty() and input("Change them? [y/N] ").strip().lower() in {"y", "yes"}


def as_json(row: Repricing) -> dict[str, Any]:
    """One month of a model; amounts are list prices as decimals in text."""
    return {
        "month": row.month,
        "model": row.model or None,
        "why": row.why.value,
        "records": row.records,
        "before": {"USD": _usd(row.before), "unpriced_records": row.unpriced_before},
        "after": {"USD": _usd(row.after), "unpriced_records": row.unpriced_after},
    }


def _usd(pico: int) -> str:
    return f"{Money(MoneyKind.LIST_PRICE, 'USD', pico).amount:f}"
