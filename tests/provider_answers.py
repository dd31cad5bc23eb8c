"""What each provider answers, from the made-up data: paths, paging, limits and refusals as documented (provider-apis 6)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.provider_data import DAY, HOUR, KEYS as ID_OF_KEYS, NOTHING, OTHERS, Use, World, groups, sum_of

KEYS = {
    "openai": "sk-admin-made-up-0001",
    "openai project": "sk-proj-made-up-0002",  # 403: missing scope
    "anthropic": "sk-ant-admin01-made-up-0001",
    "anthropic workspace": "sk-ant-api03-made-up-0002",  # 401 on admin paths
    "openrouter": "sk-or-v1-made-up-management",
    "openrouter ordinary": "sk-or-v1-made-up-ordinary",
    "litellm": "sk-made-up-user",
    "litellm admin": "sk-made-up-admin",  # sees everybody unless user_id is sent
    "litellm service": "sk-made-up-service",  # bound to no user
}


@dataclass(frozen=True)
class Asked:
    """One request, its prefix taken off."""

    world: World
    settings: dict[str, Any]
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: Any

    def one(self, name: str, default: str | None = None) -> str:
        found = [v for k, v in self.query if k == name]
        if not found and default is None:
            raise Refusal(400, f"{name} is required")
        return found[-1] if found else str(default)

    def many(self, name: str) -> list[str]:
        return [v for k, v in self.query if k == name]

    def known(self, *names: str) -> None:
        for name, _ in self.query:
            if name not in names:
                raise Refusal(400, f"unknown parameter {name}")

    def bearer(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


class Refusal(Exception):
    """A status, and the sentence in the provider's error body."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


def error_body(provider: str, status: int, said: str) -> Any:
    """Each provider's own form (provider-apis 12)."""
    if provider == "anthropic":
        return {"type": "error", "error": {"type": "made_up_error", "message": said}, "request_id": "req_made_up"}
    if provider == "openrouter":
        return {"error": {"code": status, "message": said}}
    if provider == "litellm":
        return {"error": {"message": said, "type": "made_up", "param": "None", "code": str(status)}}
    return {"error": {"message": said, "type": "invalid_request_error", "param": None, "code": None}}


