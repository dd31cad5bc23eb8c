"""Lines of the open format ``tokenpal-usage/1`` to usage records (resources/formats/usage.md): watched folder and import share it.

A line that cannot be understood is a Problem that names its line; nothing else is lost. Fields that the format does not
know are skipped and never kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Final

from tokenpal.model.money import MAX_PICO, Money, MoneyKind
from tokenpal.model.names import LONGEST_PATH, plain, provider_id
from tokenpal.model.tokens import CLASSES, Tokens
from tokenpal.model.usage import GRAIN_SECONDS, Grain, Origin, Problem, Quality, UsageRecord, stable_key
from tokenpal.sources.numbers import MAX_AMOUNT, MAX_COUNT, number
from tokenpal.sources.times import millis

FORMAT: Final = "tokenpal-usage/1"
FAMILY: Final = "tokenpal-usage/"
UNNAMED: Final = "unnamed"
LONGEST_ID: Final = 400


class Bad(ValueError):
    """Why a line was left out; the words never hold a piece of it."""


def record(found: Mapping[str, Any], prefix: str) -> UsageRecord:
    """One line. ``prefix`` keeps the ids of one place apart from those of another. Raises Bad."""
    said = found.get("is")
    if said != FORMAT:
        newer = isinstance(said, str) and said.startswith(FAMILY)
        raise Bad("is of a newer version of the format; update tokenpal" if newer else f"does not say that it is {FORMAT}")
    id_ = _word(found, "id", LONGEST_ID)
    if not id_:
        raise Bad("has no id")
    grain = _one_of(found, "grain", Grain, Grain.REQUEST)
    at = _time(found.get("at"), grain)
    counts = {name: _count(found, name) for name in (*CLASSES, "reasoning")}
    requests = _requests(found, grain)
    money = _money(found.get("money"))
    tokens = Tokens(**counts)
    if not (tokens.total or requests or money):
        raise Bad("has no tokens, no requests and no money")
    if tokens.reasoning > tokens.output:
        raise Bad("has more reasoning than output; reasoning is a part of output")
    session = _word(found, "session") or f"{UNNAMED}:{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
    return UsageRecord(
        key=stable_key(f"{prefix}:{id_}"),
        session=f"{prefix}:{session}",
        at=at,
        model=_word(found, "model"),
        tokens=tokens,
        requests=requests,
        grain=grain,
        folder=_word(found, "folder", LONGEST_PATH),
        branch=_word(found, "branch"),
        sub_agent=_flag(found, "sub_agent"),
        tier=_word(found, "tier", 40),
        precedence=_whole(found, "revision", 0, 2**31 - 1),
        money=money,
        origin=_one_of(found, "origin", Origin, Origin.MEASURED),
        quality=_one_of(found, "quality", Quality, Quality.EXACT if grain is Grain.REQUEST else Quality.AGGREGATE),
        provider=provider_id(_word(found, "provider", 100)),
    )


def problem(source: str, line: int, reason: str) -> Problem:
    return Problem(source, f"line {line}", f"{reason}; it was left out")


def _word(found: Mapping[str, Any], name: str, longest: int = 300) -> str:
    value = found.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Bad(f"has a {name} that is no text")
    return plain(value.strip(), longest)


def _flag(found: Mapping[str, Any], name: str) -> bool:
    value = found.get(name, False)
    if not isinstance(value, bool):
        raise Bad(f"has a {name} that is neither true nor false")
    return value


def _one_of(found: Mapping[str, Any], name: str, kind: Any, default: Any) -> Any:
    value = found.get(name)
    if value is None:
        return default
    try:
        return kind(value)
    except ValueError:
        raise Bad(f"has a {name} that is none of: {', '.join(kind)}") from None


def _time(value: Any, grain: Grain) -> int:
    """RFC 3339 with its zone, so that nobody guesses; a day may be a bare date, which is a UTC day."""
    if not isinstance(value, str):
        raise Bad("has no time: at is a text such as 2026-11-21T10:00:00Z")
    text = value.strip()
    if grain is Grain.DAY and len(text) == 10:
        text += "T00:00:00Z"
    try:
        zoned = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        raise Bad("has a time that is not RFC 3339, such as 2026-11-21T10:00:00Z") from None
    if not zoned:
        raise Bad("has a time without a zone; write Z for UTC, or the offset")
    found = millis(text)
    if found is None:
        raise Bad("has an impossible time")
    at = found // 1000
    return at - at % (GRAIN_SECONDS[grain] or 1)


def _whole(found: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = found.get(name)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float) or (isinstance(value, float) and not isfinite(value)):
        raise Bad(f"has a {name} that is no number")
    if value != int(value):
        raise Bad(f"has a {name} that is no whole number")
    if value < least:
        raise Bad(f"has a negative {name}")
    if value > most:
        raise Bad(f"has an impossibly large {name}")
    return int(value)


def _count(found: Mapping[str, Any], name: str) -> int:
    return _whole(found, name, 0, MAX_COUNT)


def _requests(found: Mapping[str, Any], grain: Grain) -> int | None:
    """What is left out is 1 for a request and unknown for a bucket."""
    if found.get("requests") is None:
        return 1 if grain is Grain.REQUEST and "requests" not in found else None
    return _count(found, "requests")


def _money(value: Any) -> tuple[Money, ...]:
    if value is None:
        return ()
    amounts: dict[tuple[str, str], Money] = {}
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, dict):
            raise Bad("has money that is no object with kind, currency and amount")
        kind = _one_of(each, "kind", MoneyKind, None)
        currency, amount = each.get("currency", "USD"), number(each.get("amount"))
        if kind is None or amount is None:
            raise Bad("has money without a kind or an amount")
        if not isinstance(currency, str) or not currency.isalnum() or not currency.isascii() or len(currency) > 12:
            raise Bad("has money in no known currency")
        if not 0 <= amount <= MAX_AMOUNT:
            raise Bad("has an impossible amount of money")
        one = Money.of(kind, amount, currency)
        key = (one.kind.value, one.currency)
        amounts[key] = amounts[key] + one if key in amounts else one
    return tuple(amounts[key] for key in sorted(amounts) if 0 < amounts[key].pico <= MAX_PICO)
