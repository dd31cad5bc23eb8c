"""What released sums say about a team: shares with 90 % intervals over rolling windows (sharing-protocol 5.9).

One week says nothing: at five members a week's label share is uncertain by 35 points. Weeks are therefore pooled, the more the
fewer people share, until the full window has a standard error of at most ten points. While the first window fills, a part of
it is shown from ``PARTIAL`` released weeks on, because a quarter of silence would look like a fault: never a single week, and
each share with the wider interval that those weeks really give (``Result.full`` is False then). Weeks without a release are
named, not filled in; a result needs the same number of released weeks however many are missing.

Pure sums over ``Week``; the app, the endpoint's page and the exports all use these. Nothing here protects anybody: the coin
and the sealing do, and the sums of single weeks are known to every member's client, which recomputes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Final

import msgspec

from tokenpal.share.protocol import epochs
from tokenpal.share.protocol.policy import MOST_ODDS
from tokenpal.share.protocol.questions import KINDS, by_question

Z: Final = 1.645
"""Nine of ten intervals hold the truth."""
WINDOWS: Final[Mapping[str, int]] = {"5": 13, "8": 8, "16": 4, "32": 2}
"""Sharing members from -> weeks pooled; the policy of a team states its own."""
PARTIAL: Final = 4
"""Released weeks from which a first window is shown before it is full."""
QUARTER: Final = 13
SAMPLED: Final = frozenset({"label"})
"""Questions answered for one session drawn from many: the draw is uncertain too, not only the coin. Days of use are counted, so
the answers of all who share are a census and only the coin is uncertain."""


class Week(msgspec.Struct, frozen=True):
    """One released week: ``n`` reports, and how many gave each answer after the coin, in the order of a vector."""

    epoch: str
    n: int
    bins: tuple[int, ...]


class Bar(msgspec.Struct, frozen=True):
    """One answer of a question. All but ``percent`` are shares of 1."""

    answer: int
    raw: float  # unbiased; may lie below 0 or above 1
    share: float  # nearest possible one: all answers of a question are 0 .. 1 and together 1
    percent: int  # together 100
    low: float  # 90 % interval, within 0 .. 1
    high: float
    error: float  # standard error
    zero: bool  # cannot be told from zero


class Question(msgspec.Struct, frozen=True):
    id: str
    bars: tuple[Bar, ...]


class Change(msgspec.Struct, frozen=True):
    """An answer whose share moved by more than twice its error in a quarter."""

    question: str
    answer: int
    before: Bar
    now: Bar
    error: float  # of the difference


class Result(msgspec.Struct, frozen=True):
    """What a team sees, "of those who share"."""

    weeks: tuple[str, ...]  # released ones, oldest first
    missing: tuple[str, ...]  # weeks between them, or since, without a release
    window: int  # weeks pooled when it is full
    full: bool  # False while the first window fills
    n_low: int
    n_high: int
    answers: int  # reports pooled
    questions: tuple[Question, ...]
    before: tuple[str, ...]  # released weeks of the window a quarter earlier; () when there is too little
    changes: tuple[Change, ...]


def window(n: int, windows: Mapping[str, int] = WINDOWS) -> int:
    """Weeks to pool when ``n`` share: the largest bound of ``windows`` that n reaches decides; at least two."""
    reached = [int(bound) for bound in windows if int(bound) <= n] or [min(int(bound) for bound in windows)]
    return max(2, windows[str(max(reached))])


def waiting(weeks: Sequence[Week], windows: Mapping[str, int] = WINDOWS, until: str = "") -> int:
    """Released weeks still lacking before anything is shown; 0 when ``result`` is not None."""
    pooled, length, _ = _pooled(weeks, windows, _last(weeks, until))
    if not pooled:
        return PARTIAL
    return max(0, min(PARTIAL, length) - len(pooled))


def result(weeks: Sequence[Week], windows: Mapping[str, int] = WINDOWS, odds: int = MOST_ODDS, until: str = "") -> Result | None:
    """The result of the newest window; None while too few weeks are released.

    ``weeks``: in any order, one an epoch. ``until``: the newest epoch that could have been released by now, so that weeks missing
    at the end are named too and old ones leave the window; without it the newest release ends the window. How many share may
    change within it: the week with the fewest decides how many weeks are pooled, and every report weighs the same.
    Raises ValueError for weeks that no release can hold.
    """
    for week in weeks:
        if week.n < 1 or any(sum(part) != week.n or min(part) < 0 for part in by_question(week.bins).values()):
            raise ValueError(f"{week.epoch} does not add up")
    if len({week.epoch for week in weeks}) != len(weeks):
        raise ValueError("an epoch is there twice")
    last = _last(weeks, until)
    pooled, length, reach = _pooled(weeks, windows, last)
    if not pooled or len(pooled) < min(PARTIAL, length):
        return None
    questions = _questions(pooled, odds)
    known = {week.epoch for week in pooled}
    lived = epochs.distance(min(week.epoch for week in weeks), last) + 1  # weeks since the first release
    span = [epochs.shifted(last, -back) for back in reversed(range(min(reach, lived)))]
    before = _within(weeks, epochs.shifted(last, -max(QUARTER, length)), length)
    if len(before) < min(PARTIAL, length):
        before = []
    return Result(
        weeks=tuple(week.epoch for week in pooled),
        missing=tuple(epoch for epoch in span if epoch not in known),
        window=length,
        full=lived >= length,
        n_low=min(week.n for week in pooled),
        n_high=max(week.n for week in pooled),
        answers=sum(week.n for week in pooled),
        questions=questions,
        before=tuple(week.epoch for week in before),
        changes=_changes(_questions(before, odds), questions) if before else (),
    )


def bars(question: str, counts: Sequence[int], odds: int = MOST_ODDS) -> tuple[Bar, ...]:
    """The estimate of one question from pooled ``counts`` of answers after the coin.

    Raises ValueError without any answer, and for odds that hide everything.
    """
    total = sum(counts)
    if not total or odds < 2:
        raise ValueError("nothing to estimate from")
    k = len(counts)
    other = 1 / (odds + k - 1)  # chance that the coin makes one certain other answer of the truth
    kept = odds * other
    raw = [(count / total - other) / (kept - other) for count in counts]
    shares = nearest_shares(raw)
    made = []
    for answer, (share, percent) in enumerate(zip(shares, percents(shares), strict=True)):
        noise = _Noise(question in SAMPLED, other, kept, total)
        error = noise.error(min(1.0, max(0.0, raw[answer])))
        # Estimates below 0 or above 1 happen; their interval is never smaller than that of 0 or 1 themselves.
        low, high = noise.ends(min(1.0, raw[answer]))[0], noise.ends(max(0.0, raw[answer]))[1]
        zero = raw[answer] < Z * error
        made.append(Bar(answer, raw[answer], share, percent, 0.0 if zero else max(0.0, min(low, share)), min(1.0, max(high, share)), error, zero))
    return tuple(made)


def nearest_shares(raw: Sequence[float]) -> tuple[float, ...]:
    """The nearest numbers that are all at least 0 and together 1."""
    kept = sorted(raw, reverse=True)
    cut = 0.0
    for count in range(1, len(kept) + 1):
        excess = (sum(kept[:count]) - 1) / count
        if kept[count - 1] > excess:
            cut = excess
    return tuple(max(0.0, number - cut) for number in raw)


def percents(shares: Sequence[float]) -> tuple[int, ...]:
    """Whole percent that add up to 100: rounded down, the rest to those that lost most."""
    whole = [int(share * 100 + 1e-9) for share in shares]
    by_loss = sorted(range(len(shares)), key=lambda place: (whole[place] - shares[place] * 100, place))
    for place in by_loss[: 100 - sum(whole)]:
        whole[place] += 1
    return tuple(whole)


class _Noise(msgspec.Struct, frozen=True):
    """How uncertain a share is, after the coin and, where one session was drawn from many, after that draw."""

    sampled: bool
    other: float
    kept: float
    total: int

    def parts(self) -> tuple[float, float, float]:
        """The variance of one answer's estimate as a polynomial of the true share: constant, linear, square."""
        gap = self.kept - self.other
        coin = self.other * (1 - self.other)
        if self.sampled:  # binomial: r (1 - r) with r = other + gap * share
            return coin / gap**2, (1 - 2 * self.other) / gap, -1.0
        return coin / gap**2, (self.kept * (1 - self.kept) - coin) / gap**2, 0.0

    def error(self, share: float) -> float:
        constant, linear, square = self.parts()
        return sqrt((constant + linear * share + square * share**2) / self.total)

    def ends(self, estimate: float) -> tuple[float, float]:
        """The true shares from which the estimate lies just Z errors away (Wilson's interval, carried through the coin)."""
        constant, linear, square = self.parts()
        scale = Z**2 / self.total
        a = 1 - scale * square
        half = estimate + scale * linear / 2
        root = sqrt(max(0.0, half**2 - a * (estimate**2 - scale * constant)))
        return (half - root) / a, (half + root) / a


