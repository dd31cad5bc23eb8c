"""The stated 90 % intervals hold the truth in nine of ten cases, with members who come and go and one who lies (sharing-protocol 6).

Whole quarters of made-up teams go through the program's own functions: report, coin, vector, sum, window, estimate. The full
path through sealing and a real endpoint is in tests/team/test_simulation.py; these are the same sums without it, many times.
"""

from __future__ import annotations

import random
from functools import cache
from statistics import fmean

import msgspec

from tests.share.linking import people, week
from tokenpal.engine.sharing import plan
from tokenpal.share.protocol import epochs, estimate
from tokenpal.share.protocol.questions import one_hot
from tokenpal.share.report import draw, use_answer

RUNS, N, WEEKS = 400, 25, 13
FIRST = "2026-W30"


class Try(msgspec.Struct, frozen=True):
    """One bar of one quarter beside the truth."""

    question: str
    inside: bool
    off: float
    error: float


def quarter(seed: int, n: int, *, liar: bool) -> list[Try]:
    """A quarter of one team. Member 0 may lie: three and more days and waste, every single week.

    Truth: the mean over the reports that were pooled of what really happened, the liar's week included as it was.
    """
    dice = random.Random(seed)
    folk = people(n, dice)
    here = [True] * n
    released, truths = [], {}
    for number in range(WEEKS):
        epoch = epochs.shifted(FIRST, number)
        here = [dice.random() < (0.95 if one else 0.4) for one in here]  # some vanish, some are back
        sent, truth = [], []
        for place, person in enumerate(folk):
            happened = week(person, dice)
            exploration, delivered, waste, nothing = happened.labels
            if not here[place]:
                continue
            counts = {"exploration": exploration, "delivered": delivered, "waste": waste, "": nothing}
            days, total = happened.days, sum(counts.values())
            mix = [count / total for count in counts.values()] if total else [0, 0, 0, 1]
            truth.append([*mix, *(float(use_answer(days) == answer) for answer in range(3))])
            if liar and place == 0:
                days, counts = 7, {"waste": 1}
            made = draw(epoch, days, counts, dice.randrange)
            sent.append(one_hot({answer.id: answer.sent for answer in made.answers}))
        if len(sent) >= 5:
            released.append(estimate.Week(epoch, len(sent), tuple(map(sum, zip(*sent, strict=True)))))
            truths[epoch] = [sum(column) for column in zip(*truth, strict=True)]
    found = estimate.result(released)
    if found is None:
        return []
    pooled = [sum(column) / found.answers for column in zip(*(truths[epoch] for epoch in found.weeks), strict=True)]
    bars = [(question.id, bar) for question in found.questions for bar in question.bars]
    return [
        Try(id_, bar.low - 1e-9 <= true <= bar.high + 1e-9, bar.raw - true, bar.error)
        for (id_, bar), true in zip(bars, pooled, strict=True)
    ]


@cache
def quarters(n: int, liar: bool) -> list[Try]:
    return [one for seed in range(RUNS) for one in quarter(seed, n, liar=liar)]


def test_intervals_hold_the_truth_in_nine_of_ten_cases() -> None:
    """Twenty-five members, one of whom lies in every week."""
    tries = quarters(N, True)
    assert len(tries) == 7 * RUNS
    assert 0.88 <= fmean(one.inside for one in tries) <= 0.92
    for question in ("label", "use"):
        assert 0.86 <= fmean(one.inside for one in tries if one.question == question) <= 0.94


def test_the_stated_error_is_the_error() -> None:
    for question in ("label", "use"):
        tries = [one for one in quarters(N, False) if one.question == question]
        found = fmean(one.off**2 for one in tries) ** 0.5
        assert abs(found / fmean(one.error for one in tries) - 1) < 0.1


def test_a_liar_in_the_smallest_team_is_not_absorbed() -> None:
    """No promise stands against a liar (sharing-protocol 5.7), and at five one voice is a fifth: the text must not say otherwise."""
    tries = [one for seed in range(100) for one in quarter(seed, 5, liar=True)]
    honest = [one for seed in range(100) for one in quarter(seed, 5, liar=False)]
    assert fmean(one.inside for one in honest) > 0.88 > fmean(one.inside for one in tries)


def test_no_release_no_result() -> None:
    assert estimate.result([]) is None


def test_one_week_without_a_release_does_not_take_the_result_away() -> None:
    """At sixteen and more a window is short: it reaches further back for as many weeks, and names the one that is missing."""
    bins = (20, 1, 1, 2, 1, 1, 22)
    released = [estimate.Week(epochs.shifted(FIRST, number), 24, bins) for number in range(12)]
    gone = epochs.shifted(FIRST, 9)
    found = estimate.result([week for week in released if week.epoch != gone])
    assert found is not None
    assert (found.window, found.missing) == (4, (gone,))
    assert found.weeks == tuple(epochs.shifted(FIRST, number) for number in (7, 8, 10, 11))
    assert estimate.waiting([week for week in released if week.epoch != gone]) == 0
    assert estimate.result(released[:2] + released[10:]) is None, "but not for ever further"


def test_the_minute_of_sending_is_uniform() -> None:
    """Kolmogorov and Smirnov over drawn minutes: the report in three days, the answer in one, the look for the result in one."""
    dice = random.Random(7)
    epoch = "2026-W47"
    before = epochs.start(epoch)
    reports, answers = epochs.report_window(epoch), epochs.answer_window(epoch)
    drawn = [plan.drawn(epoch, before, dice.randrange) for _ in range(3000)]
    saturday = answers.start + 2 * epochs.DAY_SECONDS
    for found, start, length in (
        ([one.report_at for one in drawn], reports.start, reports.end - reports.start),
        ([one.answer_at for one in drawn], answers.start, epochs.DAY_SECONDS),
        ([one.result_at for one in drawn], saturday, epochs.DAY_SECONDS),
    ):
        assert all(at % 60 == 0 and start <= at < start + length for at in found)
        assert distance([(at - start) / length for at in found]) < 1.95 / len(found) ** 0.5  # exceeded once in a thousand
    assert distance([(one.report_at - reports.start) / 86_400 % 1 for one in drawn]) < 1.95 / len(drawn) ** 0.5, (
        "no hour of the day is preferred"
    )


def test_a_late_minute_is_uniform_in_the_next_hour() -> None:
    dice = random.Random(8)
    now = epochs.report_window("2026-W47").end - 7200
    late = [one.report_at - now for one in (plan.drawn("2026-W47", now, dice.randrange) for _ in range(3000)) if one.report_at < now + 3600]
    assert distance([seconds / 3600 for seconds in late]) < 1.95 / len(late) ** 0.5


def test_the_test_sees_a_preference() -> None:
    dice = random.Random(9)
    assert distance([dice.random() ** 1.15 for _ in range(3000)]) > 1.95 / 3000**0.5


def distance(numbers: list[float]) -> float:
    """The largest distance between the numbers' distribution and the uniform one on 0 .. 1."""
    ordered = sorted(numbers)
    return max(max((place + 1) / len(ordered) - number, number - place / len(ordered)) for place, number in enumerate(ordered))
