"""Two sides of one UTC day and model: what a report says and what logs hold. Reconciliation compares them."""

from __future__ import annotations

from typing import Final

import msgspec

from tokenpal.model.tokens import CLASSES

Figures = tuple[int, ...]
"""Seven numbers: the six classes in the order of ``CLASSES``, then requests."""
FIGURES: Final = (*CLASSES, "requests")
NOTHING: Final[Figures] = (0,) * 7
INPUT: Final = range(5)
OUTPUT: Final = 5
REQUESTS: Final = 6


def add(*figures: Figures) -> Figures:
    """The sum, figure by figure."""
    if len(figures) == 1:
        return figures[0]
    return tuple(map(sum, zip(*figures, strict=True))) if figures else NOTHING


def tokens(figures: Figures) -> int:
    """All classes together, without requests."""
    return sum(figures[:REQUESTS])


class LogUse(msgspec.Struct, frozen=True):
    """What the logs of one agent hold of a day and model."""

    account: int
    source: str
    figures: Figures


class Cell(msgspec.Struct, frozen=True):
    """What both sides say of one UTC day and model. No number is negative, but for ``corrected``."""

    day: int  # days since 1970
    model: str  # base name; "" = none is named
    reported: Figures = NOTHING
    logs: tuple[LogUse, ...] = ()
    counts_requests: bool = True  # whether the report does; if not, requests are left out of the comparison
    counted: int = 0  # tokens of the report that count now, after what logs cover
    late: Figures = NOTHING  # of the logs: after the report's newest answer
    settling: Figures = NOTHING  # of the logs: before it, but within the time the report lags behind
    edges: tuple[Figures, Figures, Figures, Figures] = (NOTHING,) * 4  # of the logs: first hour, to noon, to 23:00, last hour
    cut_short: Figures = NOTHING  # of the logs: requests whose end may be missing
    elsewhere: Figures = NOTHING  # what other accounts of the provider report
    corrected: Figures = NOTHING  # after - before
    handed: Figures = NOTHING  # what imported files and the receiver hold of the provider

    @property
    def measured(self) -> Figures:
        return add(*(use.figures for use in self.logs))
