"""The chi-square of these tests against table values."""

from __future__ import annotations

from math import exp

import pytest

from tests.share.chance import p_value, upper_gamma


@pytest.mark.parametrize(("freedom", "distance"), [(1, 3.841), (2, 5.991), (3, 7.815), (8, 15.507), (15, 24.996), (30, 43.773)])
def test_five_percent_points(freedom: int, distance: float) -> None:
    assert upper_gamma(freedom / 2, distance / 2) == pytest.approx(0.05, abs=2e-5)


def test_two_degrees_are_an_exponential() -> None:
    assert all(upper_gamma(1, x) == pytest.approx(exp(-x), rel=1e-9) for x in (0.1, 1, 2, 5, 30))


def test_what_is_expected_is_no_surprise() -> None:
    assert p_value([10, 10], [10.0, 10.0]) == 1
    assert p_value([600, 400], [500.0, 500.0]) < 1e-9
