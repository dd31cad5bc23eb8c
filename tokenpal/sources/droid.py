"""Droid (Factory): one snapshot of running totals for each session (agent-logs 7.8).

``<id>.settings.json`` holds the totals and is rewritten; the transcript ``<id>.jsonl`` beside it has no counts and is asked
for the folder only, and for the model where the snapshot names none. What is added between two looks is booked at the time
of the snapshot, what was there before the first one at ``providerLockTimestamp``. ``inclusiveTokenUsage`` repeats child sessions.

Disputed: is thinking inside output? Taken as inside, as everywhere (agent-logs 2.1): ccusage and tokscale add it.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.model.money import PICO, Money, MoneyKind
from tokenpal.model.names import LONGEST_PATH, plain, provider_id
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Candidate, Grain, Item, Quality, UsageRecord
from tokenpal.sources import cumulative
from tokenpal.sources.base import ANY_PROVIDER, Context, Cursor, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.documents import changed
from tokenpal.sources.lenient import document
from tokenpal.sources.numbers import MAX_AMOUNT, Notes, fields, number, text
from tokenpal.sources.roots import below, named, once
from tokenpal.sources.tail import troubles, unchanged
from tokenpal.sources.times import file_millis, millis
from tokenpal.sources.walk import Found, look

INFO: Final = SourceInfo(
    id="droid",
    name="Droid",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://docs.factory.ai",
    tells="Tokens and credits of each Droid session on this machine, by class, with model and folder.",
    silent="Single requests: totals grow between two looks, and what was there before the first look is booked at the session's start.",
)
SNAPSHOT: Final = ".settings.json"
TRANSCRIPT: Final = ".jsonl"
HEAD: Final = 1 << 20  # bytes of a transcript that are looked at
BEGINNING: Final = 64 << 10  # once it had so many, what it says of the session is known
SHOWN: Final = re.compile(r"^(?:custom:)?(?P<name>.*?)[-\s]*\[[^\]]*\](?:-\d+)?$")
NAMED: Final = re.compile(rb'Model: {0,4}([^\[\\"\n]{1,100}?) {0,4}\[')


class Side(msgspec.Struct, frozen=True):
    """What the transcript says."""

    folder: str = ""
    model: str = ""


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """The last snapshot of this file."""

    total: cumulative.Total | None = None


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``FACTORY_DIR``, else ``~/.factory``; ``DROID_SESSIONS_DIR`` besides."""
    return once([*named(home, env, "FACTORY_DIR", "DROID_SESSIONS_DIR"), home / ".factory"])


def wanted(name: str) -> bool:
    return name.endswith((SNAPSHOT, TRANSCRIPT))


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """Every snapshot that changed, and one whose transcript has only come now."""
    if context.root is None:
        return
    seen = look(
        below(context.root, "sessions", own={".factory"}), wanted, skip=frozenset({"node_modules", ".git"}), memory=context.memory,
        full=context.full_walk, now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    for piece in troubles(seen.problems):
        yield piece
    by_path = {found.path: found for found in seen.files}
    for found in seen.files:
        if not found.path.endswith(SNAPSHOT):
            continue
        transcript = by_path.get(found.path.removesuffix(SNAPSHOT) + TRANSCRIPT)
        new = transcript is not None and _begins(transcript, context.cursors.get(transcript.path))
        if unchanged(found, context.cursors.get(found.path)) and not new:
            continue
        for piece in changed([found], {}, context.now(), context=lambda _, beside=transcript: _side(beside)):  # type: ignore[misc]  # bound on purpose
            # The state goes on: it is what the new totals are compared with.
            yield msgspec.structs.replace(piece, first=found.path not in context.cursors)
            if transcript is not None and new:
                yield Piece(Cursor(transcript.path, 0, transcript.inode, transcript.size, transcript.mtime_ns), (), first=False)


def _begins(transcript: Found, known: Cursor | None) -> bool:
    """Is there something new where folder and model stand?"""
    return not unchanged(transcript, known) and (known is None or known.size < BEGINNING)


def _side(transcript: Found | None) -> Side:
    if transcript is None:
        return Side()
    try:
        with open(transcript.path, "rb") as file:
            head = file.read(HEAD)
    except OSError:
        return Side()
    folder = ""
    for line in head.split(b"\n")[:50]:
        if b'"cwd"' in line and isinstance(said := fields(document(line)).get("cwd"), str):
            folder = plain(said, LONGEST_PATH)
            break
    found = NAMED.search(head)
    return Side(folder, _model(found[1].decode("utf-8", "replace") + " [x]") if found is not None else "")


def _model(shown: str) -> str:
    """``custom:Claude-Opus-4.5-[Anthropic]-0`` and ``Claude Opus 4.5 [Anthropic]`` are ``claude-opus-4-5``; an id stays as it is."""
    found = SHOWN.match(shown)
    if found is None:
        return plain(shown)
    name = re.sub(r"[\s-]+", "-", found["name"].strip()).lower()
    return plain(name.replace(".", "-") if name.startswith("claude") else name)


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total."""
    state = state or State()
    if not isinstance(raw, Piece):
        return state, []
    items: list[Item] = list(raw.problems)
    for line in raw.lines:
        state, found = _snapshot(state, raw, document(line.data))
        items += found
    return state, items


def _snapshot(state: State, piece: Piece, whole: Any) -> tuple[State, list[Item]]:
    said = fields(fields(whole).get("tokenUsage"))
    notes = Notes(piece.cursor.name, "tokenUsage")
    output, thought = notes.tokens(said.get("outputTokens")), notes.tokens(said.get("thinkingTokens"))
    counts = Tokens(
        fresh_input=notes.tokens(said.get("inputTokens")), cache_read=notes.tokens(said.get("cacheReadTokens")),
        cache_write_other=notes.tokens(said.get("cacheCreationTokens")), output=output, reasoning=min(output, thought),
    )  # fmt: skip
    name = os.path.basename(piece.cursor.name.replace("\\", "/")).removesuffix(SNAPSHOT)
    session = f"droid:{plain(name)}"
    seen = file_millis(piece.cursor.mtime_ns) // 1000
    found = cumulative.interval(session, state.total, counts, _pico(said.get("factoryCredits")), seen)
    if found is None:
        return state, list(notes.problems())
    side = piece.context if isinstance(piece.context, Side) else Side()
    locked = millis(fields(whole).get("providerLockTimestamp"))
    record = UsageRecord(
        found.key, session, locked // 1000 if found.first and locked else found.total.at,
        _model(text(fields(whole).get("model"))) or side.model, found.tokens, None, Grain.REQUEST, side.folder, precedence=found.precedence,
        money=(Money(MoneyKind.CREDITS, "credits", found.pico),) if found.pico else (), quality=Quality.AGGREGATE,
        provider=provider_id(text(fields(whole).get("providerLock"))),
    )  # fmt: skip
    return State(found.total), [record, *notes.problems()]


def _pico(said: Any) -> int:
    """Credits are not dollars; an impossible amount is none."""
    amount = number(said)
    return int(amount / PICO) if amount is not None and 0 < amount <= MAX_AMOUNT else 0


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """One chain of snapshots of a session, whatever copies of it there are."""
    return cumulative.settle(family)
