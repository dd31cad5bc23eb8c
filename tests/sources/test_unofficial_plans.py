"""The windows of Claude, Codex and Copilot plans by a pasted token: what is read, how it is called, and that one refusal is enough."""

from __future__ import annotations

from typing import Any

import pytest

from tests.provider_server import ProviderServer
from tests.sources.accounts import NOON, read, reply
from tokenpal.model.events import AccountState
from tokenpal.model.usage import Balance, LimitReading, Origin
from tokenpal.sources import claude_plan, codex_plan, copilot_plan, http

SOURCES = (claude_plan, codex_plan, copilot_plan)


@pytest.fixture
def server(provider_server: ProviderServer) -> ProviderServer:
    provider_server.world(now=NOON, days=1)
    return provider_server


def windows(found: list[Any]) -> dict[str, tuple[float, int | None]]:
    return {one.name: (one.used_percent, one.window_minutes) for one in found if isinstance(one, LimitReading)}


def parsed(source: Any, answer: Any) -> list[Any]:
    import json

    return list(source.parse(None, reply("plan", json.dumps(answer).encode(), None))[1])


def test_claude_by_the_live_list_and_by_the_flat_fields(server: ProviderServer) -> None:
    live = read(server, claude_plan)
    assert windows(live.readings) == {"5 hours": (37.0, 300), "week": (12.0, 10_080), "week, Opus": (8.0, 10_080), "extra usage": (24.7, None)}
    server.set(claude_flat=True)
    assert windows(read(server, claude_plan).readings) == windows(live.readings)
    assert {one.origin for one in live.readings} == {Origin.REPORTED}
    assert {one.resets_at for one in live.readings} == {NOON + 7200, NOON + 3 * 86_400, None}
    assert all(one.used is None and one.limit is None for one in live.readings), "per cents, never money"


def test_claude_null_windows_and_unknown_kinds() -> None:
    said = {"five_hour": None, "seven_day": None, "limits": [{"kind": "fortnight_all", "percent": 3}, {"kind": "session", "percent": None}]}
    assert windows(parsed(claude_plan, said)) == {"fortnight_all": (3.0, None)}
    empty = {"limits": [{"kind": "session", "percent": None}], "five_hour": {"utilization": 5, "resets_at": None}}
    assert windows(parsed(claude_plan, empty)) == {"5 hours": (5.0, 300)}


def test_codex_names_windows_by_their_length(server: ProviderServer) -> None:
    book = read(server, codex_plan)
    assert windows(book.readings) == {"5 hours": (15.0, 300), "week": (5.0, 10_080), "Code review: week": (3.0, 10_080), "spend limit": (20.0, None)}
    assert [(one.name, str(one.left.amount), one.left.currency) for one in book.balances] == [("credits", "12.5", "credits")]
    swapped = {"plan_type": "x", "rate_limit": {"primary_window": {"used_percent": 9, "limit_window_seconds": 604_740, "reset_after_seconds": 60}}}
    (only,) = parsed(codex_plan, swapped)
    assert (only.name, only.window_minutes, only.resets_at) == ("week", 10_080, only.at + 60)
    for credit in ({"has_credits": False, "balance": "3"}, {"has_credits": True, "unlimited": True, "balance": "3"}, {"has_credits": True, "balance": None}):
        assert not any(isinstance(item, Balance) for item in parsed(codex_plan, {**swapped, "credits": credit}))


def test_copilot_tells_what_remains(server: ProviderServer) -> None:
    book = read(server, copilot_plan)
    assert windows(book.readings) == {"month, premium requests": (pytest.approx(26.6), 43_200)}, "what is unlimited has no meter"
    assert book.readings[0].resets_at == 1_796_083_200  # 2026-12-01
    server.set(copilot_free=True)
    assert windows(read(server, copilot_plan).readings) == {"month, chat": (60.0, 43_200), "month, completions": (25.0, 43_200)}
    over = {"quota_snapshots": {"premium_interactions": {"entitlement": 300, "remaining": -30, "percent_remaining": -10}}}
    assert windows(parsed(copilot_plan, over)) == {"month, premium requests": (110.0, 43_200)}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_whatever_comes_it_is_asked_once(server: ProviderServer, source: Any, status: int) -> None:
    server.rule(".*", status=status)
    book = read(server, source)
    assert book.error is not None
    assert len(server.requests()) == 1
    assert book.waits == []
    if status in {401, 403}:
        assert book.error.state in {AccountState.KEY_REFUSED, AccountState.NOT_ALLOWED}
        assert "asks no more" in book.error.next_step


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_unofficial_is_said_before_it_is_asked(source: Any) -> None:
    info = source.INFO
    assert "unofficial" in info.name
    assert "does not document it" in info.unofficial
    assert info.poll_seconds == 300
    assert source.WORDS.patience == 0
    assert http.Words(provider="x", refused="", scope="", missing="").patience > 0


def test_they_look_into_no_store_of_another_program() -> None:
    import inspect

    for source in SOURCES:
        text = inspect.getsource(source)
        for word in ("open(", "Path", "os.", "subprocess", "keyring", "credentials.json", "auth.json", "refresh_token"):
            assert word not in text
