"""A session's events: totals by model at each shutdown, and the output of single messages between (agent-logs 7.1.2).

Totals go on from shutdown to shutdown over resumes, so that differences count; one that is smaller than the last starts
anew. Versions whose totals are of one leg are told by the messages: their outputs since the last shutdown make up the
block. What no shutdown covers yet (a running session, a crash) counts by the messages' output alone: a lower bound.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tokenpal.model.money import Money
from tokenpal.model.names import LONGEST_PATH, plain
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Quality, SessionFact, Superseded, UsageRecord
from tokenpal.sources.base import Line, Piece
from tokenpal.sources.copilot_cli.keys import EVENTS, MOST_NANO, aiu, key, precedence
from tokenpal.sources.counts import Notes
from tokenpal.sources.lenient import document, fit, typed
from tokenpal.sources.times import file_millis, millis

Vector = tuple[int, int, int, int, int, int]
"""input, output, cache read, cache write, reasoning, requests: as Copilot counts, with overlaps."""
ZERO: Final[Vector] = (0, 0, 0, 0, 0, 0)
MOST_WAITING: Final = 4000
ABSURD: Final = 10**13


class Leg(msgspec.Struct, array_like=True, omit_defaults=True):
    """How far one session is."""

    at: int = 0  # epoch ms
    cwd: str = ""
    branch: str = ""
    model: str = ""
    totals: dict[str, Vector] = {}  # of the last shutdown, by model
    nano: float = 0  # nanoAIU so far
    since: int = 0  # output of messages since the last shutdown,
    compacted: int = 0  # since the last compaction,
    ever: int = 0  # and since the start
    waiting: list[int] = []  # messages that no shutdown covers yet


class Place(msgspec.Struct, gc=False):
    cwd: str | None = None
    branch: str | None = None
    model: str | None = None


class Data(msgspec.Struct, gc=False, rename="camel"):
    context: Place | None = None
    copilot_version: str | None = None
    selected_model: str | None = None
    model: str | None = None
    current_model: str | None = None
    output_tokens: int | None = None
    total_nano_aiu: float | None = None
    model_metrics: msgspec.Raw = msgspec.Raw()


class Event(msgspec.Struct, gc=False):
    type: str | None = None
    timestamp: str | int | float | None = None
    data: Data | None = None


class Use(msgspec.Struct, gc=False, rename="camel"):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None


class Requests(msgspec.Struct, gc=False):
    count: int | None = None


class Metric(msgspec.Struct, gc=False, rename="camel"):
    usage: Use | None = None
    requests: Requests | None = None
    total_nano_aiu: float | None = None



class Reading:
    """One piece of one session."""

    def __init__(self, leg: Leg, notes: Notes, piece: Piece) -> None:
        self.leg, self.notes = leg, notes
        leg.totals, leg.waiting = dict(leg.totals), list(leg.waiting)  # the state that was given stays as it is
        parts = piece.cursor.name.replace("\\", "/").split("/")
        self.session = plain(parts[-2] if parts[-1] == "events.jsonl" else parts[-1].removesuffix(".jsonl"))
        self.file_at = file_millis(piece.cursor.mtime_ns)

    def line(self, line: Line) -> None:
        event = typed(line.data, Event)
        if event is None:
            self.notes.problem(f"byte {line.offset}", "the line is not a JSON object")
            return
        leg, data = self.leg, event.data or Data()
        leg.at = millis(event.timestamp) or leg.at
        place = f"byte {line.offset}"
        if event.type == "session.start":
            self.start(data)
        elif event.type == "assistant.message":
            self.message(place, line, data)
        elif event.type == "session.compaction_complete":
            leg.compacted = 0
        elif event.type == "session.usage_checkpoint":
            self.record(line, 0, leg.model, None, 0, self.money(place, data.total_nano_aiu))
        elif event.type == "session.shutdown":
            self.shutdown(place, line, data)

    def start(self, data: Data) -> None:
        leg, where = self.leg, data.context or Place()
        leg.cwd = plain(where.cwd, LONGEST_PATH) if where.cwd else leg.cwd
        leg.branch = plain(where.branch) if where.branch else leg.branch
        leg.model = plain(data.selected_model or where.model or data.model or "") or leg.model
        if data.copilot_version:
            self.notes.items.append(SessionFact(f"copilot-cli:{self.session}", "", plain(data.copilot_version)))

    def message(self, place: str, line: Line, data: Data) -> None:
        leg = self.leg
        leg.model = plain(data.model) if data.model else leg.model
        tokens = self.notes.tokens(place, output=data.output_tokens)
        if tokens is None:
            return
        leg.since, leg.compacted, leg.ever = leg.since + tokens.output, leg.compacted + tokens.output, leg.ever + tokens.output
        if len(leg.waiting) < MOST_WAITING:
            leg.waiting.append(_number(line, 0))
            self.record(line, 0, leg.model, tokens, 1, (), Quality.LOWER_BOUND)

    def shutdown(self, place: str, line: Line, data: Data) -> None:
        leg = self.leg
        found = document(bytes(data.model_metrics)) if data.model_metrics else None
        metrics = {name: fit(each, Metric) for name, each in found.items()} if isinstance(found, dict) else {}
        blocks = {plain(name): self.vector(place, metric) for name, metric in metrics.items() if metric is not None}
        nano = data.total_nano_aiu
        if nano is None:
            nano = sum(metric.total_nano_aiu or 0 for metric in metrics.values() if metric is not None) or None
        money = self.money(place, nano)
        output = sum(block[1] for block in blocks.values())
        own = bool(leg.totals) and output != leg.ever and output in {leg.since, leg.compacted}  # of this leg alone
        if blocks:
            for each in leg.waiting:
                self.notes.items.append(Superseded(key(self.session, EVENTS, each)))
            leg.waiting, leg.since = [], 0
        for index, (model, block) in enumerate(blocks.items()):
            before = ZERO if own else leg.totals.get(model, ZERO)
            if any(now < then for now, then in zip(block[:5], before[:5], strict=True)):
                before = ZERO
            leg.totals[model] = block
            moved = [now - then for now, then in zip(block, before, strict=True)]
            fresh, read, written = self.notes.parts(place, moved[0], moved[2], moved[3])
            tokens = self.notes.tokens(place, fresh=fresh, read=read, written=written, output=moved[1], reasoning=moved[4])
            if tokens is not None:
                self.record(line, index + 1, model, tokens, moved[5] if moved[5] > 0 else None, money, Quality.AGGREGATE)
                money = ()
        if money:
            self.record(line, 0, leg.model, None, 0, money)
        if blocks:
            leg.model = max(blocks, key=lambda model: blocks[model])

    def vector(self, place: str, metric: Metric) -> Vector:
        use = metric.usage or Use()
        count = metric.requests.count if metric.requests is not None else None
        found = self.notes.clean(
            place, use.input_tokens, use.output_tokens, use.cache_read_tokens, use.cache_write_tokens, use.reasoning_tokens, count,
        )  # fmt: skip
        a, b, c, d, e, f = (min(each, ABSURD) for each in found)
        return (a, b, c, d, e, f)

    def money(self, place: str, nano: float | None) -> tuple[Money, ...]:
        """What was added to the session's credits; they only grow."""
        if nano is None or nano <= self.leg.nano or nano > MOST_NANO:
            return ()
        more, self.leg.nano = nano - self.leg.nano, nano
        return aiu(self.notes, place, more)

    def record(
        self, line: Line, index: int, model: str, tokens: Tokens | None, requests: int | None, money: tuple[Money, ...],
        quality: Quality = Quality.AGGREGATE,
    ) -> None:
        if tokens is None and not money:
            return
        leg = self.leg
        self.notes.items.append(UsageRecord(
            key(self.session, EVENTS, _number(line, index)), f"copilot-cli:{self.session}", (leg.at or self.file_at) // 1000, model,
            tokens or Tokens(), requests, folder=leg.cwd, branch=leg.branch, precedence=precedence(EVENTS), money=money, quality=quality,
        ))  # fmt: skip


def _number(line: Line, index: int) -> int:
    """Tells the records of a file apart: a line with so many models is longer than 16 bytes for each."""
    return line.offset // 16 + index
