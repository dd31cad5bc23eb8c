"""A history of calls, newest first, a hundred a page at most."""

from typing import Any

from tests.provider_asking import Asked, Refusal, dollars, grouped
from tests.provider_data import DAY, HOUR
from tests.provider_small import guarded

KEY = "poe-made-up-0001"
SPEC = "small-providers.transcribed.openapi.yaml"
MODELS, GROUPS = ("Claude-Sonnet-5", "GPT-6"), ("",)
SETTINGS = {"poe_page": 100, "poe_points": 1500}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/usage/current_balance", "/usage/points_history")
    if asked.path == "/usage/current_balance":
        asked.known()
        return {"current_point_balance": asked.settings["poe_points"]}
    asked.known("limit", "starting_after")
    size = int(asked.one("limit", "20"))
    if not 1 <= size <= 100:
        raise Refusal(400, "limit")
    calls = history(asked)
    ids = [call["query_id"] for call in calls]
    after = asked.one("starting_after", "")
    if after and after not in ids:
        raise Refusal(400, "starting_after")
    first = ids.index(after) + 1 if after else 0
    page = calls[first : first + min(size, asked.settings["poe_page"])]
    return {"has_more": first + len(page) < len(calls), "length": len(page), "data": page}


def history(asked: Asked) -> list[dict[str, Any]]:
    """A call for each hour in which a bot was used, of the last 30 days."""
    now, found = asked.world.now, []
    for hour in range(max(asked.world.first, (now - 30 * DAY) // HOUR * HOUR), now, HOUR):
        for bot, _, use in grouped(asked, "poe", hour, hour + HOUR, False, True):
            found.append({
                "creation_time": (hour + 1) * 1_000_000, "bot_name": bot, "query_id": f"q_{bot}_{hour}", "usage_type": "API" if hour % 2 else "Chat",
                "cost_points": use.output, "cost_usd": str(dollars(use.output * 30)),
            })  # fmt: skip
    return [call for call in reversed(found) if call["creation_time"] <= now * 1_000_000]
