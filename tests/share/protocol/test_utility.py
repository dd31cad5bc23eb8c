"""What a team gets for it: intervals hold the truth nine times in ten, errors are those of sharing-protocol 5.9.

Simulated teams over full windows, every answer through the real coin with seeded chance, so these tests never flicker.
"""

from __future__ import annotations

import random
from math import sqrt

import pytest

from tokenpal.share.coin import toss
from tokenpal.share.protocol.estimate import Bar, bars, window

SIZES = (5, 10, 25, 50)
LABELS = (0.4, 0.25, 0.2, 0.15)
USE = (0.2, 0.35, 0.45)


def observed(question: str, n: int, mix: tuple[float, ...], chance: random.Random) -> tuple[tuple[Bar, ...], list[float]]:
    """The bars of one full window, and the shares that were true in it."""
    k = len(mix)
    answers = chance.choices(range(k), mix, k=n * window(n))
    counts = [0] * k
    for true in answers:
        counts[toss(true, k, chance.randrange)] += 1
    return bars(question, counts), [answers.count(answer) / len(answers) for answer in range(k)]


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(("question", "mix"), [("label", LABELS), ("use", USE)])
def test_nine_of_ten_intervals_hold_the_truth(question: str, mix: tuple[float, ...], n: int) -> None:
    """Label: the truth is the mix the sessions are drawn from. Use: it is what the members did in these very weeks."""
    chance = random.Random(n)
    runs = 700
    held = 0
    for _ in range(runs):
        found, happened = observed(question, n, mix, chance)
        truth = mix if question == "label" else happened
        held += sum(bar.low <= true <= bar.high for bar, true in zip(found, truth, strict=True))
    assert 0.88 <= held / (runs * len(mix)) <= 0.92


@pytest.mark.parametrize("n", SIZES)
def test_people_who_differ_make_the_band_too_wide_never_too_narrow(n: int) -> None:
    """Half the team always explores, the others never do: one session each is then no draw at all, and the band is cautious."""
    chance = random.Random(n)
    runs = 300
    held = 0
    for _ in range(runs):
        answers = [place % 2 for place in range(n * window(n))]
        counts = [0] * 4
        for true in answers:
            counts[toss(true, 4, chance.randrange)] += 1
        bar = bars("label", counts)[1]
        held += bar.low <= sum(answers) / len(answers) <= bar.high
    assert held / runs >= 0.9


@pytest.mark.parametrize(("n", "points"), [(5, 16), (7, 14), (8, 16), (15, 12), (16, 16), (31, 11.5), (32, 16), (49, 13)])
def test_bands_as_the_table_promises(n: int, points: float) -> None:
    """Half a 90 % interval at a true share of 0.4: by formula, and measured over simulated windows."""
    total = n * window(n)
    seen = round(total * 0.34)
    rest = [(total - seen + place) // 3 for place in range(3)]
    bar = bars("label", [seen, *rest])[0]
    assert 164.5 * bar.error == pytest.approx(points, rel=0.1)
    assert 50 * (bar.high - bar.low) == pytest.approx(points, rel=0.1)
    chance = random.Random(n)
    estimates = [observed("label", n, LABELS, chance)[0][0].raw for _ in range(1000)]
    mean = sum(estimates) / len(estimates)
    spread = sqrt(sum((one - mean) ** 2 for one in estimates) / (len(estimates) - 1))
    assert 164.5 * spread == pytest.approx(points, rel=0.1)
    assert mean == pytest.approx(0.4, abs=3 * spread / sqrt(len(estimates))), "unbiased"


@pytest.mark.parametrize("n", SIZES)
def test_stated_errors_are_the_real_ones(n: int) -> None:
    chance = random.Random(100 + n)
    for question, mix in (("label", LABELS), ("use", USE)):
        runs = [observed(question, n, mix, chance) for _ in range(1000)]
        for answer in range(len(mix)):
            misses = [found[answer].raw - (mix[answer] if question == "label" else happened[answer]) for found, happened in runs]
            real = sqrt(sum(miss**2 for miss in misses) / len(misses))
            stated = sum(found[answer].error for found, _ in runs) / len(runs)
            assert stated == pytest.approx(real, rel=0.1)


def test_without_the_coin_the_band_would_be_a_factor_of_one_and_a_half() -> None:
    """sharing-protocol 5.9 says about 1.6 for the price of the coin, beside the draw of one session."""
    bar = bars("label", [22, 20, 13, 10])[0]
    drawn_only = sqrt(0.4 * 0.6 / 65)
    assert 1.5 < bar.error / drawn_only < 1.7
