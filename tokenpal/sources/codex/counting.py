"""Rows of a rollout to usage records (agent-logs 4.3.B to 4.3.J, decisions 2 and 3).

A record's key is its response id where one is bound to the row, else (time, L, T) with the thread as variant: the same
time and the same numbers in two files are one event, and ``settle`` takes one of them. Copied history is said to be
superseded, each time it is read, so that a proof that turns up later takes effect. Precedence: rows before bare
records of compaction, then the earlier; home: the file that began first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Final
from zlib import crc32

import msgspec

from tokenpal.model.names import LONGEST_PATH, plain
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Candidate, Item, Problem, Quality, SessionFact, Superseded, UsageRecord, stable_key
from tokenpal.sources.base import Line, Piece, Raw
from tokenpal.sources.codex.history import ALONE, Family, History
from tokenpal.sources.codex.limits import readings
from tokenpal.sources.codex.rows import NOTHING, Loose, Meta, Payload, Row, Vector, When, decode, meta, turn_model, vector
from tokenpal.sources.codex.totals import Totals
from tokenpal.sources.times import file_millis, millis

UNRESOLVED: Final = 1 << 62
BOUND: Final = 1 << 50
KEPT: Final = 32  # response ids that wait for their row, and compactions that wait for their record
IMPOSSIBLE: Final = 10**12
TIERS: Final = {"priority": "priority", "fast": "priority", "flex": "flex"}  # fast mode is the priority tier under another name
LOOKED_AT: Final = 50  # of the rows of a piece, for limits: the newest
NO_REPEAT: Final = (0, b"")
LIMITS: Final = b',"rate_limits":'
UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class Record(msgspec.Struct, frozen=True, array_like=True):
    """A ``token_usage_record`` that no row was bound to yet."""

    id: str
    at: int  # epoch ms
    use: Vector
    thread: Vector | None  # the thread's total after it


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """What the rest of a file needs of what went before (agent-logs 4.3.J)."""

    meta: Meta | None = None
    history: History = msgspec.field(default_factory=History)
    totals: Totals = msgspec.field(default_factory=Totals)
    records: tuple[Record, ...] = ()
    compactions: tuple[str, ...] = ()  # named before their record came
    model: str = ""
    tier: str = ""
    cwd: str = ""
    at: int = 0  # of the latest row with a time, epoch ms
    began: int = 0
    root: str = ""  # the family as of the latest reading from the start
    parent_known: bool = False
    resolved: bool = True
    relatives: tuple[str, ...] = ()
    size: int = 0
    early: int = 0


def file_thread(name: str) -> str:
    """The thread id that a file name tells, else the name without its endings."""
    stem = os.path.basename(name).removesuffix(".zst").removesuffix(".jsonl")
    found = UUID.findall(stem)
    return found[-1] if found else plain(stem)


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: bad lines become problems, fields of the wrong type are taken for missing."""
    if not isinstance(raw, Piece):
        return state or State(), []
    family: Family = raw.context if isinstance(raw.context, Family) else ALONE
    if state is None or raw.first:
        state = State(
            root=family.root, parent_known=family.parent_known, resolved=family.resolved, relatives=family.relatives,
            size=family.size, early=family.early,
        )  # fmt: skip
    replaced = msgspec.structs.replace
    state = replaced(state, history=replaced(state.history), totals=replaced(state.totals))
    walk = _Walk(state, raw, family)
    for line in raw.lines:
        data = line.data
        start, same = walk.same  # half of all rows repeat the one before, but for time and limits: seen without decoding
        if start and data[start : start + len(same)] == same and data.startswith(b'{"timestamp":"') and data.endswith(b"}}"):
            walk.stamp = data[14 : start - 1].decode("ascii", "replace")
            walk.quotas.append((walk.stamp, data[start + len(same) : -2]))
            continue
        row = decode(data)
        if row is None:
            walk.problem(line, "is not a JSON object")
        elif row.payload is not None:
            walk.row(line, row, row.payload)
        else:
            walk.loose(line, row)
    return state, walk.items()


def _same(data: bytes) -> tuple[int, bytes]:
    """The part of a ``token_count`` row between its time and its limits, if it is written as Codex does."""
    start, stop = data.find(b",", 0, 60), data.find(LIMITS)
    return (start, data[start : stop + len(LIMITS)]) if start > 0 and stop > start else NO_REPEAT


