"""The two questions of this schema, and their answers as seven numbers of which two are 1 (sharing-protocol 5.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

KINDS: Final = {"label": 4, "use": 3}
"""Question -> how many answers it has; sorted, which is also their order in a vector."""
SIZE: Final = sum(KINDS.values())

Vector = tuple[int, ...]
"""SIZE whole numbers: one report, one share of it, or a sum of either."""


def one_hot(answers: Mapping[str, int]) -> Vector:
    """The vector of one report. Raises ValueError unless each question has one answer that exists."""
    if set(answers) != set(KINDS) or any(not 0 <= answers[question] < k for question, k in KINDS.items()):
        raise ValueError("not the answers of this schema")
    return tuple(int(answers[question] == place) for question, k in KINDS.items() for place in range(k))


def by_question(vector: Sequence[int]) -> dict[str, Vector]:
    """The numbers of a vector, question by question. Raises ValueError for another length."""
    if len(vector) != SIZE:
        raise ValueError(f"{SIZE} numbers, not {len(vector)}")
    parts: dict[str, Vector] = {}
    begin = 0
    for question, k in KINDS.items():
        parts[question] = tuple(vector[begin : begin + k])
        begin += k
    return parts
