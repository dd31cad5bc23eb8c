"""Chi-square in plain Python, for tests of chance that fail by accident less than once in a million runs."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, lgamma, log


def p_value(found: Sequence[int], expected: Sequence[float]) -> float:
    """How likely chance alone strays at least this far: Pearson's test with one degree of freedom less than cells."""
    distance = sum((seen - hoped) ** 2 / hoped for seen, hoped in zip(found, expected, strict=True))
    return upper_gamma((len(found) - 1) / 2, distance / 2)


def upper_gamma(a: float, x: float) -> float:
    """The regularised upper incomplete gamma function Q(a, x), by its series below a + 1 and its continued fraction above."""
    if x <= 0:
        return 1.0
    front = exp(a * log(x) - x - lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for step in range(1, 1000):
            term *= x / (a + step)
            total += term
        return 1 - front * total
    b = x + 1 - a
    c, d = 1e300, 1 / b
    fraction = d
    for step in range(1, 1000):
        factor = -step * (step - a)
        b += 2
        d = 1 / (factor * d + b)
        c = b + factor / c
        fraction *= c * d
    return front * fraction
