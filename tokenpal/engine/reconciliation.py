"""An account's report against this machine's logs: both sides, why they differ, and the rule which of them counts (product 5.6).

Window and command line ask here and print the words of ``insight.reconcile_words``, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from tokenpal.engine import options, providers
from tokenpal.insight import reconcile_words as words
from tokenpal.insight.differences import Line, total
from tokenpal.insight.reconcile import Known, reconcile
from tokenpal.model.names import base_name
from tokenpal.model.ranges import DAY_SECONDS, day_number, number_day
from tokenpal.model.report import AccountRow
from tokenpal.model.sides import REQUESTS, Cell
from tokenpal.model.tokens import CLASSES
from tokenpal.store import accounts as account_rows, corrections, readings, reconcile as sides
from tokenpal.store.database import Store
from tokenpal.translation import tr

DELAY: Final = 3_600
"""Seconds that reports are taken to lag behind: Anthropic 5 minutes, the current hour left out of analytics without a bucket
width, OpenAI and LiteLLM minutes (provider-apis 3 "Partial buckets", 6.1, 6.2, 6.4)."""
WITHOUT_TITLES: Final = frozenset({"opencode", "kilo"})
"""Agents whose logs leave out session titles and similar small-model work (agent-logs 6.3.8)."""
PLAN_AGENTS: Final = {"claude-code": "claude-plan", "codex": "codex-plan", "copilot-cli": "copilot-plan", "kimi": "kimi-code"}
"""Agents that can be signed in with a plan, and the source that reads its windows (provider-apis 5.5, 7)."""
SHOWN_DAYS: Final = 30


class Reconciliation(msgspec.Struct, frozen=True):
    """One account in UTC days [first, until). ``lines`` by day and model, oldest first; ``total`` is all of them.

    ``empty`` is a title and a sentence when there is nothing to compare; "" and "" otherwise.
    """

    account: AccountRow
    mirror: str
    first: date
    until: date
    lines: tuple[Line, ...]
    total: Line
    rule: str
    headline: str
    empty: tuple[str, str] = ("", "")


def reporting(store: Store) -> list[AccountRow]:
    """Accounts that reported any tokens, removed ones left out."""
    return [row for row in account_rows.accounts(store) if row.kind != "log" and sides.extent(store, row.id) is not None]


def reconciliation(store: Store, account: int, first: date | None = None, until: date | None = None) -> Reconciliation:
    """Compare in UTC days [first, until); without limits the last 30 days. Days before the first report are left out.

    Raises UsageError for no such account.
    """
    row = account_rows.account(store, account)
    mirror = account_rows.account(store, row.mirror_of).name if row.mirror_of is not None else ""
    now = store.now()
    today = number_day(now // DAY_SECONDS)
    until = until or today + timedelta(days=1)
    first = min(first or until - timedelta(days=SHOWN_DAYS), until)
    extent = None if row.kind == "log" else sides.extent(store, account)
    logs = row.kind != "log" and sides.logs_known(store, account)
    lines: tuple[Line, ...] = ()
    if extent is not None:
        lines = _lines(store, row, extent, max(day_number(first), extent.start // DAY_SECONDS), min(day_number(until), day_number(today) + 1))
    whole = total(lines)
    held = any(any(line.measured) for line in lines)
    empty = ("", "")
    if not lines:
        answered = row.last_success is not None or extent is not None
        empty = words.nothing(row.name, answered=answered, reports=extent is not None, logs=logs or extent is None, account_logs=row.kind == "log")
    rule = tr(words.LOGS_COUNT) if row.kind == "log" else words.rule(row.name, row.counts, mirror, logs=logs or held)
    return Reconciliation(row, mirror, first, until, lines, whole, rule, words.headline(whole), empty)


def _lines(store: Store, row: AccountRow, extent: sides.Extent, first: int, until: int) -> tuple[Line, ...]:
    """One day more at each end finds what moved across the midnights there; it is not shown."""
    if first >= until:
        return ()
    answered = row.last_success if row.kind == "api" and row.last_success is not None else extent.end
    settled = min(answered, extent.end) if row.kind != "api" else answered - DELAY
    if extent.days and row.kind == "api":  # a report of whole days knows the running one late, or never (provider-apis 6.3)
        settled = min(settled, max(extent.end, answered // DAY_SECONDS * DAY_SECONDS))
    cells = sides.cells(
        store, row.id, max(first - 1, extent.start // DAY_SECONDS), until + 1,
        settled=settled, answered=answered, corrected=_corrected(store, row.id, first - 1, until + 1), unlogged=WITHOUT_TITLES,
    )  # fmt: skip
    lines = reconcile(cells, _known(store, row, cells))
    return tuple(line for line in lines if first <= line.day < until)


def _corrected(store: Store, account: int, first: int, until: int) -> Sequence[sides.Corrected]:
    """What the provider said otherwise of these days after it had told them whole."""
    found = []
    for one in corrections.corrections(store, number_day(first), number_day(until), account):
        apart = [getattr(one.after, name) - getattr(one.before, name) for name in CLASSES]
        found.append(sides.Corrected(day_number(one.day), base_name(one.model), (*apart, 0)))
    return found


def _known(store: Store, row: AccountRow, cells: Sequence[Cell]) -> Known:
    """Which logs are of a plan, how usual each model is on both sides, and whether the account reads a part only."""
    logs = {row.id: row.source for row in account_rows.accounts(store, removed=True) if row.kind == "log"}
    told = {account for account, reading in readings.limits(store) if reading.window_minutes is not None}
    sources = {row.source for row in account_rows.accounts(store) if row.id in told}
    plans = {log for log, source in logs.items() if log in told or PLAN_AGENTS.get(source) in sources}
    held: dict[str, int] = {}
    reported: dict[str, int] = {}
    for cell in cells:
        held[cell.model] = held.get(cell.model, 0) + bool(cell.logs)
        reported[cell.model] = reported.get(cell.model, 0) + any(cell.reported[:REQUESTS])
    return Known(frozenset(plans), frozenset(PLAN_AGENTS), WITHOUT_TITLES, held, reported, _narrowed(store, row))


def _narrowed(store: Store, row: AccountRow) -> bool:
    """Whether an "Only these keys" or the like was given for the account."""
    info, given = providers.info(row.source), options.given(store, row.id)
    return info is not None and any(option.name.startswith("Only ") and given.get(option.id) for option in info.options)
