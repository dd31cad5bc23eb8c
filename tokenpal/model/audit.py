"""One row of the audit log of sharing, and the hash that chains it to the row before (sharing-protocol 5.8)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Final

import msgspec

FIRST: Final = "0" * 64
"""Stands before the first row."""


class AuditRow(msgspec.Struct, frozen=True):
    """``n`` counts from 1; ``body`` is canonical JSON text of an object; ``hash`` covers all the other fields."""

    n: int
    at: int  # epoch seconds
    kind: str
    body: str
    prev: str
    hash: str

    @property
    def fields(self) -> dict[str, Any]:
        """The body as an object. Raises ValueError for a damaged one."""
        found = json.loads(self.body)
        if not isinstance(found, dict):
            raise ValueError("not an object")  # noqa: TRY004  the text is damaged, the call is right
        return found


def body_text(body: dict[str, Any]) -> str:
    """JSON with one spelling only, the same as of everything that is signed (protocol.md 2)."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def chained(n: int, at: int, kind: str, body: str, prev: str) -> AuditRow:
    """The row with its hash: SHA-256, in hex, of the canonical JSON of its other fields."""
    covered = body_text({"n": n, "at": at, "kind": kind, "body": body, "prev": prev})
    return AuditRow(n, at, kind, body, prev, hashlib.sha256(covered.encode()).hexdigest())


def broken_at(rows: Iterable[AuditRow]) -> int | None:
    """The number of the first row that does not fit, in rows from the first on, oldest first; None when all do.

    Rows cut off at the end cannot be seen from the rest: compare the last hash with one noted elsewhere.
    """
    prev = FIRST
    for n, row in enumerate(rows, 1):
        if row.n != n or row.prev != prev or chained(row.n, row.at, row.kind, row.body, row.prev) != row:
            return n
        prev = row.hash
    return None
