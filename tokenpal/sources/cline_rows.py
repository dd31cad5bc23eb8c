"""What Cline, Roo Code and Kilo Code write of a task: one entry for each request, in a file that is rewritten (agent-logs 7.5).

An entry is a message whose text is JSON; it also holds the prompt, so of it only the counts are kept. It appears without counts
and is filled in later: the key is the task and the entry's time, the fuller copy wins, under whatever editor it lies.

Disputed: is the cache inside ``tokensIn``? In Cline the classes are disjoint, except from those of its providers that hand the
prompt count through (``WHOLE_PROVIDERS``; cline 3.89 src/core/api/providers). Roo Code from 3.29.5 (2025-11-01,
RooCodeInc/Roo-Code#8954) and Kilo Code from 4.119.0 (2025-11-12) write the whole prompt, in Anthropic's protocol too; before
that only in OpenAI's. Their own writer puts ``apiProtocol`` before the counts. Everything else is disjoint, as agent-logs 2.1 says.

``deleted_api_reqs`` sums up the requests of messages that the person took back (cline getApiMetrics). Requests that were seen
before that stay where they are if they are all of that sum (``settle``); else the sum counts in their place.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from tokenpal.model.money import MoneyKind
from tokenpal.model.names import LONGEST_PATH, plain, provider_id
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Candidate, Grain, Item, Quality, UsageRecord, stable_key
from tokenpal.sources.base import Piece, Raw
from tokenpal.sources.lenient import document
from tokenpal.sources.numbers import Notes, fields, rows
from tokenpal.sources.times import file_millis, millis
from tokenpal.sources.walk import Found

MOST_SIDE: Final = 128 << 20
REQUEST: Final = "api_req_started"
DELETED: Final = "deleted_api_reqs"
COUNTS: Final = ("tokensIn", "tokensOut", "cacheReads", "cacheWrites", "cost")
WHOLE_PROVIDERS: Final = frozenset({"openai", "litellm", "doubao", "fireworks", "hicap", "lmstudio", "qwen", "xai", "zai"})
DETAILS: Final = re.compile(r"<environment_details>(.*?)(?:</environment_details>|$)", re.DOTALL)
TAG: Final = re.compile(r"<model>\s*([^<\s][^<\n]{0,199}?)\s*</model>")


class Kind(msgspec.Struct, frozen=True):
    """One of the family."""

    id: str  # of the source
    extension: str
    whole_since: int = 0  # from this time on (epoch ms) tokensIn is the whole prompt; 0 = never


class Side(msgspec.Struct, frozen=True):
    """What the files beside the messages say: models with the time they were noted at (0 = unknown), and the folder."""

    models: tuple[tuple[int, str, str], ...] = ()
    folder: str = ""


class State(msgspec.Struct):
    """A task is read whole each time."""


# ---------------------------------------------------------------------------------------------- beside the messages


def beside(files: Iterable[Found]) -> Side:
    """Only the model tag of the prompts, the list of used models, and the folder."""
    models: list[tuple[int, str, str]] = []
    folder = ""
    for found in files:
        content = _content(found)
        if found.path.endswith("api_conversation_history.json"):
            models += _tags(content)
            continue
        whole = fields(document(content))
        for used in rows(whole.get("model_usage")):
            if isinstance(used, dict) and isinstance(name := used.get("model_id"), str):
                models.append((millis(used.get("ts")) or 0, plain(name), _provider(used.get("model_provider_id"))))
        if isinstance(said := whole.get("workspace"), str):
            folder = plain(said, LONGEST_PATH)
    return Side(tuple(sorted(models, key=lambda model: model[0])), folder)


def _content(found: Found) -> bytes:
    try:
        with open(found.path, "rb") as file:
            return file.read(MOST_SIDE)
    except OSError:
        return b""


def _tags(content: bytes) -> list[tuple[int, str, str]]:
    history = document(content)
    if not isinstance(history, list):
        return [(0, name, "") for name in _tag(content.decode("utf-8", "replace"))]
    found: list[tuple[int, str, str]] = []
    for message in history:
        for text in _texts(fields(message).get("content")):
            found += [(millis(message.get("ts")) or 0, name, "") for name in _tag(text)]
    return found


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [text for block in rows(content) if isinstance(text := fields(block).get("text"), str)]


def _tag(text: str) -> list[str]:
    return [plain(tag[1]) for details in DETAILS.finditer(text) if (tag := TAG.search(details[1])) is not None]


def _provider(said: Any) -> str:
    return provider_id(said) if isinstance(said, str) else ""


# ---------------------------------------------------------------------------------------------- the messages


def parse(kind: Kind, state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: what is not an entry with counts is left out."""
    if not isinstance(raw, Piece):
        return state or State(), []
    items: list[Item] = list(raw.problems)
    for line in raw.lines:
        items += _task(kind, raw, document(line.data))
    return state or State(), items


