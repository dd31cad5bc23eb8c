"""A difference between report and logs in its parts: the causes there are, how sure each is, and sums of many such lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from tokenpal.model.sides import REQUESTS, Figures, add, tokens
from tokenpal.translation import mark


class Cause(StrEnum):
    WAITING = mark("not reported yet")
    CLASSES = mark("classes told apart differently")
    NAMELESS = mark("no model named")
    MIDNIGHT = mark("across midnight")
    CORRECTION = mark("corrected by the provider")
    OTHER_ACCOUNT = mark("in another account")
    PLAN = mark("covered by a plan")
    NARROWED = mark("outside what the account reads")
    HANDED = mark("handed over")
    STREAM = mark("end of an answer not logged")
    TITLES = mark("small requests not logged")
    ELSEWHERE = mark("not on this machine")
    UNKNOWN = mark("not explained")


ORDER: Final = {cause: place for place, cause in enumerate(Cause)}


class Sure(StrEnum):
    """How sure a cause is; the weaker one never stands in for the stronger."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"
    OPEN = "unknown"


class Part(msgspec.Struct, frozen=True):
    """So much of a difference, and why. ``figures`` have the sign of the difference."""

    cause: Cause
    sure: Sure
    figures: Figures

    @property
    def tokens(self) -> int:
        return sum(self.figures[:REQUESTS])


class Line(msgspec.Struct, frozen=True):
    """A day and model (or a sum of such) with the parts of its difference, which add up to it."""

    day: int
    model: str
    reported: Figures
    measured: Figures
    counted: int
    counts_requests: bool
    parts: tuple[Part, ...]

    @property
    def difference(self) -> Figures:
        """Reported - measured; requests are 0 where the report counts none."""
        apart = tuple(told - held for told, held in zip(self.reported, self.measured, strict=True))
        return apart if self.counts_requests else (*apart[:REQUESTS], 0)


def in_order(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Parts as they are shown: the largest first, what is not explained last; those that say nothing are left out."""
    told = [part for part in parts if any(part.figures)]
    if len(told) > 1:
        told.sort(key=lambda part: (part.cause is Cause.UNKNOWN, -abs(part.tokens), ORDER[part.cause], part.sure))
    return tuple(told)


def gather(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Parts of many lines, one per cause and how sure it is. What is not explained on one side does not hide what is on the other."""
    found: dict[tuple[Cause, Sure, bool], Figures] = {}
    for part in parts:
        key = (part.cause, part.sure, part.cause is Cause.UNKNOWN and part.tokens < 0)
        found[key] = add(found[key], part.figures) if key in found else part.figures
    return in_order(Part(cause, sure, figures) for (cause, sure, _), figures in found.items())


def total(lines: Sequence[Line], day: int = 0, model: str = "") -> Line:
    """Many lines as one. Requests are compared only where every line can."""
    counts = all(line.counts_requests for line in lines)
    parts = gather(part for line in lines for part in line.parts)
    if not counts:
        parts = in_order(Part(part.cause, part.sure, (*part.figures[:REQUESTS], 0)) for part in parts)
    reported, measured = add(*(line.reported for line in lines)), add(*(line.measured for line in lines))
    return Line(day, model, reported, measured, sum(line.counted for line in lines), counts, parts)


def by_day(lines: Iterable[Line]) -> tuple[Line, ...]:
    """One line a UTC day, newest first."""
    days: dict[int, list[Line]] = {}
    for line in lines:
        days.setdefault(line.day, []).append(line)
    return tuple(total(days[day], day=day) for day in sorted(days, reverse=True))


def by_model(lines: Iterable[Line]) -> tuple[Line, ...]:
    """One line a model, by falling use."""
    models: dict[str, list[Line]] = {}
    for line in lines:
        models.setdefault(line.model, []).append(line)
    sums = [total(found, model=model) for model, found in models.items()]
    return tuple(sorted(sums, key=lambda line: (-max(tokens(line.reported), tokens(line.measured)), line.model)))