def rfc(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def at_of(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        raise Refusal(400, "not a time") from None


def day_of(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def dollars(micros: int) -> Decimal:
    return Decimal(micros).scaleb(-6)


def buckets(start: int, end: int, width: int, world: World) -> Iterator[int]:
    """Buckets that have begun."""
    for at in range(start - start % width, end, width):
        if start <= at <= world.now:
            yield at


def cursor_of(number: int) -> str:
    return "page_" + base64.b64encode(f"made up {number}".encode()).decode()


def number_of(cursor: str) -> int:
    if not cursor or cursor == "page_same" or cursor.removeprefix("page_").isdigit():  # of a chain without an end
        return 0
    try:
        return int(base64.b64decode(cursor.removeprefix("page_")).decode().removeprefix("made up "))
    except ValueError:
        raise Refusal(400, "unknown page") from None


def page_of(entries: list[Any], asked: Asked, limit: int) -> tuple[list[Any], str | None]:
    """A page of entries from the cursor on, and the next cursor."""
    first = number_of(asked.one("page", ""))
    following = first + limit
    return entries[first:following], cursor_of(following) if following < len(entries) else None


# ---------------------------------------------------------------------------------------------- OpenAI


def openai(asked: Asked) -> Any:
    key = asked.bearer()
    if key == KEYS["openai project"]:
        raise Refusal(403, "You have insufficient permissions for this operation. Missing scopes: api.usage.read.")
    if key != KEYS["openai"]:
        raise Refusal(401, "Incorrect API key provided: sk-admin-****0001.")
    if asked.path == "/organization/projects":
        projects = [{"id": f"proj_{n}", "object": "organization.project", "name": f"Project {n}", "created_at": 1} for n in (1, 2)]
        return {"object": "list", "data": projects, "first_id": "proj_1", "last_id": "proj_2", "has_more": False}
    if asked.path == "/organization/spend_limit":
        if asked.settings["spend_limit"] is None:
            raise Refusal(404, "no spend limit")
        return {
            "object": "organization.spend_limit", "threshold_amount": asked.settings["spend_limit"], "currency": "USD",
            "interval": "month", "enforcement": {"status": "inactive"},
        }  # fmt: skip
    array = "group_by" if asked.settings["openai_arrays"] == "plain" else "group_by[]"
    asked.known("start_time", "end_time", "bucket_width", "limit", "page", array)
    grouping = asked.many(array)
    start, end = int(asked.one("start_time")), int(asked.one("end_time", str(asked.world.now)))
    width_name = asked.one("bucket_width", "1d")
    report = asked.path.removeprefix("/organization/")
    widths = {"1d": (DAY, 7, 31), "1h": (HOUR, 24, 168)}
    if report == "costs":
        widths = {"1d": (DAY, 7, 180)}
    if width_name not in widths:
        raise Refusal(400, "bucket_width")
    width, default, most = widths[width_name]
    limit = int(asked.one("limit", str(default)))
    if not 1 <= limit <= most:
        raise Refusal(400, f"limit must be at most {most}")
    limit = min(limit, asked.settings["max_buckets"] or limit)
    rows = {"costs": openai_costs, "usage/completions": openai_usage, "usage/embeddings": openai_embeddings}.get(report)
    if rows is None:
        raise Refusal(404, "Not found")
    starts, following = page_of(list(buckets(start, end, width, asked.world)), asked, limit)
    data = [
        {"object": "bucket", "start_time": at, "end_time": at + width, "results": list(rows(asked, at, at + width, grouping))}
        for at in starts
    ]
    return {"object": "page", "data": data, "has_more": following is not None, "next_page": following}


def grouped(asked: Asked, provider: str, start: int, end: int, by_key: bool, by_model: bool) -> Iterator[tuple[str, str, Use]]:
    """Sums of a bucket by the dimensions asked for."""
    sums: dict[tuple[str, str], Use] = {}
    for model, key in groups(provider):
        use = sum_of(asked.world, provider, start, end, model, key)
        if use != NOTHING:
            name = (model if by_model else "", key if by_key else "")
            sums[name] = sums.get(name, NOTHING) + use
    for (model, key), use in sums.items():
        yield model, key, use


def openai_usage(asked: Asked, start: int, end: int, grouping: list[str]) -> Iterator[Any]:
    for model, key, use in grouped(asked, "openai", start, end, "api_key_id" in grouping, "model" in grouping):
        yield {
            "object": "organization.usage.completions.result",
            "input_tokens": use.prompt, "input_cached_tokens": use.read, "input_cache_write_tokens": use.write_other,
            "input_uncached_tokens": use.fresh, "output_tokens": use.output, "input_text_tokens": use.fresh,
            "num_model_requests": use.requests, "project_id": "proj_1" if "project_id" in grouping else None, "user_id": None,
            "api_key_id": key or None, "model": model or None, "batch": False if "batch" in grouping else None,
            "service_tier": "default" if "service_tier" in grouping else None,
        }  # fmt: skip


def openai_embeddings(asked: Asked, start: int, end: int, grouping: list[str]) -> Iterator[Any]:
    """None: the truth stays with the completions."""
    return iter(())


def openai_costs(asked: Asked, start: int, end: int, grouping: list[str]) -> Iterator[Any]:
    by_item = "line_item" in grouping
    for model, key, use in grouped(asked, "openai", start, end, "api_key_id" in grouping, by_item):
        for item, micros in (("input_tokens", use.micros - 7 * use.output), ("output_tokens", 7 * use.output)):
            yield {
                "object": "organization.costs.result", "amount": {"value": dollars(micros), "currency": "usd"},
                "line_item": f"{model}, {item}" if by_item else None, "project_id": "proj_1" if "project_id" in grouping else None,
                "api_key_id": key or None, "quantity": 1 if by_item else None, "quantity_unit": "tokens" if by_item else None,
            }  # fmt: skip


# ---------------------------------------------------------------------------------------------- Anthropic


def anthropic(asked: Asked) -> Any:
    if asked.headers.get("anthropic-version") not in {"2023-06-01", "2026-10-21"}:
        raise Refusal(400, "anthropic-version: header is required")
    if asked.headers.get("x-api-key") != KEYS["anthropic"]:
        raise Refusal(401, "invalid x-api-key")
    path = asked.path.removeprefix("/v1/organizations/")
    if path == "me":
        return {"id": "org_made_up", "type": "organization", "name": "Acme"}
    if path in {"analytics/usage", "analytics/cost"}:
        return anthropic_analytics(asked, path.removeprefix("analytics/"))
    if path in {"usage_report/messages", "cost_report"}:
        return anthropic_legacy(asked, path)
    raise Refusal(404, "not found")


def anthropic_analytics(asked: Asked, what: str) -> Any:
    if not asked.settings["analytics"]:
        raise Refusal(404, "not found")
    if "analytics-usage-cost" not in asked.headers.get("anthropic-beta", ""):
        raise Refusal(400, "anthropic-beta: header is required")
    asked.known("starting_at", "ending_at", "time_bucket_width", "limit", "page", "order", "order_by", "group_by[]")
    grouping = asked.many("group_by[]")
    start, end = at_of(asked.one("starting_at")), at_of(asked.one("ending_at"))
    limit = int(asked.one("limit", "20"))
    counted = [g for g in grouping if g not in {"cost_type", "token_type"}]
    if end - start > 31 * DAY or not 1 <= limit <= 1000 or len(counted) > 5 or start < 1767225600:
        raise Refusal(400, "out of range")
    width = {"1d": DAY, "1h": HOUR}[asked.one("time_bucket_width")]
    entries = []
    for at in buckets(start, end, width, asked.world):
        for model, key, use in grouped(asked, "anthropic", at, at + width, "api_key_id" in grouping, "model" in grouping):
            group = dict.fromkeys(("actor", "api_key_id", "model", "product", "service_tier", "speed", "workspace_id"))
            group |= {"model": model or None, "api_key_id": key or None}
            if "service_tier" in grouping:
                group["service_tier"] = "standard"
            figures = anthropic_figures(use, requests=True) if what == "usage" else anthropic_money(use)
            entries.append({"starting_at": rfc(at), "ending_at": rfc(at + width), "group": group, what: figures})
    rows, following = page_of(entries, asked, min(limit, asked.settings["max_rows"] or limit))
    return {"data": rows, "has_more": following is not None, "next_page": following, "data_refreshed_at": rfc(asked.world.now)}


def anthropic_figures(use: Use, *, requests: bool) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "uncached_input_tokens": use.fresh, "cache_read_input_tokens": use.read, "output_tokens": use.output,
        "cache_creation": {"ephemeral_1h_input_tokens": use.write_1h, "ephemeral_5m_input_tokens": use.write_5m},
        "server_tool_use": {"web_search_requests": 0},
    }  # fmt: skip
    return {**figures, "total_tokens": use.total, "requests": use.requests} if requests else figures


def anthropic_money(use: Use) -> dict[str, Any]:
    """Fractional cents, as text."""
    cents = f"{Decimal(use.micros).scaleb(-4):f}"
    return {"amount": cents, "list_amount": cents, "currency": "USD", "requests": None}


def anthropic_legacy(asked: Asked, path: str) -> Any:
    asked.known("starting_at", "ending_at", "bucket_width", "limit", "page", "group_by[]")
    money = path == "cost_report"
    grouping = asked.many("group_by[]")
    if money and set(grouping) - {"workspace_id", "description"}:
        raise Refusal(400, "group_by")
    widths = {"1d": (DAY, 7, 31)} if money else {"1d": (DAY, 7, 31), "1h": (HOUR, 24, 168)}
    width, default, most = widths[asked.one("bucket_width", "1d")]
    limit = int(asked.one("limit", str(default)))
    if not 1 <= limit <= most:
        raise Refusal(400, "limit")
    start, end = at_of(asked.one("starting_at")), at_of(asked.one("ending_at", rfc(asked.world.now)))
    by_model = "description" in grouping if money else "model" in grouping
    data = []
    starts, following = page_of(list(buckets(start, end, width, asked.world)), asked, min(limit, asked.settings["max_buckets"] or limit))
    for at in starts:
        results = []
        for model, key, use in grouped(asked, "anthropic", at, at + width, "api_key_id" in grouping, by_model):
            common = {"workspace_id": None, "model": model or None, "service_tier": "standard", "context_window": "0-200k", "inference_geo": None}
            if money:
                amount = anthropic_money(use)["amount"]
                results.append({"amount": amount, "currency": "USD", "description": f"{model} Usage", "cost_type": "tokens", "token_type": None, **common})
            else:
                results.append({**anthropic_figures(use, requests=False), "api_key_id": key or None, **common})
        data.append({"starting_at": rfc(at), "ending_at": rfc(at + width), "results": results})
    return {"data": data, "has_more": following is not None, "next_page": following}


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
        names = [f"key {n}" for n in range(150)]
        return {"data": [{**openrouter_key(world, "laptop"), "hash": f"{n:064x}", "name": name, "disabled": False,
                          "created_at": "2026-08-24T10:30:00Z", "updated_at": None, "workspace_id": "0df9e665-d932-5740-b2c7-b52af166bc11", "limit": 100 if n % 50 == 0 else None}
                         for n, name in list(enumerate(names))[offset : offset + 100]]}  # fmt: skip
    if asked.path == "/activity":
        until = today - DAY if asked.settings["activity_lag"] else today
        rows = []
        for at in range(today - 30 * DAY, until, DAY):
            for model, _, use in grouped(asked, "openrouter", at, at + DAY, False, True):
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
    for at in buckets(start, end + width, width, asked.world):
        for model, key, use in grouped(asked, "openrouter", at, at + width, "api_key_id" in body["dimensions"], "model" in body["dimensions"]):
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
        asked.known("start_date", "end_date", "user_id", "api_key_limit")
        return litellm_page(rows, 1, 1)
    asked.known("start_date", "end_date", "user_id", "page", "page_size")
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
                if use != NOTHING:
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


ANSWERS: dict[str, Callable[[Asked], Any]] = {"openai": openai, "anthropic": anthropic, "openrouter": openrouter, "litellm": litellm}
__all__ = ["ANSWERS", "ID_OF_KEYS", "KEYS", "Asked", "Refusal", "error_body"]
