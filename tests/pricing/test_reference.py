"""Reference rates as the bank's file says them, and what is no such file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from tokenpal.model.money import ExchangeRate
from tokenpal.pricing.reference import ORIGIN, parse

FILE = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject>
<Cube><Cube time='2026-11-20'><Cube currency='USD' rate='1.08'/><Cube currency='JPY' rate='162'/><Cube currency='XX' rate='1'/>
<Cube currency='GBP' rate='0.9'/><Cube currency='CHF' rate='nothing'/><Cube currency='BAD' rate='-1'/></Cube></Cube></gesmes:Envelope>"""


def test_dollars_for_one_unit() -> None:
    day = date(2026, 11, 20)
    assert parse(FILE.encode()) == [
        ExchangeRate("EUR", day, Decimal("1.08"), ORIGIN),
        ExchangeRate("GBP", day, Decimal("1.2"), ORIGIN),
        ExchangeRate("JPY", day, Decimal("0.0066666667"), ORIGIN),
    ]


@pytest.mark.parametrize(
    "text",
    ["", "<a>", "{}", "<Cube/>", FILE.replace("2026-11-20", "today"), FILE.replace("USD", "UST"), FILE.replace("<gesmes:Env", "<!DOCTYPE x []><gesmes:Env", 1),
     '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'],
)  # fmt: skip
def test_what_is_no_such_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rates"):
        parse(text.encode())


@given(st.binary(max_size=200), st.integers(0, len(FILE)))
def test_anything_else_is_refused_too(noise: bytes, place: int) -> None:
    try:
        found = parse(FILE[:place].encode() + noise + FILE[place:].encode())
    except ValueError:
        return
    assert all(rate.usd > 0 for rate in found)
