"""The geometry of a share over a quarter with its band: numbers for an SVG, in its own units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from tokenpal.share.protocol import epochs

WIDTH: Final = 480
HEIGHT: Final = 180
LEFT: Final = 56  # room for words that a phone draws larger
RIGHT: Final = 476
TOP: Final = 10
BOTTOM: Final = 148


class Share(Protocol):
    """Whole percent."""

    @property
    def share(self) -> int: ...
    @property
    def low(self) -> int: ...
    @property
    def high(self) -> int: ...


class Mark(msgspec.Struct, frozen=True):
    """Something at a place of the drawing."""

    x: float
    y: float
    text: str = ""
    anchor: str = "middle"


class Point(msgspec.Struct, frozen=True):
    """A line of the table behind the drawing."""

    week: str
    share: int
    low: int
    high: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One curve. ``band`` and ``curve`` are SVG point lists."""

    key: str
    name: str
    sentence: str
    points: tuple[Point, ...]
    band: str
    curve: str
    dots: tuple[Mark, ...]
    grid: tuple[Mark, ...]
    times: tuple[Mark, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT


def line(key: str, name: str, points: Sequence[tuple[str, Share]]) -> Line:
    """A curve through ``points``: (last week of a window, its share), oldest first, at least two weeks apart in all."""
    first, last = points[0][0], points[-1][0]
    top = next(limit for limit in (25, 50, 75, 100) if limit >= max(one.high for _, one in points))
    weeks = max(1, epochs.distance(first, last))

    def x(epoch: str) -> float:
        return round(LEFT + 6 + (RIGHT - LEFT - 12) * epochs.distance(first, epoch) / weeks, 1)

    def y(share: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * share / top, 1)

    over = [f"{x(epoch)},{y(one.high)}" for epoch, one in points]
    under = [f"{x(epoch)},{y(one.low)}" for epoch, one in reversed(points)]
    steps = 5 if top == 25 else 25
    ends = ((points[0], "start"), (points[-1], "end"))
    return Line(
        key=key,
        name=name,
        sentence=f"{percent(points[0][1].share)} until week {int(first[6:])} of {first[:4]}, {percent(points[-1][1].share)} now.",
        points=tuple(Point(epoch, one.share, one.low, one.high) for epoch, one in points),
        band=" ".join((*over, *under)),
        curve=" ".join(f"{x(epoch)},{y(one.share)}" for epoch, one in points),
        dots=tuple(Mark(x(epoch), y(one.share), percent(one.share)) for (epoch, one), _ in ends),
        grid=tuple(Mark(LEFT, y(level), percent(level)) for level in range(0, top + 1, steps)),
        times=tuple(Mark(x(epoch), 0, f"until W{epoch[6:]}", anchor) for (epoch, _), anchor in ends),
    )


def percent(whole: int) -> str:
    """With a narrow space that does not break (design 4)."""
    return f"{whole}\u202f%"
