"""Label mix over time, and how much of a total has its context: a task and a label (product 3)."""

from __future__ import annotations

from typing import Final

import msgspec

from tokenpal.insight.numbers import whole_shares
from tokenpal.model.report import NONE_KEYS, Dimension, Query, Report
from tokenpal.model.session import Label

UNLABELLED: Final = NONE_KEYS[Dimension.LABEL]
UNASSIGNED: Final = NONE_KEYS[Dimension.TASK]
ORDER: Final = (*Label, UNLABELLED)
"""Labels in the order in which strips and lists show them; exploration and delivered are equals, absence comes last."""


class MixPart(msgspec.Struct, frozen=True):
    """One label's share; the per cents of a mix add up to 100, or are all 0 when there is nothing."""

    label: str
    value: int
    percent: int


class Mix(msgspec.Struct, frozen=True):
    """How one bucket's use divides over the labels; always all four parts, in ``ORDER``."""

    bucket: str
    parts: tuple[MixPart, ...]
    total: int


class Coverage(msgspec.Struct, frozen=True):
    """Context covered: tokens with a task and a label, of all."""

    covered: int
    total: int

    @property
    def percent(self) -> int | None:
        """Whole per cent; 100 only when all of it is covered, 0 only when none is; None when there is nothing to cover."""
        if not self.total:
            return None
        if 0 < self.covered < self.total:
            return min(max(whole_shares((self.covered, self.total - self.covered))[0], 1), 99)
        return 100 if self.covered else 0

    @property
    def share(self) -> float | None:
        """0..1, for ``numbers.percent``."""
        return self.covered / self.total if self.total else None


def mix_of(bucket: str, values: dict[str, int]) -> Mix:
    """A mix from tokens, or counts of sessions, by label."""
    numbers = [values.get(label, 0) for label in ORDER]
    parts = tuple(MixPart(label, number, percent) for label, number, percent in zip(ORDER, numbers, whole_shares(numbers)))
    return Mix(bucket, parts, sum(numbers))


def token_mix(report: Report) -> tuple[Mix, ...]:
    """Mixes by tokens from a report grouped by label, one per bucket that has use."""
    buckets: dict[str, dict[str, int]] = {}
    for row in report.rows:
        mix = buckets.setdefault(row.bucket, {})
        mix[row.key] = mix.get(row.key, 0) + row.measures.tokens.total
    return tuple(mix_of(bucket, values) for bucket, values in sorted(buckets.items()))


def coverage_queries(query: Query) -> tuple[Query, Query]:
    """The two questions that ``coverage`` needs: by label, and by label of what has no task. The range stays as it is."""
    by_label = msgspec.structs.replace(query, bucket=None, by=Dimension.LABEL)
    only = msgspec.structs.replace(query.filter, tasks=(UNASSIGNED,))
    return by_label, msgspec.structs.replace(by_label, filter=only)


def coverage(by_label: Report, unassigned_by_label: Report) -> Coverage:
    """Tokens that have both, from the answers to ``coverage_queries``: labelled ones less the labelled without a task."""
    total, labelled = _labelled(by_label)
    _, without_task = _labelled(unassigned_by_label)
    wanted = by_label.query.filter.tasks
    if wanted and UNASSIGNED not in wanted:
        without_task = 0  # the question was about some tasks only, all of which are tasks
    return Coverage(max(0, labelled - without_task), total)


def _labelled(report: Report) -> tuple[int, int]:
    total = sum(row.measures.tokens.total for row in report.rows)
    return total, total - sum(row.measures.tokens.total for row in report.rows if row.key == UNLABELLED)
