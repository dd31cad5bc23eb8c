"""No table that is written for a spreadsheet runs what a branch, a model or a task is called."""

from __future__ import annotations

import csv
import io

import pytest

from tokenpal.insight import spreadsheet
from tokenpal.insight.differences import Line
from tokenpal.insight.reconcile_table import as_csv
from tokenpal.model.sides import NOTHING

FORMULA = '=HYPERLINK("https://example.org","x")'


@pytest.mark.parametrize("first", spreadsheet.DANGEROUS)
def test_a_line_has_no_formula_and_keeps_its_figures(first: str) -> None:
    assert spreadsheet.line([f"{first}cmd", -5, 0, None, "a=b", "-1.5"]) == [f"'{first}cmd", "-5", "0", "", "a=b", "-1.5"]


def test_the_two_sides_of_a_bill() -> None:
    row = Line(20_000, FORMULA, NOTHING, NOTHING, 0, True, ())
    found = list(csv.DictReader(io.StringIO(as_csv([("@account", [row])]))))
    assert (found[0]["account"], found[0]["model"]) == ("'@account", f"'{FORMULA}")
    assert found[0]["counted"] == "0"
