"""Token classes: six disjoint counts, and reasoning as a noted part of output."""

from __future__ import annotations

from typing import Final

import msgspec

CLASSES: Final = ("fresh_input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other", "output")
"""The disjoint classes, in the order in which reports print them; a total is their sum."""


class Tokens(msgspec.Struct, frozen=True, gc=False):
    """Token counts of one or many requests. ``reasoning`` is part of ``output`` and never added."""

    fresh_input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_write_other: int = 0
    output: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        """The sum of the six disjoint classes."""
        return (
            self.fresh_input
            + self.cache_read
            + self.cache_write_5m
            + self.cache_write_1h
            + self.cache_write_other
            + self.output
        )

    @property
    def prompt(self) -> int:
        """All input of whatever class: what long-context price tiers look at."""
        return self.total - self.output

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            self.fresh_input + other.fresh_input,
            self.cache_read + other.cache_read,
            self.cache_write_5m + other.cache_write_5m,
            self.cache_write_1h + other.cache_write_1h,
            self.cache_write_other + other.cache_write_other,
            self.output + other.output,
            self.reasoning + other.reasoning,
        )


NO_TOKENS: Final = Tokens()
