"""What a batch would change, found by doing it and taking it back: the figures of a dry run are the real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from tokenpal.model.tokens import NO_TOKENS, Tokens
from tokenpal.store import rows
from tokenpal.store.database import Store
from tokenpal.store.rows import COUNTED, FAMILY, ID, MODEL, TOKENS, VARIANT, Key

T = TypeVar("T")
AT_ONCE = 20_000


class _Enough(Exception):
    """Takes the transaction back."""


class Share(msgspec.Struct, frozen=True):
    """Records of one model: all of them, and what of them something else covers."""

    model: str
    provider: str
    tokens: Tokens = NO_TOKENS
    covered: Tokens = NO_TOKENS


def tried(store: Store, act: Callable[[], T]) -> T:
    """The answer of ``act``, after which nothing is changed. Not inside another transaction."""
    answer: list[T] = []
    try:
        with store.transaction():
            answer.append(act())
            raise _Enough
    except _Enough:
        return answer[0]


def known(store: Store, keys: Sequence[Key]) -> int:
    """How many of these records are there."""
    wanted = set(keys)
    return sum((row[FAMILY], row[VARIANT]) in wanted for part in _parts(keys) for row in rows.by_families(store, part))


def shares(store: Store, keys: Sequence[Key], account: int) -> list[Share]:
    """What these records count for, by model, the largest first."""
    wanted = set(keys)
    sums: dict[int, tuple[Tokens, Tokens]] = {}
    for part in _parts(keys):
        found = [row for row in rows.by_families(store, part) if (row[FAMILY], row[VARIANT]) in wanted and row[COUNTED]]
        covered = rows.covered_of(store, [row[ID] for row in found])
        for row in found:
            all_, less = sums.get(row[MODEL], (NO_TOKENS, NO_TOKENS))
            gone = covered.get(row[ID])
            sums[row[MODEL]] = all_ + Tokens(*row[TOKENS]), less if gone is None else less + Tokens(*gone[:7])
    names = {id_: (name, provider) for id_, name, provider in store.execute("SELECT id, name, provider FROM model")}
    made = [Share(*names[model], *both) for model, both in sums.items()]
    return sorted(made, key=lambda share: -share.tokens.total)


def _parts(keys: Sequence[Key]) -> list[list[int]]:
    families = sorted({key[0] for key in keys})
    return [families[at : at + AT_ONCE] for at in range(0, len(families), AT_ONCE)]
