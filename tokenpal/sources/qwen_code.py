"""Qwen Code: session files below ``.qwen/projects/<folder>/chats`` (agent-logs 7.2).

Each response has a telemetry row, also those of background agents, which appear nowhere else; an assistant row with the
same counts usually follows. Peers read assistant rows; here telemetry rows come first and an assistant row counts only
where none matches (agent-logs 10): ``settle`` knows a twin by its parent, ``State`` one that merely stands near. Cached is
part of the prompt (ccusage adds it, splitrail and the lab run subtract); thoughts are part of the output unless the total
says otherwise. ``/branch`` copies rows with their ids.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tokenpal.model.names import LONGEST_PATH, plain
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import FAMILY_BYTES, Candidate, Item, Quality, SessionFact, Superseded, UsageRecord, stable_key
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Line, Piece, Raw, SourceInfo
from tokenpal.sources.counts import Notes
from tokenpal.sources.lenient import typed
from tokenpal.sources.roots import named, once
from tokenpal.sources.tail import Markers, Reader, troubles, unchanged
from tokenpal.sources.times import file_millis, millis
from tokenpal.sources.walk import look

INFO: Final = SourceInfo(
    id="qwen-code",
    name="Qwen Code",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://github.com/QwenLM/qwen-code",
    tells="Every response of Qwen Code on this machine, background agents included: tokens by class, model, folder, branch and session.",
    silent="Use on other machines, and which provider an OpenAI-compatible address belongs to.",
)
MARKERS: Final = Markers(anywhere=(b'"usageMetadata"', b'"qwen-code.api_response"'))
EVENT: Final = "qwen-code.api_response"
SOLD_BY: Final = {"qwen-oauth": "qwen", "gemini": "google", "gemini-api-key": "google", "vertex-ai": "google-vertex", "anthropic": "anthropic"}
NEAR: Final = 6  # rows with usage between a response's telemetry and its assistant row, at most
NO_VARIANT: Final = bytes(4)
TELEMETRY: Final = 1  # precedence


class Metadata(msgspec.Struct, gc=False, rename="camel"):
    prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    cached_content_token_count: int | None = None
    total_token_count: int | None = None


class Event(msgspec.Struct, gc=False):
    name: str | None = msgspec.field(name="event.name", default=None)
    at: str | int | float | None = msgspec.field(name="event.timestamp", default=None)
    model: str | None = None
    auth_type: str | None = None
    subagent_name: str | None = None
    input_token_count: int | None = None
    output_token_count: int | None = None
    cached_content_token_count: int | None = None
    thoughts_token_count: int | None = None
    total_token_count: int | None = None


class Payload(msgspec.Struct, gc=False, rename="camel"):
    ui_event: Event | None = None


class Fork(msgspec.Struct, gc=False, rename="camel"):
    session_id: str | None = None


class Row(msgspec.Struct, gc=False, rename="camel"):
    uuid: str | None = None
    parent_uuid: str | None = None
    session_id: str | None = None
    timestamp: str | int | float | None = None
    type: str | None = None
    cwd: str | None = None
    version: str | None = None
    git_branch: str | None = None
    model: str | None = None
    is_sidechain: bool | None = None
    agent_id: str | None = None
    agent_name: str | None = None
    forked_from: Fork | None = None
    usage_metadata: Metadata | None = None
    system_payload: Payload | None = None


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """What the rest of a file needs of what went before. ``heard``: telemetry without its assistant row, ``seen``: the reverse."""

    at: int = 0  # of the latest row, epoch ms
    fact: tuple[str, str, str] = ("", "", "")  # session, parent, version as last said
    row: int = 0  # rows with usage so far
    heard: list[tuple[int, str, tuple[int, ...]]] = []  # (row, uuid, counts)
    seen: list[tuple[int, bytes, tuple[int, ...]]] = []  # (row, key, counts)



# ---------------------------------------------------------------------------------------------- files


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """The person's ``.qwen``; ``QWEN_DATA_DIR`` is another tracker's word for it and may name several."""
    return once([*named(home, env, "QWEN_DATA_DIR"), home / ".qwen"])


def wanted(name: str) -> bool:
    return name.endswith(".jsonl")


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """The new lines of every session."""
    root = context.root
    if root is None:
        return
    base = next((below for below in (root / "projects", root / ".qwen" / "projects") if below.is_dir()), root)
    if base is root and root.name == ".qwen":
        return
    seen = look(
        [str(base)], wanted, skip=frozenset({"node_modules", ".git"}), memory=context.memory, full=context.full_walk,
        now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    for piece in troubles(seen.problems):
        yield piece
    todo = [
        found for found in seen.files
        if "chats" in Path(found.path).parts[:-1] and not unchanged(found, context.cursors.get(found.path))
    ]  # fmt: skip
    for piece in Reader(MARKERS).scan(todo, context.cursors, context.now()):
        yield piece


# ---------------------------------------------------------------------------------------------- meaning


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: bad lines become problems, fields of the wrong type are taken for missing."""
    if not isinstance(raw, Piece):
        return state or State(), []
    state = State() if state is None or raw.first else msgspec.structs.replace(state, heard=list(state.heard), seen=list(state.seen))
    saying = _Saying(state, raw)
    for line in raw.lines:
        row = typed(line.data, Row)
        if row is None:
            saying.notes.problem(f"byte {line.offset}", "the line is not a JSON object")
        else:
            saying.row(line, row)
    return state, saying.notes.items


