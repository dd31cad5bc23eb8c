"""CodeBurn ``export``: the records of its JSON (``codeburn.export.v2``) and of its table ``records.csv``.

Records are single calls with session, project and model. Its days name no models, so that they cannot be set against what is
known already: they are refused. Costs are somebody else's list prices, often in another currency: tokenpal has its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from tokenpal.model.errors import UsageError
from tokenpal.model.names import LONGEST_PATH, maker, plain, provider_id
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item, Quality
from tokenpal.sources.imported.base import File, Row, Said, request
from tokenpal.sources.numbers import Notes, fields, rows, text
from tokenpal.sources.times import millis

SAID: Final = Said("codeburn", "CodeBurn", "an export of CodeBurn")
RECORD: Final = {"sessionId", "timestamp", "inputTokens", "outputTokens"}
DAILY: Final = {"Date", "Input Tokens", "Output Tokens"}


def is_document(found: Any) -> bool:
    """Raises UsageError for an export that has no records."""
    if not isinstance(found, dict) or not isinstance(said := found.get("schema"), str) or not said.startswith("codeburn.export."):
        return False
    if not isinstance(found.get("records"), list):
        raise UsageError("This export of CodeBurn has no records, only days without models.", "Update CodeBurn, then: codeburn export -f json")
    return True


def read_document(found: Any, file: File) -> Iterator[Item]:
    return _records((Row(number, fields(each)) for number, each in enumerate(rows(found.get("records")), 1)), file, "record")


def is_table(header: Sequence[str]) -> bool:
    """Raises UsageError for its table of days."""
    if set(header) >= DAILY:
        raise UsageError("This table of CodeBurn tells days without models.", "Import records.csv from the same folder.")
    return set(header) >= RECORD


def read_table(table: Iterable[Row], file: File) -> Iterator[Item]:
    return _records(table, file, "line")


def _records(found: Iterable[Row], file: File, word: str) -> Iterator[Item]:
    """One call each. They have no id: session, time and model name them, and how many there were of the same."""
    seen: Counter[str] = Counter()
    for number, row in found:
        notes = Notes(file.name, f"{word} {number}")
        at = millis(row.get("timestamp"))
        if at is None:
            notes.problem("a call has no time; it was left out")
            yield from notes.problems()
            continue
        output = notes.tokens(_value(row, "outputTokens"))
        tokens = Tokens(
            notes.tokens(_value(row, "inputTokens")), notes.tokens(_value(row, "cacheReadTokens")), 0, 0,
            notes.tokens(_value(row, "cacheWriteTokens")), output, min(output, notes.tokens(_value(row, "reasoningTokens"))),
        )  # fmt: skip
        session, model = text(row.get("sessionId")), text(row.get("model"))
        own = f"{session}:{at}:{model}"
        if tokens.total:
            again = seen[own]
            seen[own] += 1
            extra = row.get("supplementary") in (True, "true")
            yield request(
                SAID, file, own, str(again) if again else "", session, at // 1000, model, tokens, whole=False,
                requests=0 if extra else 1, folder=plain(_words(row.get("project")), LONGEST_PATH), provider=_seller(row, model),
                sub_agent=bool(_words(row.get("subagentType"))), quality=Quality.INFERRED,
            )  # fmt: skip
        yield from notes.problems()


def _value(row: Mapping[str, Any], name: str) -> Any:
    """Tables leave cells empty."""
    value = row.get(name)
    return None if value == "" else value


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _seller(row: Mapping[str, Any], model: str) -> str:
    """Its ``provider`` is an agent (claude, codex, cursor …); the model's maker says more where it is known."""
    return maker(model) or provider_id(text(row.get("provider")))
