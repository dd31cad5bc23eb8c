"""Together's billing report: a month of line items by hour or day, up to the last full hour (provider-apis 8.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.provider_asking import Asked, Refusal, cursor_of, number_of, rfc
from tests.provider_data import DAY, HOUR, Use, groups, sum_of

KEY = "together-made-up-0001"
BASE = "/v1"
SPEC = "together-billing.transcribed.openapi.yaml"
MODELS, GROUPS = ("meta-llama/Llama-4-Maverick", "Qwen/Qwen4-Coder"), ("key_1", "key_2")
SETTINGS = {"together_on": True, "together_page": None}


def answer(asked: Asked) -> Any:
    if asked.bearer() != KEY:
        raise Refusal(401, "Invalid API key provided.")
    if asked.path != "/billing/usage" or not asked.settings["together_on"]:
        raise Refusal(404, "Not found")
    asked.known("month", "granularity", "limit", "after", "organization_id")
    year, month = (int(part) for part in asked.one("month").split("-"))
    start = int(datetime(year, month, 1, tzinfo=UTC).timestamp())
    end = int(datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp())
    width = {"day": DAY, "hour": HOUR}[asked.one("granularity", "day")]
    limit = min(int(asked.one("limit", "100")), asked.settings["together_page"] or 1000)
    if not 1 <= int(asked.one("limit", "100")) <= 1000:
        raise Refusal(400, "limit")
    starts = [at for at in range(start, end, width) if at + width <= asked.world.now]
    first = number_of(asked.one("after", ""))
    shown = starts[first : first + limit]
    more = first + limit < len(starts)
    return {
        "object": "list", "billing_period": f"{year:04d}-{month:02d}", "currency": "USD", "organization_id": "org_123",
        "data": [
            {"date": rfc(at)[:10], "start_time": rfc(at), "end_time": rfc(at + width), "line_items": list(line_items(asked, at, at + width))}
            for at in shown
        ],
        "earliest_window_start": rfc(start) if starts else None, "latest_window_end": rfc(starts[-1] + width) if starts else None,
        "next_cursor": cursor_of(first + limit) if more else None,
    }  # fmt: skip


def line_items(asked: Asked, start: int, end: int) -> Iterator[dict[str, Any]]:
    """Tokens cost a millionth of a dollar, those of the output seven; and there is storage that belongs to nobody."""
    for model, key in groups("together"):
        use = sum_of(asked.world, "together", start, end, model, key)
        for name, count, price in (("Input Tokens", use.fresh, 1), ("Cached Input Tokens", use.read, 1), ("Output Tokens", use.output, 7)):
            if count:
                yield item(f"Serverless Inference - {name}", count, price, {"api_key_id": key, "project_id": f"proj_{key[-1]}"}, model)
    if start % DAY == 0:
        yield item("Storage", 1, 100, {}, "")


def item(name: str, count: int, price: int, owner: dict[str, str], model: str) -> dict[str, Any]:
    return {
        "product_name": name, "quantity": str(count), "unit_price": f"{Decimal(price).scaleb(-6):f}", "cost": f"{Decimal(count * price).scaleb(-6):f}",
        "attributes": owner, "pricing_dimensions": {"model": model} if model else {}, "applied_credit": {"type": "PREPAID"},
    }  # fmt: skip


def cost(use: Use) -> Decimal:
    """What the made-up use costs here, without storage."""
    return Decimal(use.fresh + use.read + 7 * use.output).scaleb(-6)
