"""The daily reference rates of the European Central Bank, as its XML says them: what one euro is worth in other currencies.

Format: <Cube time="2026-11-20"><Cube currency="USD" rate="1.0823"/>...</Cube>, one day or several.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Final
from xml.etree import ElementTree as ET

from tokenpal.model.money import ExchangeRate

ADDRESS: Final = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"
ORIGIN: Final = "ecb"
DIGITS: Final = Decimal(1).scaleb(-10)
CODE: Final = re.compile(r"[A-Z]{3}")


def parse(body: bytes) -> list[ExchangeRate]:
    """What one unit of each currency was worth in dollars. Rows that make no sense are left out. Raises ValueError for what is no such file."""
    if b"\0" in body or b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ValueError("not a file of reference rates")
    try:
        root = ET.fromstring(body)  # noqa: S314 - what could define an entity was refused above
    except (ET.ParseError, LookupError, ValueError) as error:  # Lookup: an encoding that nobody knows
        raise ValueError("not a file of reference rates") from error
    found: list[ExchangeRate] = []
    for element in root.iter():
        if "time" not in element.attrib:
            continue
        try:
            day = date.fromisoformat(element.attrib["time"])
        except ValueError:
            continue
        per_euro = {code: rate for row in element if (code := row.get("currency", "")) and CODE.fullmatch(code) and (rate := _rate(row.get("rate", "")))}
        dollars = per_euro.pop("USD", None)
        if dollars is not None:
            worth = {"EUR": dollars} | {code: dollars / rate for code, rate in per_euro.items()}
            found += [ExchangeRate(code, day, usd.quantize(DIGITS, ROUND_HALF_EVEN).normalize(), ORIGIN) for code, usd in sorted(worth.items())]
    if not found:
        raise ValueError("no rates in it")
    return found


def _rate(text: str) -> Decimal | None:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        return None
    return rate if rate.is_finite() and Decimal("1e-6") < rate < Decimal("1e8") else None
