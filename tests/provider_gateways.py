"""What OpenRouter and a LiteLLM proxy answer, from the made-up data (provider-apis 6.3 and 6.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.provider_asking import KEYS, Asked, Refusal, at_of, buckets, day_of, dollars, grouped, rfc
from tests.provider_data import DAY, HOUR, NOTHING, OTHERS, Use, World, groups, sum_of

# ---------------------------------------------------------------------------------------------- OpenRouter


def openrouter(asked: Asked) -> Any:
    key = asked.bearer()
    if key not in {KEYS["openrouter"], KEYS["openrouter ordinary"]}:
        raise Refusal(401, "User not found.")
    management = key == KEYS["openrouter"]
    world = asked.world
    today = world.now - world.now % DAY
    if asked.path == "/key":
        return {"data": {**openrouter_key(world, "laptop"), "is_management_key": management, "is_provisioning_key": management}}
    if not management:
        raise Refusal(403, "Only management keys can perform this operation")
    if asked.path == "/credits":
        return {"data": {"total_credits": Decimal("100.5"), "total_usage": Decimal("25.75")}}
    if asked.path == "/keys":
        offset = int(asked.one("offset", "0"))
        names, common = [f"key {n}" for n in range(150)], openrouter_key(world, "laptop")
        return {"data": [{**common, "hash": f"{n:064x}", "name": name, "disabled": False,
                          "created_at": "2026-08-24T10:30:00Z", "updated_at": None, "workspace_id": "0df9e665-d932-5740-b2c7-b52af166bc11", "limit": 100 if n % 50 == 0 else None}
                         for n, name in list(enumerate(names))[offset : offset + 100]]}  # fmt: skip
    if asked.path == "/activity":
        asked.known("date", "api_key_hash", "user_id", "group_by", "workspace_id")
        until = today - DAY if asked.settings["activity_lag"] else today
        rows = []
        for at in range(today - 30 * DAY, until, DAY):
            for model, _, use in grouped(asked, "openrouter", at, at + DAY, False, True, asked.many("api_key_hash")):
                half = Use(use.fresh // 2, use.read // 2, output=use.output // 2, reasoning=use.reasoning // 2, requests=use.requests // 2, micros=use.micros // 2)
                rest = Use(*(a - b for a, b in zip(vars(use).values(), vars(half).values(), strict=True)))
                rows += [openrouter_day(at, model, part, endpoint) for endpoint, part in enumerate((half, rest))]
        return {"data": rows}
    if not asked.settings["analytics"]:
        raise Refusal(404, "Not found")
    if asked.path == "/analytics/meta":
        named = ("total_usage", "request_count", "tokens_prompt", "tokens_completion", "reasoning_tokens")
        return {"data": {
            "metrics": [{"name": n, "display_label": n, "is_rate": False, "display_format": "number"} for n in named],
            "dimensions": [{"name": n, "display_label": n} for n in ("model", "api_key_id", "user")],
            "granularities": [{"name": n, "display_label": n} for n in ("minute", "hour", "day", "week", "month")],
            "operators": [{"name": "eq", "value_type": "scalar"}],
        }}  # fmt: skip
    if asked.path == "/analytics/query" and asked.body is not None:
        return openrouter_query(asked)
    raise Refusal(404, "Not found")


def openrouter_key(world: World, key: str) -> dict[str, Any]:
    today = world.now - world.now % DAY
    spent = [sum_of(world, "openrouter", today - n * DAY, today + DAY, m, key).micros for n in (0, 6, 29) for m in ("anthropic/claude-sonnet-5", "qwen/qwen4-coder")]
    daily, weekly, monthly = (dollars(spent[n] + spent[n + 1]) for n in (0, 2, 4))
    return {
        "label": "sk-or-v1-mad...eup", "limit": 100, "limit_remaining": Decimal("74.5"), "limit_reset": "monthly",
        "usage": monthly, "usage_daily": daily, "usage_weekly": weekly, "usage_monthly": monthly,
        "byok_usage": Decimal("17.38"), "byok_usage_daily": 0, "byok_usage_weekly": 0, "byok_usage_monthly": 0,
        "include_byok_in_limit": False, "is_free_tier": False, "is_management_key": False, "is_provisioning_key": False,
        "creator_user_id": "user_made_up", "expires_at": None, "rate_limit": {"interval": "1h", "note": "", "requests": 1000},
    }  # fmt: skip


def openrouter_day(at: int, model: str, use: Use, endpoint: int) -> dict[str, Any]:
    return {
        "date": day_of(at), "model": model, "model_permaslug": f"{model}-made-up", "endpoint_id": f"endpoint-{endpoint}", "provider_name": "Made up",
        "usage": dollars(use.micros), "byok_usage_inference": Decimal("0.5"), "requests": use.requests,
        "prompt_tokens": use.prompt, "completion_tokens": use.output, "reasoning_tokens": use.reasoning,
    }  # fmt: skip


def openrouter_query(asked: Asked) -> Any:
    """Counts as numeric text, keys as names, and both ends of the range included."""
    body = asked.body
    if len(body.get("dimensions", [])) > 2 or not body.get("metrics"):
        raise Refusal(400, "too many dimensions")
    width = {"hour": HOUR, "day": DAY}[body["granularity"]]
    start, end = at_of(body["time_range"]["start"]), at_of(body["time_range"]["end"])
    rows = []
    only = [f["value"] for f in body.get("filters", []) if (f["field"], f["operator"]) == ("api_key_id", "eq")]
    if any(one not in {"laptop", "server"} for one in only):  # it tells everything, and says so
        answer = openrouter_query(replace(asked, body={**body, "filters": []}))
        return {"data": {**answer["data"], "warnings": ["api_key_id: not found"]}}
    for at in buckets(start, end + width, width, asked.world):
        for model, key, use in grouped(asked, "openrouter", at, at + width, "api_key_id" in body["dimensions"], "model" in body["dimensions"], only):
            values = {
                "total_usage": dollars(use.micros), "request_count": str(use.requests), "tokens_prompt": str(use.prompt),
                "tokens_completion": str(use.output), "reasoning_tokens": use.reasoning,
            }  # fmt: skip
            rows.append({
                f"date__{body['granularity']}": rfc(at).replace("Z", ".000Z"), "model": model, "api_key_id": key,
                **{name: values[name] for name in body["metrics"]},
            })  # fmt: skip
    most = min(body.get("limit", 1000), asked.settings["truncate"] or 10**9)
    return {"data": {"data": rows[:most], "metadata": {"query_time_ms": 1, "row_count": len(rows[:most]), "truncated": len(rows) > most}}}


# ---------------------------------------------------------------------------------------------- LiteLLM


def litellm(asked: Asked) -> Any:
    users = {KEYS["litellm"]: ("me", "internal_user"), KEYS["litellm admin"]: ("boss", "proxy_admin"), KEYS["litellm service"]: ("", "")}
    if asked.bearer() not in users:
        raise Refusal(401, "Authentication Error, Invalid proxy server token passed.")
    user, role = users[asked.bearer()]
    if not asked.settings["database"]:
        raise Refusal(500, "Database not connected. Connect a database to your proxy")
    if asked.path == "/v2/user/info":
        if not user:
            raise Refusal(404, "User not found")
        return {"user_id": user, "user_email": f"{user}@example.com", "user_role": role, "spend": Decimal("1.5"), "max_budget": 20,
                "budget_duration": "30d", "budget_reset_at": "2026-12-01T00:00:00Z", "teams": []}  # fmt: skip
    if asked.path == "/user/info":
        return {"user_id": user or None, "user_info": {"user_id": user or None, "user_role": role}, "keys": [], "teams": []}
    if asked.path == "/key/info":
        return {"key": "hash", "info": {"key_name": "sk-...0001", "spend": Decimal("0.5"), "max_budget": None, "user_id": user or None}}
    if asked.path not in {"/user/daily/activity", "/user/daily/activity/aggregated"}:
        raise Refusal(404, "Not Found")
    if not user:
        raise Refusal(403, "Service-account keys cannot query user analytics.")
    wanted = asked.one("user_id", "")
    if role != "proxy_admin" and wanted not in {"", user}:
        raise Refusal(403, "Non-admin users can only view their own spend data.")
    seen = [wanted] if wanted else [user, OTHERS] if role == "proxy_admin" else [user]
    rows = litellm_rows(asked, seen)
    if asked.path.endswith("/aggregated"):
        if not asked.settings["aggregated"]:
            raise Refusal(404, "Not Found")
        asked.known("start_date", "end_date", "user_id", "api_key", "api_key_limit")
        return litellm_page(rows, 1, 1)
    asked.known("start_date", "end_date", "user_id", "api_key", "page", "page_size")
    page, size = int(asked.one("page", "1")), int(asked.one("page_size", "50"))
    if not 1 <= size <= 1000:
        raise Refusal(422, "page_size")
    size = min(size, asked.settings["max_rows"] or size)
    return litellm_page(rows[(page - 1) * size : page * size], page, max(1, -(-len(rows) // size)))


def litellm_rows(asked: Asked, users: list[str]) -> list[tuple[str, str, str, Use]]:
    """Raw rows, newest first, both dates included."""
    first, last = date.fromisoformat(asked.one("start_date")), date.fromisoformat(asked.one("end_date"))
    rows = []
    day = last
    while day >= first:
        at = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        for user in users:
            for model, key in groups("litellm"):
                use = sum_of(asked.world, "litellm", at, at + DAY, model, key, "" if user in {"me", "boss"} else user)
                if use != NOTHING and asked.one("api_key", key) == key:
                    rows.append((day.isoformat(), model, key, use))
        day -= timedelta(days=1)
    return rows


def litellm_metrics(use: Use) -> dict[str, Any]:
    return {
        "spend": dollars(use.micros), "flat_cost": 0, "prompt_tokens": use.prompt, "completion_tokens": use.output,
        "cache_read_input_tokens": use.read, "cache_creation_input_tokens": use.write_other, "total_tokens": use.total,
        "successful_requests": use.requests, "failed_requests": 0, "api_requests": use.requests,
    }  # fmt: skip


def litellm_page(rows: list[tuple[str, str, str, Use]], page: int, last: int) -> Any:
    """Rows of a page put together by date and model; the same date may be on the next page too."""
    results = []
    for day in dict.fromkeys(row[0] for row in rows):
        models: dict[str, Any] = {}
        whole = NOTHING
        for model in dict.fromkeys(row[1] for row in rows if row[0] == day):
            keys = {row[2]: row[3] for row in rows if row[:2] == (day, model)}
            use = NOTHING
            for part in keys.values():
                use += part
            whole += use
            models[model] = {
                "metrics": litellm_metrics(use), "metadata": {},
                "api_key_breakdown": {k: {"metrics": litellm_metrics(u), "metadata": {"key_alias": "laptop"}} for k, u in keys.items()},
            }  # fmt: skip
        # The other breakdowns are views of the same total.
        breakdown = {"models": models, "model_groups": models, "providers": models, "api_keys": {}, "endpoints": {}, "mcp_servers": {}, "entities": {}}
        results.append({"date": day, "metrics": litellm_metrics(whole), "breakdown": breakdown})
    return {"results": results, "metadata": {"page": page, "total_pages": last, "has_more": page < last}}
