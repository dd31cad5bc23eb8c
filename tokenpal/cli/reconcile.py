"""``tokenpal reconcile``: a provider's report against this machine's logs, why they differ, and which of them counts."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any, Final

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, add_range, parse_range
from tokenpal.cli.report import days
from tokenpal.engine import commands as edits, queries
from tokenpal.engine.reconciliation import Reconciliation, reconciliation, reporting
from tokenpal.insight import reconcile_table as table, reconcile_words as words
from tokenpal.insight.differences import Line
from tokenpal.model.errors import UsageError
from tokenpal.model.sides import tokens
from tokenpal.store.database import Store

ABOUT: Final = """Set each provider's report against the logs of this machine: by UTC day and model, what was reported, what logs hold,
what counts, and the likely reasons of the difference. Without --since the last 30 days.

Which side counts is a rule of each account:
  remainder     logs count; of the report only what no log covers (how every account begins)
  all           everything the report says, beside the logs
  none          nothing of the report; its bills still count
  mirror:OTHER  it shows the same requests as the account OTHER: a gateway before a provider
"""


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(name, help=help_line, description=ABOUT, epilog=output.EXIT_CODES)
    parser.add_argument("--account", metavar="A", help="only this account: name or number")
    add_range(parser)
    parser.add_argument("--by", choices=("day", "model"), help="one row a day or a model (default: a row for each day and model)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object")
    form.add_argument("--csv", action="store_true", help="comma-separated values with a header line")
    form.add_argument("--set", metavar="A=RULE", action="append", default=[], help="change which side counts: all, remainder, none or mirror:OTHER")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    if options.set and (options.account or options.since or options.until or options.by):
        raise UsageError("--set changes a rule; it shows no days.", "Run it alone, then look with: tokenpal reconcile")
    profile = Profile()
    first, until = parse_range(options, "UTC", int(time.time()))
    with profile.store() as store:
        if options.set:
            set_rules(store, options.set)
            return None
        if options.account:
            rows = [queries.find_account(store, options.account)]
        else:
            rows = reporting(store)
        found = [reconciliation(store, row.id, first, until) for row in rows]
    by = options.by or table.WAYS[0]
    if options.json:
        output.print_json({"by": by, "accounts": [as_json(one, by) for one in found]})
    elif options.csv:
        sys.stdout.write(table.as_csv(((one.account.name, one.lines) for one in found), by))
    elif not found:
        output.print_text("No account has reported any tokens yet, so there is nothing to set against the logs.")
        output.say("  Add one with: tokenpal accounts add PROVIDER")
    else:
        for number, one in enumerate(found):
            if number:
                print()
            show(one, by)
    return None


def as_json(found: Reconciliation, by: str) -> dict[str, Any]:
    """One account with its rule, its rows and the causes of the whole."""
    title, sentence = found.empty
    return {
        "account": found.account.name,
        "id": found.account.id,
        "provider": found.account.provider,
        "counts": found.account.counts,
        "mirror_of": found.mirror or None,
        "rule": found.rule,
        "from": found.first.isoformat(),
        "to": found.until.isoformat(),
        "headline": found.headline,
        "nothing": f"{title} {sentence}" if title else None,
        "rows": [table.as_json(line, by) for line in table.grouped(found.lines, by)],
        "total": {name: value for name, value in table.as_json(found.total, by).items() if name not in {"day", "model"}},
    }


def show(found: Reconciliation, by: str) -> None:
    """The rule, the whole in a sentence, the table, the causes."""
    output.print_text(f"{found.account.name}, {days(found.first, found.until)}, UTC days", found.rule)
    title, sentence = found.empty
    if title:
        output.print_text(title, sentence)
        return
    output.print_text(found.headline)
    print()
    columns = [
        *([Column("Day")] if by != "model" else []),
        *([Column("Model", flexible=True)] if by != "day" else []),
        Column("Reported", right=True),
        Column("In logs", right=True),
        Column("Difference", right=True),
        Column("Counts", right=True, drop=2),
        Column("Why", flexible=True, drop=1),
    ]
    output.print_table(columns, [_cells(line, by) for line in table.grouped(found.lines, by)], _total(found.total, by))
    if found.total.parts:
        print()
        output.print_text("Why report and logs differ:", *(f"- {words.told(part)}" for part in found.total.parts))


def _cells(line: Line, by: str) -> list[str]:
    names = [*([words.day(line.day)] if by != "model" else []), *([words.model(line.model)] if by != "day" else [])]
    return [*names, *_figures(line), words.why(line.parts)]


def _total(line: Line, by: str) -> list[str]:
    return ["Total", *([""] if by not in {"day", "model"} else []), *_figures(line), ""]


def _figures(line: Line) -> list[str]:
    told, held = tokens(line.reported), tokens(line.measured)
    return [output.exact(told), output.exact(held), words.signed(told - held), output.exact(line.counted)]


# ---------------------------------------------------------------------------------------------- the rule


def set_rules(store: Store, wanted: list[str]) -> None:
    """``OpenAI=remainder``, ``Gateway=mirror:OpenAI``. Raises UsageError before anything is changed."""
    found = [rule_of(store, text) for text in wanted]
    for account, counts, mirror in found:
        edits.set_counts(store, account, counts, mirror)
        output.print_text(reconciliation(store, account).rule)
    output.say("  Take it back with: tokenpal undo")


def rule_of(store: Store, text: str) -> tuple[int, str, int | None]:
    """Account, how it counts, and which account it mirrors."""
    name, equals, word = text.rpartition("=")
    if not equals or not name.strip():
        raise UsageError(f"{text!r} is no rule.", "Write it like: tokenpal reconcile --set OpenAI=remainder")
    row = queries.find_account(store, name)
    kind, colon, other = word.partition(":")
    if kind.strip() == words.MIRROR and colon:
        return row.id, row.counts, queries.find_account(store, other).id
    if word.strip() not in words.WAYS:
        raise UsageError(f"{word!r} is no way to count.", f"Use one of: {', '.join(words.WAYS)}, mirror:ACCOUNT.")
    return row.id, word.strip(), None