class _Entry(msgspec.Struct):
    at: int
    stamp: str
    said: dict[str, Any]
    deleted: bool
    model: str
    provider: str


def _task(kind: Kind, piece: Piece, messages: Any) -> list[Item]:
    side = piece.context if isinstance(piece.context, Side) else Side()
    parts = piece.cursor.name.replace("\\", "/").split("/")
    task = plain(parts[-2] if len(parts) > 1 else parts[-1])
    entries = _entries(messages, file_millis(piece.cursor.mtime_ns))
    if not entries and not isinstance(messages, list):
        notes = Notes(piece.cursor.name, "file")
        notes.problem("is not a list of messages")
        return list(notes.problems())
    newest = max((entry.at for entry in entries if entry.deleted), default=0)
    starts = sorted(entry.at for entry in entries)
    times = [model[0] for model in side.models]
    items: list[Item] = []
    for number, entry in enumerate(entries):
        notes = Notes(piece.cursor.name, f"request {number + 1}")
        if not entry.model and side.models and not entry.deleted:
            # The model is noted in the prompt, which is put together after its entry was made, and before the next.
            later = bisect_left(starts, entry.at + 1)
            last = bisect_left(times, starts[later]) if later < len(starts) else len(times)
            _, entry.model, entry.provider = side.models[max(0, last - 1)]
        record = _record(kind, task, side.folder, entry, newest, notes)
        if record is not None:
            items.append(record)
        items += notes.problems()
    return items


def _entries(messages: Any, otherwise: int) -> list[_Entry]:
    """Requests with counts; the others are still being written, or are no requests."""
    found: list[_Entry] = []
    at = 0
    for message in rows(messages):
        if not isinstance(message, dict):
            continue
        at = millis(message.get("ts")) or at
        if message.get("say") not in (REQUEST, DELETED) or not isinstance(text := message.get("text"), str):
            continue
        said = document(text.encode("utf-8", "replace"))
        if not isinstance(said, dict) or not any(said.get(name) is not None for name in COUNTS):
            continue
        used = fields(message.get("modelInfo"))
        model = used.get("modelId")
        stamp = message.get("ts")
        found.append(_Entry(
            at or otherwise, str(stamp) if isinstance(stamp, str | int | float) else f"number {len(found)}", said,
            message.get("say") == DELETED, plain(model) if isinstance(model, str) else "", _provider(used.get("providerId")),
        ))  # fmt: skip
    return found


def _record(kind: Kind, task: str, folder: str, entry: _Entry, newest: int, notes: Notes) -> UsageRecord | None:
    said = entry.said
    given, output = notes.tokens(said.get("tokensIn")), notes.tokens(said.get("tokensOut"))
    read, written = notes.tokens(said.get("cacheReads")), notes.tokens(said.get("cacheWrites"))
    if given >= read + written and _whole(kind, entry):
        given -= read + written
    tokens = Tokens(fresh_input=given, cache_read=read, cache_write_other=written, output=output)
    money = notes.money(MoneyKind.LIST_PRICE, said["cost"]) if said.get("cost") else ()
    if not tokens.total and not money:
        return None
    at = millis(entry.stamp) or entry.at
    return UsageRecord(
        stable_key(f"{kind.id}:{task}", f"{entry.stamp if millis(entry.stamp) is None else at}{' deleted' if entry.deleted else ''}"),
        f"{kind.id}:{task}", entry.at // 1000, entry.model, tokens, None if entry.deleted else 1, Grain.REQUEST, folder,
        precedence=newest << 1 | entry.deleted, money=money, provider=entry.provider,
        quality=Quality.AGGREGATE if entry.deleted else Quality.EXACT,
    )  # fmt: skip


def _whole(kind: Kind, entry: _Entry) -> bool:
    """Is the cache inside ``tokensIn``? The rule of this module's docstring."""
    if not kind.whole_since:
        return entry.provider in WHOLE_PROVIDERS
    order = list(entry.said)
    if "apiProtocol" not in order or "tokensIn" not in order or order.index("apiProtocol") > order.index("tokensIn"):
        return False
    return entry.at >= kind.whole_since or entry.said["apiProtocol"] == "openai"


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """All entries of a task; of those that a sum of deleted ones replaced, either they or the sum.

    Precedence says when the newest sum in the file was made: an entry with a smaller one is not in the file any more.
    """
    newest = max(each.precedence >> 1 for each in family)
    gone = [each for each in family if each.precedence >> 1 < newest]
    here = [each for each in family if each.precedence >> 1 == newest]
    if newest:
        sums = [each for each in here if each.precedence & 1]
        seen = [each for each in gone if not each.precedence & 1]
        if _total(seen) == _total(sums):
            here = [each for each in here if not each.precedence & 1] + seen
    return {each.key for each in here}


def _total(some: Iterable[Candidate]) -> Tokens:
    total = Tokens()
    for each in some:
        total += each.tokens
    return total
