"""CodeBurn ``export``: its JSON (``codeburn.export.v2``) and two of its tables, ``records.csv`` and ``daily.csv``.

Records are single calls with session, project and model; exports before there were records tell days without models. The
same day stands in several periods: the fullest one counts. Costs are list prices in the person's currency; they are kept
for days without a model, where they are in dollars.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.names import LONGEST_PATH, maker, plain, provider_id
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Item, Quality
from tokenpal.sources.imported.base import Days, File, Row, Said, request
from tokenpal.sources.numbers import Notes, fields, rows, text
from tokenpal.sources.times import millis

SAID: Final = Said("codeburn", "CodeBurn", "an export of CodeBurn")
COST: Final = "Cost (USD)"
RECORD: Final = {"sessionId", "timestamp", "inputTokens", "outputTokens"}
DAILY: Final = {"Date", "Input Tokens", "Output Tokens"}


def is_document(found: Any) -> bool:
    return isinstance(found, dict) and isinstance(said := found.get("schema"), str) and said.startswith("codeburn.export.")


def read_document(found: Any, file: File) -> Iterator[Item]:
    if rows(found.get("records")):
        yield from _records((Row(number, fields(each)) for number, each in enumerate(found["records"], 1)), file, "record")
        return
    every = (fields(day) for period in rows(found.get("periods")) for day in rows(fields(period).get("daily")))
    yield from _days((Row(number, day) for number, day in enumerate(every, 1)), file, "day")


def is_table(header: Sequence[str]) -> bool:
    return set(header) >= RECORD or set(header) >= DAILY


def read_table(rows: Iterable[Row], file: File) -> Iterator[Item]:
    """The first row tells which table it is."""
    every = iter(rows)
    first = next(every, None)
    if first is None:
        return
    read = _records if first.found.keys() >= RECORD else _days
    yield from read(_with(first, every), file, "line")


def _with(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest


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
            extra = row.get("supplementary") in {True, "true"}
            yield request(
                SAID, file, own, str(again) if again else "", session, at // 1000, model, tokens, whole=False,
                requests=0 if extra else 1, folder=plain(_words(row.get("project")), LONGEST_PATH), provider=_seller(row, model),
                sub_agent=bool(_words(row.get("subagentType"))), quality=Quality.INFERRED,
            )  # fmt: skip
        yield from notes.problems()


def _days(found: Iterable[Row], file: File, word: str) -> Iterator[Item]:
    days = Days(SAID, file)
    fullest: dict[int, tuple[int, tuple[Any, ...]]] = {}
    for number, row in found:
        notes = days.note(f"{word} {number}")
        at = days.day(row.get("Date"), notes)
        if at is None:
            continue
        tokens = Tokens(
            notes.tokens(_value(row, "Input Tokens")), notes.tokens(_value(row, "Cache Read Tokens")), 0, 0,
            notes.tokens(_value(row, "Cache Write Tokens")), notes.tokens(_value(row, "Output Tokens")),
        )  # fmt: skip
        cost: tuple[Money, ...] = notes.money(MoneyKind.LIST_PRICE, row[COST]) if COST in row else ()
        if tokens.total >= fullest.get(at, (0, ()))[0]:
            fullest[at] = (tokens.total, (tokens, notes.count(_value(row, "API Calls")), *cost))
    for at, (_, values) in fullest.items():
        days.add(at, "", None, *values)
    yield from days.items()


def _value(row: Mapping[str, Any], name: str) -> Any:
    """Tables leave cells empty."""
    value = row.get(name)
    return None if value == "" else value


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _seller(row: Mapping[str, Any], model: str) -> str:
    """Its ``provider`` is an agent (claude, codex, cursor …); the model's maker says more where it is known."""
    return maker(model) or provider_id(text(row.get("provider")))