class _Walk:
    """One piece of one file, line by line. ``state`` is ours to change."""

    def __init__(self, state: State, piece: Piece, family: Family) -> None:
        self.state, self.family = state, family
        self.path = piece.cursor.name
        self.file = os.path.basename(self.path).removesuffix(".zst")
        self.file_at = file_millis(piece.cursor.mtime_ns)
        self.out: list[Item] = list(piece.problems)
        self.quotas: list[tuple[When, msgspec.Raw | bytes]] = []
        self.same: tuple[int, bytes] = NO_REPEAT  # what a row that repeats the latest one has, and where
        # What was judged with more relatives at hand takes the place of what was judged with fewer.
        self.knowledge = 2 * min(len(state.relatives), 1000) + (10_000 if state.parent_known else 0)
        self.stamp: When = None  # the latest time, not yet understood: few rows need it
        self.meet()

    def meet(self) -> None:
        """Whose use this is; known once the first ``session_meta`` was read."""
        meta = self.meta = self.state.meta or Meta()
        own = meta.id or file_thread(self.path)
        thread = self.state.root or (meta.parent if meta.sub_agent else "") or own
        self.session = f"codex:{thread}"
        began = (meta.at or self.state.began) & 0x1FF_FFFF_FFFF
        self.home = began << 20 | crc32(self.session.encode("utf-8", "replace")) & 0xFFFFF
        if meta.sub_agent and not self.state.resolved:
            self.home |= UNRESOLVED

    def problem(self, line: Line, reason: str) -> None:
        self.out.append(Problem(self.path, f"byte {line.offset}", f"the line {reason}"))

    def items(self) -> list[Item]:
        self.state.at = self.latest()
        kinds: set[tuple[bytes, int]] = set()
        for stamp, raw in reversed(self.quotas[-LOOKED_AT:]):
            said = bytes(raw)
            kind = (said[:40], said.count(b'"used_percent"'))  # the start tells one limit from another
            if kind not in kinds and (at := millis(stamp)) is not None:
                kinds.add(kind)
                self.out += readings(said, at // 1000)
        return self.out

    def latest(self) -> int:
        """Time of the latest row that had one, epoch ms."""
        return (millis(self.stamp) if self.stamp is not None else None) or self.state.at

    def row(self, line: Line, row: Row, said: Payload) -> None:
        state = self.state
        if not state.began and (began := millis(row.timestamp)) is not None:
            state.began = began
            self.meet()
        kind = said.type if row.type == "event_msg" or row.type is None else row.type
        if kind == "token_count":
            self.count(line, said, row.timestamp)
        elif kind == "turn_context":
            state.model = turn_model(said) or state.model
            state.cwd = plain(said.cwd, LONGEST_PATH) if said.cwd else state.cwd
            if said.turn_id and state.history.open:
                state.history.turn(said.turn_id, self.meta.id)
        elif kind == "session_meta":
            self.begin(row)
        elif kind == "token_usage_record":
            self.record(said, millis(row.timestamp))
        elif kind == "compacted":
            self.compacted(plain(said.compaction_response_id or ""))
        elif kind == "thread_settings_applied" and said.thread_settings is not None:
            tier = said.thread_settings.service_tier
            if isinstance(tier, str):
                state.tier = TIERS.get(tier.lower(), "")
        stamp = row.timestamp
        if stamp is not None and ((type(stamp) is str and len(stamp) == 24) or millis(stamp) is not None):
            self.stamp = stamp

    def begin(self, row: Row) -> None:
        """The first ``session_meta`` says what the file is; later ones are the parent's."""
        if self.state.meta is not None:
            return
        said = self.state.meta = meta(row)
        self.state.history.open = said.child
        self.state.cwd = self.state.cwd or said.cwd
        self.state.model = self.state.model or said.model
        self.meet()
        if not said.sub_agent and (said.parent or said.version):
            self.out.append(SessionFact(self.session, f"codex:{said.parent}" if said.parent else "", said.version))

    def count(self, line: Line, said: Payload, stamp: When) -> None:
        """One ``token_count`` row: a copy, a repeat, or use."""
        state, info = self.state, said.info
        history, totals = state.history, state.totals
        last, total = (vector(info.last_token_usage), vector(info.total_token_usage)) if info is not None else (None, None)
        if not history.open:
            self.quotas.append((stamp, said.rate_limits))
            if total is not None and total == totals.base:
                totals.lone = None
                return
        if info is None or (last is None and total is None):
            return
        at = millis(stamp)
        bound = self.binding(last, total)
        copied = history.open and history.is_copy(self.family, self.meta, (last, total), at, bound=bound is not None)
        if copied and bound is None:
            key = self.key(line, last, total, at)
            if history.lead_key:
                self.supersede(history.lead_key)
                history.lead_key = b""
            self.supersede(key)
            totals.skip(last, total)
            return
        if min(last or NOTHING) < 0 or min(total or NOTHING) < 0:
            self.problem(line, "has negative token counts; they were taken for zero")
            last = _clamped(last) if last is not None else None
        counted = totals.step(last, total)
        if total is not None and total == totals.base and not history.open:
            self.same = _same(line.data)
        if bound is not None:
            state.records = tuple(each for each in state.records if each is not bound)
        if counted is not None and counted != NOTHING:
            key = self.key(line, last, total, at) if bound is None else stable_key(f"codex:{bound.id}")
            model = plain(info.model or info.model_name or "") or state.model
            if bound is not None:
                self.use(line, key, at, model, counted, 2 * BOUND - (at or 0), Quality.EXACT)
            elif history.inferred or (state.relatives and not state.parent_known):
                self.use(line, key, at, model, counted, self.knowledge, Quality.INFERRED)
            else:
                self.use(line, key, at, model, counted, self.knowledge + 1 if self.meta.child else 0, Quality.EXACT)
            if self.meta.child and bound is None:
                self.out.append(Superseded(key, again=True))  # an earlier reading may have known less
            history.lead_key = key if history.open and bound is None else b""

    def binding(self, last: Vector | None, total: Vector | None) -> Record | None:
        """The latest waiting record of this row's response (agent-logs 4.3.F, F2); none for a row that only repeats."""
        base = self.state.totals.base
        if not self.state.records or (total is not None and total == base):
            return None
        moved = tuple(a - b for a, b in zip(total, base)) if last is None and total is not None and base is not None else None
        for each in reversed(self.state.records):
            if each.use in (last, moved) or (total is not None and each.thread == total):
                return each
        return None

    def key(self, line: Line, last: Vector | None, total: Vector | None, at: int | None) -> bytes:
        if total is None or at is None:
            return stable_key(f"codex:file {self.file} {line.offset}")
        return stable_key(f"codex:{at} {last} {total}", self.meta.id)

    def record(self, said: Payload, at: int | None) -> None:
        use, identity = vector(said.usage), plain(said.response_id or "").strip()
        if not identity or at is None or use is None or use == NOTHING or min(use) < 0:
            return
        state = self.state
        found = Record(identity, at, use, vector(said.thread_token_usage))
        state.records = (*state.records, found)[-KEPT:]
        if identity in state.compactions:
            self.compaction(found)

    def compacted(self, identity: str) -> None:
        """A compaction names the response that made it: only then its record counts by itself."""
        identity = identity.strip()
        found = next((each for each in self.state.records if each.id == identity), None)
        if found is not None:
            self.compaction(found)
        elif identity:
            self.state.compactions = (*self.state.compactions, identity)[-KEPT:]

    def compaction(self, found: Record) -> None:
        self.use(None, stable_key(f"codex:{found.id}"), found.at, self.state.model, found.use, BOUND - found.at)

    def loose(self, line: Line, row: Row) -> None:
        """Captured output that lies among the rollouts: each row one event, no running total."""
        inner: Loose = row if row.usage is not None or row.data is None else row.data
        counted = vector(inner.usage)
        if counted is None:
            return
        if min(counted) < 0:
            self.problem(line, "has negative token counts; they were taken for zero")
            counted = _clamped(counted)
        if counted != NOTHING:
            at = millis(inner.timestamp) or millis(row.timestamp)
            self.stamp = at if at is not None else self.stamp
            model = plain(inner.model or inner.model_name or "") or self.state.model
            self.use(line, stable_key(f"codex:file {self.file} {line.offset}"), at, model, counted, 0)

    def use(
        self, line: Line | None, key: bytes, at: int | None, model: str, counted: Vector, precedence: int, quality: Quality = Quality.EXACT
    ) -> None:
        tokens = self.tokens(line, counted)
        if tokens is None:
            return
        state = self.state
        self.out.append(
            UsageRecord(
                key, self.session, (at or self.latest() or self.file_at) // 1000, model, tokens,
                folder=state.cwd, branch=self.meta.branch, sub_agent=self.meta.sub_agent, tier=state.tier,
                precedence=precedence, home=self.home, quality=quality,
            )
        )

    def tokens(self, line: Line | None, counted: Vector) -> Tokens | None:
        """Disjoint classes: cached and written are inside input, reasoning is inside output (agent-logs 4.3.G)."""
        whole, cached, written, output, reasoning = counted
        if max(counted) > IMPOSSIBLE:
            if line is not None:
                self.problem(line, "has impossible token counts; it was left out")
            return None
        read = min(cached, whole)
        wrote = min(written, whole - read)
        if (cached > whole or written > whole - read or reasoning > output) and line is not None:
            self.problem(line, "has parts that are greater than their whole; they were cut")
        return Tokens(whole - read - wrote, read, 0, 0, wrote, output, min(reasoning, output))

    def supersede(self, key: bytes) -> None:
        """A record of this piece is taken back at once; one of an earlier reading stops counting."""
        self.out = [each for each in self.out if not (isinstance(each, UsageRecord | Superseded) and each.key == key)]
        self.out.append(Superseded(key))


def _clamped(counts: Vector) -> Vector:
    a, b, c, d, e = (max(0, each) for each in counts)
    return (a, b, c, d, e)


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """The same time and the same numbers in two files are one event (agent-logs 4.3.C.6)."""
    return {min(each.key for each in family)}
