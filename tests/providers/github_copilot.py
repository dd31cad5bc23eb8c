"""GitHub's billing reports of one person: a day a question, two eras (provider-apis 6.5)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.provider_asking import Asked, Refusal
from tests.provider_data import DAY, groups, sum_of

KEY = "github_pat_made_up_0001"
KEYS = {"no permission": "github_pat_made_up_0002"}
SPEC = "github-copilot-billing.transcribed.openapi.yaml"
BESIDE = ("/user",)
MODELS, GROUPS = ("Claude Sonnet 5", "GPT-6 mini"), ("octocat",)
SETTINGS = {"copilot_spelling": ("ai-credits", "requests"), "copilot_seat": False, "copilot_whole_month": False}
ERA = date(2026, 6, 1)


def answer(asked: Asked) -> Any:
    if asked.bearer() not in {KEY, *KEYS.values()}:
        raise Refusal(401, "Bad credentials")
    if not asked.headers.get("user-agent"):
        raise Refusal(403, "Request forbidden by administrative rules.")
    if asked.path == "/user":
        return {"login": "octocat", "id": 1, "type": "User"}
    if asked.bearer() != KEY:
        raise Refusal(403, "Resource not accessible by personal access token")
    asked.known("year", "month", "day", "model", "product")
    parts = asked.path.split("/")
    if parts[1:3] != ["users", "octocat"] or parts[3:5] != ["settings", "billing"] or parts[5] not in {"ai_credit", "premium_request"}:
        raise Refusal(404, "Not Found")
    day = date(int(asked.one("year")), int(asked.one("month")), int(asked.one("day")))
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    new = parts[5] == "ai_credit"
    period = {"year": day.year, "month": day.month, "day": day.day}
    if asked.settings["copilot_whole_month"]:
        del period["day"]
    items = [one for one in usage_items(asked, start, new) if new == (day >= ERA)]
    if asked.settings["copilot_seat"]:
        items.append(item("Copilot Business", "", "user-months", Decimal(19), Decimal("0.1"), Decimal(0)))
    return {"timePeriod": period, "user": "octocat", "usageItems": items}


def usage_items(asked: Asked, start: int, new: bool) -> list[dict[str, Any]]:
    """One credit is a cent; half of each model's use is covered."""
    found = []
    unit = asked.settings["copilot_spelling"][0 if new else 1]
    for model, key in groups("github-copilot"):
        use = sum_of(asked.world, "github-copilot", start, start + DAY, model, key)
        if use.micros:
            gross = Decimal(use.micros).scaleb(-4)
            found.append(item("Copilot AI Credits" if new else "Copilot Premium Request", model, unit, Decimal("0.01"), gross, gross / 2))
    return found


def item(sku: str, model: str, unit: str, price: Decimal, gross: Decimal, discount: Decimal) -> dict[str, Any]:
    return {
        "product": "Copilot", "sku": sku, "model": model, "unitType": unit, "pricePerUnit": price,
        "grossQuantity": gross, "grossAmount": gross * price, "discountQuantity": discount, "discountAmount": discount * price,
        "netQuantity": gross - discount, "netAmount": (gross - discount) * price,
    }  # fmt: skip


def error(status: int, said: str) -> Any:
    return {"message": said, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
