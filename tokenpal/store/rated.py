"""Tokens of a range by the rate that priced them, from the records: for arithmetic that roll-ups cannot tell."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.model.ranges import day_number, days_range
from tokenpal.model.rates import Prices, Rate, Tier
from tokenpal.model.tokens import CLASSES, Tokens
from tokenpal.store.database import Store
from tokenpal.store.rollups import DAY, SLOT, clock


class RateSum(msgspec.Struct, frozen=True):
    """Tokens that count of one model: by their rate, and by the long-context step that held (0 = the base price)."""

    rate: int | None  # None = no price list gave their price
    above: int
    tokens: Tokens


def model_names(store: Store) -> list[str]:
    """Every model that was ever used, by name."""
    return [row[0] for row in store.execute("SELECT DISTINCT name FROM model WHERE name <> '' ORDER BY name")]


def ledger_rates(store: Store, models: Iterable[str]) -> dict[str, dict[int, Rate]]:
    """The rates of the price ledger for each model as records name it, or for the name it is an alias of; the oldest first."""
    wanted = {name: name for name in models}
    wanted |= {name: alias for name, alias in store.execute("SELECT name, alias FROM model WHERE alias <> ''") if name in wanted}
    known: dict[str, dict[int, Rate]] = {}
    for id_, provider, name, tier, since, until, origin, noted_at, text in store.execute(
        """SELECT id, provider, model, tier, since, until, origin, noted_at, prices FROM rate
        WHERE model IN (SELECT value FROM json_each(?)) ORDER BY noted_at, id""",
        (json.dumps(sorted({*wanted, *wanted.values()})),),
    ):
        prices, long_context = msgspec.json.decode(text, type=tuple[Prices, tuple[Tier, ...]])
        known.setdefault(name, {})[id_] = Rate(provider, name, prices, origin, noted_at, tier, since, until, long_context)
    return {name: known.get(name, {}) | (known.get(alias, {}) if alias != name else {}) for name, alias in wanted.items()}


def rate_sums(store: Store, model: str, zone: str, first: date, until: date, rates: Iterable[tuple[int, Rate]]) -> list[RateSum]:
    """The tokens of a model in local days [first, until) by rate; ``rates`` are those whose long-context steps matter."""
    span = days_range(first, until, ZoneInfo(zone))
    low, high = day_number(first), day_number(until)
    steps = json.dumps([[id_, tier.above] for id_, rate in rates for tier in rate.long_context])
    sums = ", ".join(f"SUM(u.{name} - IFNULL(c.{name}, 0))" for name in (*CLASSES, "reasoning"))
    prompt = "+".join(f"u.{name}" for name in CLASSES[:-1])
    grain = clock(store).grain
    rows = store.execute(
        f"""WITH named AS (SELECT id FROM model WHERE name = :model),
        step AS MATERIALIZED (SELECT value ->> 0 AS rate, value ->> 1 AS above FROM json_each(:steps)),
        part AS MATERIALIZED (
          SELECT DISTINCT segment FROM by_hour WHERE slot >= :from AND slot < :to AND model IN named
          UNION SELECT DISTINCT segment FROM by_utc_day WHERE day >= :low AND day < :high AND model IN named)
        SELECT u.rate, CASE WHEN t.grain = 'request' AND EXISTS(SELECT 1 FROM step) THEN
            IFNULL((SELECT MAX(above) FROM step WHERE step.rate = u.rate AND {prompt} > above), 0) ELSE 0 END AS long, {sums}
        FROM part CROSS JOIN usage u ON u.segment = part.segment JOIN trait t ON t.id = u.trait LEFT JOIN covered c ON c.usage = u.id
        WHERE u.counted = 1 AND u.model IN named
          AND CASE t.grain WHEN 'day' THEN u.at >= :low * {DAY} AND u.at < :high * {DAY} ELSE u.at >= :start AND u.at < :end END
        GROUP BY 1, 2 ORDER BY 1, 2""",
        {
            "model": model, "steps": steps, "from": span.start // grain * grain // SLOT, "to": -(-span.end // SLOT), "low": low, "high": high,
            "start": span.start, "end": span.end,
        },
    )  # fmt: skip
    return [RateSum(rate, above, Tokens(*counts)) for rate, above, *counts in rows]
