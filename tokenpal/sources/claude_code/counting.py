"""Rows to usage records, and which copies of a response count (agent-logs 3.3, decisions 2 and 3).

A record's family is its message id, its variant the request id. Precedence: 1 for a row of the main chain, plus 2 when
the id is a gateway's word, which may come back in any session. Home: copies that name the session they were forked
from come last, then the file that started first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from zlib import crc32

import msgspec

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.names import LONGEST_PATH, plain
from tokenpal.model.tokens import NO_TOKENS, Tokens
from tokenpal.model.usage import (
    FAMILY_BYTES,
    KEY_BYTES,
    Candidate,
    Grain,
    Item,
    Origin,
    Problem,
    Quality,
    SessionFact,
    UsageRecord,
    stable_key,
)
from tokenpal.sources.base import Line, Piece, Raw
from tokenpal.sources.claude_code.limits import reached
from tokenpal.sources.claude_code.places import path_facts
from tokenpal.sources.claude_code.rows import Counts, Message, Nested, Row, decode, typed
from tokenpal.sources.times import file_millis, millis

MAIN: Final = 1
WORD: Final = 2
FORKED: Final = 1 << 62
NO_VARIANT: Final = bytes(KEY_BYTES - FAMILY_BYTES)
TIERS: Final = {"fast": "fast", "priority": "priority", "batch": "batch", "flex": "flex"}
IMPOSSIBLE: Final = 1 << 40  # tokens of one response


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """What the rest of a file needs of what went before."""

    started: int = 0  # time of the first line that has one, epoch ms
    at: int = 0  # of the latest row, epoch ms: for rows without a time
    cwd: str = ""
    fact: tuple[str, str, str] = ("", "", "")  # session, parent, version as last said


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: bad lines become problems, fields of the wrong type are taken for missing."""
    if not isinstance(raw, Piece):
        return state or State(), []
    if state is None or raw.first:
        state = State()
    else:
        state = msgspec.structs.replace(state)
    said = _Saying(state, raw)
    calls, first = said.calls, raw.first
    for line in raw.lines:
        row: Row | None
        try:
            row = typed(line.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            row = decode(line.data)
        if row is None:
            if b'"usage"' in line.data:  # the first line of a file comes whatever it holds
                said.problem(line, "is not a JSON object")
            continue
        if first:
            first = False
            state.started = millis(row.timestamp) or 0
        message = row.message
        if message is not None and message.usage is not None:
            known = calls.get((message.id, row.requestId))
            if known is None or not known.takes(line, row, row, message, message.usage):
                said.row(line, row, row, message, message.usage)
        elif row.data is not None and (inner := row.data.message) is not None:
            if inner.message is not None and inner.message.usage is not None:
                said.row(line, row, inner, inner.message, inner.message.usage)
    return state, said.items()


class _Place(NamedTuple):
    """Whose use a row is: the same for most rows of a file."""

    session: str  # the whole key
    own: str  # the agent's own id
    folder: str
    branch: str
    sidechain: bool
    home: int
    ends: bool  # does this version write how a response ended?


class _Call:
    """The lines of one response so far: the one that says most, and the earliest time."""

    __slots__ = ("at", "inner", "latest", "line", "message", "place", "row", "stamp", "usage")

    def __init__(self, line: Line, row: Row, inner: Nested, message: Message, usage: Counts) -> None:
        self.line, self.row, self.inner, self.message, self.usage = line, row, inner, message, usage
        self.stamp = self.latest = inner.timestamp if inner.timestamp is not None else row.timestamp
        self.at = 0
        self.place: _Place | None = None

    def takes(self, line: Line, row: Row, inner: Nested, message: Message, usage: Counts) -> bool:
        """Another line of the same response, in the same place: nearly all of them. False = it needs a closer look."""
        mine, stamp = self.row, inner.timestamp if inner.timestamp is not None else row.timestamp
        if (
            row.sessionId != mine.sessionId or row.cwd != mine.cwd or row.gitBranch != mine.gitBranch
            or inner.isSidechain != self.inner.isSidechain or row.forkedFrom != mine.forkedFrom or row.version != mine.version
            or message.model != self.message.model or row.costUSD != mine.costUSD
            or type(stamp) is not str or type(self.stamp) is not str or len(stamp) != len(self.stamp) or stamp < self.stamp
        ):  # fmt: skip
            return False
        if usage == self.usage:
            if self.message.stop_reason is None and message.stop_reason is not None:
                self.message = message
            self.latest = stamp
            return True
        if usage.iterations or self.usage.iterations:
            return False
        new, old = usage.output_tokens or 0, self.usage.output_tokens or 0
        if new > old:
            self.line, self.row, self.inner, self.message, self.usage = line, row, inner, message, usage
        self.latest = stamp
        return new != old


class _Saying:
    """The items of one piece. Lines of one response are merged here already: most responses have two or three."""

    def __init__(self, state: State, piece: Piece) -> None:
        self.state = state
        self.path = piece.cursor.name
        session, project, self.sub_agent = path_facts(self.path)
        self.session, self.project = plain(session), plain(project)
        self.problems: list[Item] = list(piece.problems)
        self.facts: list[Item] = []
        self.calls: dict[tuple[str | None, str | None], _Call] = {}
        self.records: dict[bytes, UsageRecord] = {}
        self.places: dict[tuple[Any, ...], _Place] = {}
        self.newest: _Call | None = None
        self.file_at = file_millis(piece.cursor.mtime_ns)

    def problem(self, line: Line, reason: str) -> None:
        self.problems.append(Problem(self.path, f"byte {line.offset}", f"the line {reason}"))

    def items(self) -> list[Item]:
        for call in self.calls.values():
            self.call(call)
        self.state.at = self.latest()
        return [*self.problems, *self.facts, *self.records.values()]

    def latest(self) -> int:
        """Time of the newest row that had one, epoch ms: it is the time of rows that have none."""
        return (millis(self.newest.latest) or self.newest.at) if self.newest is not None else self.state.at

    def row(self, line: Line, row: Row, inner: Nested, message: Message, usage: Counts) -> None:
        """One row with usage; ``inner`` is the row itself, or the nested one of older progress rows."""
        if inner.isApiErrorMessage or row.isApiErrorMessage or message.model == "<synthetic>":
            at = millis(inner.timestamp if inner.timestamp is not None else row.timestamp)
            if at and (inner.isApiErrorMessage or row.isApiErrorMessage) and (limit := reached(line.data, at // 1000)):
                self.facts.append(limit)
            return
        state = self.state
        key = (message.id, inner.requestId or row.requestId)
        known = self.calls.get(key)
        if known is not None and inner is not row and known.takes(line, row, inner, message, usage):
            return
        call = _Call(line, row, inner, message, usage)
        if not (message.id or key[1] or message.model or call.stamp or row.sessionId):
            return  # no transcript: nothing says when, who or what
        stated_at = millis(call.stamp)
        if not state.started and stated_at is not None:
            state.started = stated_at
        call.at = stated_at or self.latest() or self.file_at
        call.place = self.place(row, inner)
        self.newest = call
        if known is None and (message.id or key[1]):
            self.calls[key] = call
            return
        if known is not None:
            self.call(self.calls.pop(key))
        self.call(call)

    def place(self, row: Row, inner: Nested) -> _Place:
        """Session, folder and branch of a row; what is new in them is said."""
        state, fork = self.state, row.forkedFrom
        sidechain = inner.isSidechain if inner.isSidechain is not None else row.isSidechain
        key = (row.sessionId, row.cwd, row.gitBranch, row.version, sidechain, fork is not None and fork.sessionId)
        found = self.places.get(key)
        if found is not None:
            state.cwd = found.folder
            return found
        own = plain(row.sessionId) if row.sessionId else self.session
        version = plain(row.version or "")
        parent = plain(fork.sessionId or "") if fork is not None else ""
        if state.fact != (own, parent, version):
            self.fact(own, parent, version)
        if row.cwd:
            state.cwd = plain(row.cwd, LONGEST_PATH)
        found = _Place(
            f"claude-code:{own}", own, state.cwd or self.project, plain(row.gitBranch or ""),
            self.sub_agent if sidechain is None else sidechain, self.home(own, forked=fork is not None), _ends_are_written(version),
        )  # fmt: skip
        if row.cwd and state.started:
            self.places[key] = found
        return found

    def call(self, call: _Call) -> None:
        """A response to its records: its own, and one for each adviser it asked."""
        row, message, usage, place = call.row, call.message, call.usage, call.place
        tokens = self.tokens(call.line, usage)
        if tokens is None or place is None:
            return
        message_id, request_id = message.id or "", call.inner.requestId or row.requestId or ""
        precedence = 0 if place.sidechain else MAIN
        if message_id.startswith("msg_"):
            family = message_id
        elif message_id:
            # Gateways use one word for every response: unique within a session at best.
            precedence |= WORD
            family = message_id if request_id else f"{message_id} {place.own}"
        elif request_id:
            family = f"request {request_id}"
        else:
            family = f"row {row.uuid}" if row.uuid else f"file {'/'.join(self.path.split('/')[-2:])} {call.line.offset}"
        tier = TIERS.get(usage.speed or "") or TIERS.get(usage.service_tier or "", "")
        quality = Quality.LOWER_BOUND if message.stop_reason is None and place.ends else Quality.EXACT
        money: tuple[Money, ...] = ()
        if row.costUSD is not None and 0 < row.costUSD < 1e6:
            money = (Money.of(MoneyKind.LIST_PRICE, repr(row.costUSD)),)
        if tokens is not NO_TOKENS:
            self.add(stable_key("claude-code:" + family, request_id), message.model, tokens, call.at, place, precedence, tier, quality, money)
        if usage.iterations:
            for number, extra in enumerate(usage.iterations):
                if extra.type == "advisor_message":
                    counted = self.tokens(call.line, extra)
                    if counted is not None and counted is not NO_TOKENS:
                        key = stable_key(f"claude-code:{family}#{number}", request_id)
                        self.add(key, extra.model, counted, call.at, place, precedence, tier, Quality.EXACT, ())

    def add(
        self, key: bytes, model: str | None, tokens: Tokens, at: int, place: _Place, precedence: int, tier: str, quality: Quality,
        money: tuple[Money, ...],
    ) -> None:
        record = UsageRecord(
            key, place.session, at // 1000, plain(model) if model else "", tokens, 1, Grain.REQUEST, place.folder, place.branch,
            place.sidechain, tier, precedence, place.home, money, Origin.MEASURED, quality,
        )  # fmt: skip
        known = self.records.get(key)
        self.records[key] = record if known is None else _merged(known, record)

    def tokens(self, line: Line, usage: Counts) -> Tokens | None:
        """The classes of one usage object; None = impossible numbers (agent-logs 3.3.9)."""
        fresh, read, output = usage.input_tokens or 0, usage.cache_read_input_tokens or 0, usage.output_tokens or 0
        written = usage.cache_creation_input_tokens or 0
        split = usage.cache_creation
        short = long = other = 0
        if split is None:
            short = written  # without a split all writes are priced as 5 minutes
        else:
            short, long = split.ephemeral_5m_input_tokens or 0, split.ephemeral_1h_input_tokens or 0
        details = usage.output_tokens_details
        thinking = details.thinking_tokens or 0 if details is not None else 0
        every = fresh | read | output | written | short | long | thinking  # below zero if any is, large if any is
        if every == 0:
            return NO_TOKENS
        if every < 0:
            self.problem(line, "has negative token counts; they were taken for zero")
            fresh, read, output, written = max(fresh, 0), max(read, 0), max(output, 0), max(written, 0)
            short, long, thinking = max(short, 0), max(long, 0), max(thinking, 0)
        if (fresh | read | output | written | short | long) >= IMPOSSIBLE:
            self.problem(line, "has impossible token counts; it was left out")
            return None
        if split is not None and written > short + long:
            other = written - short - long
        tokens = Tokens(fresh, read, short, long, other, output, min(output, thinking))
        return tokens if tokens.total else NO_TOKENS

    def fact(self, session: str, parent: str, version: str) -> None:
        known = self.state.fact
        if known[0] == session and (not parent or known[1] == parent) and (not version or known[2] == version):
            return
        if known[0] == session:
            parent, version = parent or known[1], version or known[2]
        self.state.fact = (session, parent, version)
        if (parent and parent != session) or version:
            stated = f"claude-code:{parent}" if parent and parent != session else ""
            self.facts.append(SessionFact(f"claude-code:{session}", stated, version))

    def home(self, session: str, *, forked: bool) -> int:
        """The file that started first; the session's own bits only break ties, the same way everywhere."""
        if not self.state.started:
            return FORKED - 1 + (FORKED if forked else 0)  # not known yet: any other copy knows better
        home = (self.state.started & 0x1FF_FFFF_FFFF) << 20 | crc32(session.encode("utf-8", "replace")) & 0xFFFFF
        return home | FORKED if forked else home


def _merged(one: UsageRecord, other: UsageRecord) -> UsageRecord:
    """What the ledger would make of the two: the whole line that says more, the place of the smaller home, the earlier time."""
    numbers = one if _rank(one) >= _rank(other) else other
    home = min((one, other), key=_place)
    at = min(one.at, other.at)
    if numbers is home and at == numbers.at:
        return numbers
    return msgspec.structs.replace(
        numbers, session=home.session, folder=home.folder, branch=home.branch, home=home.home, at=at
    )


def _rank(record: UsageRecord) -> tuple[Any, ...]:
    t = record.tokens
    return (
        record.precedence, t.output, t.total, record.model != "", msgspec.structs.astuple(t), record.model,
        record.quality is Quality.EXACT, record.tier, record.money,
    )  # fmt: skip


def _place(record: UsageRecord) -> tuple[int, str, bool, str, bool, str]:
    return (record.home, record.session, not record.folder, record.folder, not record.branch, record.branch)


def _ends_are_written(version: str) -> bool:
    """Versions from 2 on write ``stop_reason`` on the last line of a response (agent-logs 3.3.11)."""
    return version[:1].isdigit() and not version.startswith(("0.", "1."))


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """Which of the records with one message id count (agent-logs 3.3.6, decisions 3).

    A side chain repeats a message of the main chain under a new request id: the main chain's counts. A record without
    request id is the keyed one when there is only one of those, or one with the same numbers.
    """
    if len(family) == 1:
        return {family[0].key}
    main = [each for each in family if not each.sub_agent]
    alive = list(family)
    if main and len(main) < len(family):
        alive = main
        if family[0].precedence & WORD:
            # The word may have come back in another session: only what looks like the main chain's message is a copy.
            outputs = {each.tokens.output for each in main}
            alive = main + [each for each in family if each.sub_agent and each.tokens.output not in outputs]
    unkeyed = next((each for each in alive if each.key[FAMILY_BYTES:] == NO_VARIANT), None)
    if unkeyed is not None and len(alive) > 1:
        keyed = [each for each in alive if each is not unkeyed]
        if len(keyed) == 1:
            alive = [max((keyed[0], unkeyed), key=lambda each: (each.tokens.output, each.tokens.total, each is keyed[0]))]
        elif any(each.tokens == unkeyed.tokens for each in keyed):
            alive = keyed
    return {each.key for each in alive}
