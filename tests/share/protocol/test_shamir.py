"""Shares of a sum: any t give it back, t - 1 say nothing, a wrong one is found (sharing-protocol 5.5 and 6)."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations, product

import pytest
from hypothesis import given, settings, strategies as st

from tests.share.chance import p_value
from tokenpal.share.protocol.questions import KINDS, SIZE, by_question, one_hot
from tokenpal.share.protocol.shamir import PRIME, Misbehaved, add, check_sum, combine, split, values

SEED = bytes(range(32))
SMALL = 5


def points(shares: list[tuple[int, ...]]) -> list[tuple[int, tuple[int, ...]]]:
    return list(enumerate(shares, 1))


# ------------------------------------------------------------------------------------------- nothing from t - 1


@pytest.mark.parametrize(("t", "m"), [(2, 3), (2, 4), (3, 4), (4, 4)])
def test_any_fewer_shares_are_alike_for_every_secret(t: int, m: int) -> None:
    """All polynomials over a small field: proof for the field's size, and the code takes the prime as a number only."""
    for places in combinations(range(m), t - 1):
        seen = []
        for secret in range(SMALL):
            shares = (values([row], [secret], t, m, SMALL) for row in product(range(SMALL), repeat=t - 1))
            seen.append(Counter(tuple(share[place] for place in places) for share in shares))
        assert all(one == seen[0] for one in seen)
        assert set(seen[0].values()) == {1}, "every view is equally likely"


def test_as_many_as_needed_do_tell_in_the_same_enumeration() -> None:
    """The control of the proof above: with t shares the views of two secrets never meet."""
    views = [
        {(shares[0], shares[1]) for row in product(range(SMALL), repeat=1) for shares in [values([row], [secret], 2, 3, SMALL)]}
        for secret in range(SMALL)
    ]
    assert all(not one & two for one, two in combinations(views, 2))


def test_the_low_bits_of_a_share_are_even() -> None:
    """Shares over the real field from the real generator of coefficients, one secret, 4000 seeds: 4 low bits of each share."""
    seeds = random.Random(20260101)
    counts: Counter[tuple[int, int]] = Counter()
    for _ in range(4000):
        for x, share in points(split([1], 3, 3, seeds.randbytes(32), b"low bits")):
            counts[x, share[0] & 15] += 1
    for x in (1, 2, 3):
        found = [counts[x, low] for low in range(16)]
        assert p_value(found, [4000 / 16] * 16) > 1e-6


def test_every_number_of_a_small_field_is_drawn_alike() -> None:
    """Rejection, not remainder: 17 of the 32 numbers of five bits are kept. With remainders this fails at once."""
    seeds = random.Random(7)
    counts = Counter(split([0], 2, 2, seeds.randbytes(32), b"", 17)[0][0] for _ in range(6000))
    assert p_value([counts[number] for number in range(17)], [6000 / 17] * 17) > 1e-6


# ---------------------------------------------------------------------------------------------------- sums


@st.composite
def teams(draw: st.DrawFn) -> tuple[list[tuple[int, ...]], int, int, list[bytes]]:
    m = draw(st.integers(4, 12))
    t = draw(st.integers(2, m))
    n = draw(st.integers(1, 8))
    reports = [one_hot({question: draw(st.integers(0, k - 1)) for question, k in KINDS.items()}) for _ in range(n)]
    return reports, t, m, [draw(st.binary(min_size=32, max_size=32)) for _ in range(n)]


@settings(max_examples=60)
@given(teams(), st.randoms(use_true_random=False))
def test_sums_of_shares_are_shares_of_the_sum(team: tuple[list[tuple[int, ...]], int, int, list[bytes]], rng: random.Random) -> None:
    reports, t, m, seeds = team
    shares = [split(report, t, m, seed, bytes([place])) for place, (report, seed) in enumerate(zip(reports, seeds, strict=True))]
    answers = points([add([of[x] for of in shares]) for x in range(m)])
    rng.shuffle(answers)
    total = tuple(map(sum, zip(*reports, strict=True)))
    check_sum(total, len(reports))
    assert combine(answers, t) == total
    assert combine(answers[: rng.randint(t, m)], t) == total
    garbage = combine(answers[: t - 1], t - 1)
    with pytest.raises(Misbehaved):
        check_sum(garbage, len(reports))


@pytest.mark.parametrize("place", range(6))
def test_a_wrong_share_is_found_whosever_it_is(place: int) -> None:
    shares = points(split([1, 0, 0, 0, 0, 1, 0], 4, 6, SEED, b""))
    x, share = shares[place]
    shares[place] = (x, (*share[:3], (share[3] + 1) % PRIME, *share[4:]))
    with pytest.raises(Misbehaved, match="same sum"):
        combine(shares, 4)


def test_swapped_answers_are_found() -> None:
    (one, first), (two, second), *rest = points(split([1, 0, 0, 0, 0, 1, 0], 4, 6, SEED, b""))
    with pytest.raises(Misbehaved):
        combine([(one, second), (two, first), *rest], 4)


