"""Accounts whose provider documents no such thing: asked at most every 5 minutes, and never again after a refusal until the person acts.

Acting is entering a new key or pressing "Read now" for that account; a refresh of everything, or ``tokenpal poll`` without a
name, is not meant for it (provider-apis 7).
"""

from __future__ import annotations

from typing import Any, Final

from tokenpal.model.events import AccountState
from tokenpal.model.report import AccountRow
from tokenpal.sources import registry

FLOOR: Final = 300
STOPPED: Final = frozenset({AccountState.KEY_REFUSED.value, AccountState.NOT_ALLOWED.value})
ASKED_AT: Final = "unofficial asked at"


def is_unofficial(source: str) -> bool:
    found = registry.source(source)
    return found is not None and bool(found.INFO.unofficial)


def stopped(row: AccountRow) -> bool:
    """It was refused, and nobody did anything about it since."""
    return row.state in STOPPED and is_unofficial(row.source)


def held(row: AccountRow, now: int, memory: dict[str, Any], *, asked: bool) -> bool:
    """Whether this account may not be asked now; ``asked``: by the person, for this account. Notes that it is asked otherwise."""
    if not is_unofficial(row.source):
        return False
    if row.state in STOPPED:
        wait = not asked
    else:
        last = max(row.last_success or 0, memory.get(ASKED_AT, 0))
        wait = 0 <= now - last < FLOOR
    if not wait:
        memory[ASKED_AT] = now
    return wait