class _Saying:
    def __init__(self, state: State, piece: Piece) -> None:
        self.state, self.notes = state, Notes(piece)
        self.stem = plain(Path(piece.cursor.name).name.removesuffix(".jsonl"))
        self.file_at = file_millis(piece.cursor.mtime_ns)

    def row(self, line: Line, row: Row) -> None:
        event = row.system_payload.ui_event if row.system_payload is not None else None
        if event is not None and event.name == EVENT:
            counts = Metadata(
                event.input_token_count, event.output_token_count, event.thoughts_token_count, event.cached_content_token_count,
                event.total_token_count,
            )  # fmt: skip
            self.response(line, row, counts, event)
        elif row.usage_metadata is not None:
            self.response(line, row, row.usage_metadata, None)

    def response(self, line: Line, row: Row, counts: Metadata, event: Event | None) -> None:
        state, place = self.state, f"byte {line.offset}"
        state.at = millis(row.timestamp) or (millis(event.at) if event is not None else None) or state.at
        made = self.tokens(place, counts)
        if made is None:
            return
        tokens, sure = made
        state.row += 1
        plainly = msgspec.structs.astuple(tokens)
        own = plain(row.session_id) if row.session_id else self.stem
        uuid = row.uuid or f"{own} {self.stem} {line.offset}"
        if event is not None:
            key = stable_key(f"qwen-code:{uuid}")
            twin = next((each for each in state.seen if each[2] == plainly and state.row - each[0] <= NEAR), None)
            if twin is not None:
                state.seen.remove(twin)
                self.notes.items.append(Superseded(twin[1]))
            else:
                state.heard = [*state.heard[-NEAR:], (state.row, uuid, plainly)]
        else:
            # In the family of its parent: if that is a telemetry row it is the same response (``settle``).
            key = stable_key(f"qwen-code:{row.parent_uuid or uuid}", uuid)
            heard = [each for each in state.heard if state.row - each[0] <= NEAR]
            linked = next((each for each in heard if each[1] == row.parent_uuid), None)
            twin_of = linked or next((each for each in heard if each[2] == plainly), None)
            if twin_of is not None:
                state.heard.remove(twin_of)
                if linked is None:
                    return
            else:
                state.seen = [*state.seen[-NEAR:], (state.row, key, plainly)]
        self.record(key, row, event, own, tokens, Quality.EXACT if sure else Quality.INFERRED)

    def record(self, key: bytes, row: Row, event: Event | None, own: str, tokens: Tokens, quality: Quality) -> None:
        fork = plain(row.forked_from.session_id or "") if row.forked_from is not None else ""
        fact = (own, fork if fork != own else "", plain(row.version or ""))
        if fact != self.state.fact:
            self.state.fact = fact
            if fact[1] or fact[2]:
                self.notes.items.append(SessionFact(f"qwen-code:{own}", f"qwen-code:{fact[1]}" if fact[1] else "", fact[2]))
        model = row.model or (event.model if event is not None else None)
        auth = event.auth_type if event is not None else None
        self.notes.items.append(UsageRecord(
            key, f"qwen-code:{own}", (self.state.at or self.file_at) // 1000, plain(model) if model else "", tokens,
            folder=plain(row.cwd or "", LONGEST_PATH), branch=plain(row.git_branch or ""),
            sub_agent=bool(row.is_sidechain or row.agent_id or row.agent_name or (event is not None and event.subagent_name)),
            precedence=TELEMETRY if event is not None else 0, home=1 if fork else 0, quality=quality,
            provider=SOLD_BY.get(auth or "", ""),
        ))  # fmt: skip

    def tokens(self, place: str, counts: Metadata) -> tuple[Tokens, bool] | None:
        """The classes, and whether the total settles where thoughts are."""
        prompt, output, thoughts = self.notes.clean(place, counts.prompt_token_count, counts.candidates_token_count, counts.thoughts_token_count)
        total = counts.total_token_count
        sure = not thoughts or total in {prompt + output, prompt + output + thoughts}
        if thoughts and total == prompt + output + thoughts:
            output += thoughts
        fresh, read, _ = self.notes.parts(place, prompt, counts.cached_content_token_count)
        tokens = self.notes.tokens(place, fresh=fresh, read=read, output=output, reasoning=thoughts)
        return (tokens, sure) if tokens is not None else None


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """Of a telemetry row and the assistant rows that hang on it, the telemetry row; other rows are no copies."""
    told = {each.key for each in family if each.key[FAMILY_BYTES:] == NO_VARIANT and each.precedence == TELEMETRY}
    return told or {each.key for each in family}