def test_with_just_enough_answers_only_the_sum_can_tell() -> None:
    shares = points(split([1, 0, 0, 0, 0, 1, 0], 4, 6, SEED, b""))[:4]
    x, share = shares[0]
    shares[0] = (x, (share[0] ^ 1, *share[1:]))
    with pytest.raises(Misbehaved, match="label"):
        check_sum(combine(shares, 4), 1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda points: [points[0], *points[:-1]], "same member"),
        (lambda points: [(0, points[0][1]), *points[1:]], "same member"),  # the place of the secret itself
        (lambda points: [(PRIME + 2, points[1][1]), points[0], *points[2:]], "same member"),  # 2 under another name
        (lambda points: [(1, points[0][1][:6]), *points[1:]], "numbers of the field"),
        (lambda points: [*points[:-1], (points[-1][0], (*points[-1][1], 0))], "numbers of the field"),
        (lambda points: [(1, (points[0][1][0] + PRIME, *points[0][1][1:])), *points[1:]], "numbers of the field"),
        (lambda points: [(1, (points[0][1][0] - PRIME, *points[0][1][1:])), *points[1:]], "numbers of the field"),
    ],
)
@pytest.mark.parametrize("further", [0, 2])
def test_answers_that_cannot_be(change, why: str, further: int) -> None:
    """Whether or not there are more answers than needed, which would find most of these too."""
    some = points(split([1, 0, 0, 0, 0, 1, 0], 4, 4 + further, SEED, b""))
    assert combine(some, 4) == (1, 0, 0, 0, 0, 1, 0)
    with pytest.raises(Misbehaved, match=why):
        combine(change(some), 4)


def test_too_few_answers() -> None:
    with pytest.raises(ValueError):
        combine(points(split([1], 4, 6, SEED, b""))[:3], 4)
    with pytest.raises(ValueError):
        combine([], 0)


# ------------------------------------------------------------------------------------------------ the seed


def test_a_seed_makes_the_same_shares_again() -> None:
    assert split([1, 0], 3, 5, SEED, b"a") == split([1, 0], 3, 5, SEED, b"a")


def test_another_label_or_seed_shares_no_coefficient() -> None:
    """Else two sets of shares under one seed could be subtracted."""
    first, other_label, other_seed = (
        {share for one in split([0, 0, 0], 4, 8, seed, label) for share in one}
        for seed, label in [(SEED, b"head 1"), (SEED, b"head 2"), (bytes(32), b"head 1")]
    )
    assert not first & other_label
    assert not first & other_seed


def test_the_coefficients_of_a_big_team_do_not_come_round_again() -> None:
    """One block of chance holds 128 numbers; a team of 50 needs 231. The second polynomial here is made of the second block."""
    assert all(first != second for first, second in split([0, 0], 129, 130, SEED, b""))


def test_the_shares_of_a_known_seed() -> None:
    """Other implementations of protocol.md can be checked against this; it changes only with the schema."""
    assert split([1], 2, 2, SEED, b"x") == [(VECTOR[0],), (VECTOR[1],)]


VECTOR = (116972103716177456, 233944207432354911)


@pytest.mark.parametrize(
    ("vector", "t", "m", "seed"),
    [([1], 0, 3, SEED), ([1], 4, 3, SEED), ([-1], 2, 3, SEED), ([PRIME], 2, 3, SEED), ([1], 2, 3, SEED[:31]), ([1], 2, 3, b"")],
)
def test_impossible_splits(vector: list[int], t: int, m: int, seed: bytes) -> None:
    with pytest.raises(ValueError):
        split(vector, t, m, seed, b"")


def test_coefficients_of_another_shape() -> None:
    with pytest.raises(ValueError):
        values([[1, 2]], [1], 2, 3)
    with pytest.raises(ValueError):
        values([], [1], 2, 3)


# ------------------------------------------------------------------------------------------------ questions


@pytest.mark.parametrize(
    ("vector", "n"),
    [
        ((3, 1, 1, 0, 0, 3, 1), 5),  # a question lacks one
        ((6, -1, 0, 0, 5, 0, 0), 5),
        ((5, 0, 0, 0, 6, PRIME - 1, 0), 5),
        ((5, 0, 0, 0, 5, 0, 0), 4),
        ((0, 0, 0, 0, 0, 0, 0), 5),
    ],
)
def test_sums_no_reports_make(vector: tuple[int, ...], n: int) -> None:
    with pytest.raises(Misbehaved):
        check_sum(vector, n)


def test_a_sum_of_another_length() -> None:
    with pytest.raises(ValueError):
        check_sum((5, 0, 0, 0, 5, 0), 5)


def test_one_report_as_numbers() -> None:
    assert one_hot({"use": 1, "label": 2}) == (0, 0, 1, 0, 0, 1, 0)
    assert by_question(range(SIZE)) == {"label": (0, 1, 2, 3), "use": (4, 5, 6)}


@pytest.mark.parametrize("answers", [{}, {"label": 1}, {"label": 4, "use": 0}, {"label": 0, "use": -1}, {"label": 0, "use": 0, "trend": 0}])
def test_answers_of_no_report(answers: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        one_hot(answers)
