"""tokscale: ``tokscale graph --output``, days by client and model.

Reasoning is beside output there. A cached token is in its own class. Its other reports tell no days, or days without models,
which cannot be set against what is known already: they are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tokenpal.model.errors import UsageError
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item
from tokenpal.sources.imported.base import Days, File, Said
from tokenpal.sources.numbers import Notes, fields, rows

SAID: Final = Said("tokscale", "tokscale", "an export of tokscale")


def is_document(found: Any) -> bool:
    """Raises UsageError for its reports that name no days."""
    if not isinstance(found, dict):
        return False
    if isinstance(found.get("contributions"), list):
        return True
    daily = isinstance(found.get("daily"), list) and found["daily"] and all("tokens" in fields(row) for row in found["daily"])
    if daily or (isinstance(found.get("entries"), list) and "totalInput" in found):
        raise UsageError("This report of tokscale does not tell days by model.", "Make one with: tokscale graph --output FILE")
    return False


def read_document(found: Any, file: File) -> Iterator[Item]:
    days = Days(SAID, file)
    for number, row in enumerate(rows(found.get("contributions")), 1):
        day, notes = fields(row), days.note(f"day {number}")
        at = days.day(day.get("date"), notes)
        if at is None:
            continue
        for each in map(fields, rows(day.get("clients")) or rows(day.get("sources"))):
            days.add(at, each.get("modelId"), _seller(each.get("providerId")), _tokens(each.get("tokens"), notes), notes.count(each.get("messages")))
    yield from days.items()


def _seller(value: Any) -> Any:
    """One row may name several: then the model's maker has to do."""
    return value if isinstance(value, str) and "," not in value else None


def _tokens(value: Any, notes: Notes) -> Tokens:
    found = fields(value)
    reasoning = notes.tokens(found.get("reasoning"))
    return Tokens(
        notes.tokens(found.get("input")), notes.tokens(found.get("cacheRead")), 0, 0, notes.tokens(found.get("cacheWrite")),
        notes.tokens(found.get("output")) + reasoning, reasoning,
    )  # fmt: skip
