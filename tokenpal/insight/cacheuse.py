"""How much of the input came from a provider's cache, by week (product 6). A share, no grade: a low one is no fault."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tokenpal.model.report import Report


class CacheWeek(msgspec.Struct, frozen=True):
    """``read`` of ``prompt`` input tokens came from the cache in the week that begins on ``bucket`` ("2026-11-16")."""

    bucket: str
    read: int
    prompt: int

    @property
    def share(self) -> float | None:
        """0..1; None for a week without input."""
        return self.read / self.prompt if self.prompt else None


def cache_weeks(by_week: Report, buckets: Iterable[str]) -> tuple[CacheWeek, ...]:
    """One for each of ``buckets``, the weeks without use too, from a report by week."""
    read: dict[str, int] = {}
    prompt: dict[str, int] = {}
    for row in by_week.rows:
        read[row.bucket] = read.get(row.bucket, 0) + row.measures.tokens.cache_read
        prompt[row.bucket] = prompt.get(row.bucket, 0) + row.measures.tokens.prompt
    return tuple(CacheWeek(bucket, read.get(bucket, 0), prompt.get(bucket, 0)) for bucket in buckets)


def whole(weeks: Iterable[CacheWeek]) -> CacheWeek:
    """All of them as one, with the first one's name."""
    found = tuple(weeks)
    return CacheWeek(found[0].bucket if found else "", sum(one.read for one in found), sum(one.prompt for one in found))
