"""Nice numbers for a value axis, and which words fit on a time axis. Pure functions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from tokenpal.ui import numbers

_UNITS = ("", "k", "M", "B", "T", "P", "E")
MAX_LINES = 5  # level lines above the baseline (design.md section 5)


def nice_levels(top: float, lines: int = MAX_LINES) -> tuple[float, ...]:
    """Values of the level lines, 0 first: at most `lines` above it, in steps of 1, 2, 2.5 or 5, the last at or above `top`.

    `top` at or below zero, or not finite, gives (0.0,) alone.
    """
    if not math.isfinite(top) or top <= 0:
        return (0.0,)
    rough = top / max(1, lines)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((f * power for f in (1, 2, 2.5, 5) if f * power * lines >= top * (1 - 1e-12)), 10 * power)
    count = math.ceil(top / step - 1e-9)
    return tuple(step * i for i in range(count + 1))


def level_words(levels: Sequence[float]) -> tuple[str, ...]:
    """The words of token levels in one common unit, that of the highest: `0`, `0.5 M`, `1 M`."""
    top = levels[-1] if levels else 0.0
    step = 0
    while step < len(_UNITS) - 1 and top >= 1000.0 ** (step + 1):
        step += 1
    point = numbers.marks().decimal
    unit = numbers.NNBSP + _UNITS[step] if step else ""
    return tuple("0" if not v else f"{v / 1000.0**step:.4g}".replace(".", point) + unit for v in levels)


def thin(
    majors: Sequence[int],
    count: int,
    center: Callable[[int], float],
    width: Callable[[int], float],
    taken: tuple[float, float] | None = None,
    gap: float = 12.0,
) -> list[int]:
    """Indexes whose words fit without touching each other or the span `taken`, evenly thinned.

    `majors` are tried with every 1st, 2nd, 3rd ... of them; without majors every bucket is one.
    """
    candidates = list(majors) or list(range(count))
    if not candidates:
        return []
    # with thousands of candidates, begin where a few of the words would fit
    least = min(width(i) for i in candidates[:: max(1, len(candidates) // 8)]) + gap
    room = center(candidates[-1]) - center(candidates[0]) + least
    for skip in range(max(1, int(len(candidates) * least / max(room, 1.0))), len(candidates) + 1):
        # count back from the newest, so that the words stay put while older buckets leave the range
        chosen = candidates[::-1][::skip][::-1]
        spans = [(center(i) - width(i) / 2, center(i) + width(i) / 2, i) for i in chosen]
        kept = [s for s in spans if taken is None or s[1] + gap <= taken[0] or s[0] - gap >= taken[1]]
        if all(a[1] + gap <= b[0] for a, b in itertools.pairwise(kept)):
            return [i for _, _, i in kept]
    return []