def _last(weeks: Sequence[Week], until: str) -> str:
    return max([until, *(week.epoch for week in weeks)])


def _within(weeks: Sequence[Week], last: str, length: int) -> list[Week]:
    """The releases of the ``length`` weeks that end with ``last``, oldest first."""
    return sorted((week for week in weeks if 0 <= epochs.distance(week.epoch, last) < length), key=lambda week: week.epoch)


def _pooled(weeks: Sequence[Week], windows: Mapping[str, int], last: str) -> tuple[list[Week], int, int]:
    """The releases to pool, the length of their window and how far back it reaches; it only grows while it is found, so this ends."""
    if not weeks:
        return [], 0, 0
    length = window(max(weeks, key=lambda week: week.epoch).n, windows)
    while True:
        pooled, reach = _reached(weeks, last, length)
        wanted = window(min((week.n for week in pooled), default=0), windows)
        if wanted <= length:
            return pooled, length, reach
        length = wanted


def _reached(weeks: Sequence[Week], last: str, length: int) -> tuple[list[Week], int]:
    """A week without a release must not take the result away for a month: a short window then reaches further back for as many
    releases as it needs, at most as far again and never beyond a quarter.
    """
    pooled, reach = _within(weeks, last, length), length
    while len(pooled) < min(PARTIAL, length) and reach < min(2 * length, QUARTER):
        reach += 1
        pooled = _within(weeks, last, reach)
    return pooled, reach


def _questions(weeks: Sequence[Week], odds: int) -> tuple[Question, ...]:
    counts = by_question([sum(column) for column in zip(*(week.bins for week in weeks), strict=True)])
    return tuple(Question(question, bars(question, counts[question], odds)) for question in KINDS)


def _changes(before: Sequence[Question], now: Sequence[Question]) -> tuple[Change, ...]:
    found = []
    for old, new in zip(before, now, strict=True):
        for was, is_ in zip(old.bars, new.bars, strict=True):
            error = sqrt(was.error**2 + is_.error**2)
            if abs(is_.raw - was.raw) > 2 * error:
                found.append(Change(new.id, is_.answer, was, is_, error))
    return tuple(found)
