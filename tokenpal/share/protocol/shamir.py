"""Shamir's sharing of seven numbers: any ``t`` of ``m`` shares give them back, ``t - 1`` say nothing (sharing-protocol 5.5).

Number ``i`` is the value at 0 of a random polynomial of degree ``t - 1`` over a prime field; share ``x`` (1 .. m) is its value
at ``x``. Shares of several people add up to a share of the sum of their numbers, and that is all the mailbox ever gets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from tokenpal.model.errors import TokenpalError
from tokenpal.share.protocol.questions import Vector, by_question

PRIME: Final = (1 << 61) - 1
SEED_BYTES: Final = 32
_DOMAIN: Final = b"tokenpal-share/1 shamir\n"


class Misbehaved(TokenpalError):
    """A share, an answer or a sum that no honest client makes: nothing is released for the week (sharing-protocol 5.5)."""

    title = "A client misbehaves"


def split(vector: Sequence[int], t: int, m: int, seed: bytes, label: bytes, prime: int = PRIME) -> list[Vector]:
    """The ``m`` shares of ``vector``; share ``x`` is at place ``x - 1``. The same arguments give the same shares.

    ``label`` must differ wherever a seed is used for anything else (another team, epoch, roster, threshold or answer), so that
    two sets of shares never have a coefficient in common. Raises ValueError for a seed of another length than 32 bytes.
    """
    if len(seed) != SEED_BYTES:
        raise ValueError("the seed has 32 bytes")
    chance = _numbers(_DOMAIN + seed + len(label).to_bytes(4, "big") + label, prime)
    return values([tuple(islice(chance, t - 1)) for _ in vector], vector, t, m, prime)


def values(coefficients: Sequence[Sequence[int]], vector: Sequence[int], t: int, m: int, prime: int = PRIME) -> list[Vector]:
    """The shares for given coefficients: for each number those of x, x^2 ... x^(t-1). Raises ValueError for impossible arguments."""
    if not 1 <= t <= m < prime or any(not 0 <= number < prime for number in vector):
        raise ValueError("1 <= t <= m, and numbers of the field")
    if len(coefficients) != len(vector) or any(len(row) != t - 1 for row in coefficients):
        raise ValueError("t - 1 coefficients for each number")
    polynomials = [(*reversed(row), number) for row, number in zip(coefficients, vector, strict=True)]  # highest first
    return [tuple(_value(polynomial, x, prime) for polynomial in polynomials) for x in range(1, m + 1)]


def add(shares: Sequence[Sequence[int]], prime: int = PRIME) -> Vector:
    """The share of a sum from the shares of its parts, all of the same ``x``. No shares give no numbers."""
    return tuple(sum(column) % prime for column in zip(*shares, strict=True))


def combine(points: Sequence[tuple[int, Sequence[int]]], t: int, prime: int = PRIME) -> Vector:
    """The shared numbers from ``(x, share)`` of at least ``t`` members.

    The first ``t`` determine the polynomials; every further point must lie on them. Raises ValueError for fewer than ``t``
    points, and ``Misbehaved`` for a point given twice, off the field, of another length, or off the polynomials. Exactly ``t``
    points check nothing: then only ``check_sum`` can tell.
    """
    if t < 1 or len(points) < t:
        raise ValueError(f"{t} answers are needed")
    size = len(points[0][1])
    places = [x for x, _ in points]
    if len(set(places)) != len(places) or any(not 1 <= x < prime for x in places):
        raise Misbehaved("Two answers stand for the same member.")
    if any(len(share) != size or any(not 0 <= number < prime for number in share) for _, share in points):
        raise Misbehaved("An answer is not made of numbers of the field.")
    base = points[:t]
    bases = places[:t]
    for x, share in points[t:]:
        if _at(x, bases, base, prime) != tuple(share):
            raise Misbehaved("The answers do not belong to the same sum.")
    return _at(0, bases, base, prime)


def check_sum(vector: Sequence[int], n: int) -> None:
    """Whether this can be the sum of ``n`` reports: every number 0 .. n, and each question's together n. Else ``Misbehaved``."""
    for question, numbers in by_question(vector).items():
        if any(not 0 <= number <= n for number in numbers) or sum(numbers) != n:
            raise Misbehaved(f"The answers to {question!r} do not add up to {n} reports.")


def _numbers(key: bytes, prime: int) -> Iterator[int]:
    """Endless numbers of the field, all equally likely: SHAKE-256 in blocks, and what is too large is thrown away."""
    mask = (1 << prime.bit_length()) - 1
    block = 0
    while True:
        data = hashlib.shake_256(key + block.to_bytes(4, "big")).digest(1024)
        for place in range(0, len(data), 8):
            number = int.from_bytes(data[place : place + 8], "big") & mask
            if number < prime:
                yield number
        block += 1


def _value(polynomial: Sequence[int], x: int, prime: int) -> int:
    total = 0
    for coefficient in polynomial:
        total = (total * x + coefficient) % prime
    return total


def _at(x: int, bases: Sequence[int], base: Sequence[tuple[int, Sequence[int]]], prime: int) -> Vector:
    """The values at ``x`` of the polynomials through ``base``, after Lagrange."""
    weights = []
    for own in bases:
        above = below = 1
        for other in bases:
            if other != own:
                above = above * (x - other) % prime
                below = below * (own - other) % prime
        weights.append(above * pow(below, -1, prime) % prime)
    shares = [share for _, share in base]
    return tuple(sum(weight * number for weight, number in zip(weights, column, strict=True)) % prime for column in zip(*shares, strict=True))
