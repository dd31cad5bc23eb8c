"""What the made-up providers share: a request as asked, refusals, pages, and sums of a bucket."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.provider_data import NOTHING, Use, World, groups, sum_of

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
    method: str = "GET"

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

    def user(self) -> str:
        """The user name of HTTP Basic; "" for anything else."""
        kind, _, value = self.headers.get("authorization", "").partition(" ")
        try:
            return base64.b64decode(value).decode().rpartition(":")[0] if kind == "Basic" else ""
        except ValueError:
            return ""


@dataclass(frozen=True)
class Plain:
    """An answer that is no JSON, or one with headers of its own."""

    text: str
    kind: str = "text/plain; charset=utf-8"
    status: int = 200
    headers: dict[str, str] | None = None


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


def grouped(
    asked: Asked, provider: str, start: int, end: int, by_key: bool, by_model: bool, only: Collection[str] = ()
) -> Iterator[tuple[str, str, Use]]:
    """Sums of a bucket by the dimensions asked for; of these keys ``only``."""
    sums: dict[tuple[str, str], Use] = {}
    for model, key in groups(provider):
        if only and key not in only:
            continue
        use = sum_of(asked.world, provider, start, end, model, key)
        if use != NOTHING:
            name = (model if by_model else "", key if by_key else "")
            sums[name] = sums.get(name, NOTHING) + use
    for (model, key), use in sums.items():
        yield model, key, use
