"""Hours of a day, days of a month; by model when it is asked for and the server knows how; credit or an older plan."""

from decimal import Decimal
from typing import Any

from tests.provider_asking import Asked, Refusal, dollars, grouped, rfc
from tests.provider_data import DAY, HOUR
from tests.provider_small import guarded

KEY = "ollama-made-up-0001"
SPEC = "ollama-cloud.transcribed.openapi.yaml"
MODELS, GROUPS = ("gpt-oss:120b", "qwen4-coder:480b"), ("",)
SETTINGS = {
    "ollama_models": "list",  # in each bucket; "rows": a bucket each; "no": ignored; "refused": 400
    "ollama_plan": "credit",  # "legacy": percentages, use without tokens; "older": the form before the documented one
}


def answer(asked: Asked) -> Any:
    guarded(asked, KEY, "/api/usage", "/api/balance")
    return balance(asked) if asked.path == "/api/balance" else usage(asked)


def balance(asked: Asked) -> Any:
    asked.known()
    now = asked.world.now
    if asked.settings["ollama_plan"] == "credit":
        period = {"from": rfc(now - 10 * DAY), "until": rfc(now + 20 * DAY)}
        return {"included": {"balance_usd": Decimal("72.5"), "allowance_usd": 100, "period": period}, "purchased": {"balance_usd": 25}}
    windows = {"session": {"remaining_percent": 75, "resets_at": rfc(now + HOUR)}, "weekly": {"remaining_percent": 40, "resets_at": rfc(now + DAY)}}
    return {"included": windows, "purchased": {"balance_usd": 0}}


def usage(asked: Asked) -> Any:
    asked.known("range", "scope", "group_by")
    span, how, plan = asked.one("range", "7d"), asked.settings["ollama_models"], asked.settings["ollama_plan"]
    if asked.one("scope", "self") != "self" or (how == "refused" and asked.many("group_by")):
        raise Refusal(400, "unknown parameter")
    if plan == "older":
        return {"limits": {"session": {"usage": Decimal("0.25")}, "weekly": {"usage": Decimal("0.6")}}, "activity": {"cost": "1.20"}}
    now = asked.world.now
    width, count = {"24h": (HOUR, 25), "7d": (DAY, 8), "30d": (DAY, 31)}[span]
    starts = [now // width * width - n * width for n in reversed(range(count))]
    rows = []
    for at in starts:
        until = min(at + width, now)
        ends = {"from": rfc(at), "until": rfc(until), **({"partial": True} if until == now else {})}
        models = {model: figures(use, plan) for model, _, use in grouped(asked, "ollama-cloud", at, at + width, False, True)}
        whole = total(models.values(), plan)
        if asked.many("group_by") and how == "rows":
            rows += [{**ends, "model": model, **one} for model, one in models.items()]
        elif asked.many("group_by") and how == "list":
            rows.append({**ends, **whole, "models": [{"model": model, **one} for model, one in models.items()]})
        else:
            rows.append({**ends, **whole})
    return {
        "range": span, "scope": "self", "granularity": "hour" if width == HOUR else "day", "from": rfc(starts[0]), "until": rfc(now),
        "totals": total(rows, plan), "buckets": rows,
    }  # fmt: skip


def figures(use: Any, plan: str) -> dict[str, Any]:
    if plan == "legacy":
        return {"request_count": use.requests}
    return {
        "request_count": use.requests, "usage_usd": dollars(use.micros), "input_tokens": use.prompt, "cached_input_tokens": use.read,
        "output_tokens": use.output,
    }  # fmt: skip


def total(parts: Any, plan: str) -> dict[str, Any]:
    names = ["request_count"] if plan == "legacy" else ["request_count", "usage_usd", "input_tokens", "cached_input_tokens", "output_tokens"]
    parts = list(parts)
    return {name: sum(part[name] for part in parts) for name in names}
