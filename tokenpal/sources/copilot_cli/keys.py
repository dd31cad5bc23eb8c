"""Keys and precedence of Copilot's records: one family a session, so that its best place can be chosen (agent-logs 7.1).

A key's last four bytes are two bits of the place and 30 of a number that tells its records apart. A precedence is the
place, the kind of a trace's row, and a hash of the trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.usage import Candidate, stable_key
from tokenpal.sources.counts import Notes

REQUESTS, EVENTS, TRACES = 3, 2, 1
PLACE, ROW = 60, 32  # bits of a precedence
CHAT, INFERENCE, TURN, AGENT = 4, 3, 2, 1
MOST_NANO: Final = 1e17  # a million dollars


def key(session: str, place: int, number: int) -> bytes:
    """Of a session's record with this number, unique for its place."""
    return stable_key(f"copilot-cli:{session}")[:8] + (place << 30 | number & 0x3FFF_FFFF).to_bytes(4, "big")


def number(text: str) -> int:
    """A number for a text."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=4).digest(), "big")


def precedence(place: int, row: int = 0, trace: str = "") -> int:
    return place << PLACE | row << ROW | (number(trace) if trace else 0)


def aiu(notes: Notes, place: str, nano: float | None) -> tuple[Money, ...]:
    """AI credits at their value, which the plan's allowance is charged with: 1e9 nanoAIU are one cent."""
    if not nano or nano < 0:
        return ()
    if nano > MOST_NANO:
        notes.problem(place, "has impossible credits; they were left out")
        return ()
    pico = round(nano) * 10
    return (Money(MoneyKind.PLAN_VALUE, "USD", pico),) if pico else ()


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """The records of a session's best place; of a trace the best kind of row."""
    best = max(each.precedence >> PLACE for each in family)
    left = [each for each in family if each.precedence >> PLACE == best]
    if best == TRACES:
        rows: dict[int, int] = {}
        for each in left:
            trace = each.precedence & 0xFFFF_FFFF
            rows[trace] = max(rows.get(trace, 0), each.precedence >> ROW)
        left = [each for each in left if rows[each.precedence & 0xFFFF_FFFF] == each.precedence >> ROW]
    return {each.key for each in left}
