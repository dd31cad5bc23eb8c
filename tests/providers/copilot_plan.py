"""A quota as editors get it: what remains, with numbers that may be texts."""

from typing import Any

from tests.provider_asking import Asked, Refusal

KEY = "gho_madeup0001"
SPEC = "subscription-quota.unofficial.openapi.yaml"
SETTINGS = {"copilot_free": False}


def answer(asked: Asked) -> Any:
    if asked.headers.get("authorization") != f"token {KEY}":
        raise Refusal(401, "Bad credentials")
    if asked.path != "/copilot_internal/user":
        raise Refusal(404, "Not Found")
    asked.known()
    if asked.settings["copilot_free"]:
        return {"copilot_plan": "free", "quota_reset_date": "2026-12-01", "monthly_quotas": {"chat": 50, "completions": 2000}, "limited_user_quotas": {"chat": 20, "completions": 1500}}
    none = {"entitlement": 0, "remaining": 0, "percent_remaining": 100, "unlimited": True, "overage_count": 0, "overage_permitted": True}
    premium = {"entitlement": 1500, "remaining": "1100.5", "percent_remaining": 73.4, "quota_id": "premium_interactions", "unlimited": False}
    return {
        "copilot_plan": "individual", "quota_reset_date": "2026-12-01",
        "quota_snapshots": {"premium_interactions": premium, "chat": {**none, "quota_id": "chat"}, "completions": {**none, "quota_id": "completions"}},
    }  # fmt: skip
