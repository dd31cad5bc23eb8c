"""ccusage ``daily --json`` in its forms: plain, by project, by agent, the older ``type``/``data``, and that of its Codex edition.

Classes are disjoint but in the Codex edition, where input holds cached input. Agents and projects of one day are added up,
so that a report of everything and one by project are the same use. Costs are its own list prices: tokenpal has its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tokenpal.model.errors import UsageError
from tokenpal.model.names import maker
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item
from tokenpal.sources.imported.base import Days, File, Said
from tokenpal.sources.numbers import Notes, fields, rows

SAID: Final = Said("ccusage", "ccusage", "a daily report of ccusage")
OTHERS: Final = ("monthly", "weekly", "session", "sessions", "blocks")
COUNTS: Final = {"inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens"}


def is_document(found: Any) -> bool:
    """Raises UsageError for its reports that name no days."""
    if not isinstance(found, dict):
        return False
    for name in OTHERS:
        if found.get("type") == name or (found.get(name) and _mine(found[name])):
            raise UsageError(f"This is the {name} report of ccusage, which does not tell days.", "Make one with: ccusage daily --json > FILE")
    if found.get("type") == "daily" and "data" in found:
        return True
    return _mine(found.get("daily")) or (isinstance(found.get("projects"), dict) and any(_mine(each) for each in found["projects"].values()))


def _mine(value: Any) -> bool:
    """Rows of ccusage, not of another tracker; an empty report counts."""
    if not isinstance(value, list):
        return False
    return all(isinstance(row, dict) and (COUNTS & row.keys() or "agents" in row) for row in value)


def read_document(found: Any, file: File) -> Iterator[Item]:
    days = Days(SAID, file)
    lists = [rows(found.get("daily")), rows(found.get("data")), *map(rows, fields(found.get("projects")).values())]
    for each in lists:
        for number, row in enumerate(each, 1):
            _day(days, fields(row), number)
    yield from days.items()


def _day(days: Days, row: Any, number: int) -> None:
    notes = days.note(f"day {number}")
    at = days.day(row.get("date", row.get("period")), notes)
    if at is None:
        return
    for part in rows(row.get("agents")) or [row]:
        row = fields(part)
        for name, counts in _models(row):
            sellers = {maker(each) for each in rows(row.get("modelsUsed")) + rows(row.get("models")) if isinstance(each, str)}
            if not name and len(sellers) != 1:
                notes.problem("a day does not tell its models apart; it was left out")
                continue
            days.add(at, name, None if name else sellers.pop(), _tokens(counts, notes))


def _models(row: Any) -> list[tuple[Any, Any]]:
    """Name and counts of each model of a day; the day as a whole where models are not told apart."""
    if breakdowns := [fields(each) for each in rows(row.get("modelBreakdowns"))]:
        return [(each.get("modelName", each.get("model")), each) for each in breakdowns]
    for name in ("breakdown", "models"):
        if fields(row.get(name)):
            return list(row[name].items())
    used = rows(row.get("modelsUsed")) or rows(row.get("models"))
    return [(used[0] if len(used) == 1 else "", row)]


def _tokens(found: Any, notes: Notes) -> Tokens:
    found = fields(found)
    fresh, output = notes.tokens(found.get("inputTokens")), notes.tokens(found.get("outputTokens"))
    read, written = notes.tokens(found.get("cacheReadTokens")), notes.tokens(found.get("cacheCreationTokens"))
    if "cachedInputTokens" in found:  # the Codex edition
        read = min(notes.tokens(found.get("cachedInputTokens")), fresh)
        fresh -= read
    return Tokens(fresh, read, 0, 0, written, output, min(output, notes.tokens(found.get("reasoningOutputTokens"))))
