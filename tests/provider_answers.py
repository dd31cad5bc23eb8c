"""What OpenAI and Anthropic answer, from the made-up data: paths, paging, limits and refusals as documented (provider-apis 6)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.provider_asking import KEYS, Asked, Refusal, at_of, buckets, dollars, grouped, page_of, rfc
from tests.provider_data import DAY, HOUR, Use

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
    filters = ("api_key_ids", "project_ids") if asked.path.endswith("/costs") else ("api_key_ids", "project_ids", "user_ids")
    asked.known("start_time", "end_time", "bucket_width", "limit", "page", array, *(array.replace("group_by", name) for name in filters))
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


def openai_only(asked: Asked) -> list[str]:
    """The keys that the filters leave: the first project has both, the person "user-me" has the laptop's."""
    many = [*asked.query, *((name.removesuffix("[]"), value) for name, value in asked.query)]
    keys, projects, users = ([v for k, v in many if k == name] for name in ("api_key_ids", "project_ids", "user_ids"))
    found = set(keys) if keys else {"key_laptop", "key_server"}
    if (projects and "proj_1" not in projects) or (users and "user-me" not in users):
        found = set()
    return sorted(found & {"key_laptop"} if users else found) or ["nobody's"]


def openai_usage(asked: Asked, start: int, end: int, grouping: list[str]) -> Iterator[Any]:
    for model, key, use in grouped(asked, "openai", start, end, "api_key_id" in grouping, "model" in grouping, openai_only(asked)):
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
    for model, key, use in grouped(asked, "openai", start, end, "api_key_id" in grouping, by_item, openai_only(asked)):
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
    asked.known("starting_at", "ending_at", "time_bucket_width", "limit", "page", "order", "order_by", "group_by[]", "api_key_ids[]", "workspace_ids[]")
    grouping = asked.many("group_by[]")
    start, end = at_of(asked.one("starting_at")), at_of(asked.one("ending_at"))
    limit = int(asked.one("limit", "20"))
    counted = [g for g in grouping if g not in {"cost_type", "token_type"}]
    if end - start > 31 * DAY or not 1 <= limit <= 1000 or len(counted) > 5 or start < 1767225600:
        raise Refusal(400, "out of range")
    width = {"1d": DAY, "1h": HOUR}[asked.one("time_bucket_width")]
    entries = []
    for at in buckets(start, end, width, asked.world):
        for model, key, use in grouped(asked, "anthropic", at, at + width, "api_key_id" in grouping, "model" in grouping, anthropic_only(asked)):
            group = dict.fromkeys(("actor", "api_key_id", "model", "product", "service_tier", "speed", "workspace_id"))
            group |= {"model": model or None, "api_key_id": key or None}
            if "service_tier" in grouping:
                group["service_tier"] = "standard"
            figures = anthropic_figures(use, requests=True) if what == "usage" else anthropic_money(use)
            entries.append({"starting_at": rfc(at), "ending_at": rfc(at + width), "group": group, what: figures})
    rows, following = page_of(entries, asked, min(limit, asked.settings["max_rows"] or limit))
    return {"data": rows, "has_more": following is not None, "next_page": following, "data_refreshed_at": rfc(asked.world.now)}


def anthropic_only(asked: Asked) -> list[str]:
    """The keys that the filters leave; all of them are of the workspace wrkspc_1, but for the Console's own."""
    keys, workspaces = asked.many("api_key_ids[]"), asked.many("workspace_ids[]")
    found = keys or (["apikey_laptop"] if workspaces else [])
    return ["nobody's"] if workspaces and "wrkspc_1" not in workspaces else found


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
    money = path == "cost_report"
    asked.known("starting_at", "ending_at", "bucket_width", "limit", "page", "group_by[]", *(() if money else ("api_key_ids[]", "workspace_ids[]")))
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
        for model, key, use in grouped(asked, "anthropic", at, at + width, "api_key_id" in grouping, by_model, anthropic_only(asked)):
            common = {"workspace_id": None, "model": model or None, "service_tier": "standard", "context_window": "0-200k", "inference_geo": None}
            if money:
                amount = anthropic_money(use)["amount"]
                results.append({"amount": amount, "currency": "USD", "description": f"{model} Usage", "cost_type": "tokens", "token_type": None, **common})
            else:
                results.append({**anthropic_figures(use, requests=False), "api_key_id": key or None, **common})
        data.append({"starting_at": rfc(at), "ending_at": rfc(at + width), "results": results})
    return {"data": data, "has_more": following is not None, "next_page": following}

