"""Amp: threads as documents, of the time before they lived on the server only (agent-logs 8; ccusage#1472, #1474).

``usageLedger.events`` wins over ``messages[].usage``. An event has no cache counts: they are those of the message that it names.
A ledger that names its messages may be partial: then a message with an id that no event names counts too.
An event with nothing but a total has it as output, as ccusage does, and is marked as inferred.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.names import LONGEST_PATH, plain
from tokenpal.model.tokens import NO_TOKENS, Tokens
from tokenpal.model.usage import Candidate, Grain, Item, Quality, UsageRecord, stable_key
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.documents import changed
from tokenpal.sources.lenient import document
from tokenpal.sources.numbers import Notes, fields, rows, text
from tokenpal.sources.roots import below, data, named, once
from tokenpal.sources.tail import troubles
from tokenpal.sources.times import file_millis, millis
from tokenpal.sources.walk import look

INFO: Final = SourceInfo(
    id="amp",
    name="Amp",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://ampcode.com/manual",
    tells="Requests of Amp threads that are kept on this machine: tokens by class, model and thread, and Amp's credits.",
    silent="Partial: everything since about May 2026, when Amp began to keep threads on its server only; folders of threads with several.",
)
PRIVATE: Final = frozenset({"secrets.json", "settings.json", "session.json", "device-id.json", "history.json", "expected.json"})
ALONE, BESIDE, LEDGER = 0, 1, 2  # a message without a ledger, one that the ledger does not name, an event


class State(msgspec.Struct):
    """A thread is read whole each time."""


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``AMP_DATA_DIR`` (several with a comma), else where programs keep data."""
    return once([*named(home, env, "AMP_DATA_DIR"), *data(home, env, "amp")])


def wanted(name: str) -> bool:
    return name.endswith(".json") and name not in PRIVATE


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """Every thread that changed, whole."""
    if context.root is None:
        return
    seen = look(
        below(context.root, "threads", own={"amp"}), wanted, depth=4, memory=context.memory, full=context.full_walk,
        now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    for piece in troubles(seen.problems):
        yield piece
    for piece in changed(seen.files, context.cursors, context.now()):
        yield piece


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total."""
    if not isinstance(raw, Piece):
        return state or State(), []
    items: list[Item] = list(raw.problems)
    for line in raw.lines:
        items += _thread(raw, fields(document(line.data)))
    return state or State(), items


def _thread(piece: Piece, whole: Mapping[str, Any]) -> list[Item]:
    thread = _Thread(piece, whole)
    messages = [(number, fields(message)) for number, message in enumerate(rows(whole.get("messages")))]
    usages = {name: fields(message.get("usage")) for _, message in messages if (name := _name(message.get("messageId")))}
    events = [fields(event) for event in rows(fields(whole.get("usageLedger")).get("events"))]
    events = [event for event in events if isinstance(event.get("tokens"), dict)]
    named_ = {name for event in events if (name := _name(event.get("toMessageId")))}
    for number, event in enumerate(events):
        thread.event(number, event, usages.get(_name(event.get("toMessageId")), {}))
    for number, message in messages:
        name = _name(message.get("messageId"))
        if not events or (named_ and name and name not in named_):
            thread.message(number, name, message, BESIDE if events else ALONE)
    return thread.items


def _name(said: Any) -> str:
    return str(said) if isinstance(said, int) and not isinstance(said, bool) else text(said)


class _Thread:
    def __init__(self, piece: Piece, whole: Mapping[str, Any]) -> None:
        self.path = piece.cursor.name
        self.id = text(whole.get("id")) or plain(self.path.replace("\\", "/").rpartition("/")[2].removesuffix(".json"))
        self.folder = _folder(whole)
        self.at = millis(whole.get("created")) or file_millis(piece.cursor.mtime_ns)
        self.items: list[Item] = []

    def event(self, number: int, event: Mapping[str, Any], usage: Mapping[str, Any]) -> None:
        notes = Notes(self.path, f"event {number + 1}")
        said = fields(event.get("tokens"))
        read = notes.tokens(_first(said.get("cacheReadInputTokens"), usage.get("cacheReadInputTokens")))
        written = notes.tokens(_first(said.get("cacheCreationInputTokens"), usage.get("cacheCreationInputTokens")))
        tokens = Tokens(notes.tokens(said.get("input")), read, 0, 0, written, notes.tokens(said.get("output")))
        name = _name(event.get("toMessageId"))
        key = f"message {name}" if name else f"event {_name(event.get('id')) or number}"
        self.add(notes, key, tokens, notes.tokens(said.get("total")), event, event, LEDGER)

    def message(self, number: int, name: str, message: Mapping[str, Any], precedence: int) -> None:
        usage = fields(message.get("usage"))
        if message.get("role") != "assistant" or not usage:
            return
        notes = Notes(self.path, f"message {number + 1}")
        tokens = Tokens(
            notes.tokens(usage.get("inputTokens")), notes.tokens(usage.get("cacheReadInputTokens")), 0, 0,
            notes.tokens(usage.get("cacheCreationInputTokens")), notes.tokens(usage.get("outputTokens")),
        )  # fmt: skip
        self.add(notes, f"message {name or f'number {number}'}", tokens, notes.tokens(usage.get("totalTokens")), usage, message, precedence)

    def add(
        self, notes: Notes, key: str, tokens: Tokens, total: int, said: Mapping[str, Any], besides: Mapping[str, Any], precedence: int
    ) -> None:
        quality = Quality.EXACT
        if tokens == NO_TOKENS and total:
            tokens, quality = Tokens(output=total), Quality.INFERRED
        elif total > tokens.total:
            quality = Quality.LOWER_BOUND  # what the rest is, nobody says
        spent = said.get("credits")
        money: tuple[Money, ...] = notes.money(MoneyKind.CREDITS, spent, "credits") if spent else ()
        self.at = millis(said.get("timestamp")) or millis(besides.get("timestamp")) or self.at
        if tokens.total or money:
            self.items.append(UsageRecord(
                stable_key(f"amp:{self.id}", key), f"amp:{self.id}", self.at // 1000, text(said.get("model")) or text(besides.get("model")),
                tokens, 1, Grain.REQUEST, self.folder, precedence=precedence, money=money, quality=quality,
            ))  # fmt: skip
        self.items += notes.problems()


def _first(*said: Any) -> Any:
    return next((each for each in said if each is not None), None)


def _folder(whole: Mapping[str, Any]) -> str:
    """The thread's folder, where there is one."""
    trees = rows(fields(fields(whole.get("env")).get("initial")).get("trees"))
    uri = fields(trees[0]).get("uri") if len(trees) == 1 else None
    return plain(uri.removeprefix("file://"), LONGEST_PATH) if isinstance(uri, str) and uri.startswith("file://") else ""


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """Messages until a ledger is there; then its events, and messages that it does not name."""
    ledger = any(each.precedence > ALONE for each in family)
    return {each.key for each in family if not ledger or each.precedence > ALONE}
