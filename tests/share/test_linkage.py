"""The attack that names people by their weeks works on plaintext rows and finds nothing in what an endpoint stores (sharing-protocol 2.4 and 6).

An endpoint does store who took part in a week, under a number that stays the same: linking *participation* needs no attack
and is not denied. What must not be in there is anything to tell the weeks of people apart by (the answers, the volume). So
here the attacker gets envelopes and answers without their numbers and links them; and then, given the links for nothing, puts
people into an order by volume and guesses their habits, having learnt from every colleague.
"""

from __future__ import annotations

import math
import random
import zlib
from functools import cache
from statistics import fmean

import msgspec

from tests.share.linking import Row, Week, linked, people, plain, tau, week
from tokenpal.share.protocol import keys, sealing
from tokenpal.share.protocol.epochs import shifted
from tokenpal.share.protocol.wire import b64, digest, encode, member_id, unb64
from tokenpal.share.report import draw, use_answer

N, WEEKS, WORLDS = 25, 8, 4
FIRST = "2026-W36"
T = max(4, math.ceil(2 * N / 3))


class World(msgspec.Struct, frozen=True):
    """A team's weeks: what happened, and what the endpoint has of it. Lists by week, then by person."""

    happened: list[list[Week]]
    stored: list[list[Row]]

    def volumes(self) -> list[float]:
        return [sum(weeks[person].tokens for weeks in self.happened) for person in range(N)]

    def often(self) -> list[bool]:
        """Whether somebody uses AI on most days: the answer that a lead would like to have."""
        counts = [sum(use_answer(weeks[person].days) == 2 for weeks in self.happened) for person in range(N)]
        middle = sorted(counts)[N // 2]
        return [count > middle for count in counts]


@cache
def world(seed: int) -> World:
    """Real reports, drawn, sealed, opened and summed as clients do it."""
    dice = random.Random(seed)
    folk = people(N, dice)
    identities = [keys.signing_key(dice.randbytes(32)) for _ in folk]
    ids = [member_id(one.public_key().public_bytes_raw()) for one in identities]
    happened, stored = [], []
    for number in range(WEEKS):
        epoch = shifted(FIRST, number)
        secret = {member: dice.randbytes(32) for member in ids}
        to = [(member, keys.sealing_public(secret[member])) for member in ids]
        weeks = [week(person, dice) for person in folk]
        envelopes = []
        for one, identity in zip(weeks, identities, strict=True):
            exploration, delivered, waste, nothing = one.labels
            labels = {"exploration": exploration, "delivered": delivered, "waste": waste, "": nothing}
            drawn = draw(epoch, one.days, labels, dice.randrange)
            envelopes.append(
                sealing.envelope(
                    {answer.id: answer.sent for answer in drawn.answers}, to, T, dice.randbytes(32), identity,
                    team=b64(bytes(16)), epoch=epoch, head=digest(b"roster"), policy=digest(b"policy"),
                )
            )  # fmt: skip
        order = sorted(ids)
        sums = [sealing.share_sum(envelopes, member, secret[member], order.index(member) + 1) for member in ids]
        happened.append(weeks)
        stored.append(
            [features(encode(one), unb64(one.body["shares"]), unb64(one.sig), total) for one, total in zip(envelopes, sums, strict=True)]
        )
    return World(happened, stored)


def features(envelope: bytes, shares: bytes, signature: bytes, answer: tuple[int, ...]) -> Row:
    """Every number that somebody without a member's key could take from an envelope and an answer, short of the member's number."""
    parts = [shares[place : place + sealing.SEALED_BYTES] for place in range(0, len(shares), sealing.SEALED_BYTES)]
    return (
        float(len(envelope)), float(len(parts)), float(len(zlib.compress(shares))),
        fmean(shares), float(int.from_bytes(shares, "big").bit_count()), float(shares.count(0)),
        *(fmean(part[32:]) for part in parts[:6]), *(float(part[0]) for part in parts[:6]),
        fmean(signature), float(signature[0]), float(signature[32]),
        *(float(number) for number in answer),
    )  # fmt: skip


def shuffled(weeks: list[list[Row]], dice: random.Random) -> list[list[tuple[int, Row]]]:
    """Rows as they lie in a table without names, with the judge's knowledge of whose they are."""
    return [dice.sample(list(enumerate(rows)), N) for rows in weeks]


def plaintext(one: World) -> list[list[Row]]:
    return [[plain(each) for each in weeks] for weeks in one.happened]


def linking(rows: list[list[list[Row]]]) -> float:
    return fmean(linked(shuffled(weeks, random.Random(number))) for number, weeks in enumerate(rows))


def mean_rows(weeks: list[list[Row]]) -> list[Row]:
    """Each person's mean row: the links are given to the attacker for nothing."""
    return [tuple(map(fmean, zip(*(rows[person] for rows in weeks), strict=True))) for person in range(N)]


def best_order(one: World, weeks: list[list[Row]]) -> float:
    """How well the best single column of another half of the team orders this half by volume."""
    rows, volumes = mean_rows(weeks), one.volumes()
    known, asked = range(0, N, 2), range(1, N, 2)

    def fit(column: int, who: range) -> float:
        return tau([rows[person][column] for person in who], [volumes[person] for person in who])

    column = max(range(len(rows[0])), key=lambda each: abs(fit(each, known)))
    return math.copysign(1, fit(column, known)) * fit(column, asked)


def guesses(one: World, weeks: list[list[Row]]) -> list[bool]:
    """Guess of everybody the habit of the most similar colleague; whether it was right."""
    rows, truth = mean_rows(weeks), one.often()
    columns = list(zip(*rows, strict=True))
    spreads = [max(column) - min(column) or 1.0 for column in columns]

    def far(a: int, b: int) -> float:
        return sum(((x - y) / spread) ** 2 for x, y, spread in zip(rows[a], rows[b], spreads, strict=True))

    return [
        truth[person] == truth[min((other for other in range(N) if other != person), key=lambda other: far(person, other))]
        for person in range(N)
    ]


def test_rows_without_names_are_linked_again() -> None:
    """The positive control: if this fails, the attack is broken and the next tests prove nothing."""
    assert linking([plaintext(world(seed)) for seed in range(WORLDS)]) > 0.40


def test_what_the_endpoint_stores_is_linked_no_better_than_byby_chance() -> None:
    found = linking([world(seed).stored for seed in range(WORLDS)])
    rows = WORLDS * (WEEKS - 1) * N
    chance = 1 / N
    # Rows of one chain are not independent; four times the spread of as many independent rows leaves room for that.
    assert abs(found - chance) < 4 * math.sqrt(chance * (1 - chance) / rows)


def test_rows_order_people_by_volume() -> None:
    assert fmean(best_order(world(seed), plaintext(world(seed))) for seed in range(WORLDS)) > 0.6


def test_what_the_endpoint_stores_orders_nobody() -> None:
    half = N // 2
    spread = math.sqrt(2 * (2 * half + 5) / (9 * half * (half - 1)))  # of tau between two orders that have nothing to do with each other
    assert abs(fmean(best_order(world(seed), world(seed).stored) for seed in range(WORLDS))) < 3 * spread / math.sqrt(WORLDS)


def test_habits_are_guessed_from_rows_only() -> None:
    worlds = [world(seed) for seed in range(WORLDS)]
    rows = [right for one in worlds for right in guesses(one, plaintext(one))]
    stored = [right for one in worlds for right in guesses(one, one.stored)]
    same = fmean(by_chance(one.often()) for one in worlds)
    assert fmean(rows) > same + 0.15
    assert fmean(stored) < same + 3 * math.sqrt(same * (1 - same) / len(stored))


def by_chance(truth: list[bool]) -> float:
    """How often a random other colleague has the same habit."""
    yes = sum(truth)
    return (yes * (yes - 1) + (N - yes) * (N - yes - 1)) / (N * (N - 1))


def test_envelopes_differ_in_nothing_but_what_looks_random() -> None:
    """One length, one number of shares, whoever sends it and however much was used."""
    assert {row[:2] for seed in range(WORLDS) for rows in world(seed).stored for row in rows} == {
        (float(sealing.envelope_size(N)), float(N))
    }
