"""Balances and plan windows: units, currencies, what remains and what is used, and errors that come with status 200."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.provider_server import ProviderServer
from tests.sources.accounts import NOON, check, read, reply
from tokenpal.model.errors import AccountError
from tokenpal.model.events import AccountState
from tokenpal.model.money import MoneyKind
from tokenpal.model.usage import Balance, LimitReading, Origin, Problem, UsageRecord
from tokenpal.sources import (
    chutes,
    deepinfra,
    deepseek,
    kimi_code,
    minimax,
    moonshot,
    novita,
    opencode_go,
    poe,
    siliconflow,
    synthetic,
    venice,
    zai,
)
from tokenpal.sources.balances import place_of
from tokenpal.sources.base import Context
from tokenpal.sources.plans import length, moment

DATA = Path(__file__).parent.parent / "data"


def parsed(source: Any, content: Any, endpoint: str = "balance", place: Any = None) -> list[Any]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    _, items = source.parse(None, reply(endpoint, body, facts=place))
    return items


def sample(source: Any, name: str, endpoint: str = "balance", place: Any = None) -> list[Any]:
    return parsed(source, (DATA / source.INFO.id / f"{name}.json").read_bytes(), endpoint, place)


def told(items: list[Any]) -> dict[str, tuple[Decimal, str]]:
    found = {item.name: (item.left.amount, item.left.currency) for item in items if isinstance(item, Balance)}
    assert all(item.left.kind is MoneyKind.CREDITS and item.at == NOON for item in items if isinstance(item, Balance))
    return found


def windows(items: list[Any]) -> dict[str, tuple[float, int | None, int | None]]:
    """Used percent, length and reset by name."""
    readings = [item for item in items if isinstance(item, LimitReading)]
    assert all(one.origin is Origin.REPORTED and one.at == NOON for one in readings)
    assert len({one.name for one in readings}) == len(readings), "two windows of one name replace each other"
    return {one.name: (one.used_percent, one.window_minutes, one.resets_at) for one in readings}


# ---------------------------------------------------------------------------------------------- balances


def test_deepseek_tells_each_currency_apart_and_adds_no_parts() -> None:
    assert told(sample(deepseek, "balance")) == {"USD balance": (Decimal("12.34"), "USD"), "CNY balance": (Decimal("-0.5"), "CNY")}


@pytest.mark.parametrize(("place", "currency"), [("https://api.moonshot.ai", "USD"), ("https://api.moonshot.cn", "CNY"), ("https://cn.example.org", "USD")])
def test_moonshots_currency_follows_the_site(place: str, currency: str) -> None:
    assert told(sample(moonshot, "balance", place=place)) == {"balance": (Decimal("49.58894"), currency)}


def test_moonshot_cash_below_zero_is_not_taken_off_again(provider_server: ProviderServer) -> None:
    assert told([*read(provider_server, moonshot).balances]) == {"balance": (Decimal("46.58893"), "USD")}


@pytest.mark.parametrize(("place", "currency"), [("https://api.siliconflow.cn", "CNY"), ("https://api.siliconflow.com", "USD")])
def test_siliconflow_total_is_granted_and_paid(place: str, currency: str) -> None:
    assert told(sample(siliconflow, "user-info", place=place)) == {"balance": (Decimal("88.88"), currency)}


def test_novita_writes_ten_thousandths_of_a_dollar() -> None:
    assert told(sample(novita, "balance-detail")) == {"balance": (Decimal(100), "USD")}


def test_deepinfra_below_zero_is_credit_and_above_is_owed() -> None:
    items = sample(deepinfra, "checklist")
    assert told(items) == {"balance": (Decimal("7.5"), "USD")}
    assert windows(items) == {"spending limit": (16.25, None, None)}
    assert told(parsed(deepinfra, {"stripe_balance": 3, "recent": 1, "limit": None})) == {"balance": (Decimal(-3), "USD")}
    assert any("suspended" in item.reason for item in parsed(deepinfra, {"stripe_balance": 0, "suspended": True}) if isinstance(item, Problem))


@pytest.mark.parametrize(("points", "left"), [(1500, (1500, "points")), (4_000_000, (4_000_000, "points")), (12_500_000, (12_500, "kpoints"))])
def test_poe_counts_in_points(points: int, left: tuple[int, str]) -> None:
    assert told(parsed(poe, {"current_point_balance": points})) == {"balance": left}


def test_venice_tells_dollars_and_diem_apart() -> None:
    items = sample(venice, "balance")
    assert told(items) == {"DIEM": (Decimal("90.5"), "DIEM"), "dollars": (Decimal(25), "USD"), "bundled credits": (Decimal(10), "USD")}
    assert windows(items) == {"day": (9.5, 1440, NOON + 43_200)}
    assert told(parsed(venice, {"balances": {"diem": None, "usd": 3}, "diemEpochAllocation": 0})) == {"dollars": (Decimal(3), "USD")}


@pytest.mark.parametrize("source", [deepseek, moonshot, siliconflow, novita, poe, venice, deepinfra], ids=lambda source: source.INFO.id)
def test_a_balance_is_never_made_into_use(provider_server: ProviderServer, source: Any) -> None:
    book = read(provider_server, source)
    assert book.balances
    assert not any(record.endpoint == "balance" for record in book.records)
    assert not [item for item in parsed(source, {}) if not isinstance(item, Problem)]


@pytest.mark.parametrize(("setting", "source"), [("moonshot_code", moonshot), ("siliconflow_code", siliconflow)])
def test_an_error_with_status_200_is_an_error(provider_server: ProviderServer, setting: str, source: Any) -> None:
    provider_server.set(**{setting: 5})
    book = read(provider_server, source)
    assert book.error is not None
    assert "told to fail" in book.error.sentence
    assert (book.balances, book.cursors) == ([], {})


@pytest.mark.parametrize(
    ("base_url", "region", "place"),
    [
        ("https://api.moonshot.ai", "", "https://api.moonshot.ai"), ("https://api.moonshot.ai", "china", "https://api.moonshot.cn"), ("", "china", "https://api.moonshot.cn"),
        ("https://proxy.example.org/", "china", "https://proxy.example.org"), ("https://api.moonshot.ai", "world", "https://api.moonshot.ai"),
    ],
)  # fmt: skip
def test_the_site_of_an_account(base_url: str, region: str, place: str) -> None:
    context = Context(1, None, base_url, {}, lambda: NOON, options={"region": region} if region else {})
    assert place_of(context, moonshot.INFO, moonshot.PLACES) == place


@pytest.mark.parametrize("source", [moonshot, siliconflow, zai, minimax], ids=lambda source: source.INFO.id)
def test_the_first_site_is_the_one_of_the_address(source: Any) -> None:
    (option,) = [option for option in source.INFO.options if option.id == "region"]
    assert source.PLACES[option.choices[0][0]] == source.INFO.base_url
    assert {value for value, _ in option.choices} == set(source.PLACES)


# ---------------------------------------------------------------------------------------------- plan windows


def test_zai_names_windows_by_their_length_and_tool_calls_by_what_they_are() -> None:
    assert windows(sample(zai, "quota-limit", "plan")) == {
        "5 hours": (27.0, 300, 1_795_269_600), "week": (8.0, 10_080, 1_795_392_000), "tool calls": (4.0, None, 1_796_083_200),
    }  # fmt: skip


def test_zai_team_plans_are_named_in_headers(provider_server: ProviderServer) -> None:
    """Without them the answer is a success without limits: said, not shown as nothing used."""
    provider_server.set(zai_team=True)
    book = read(provider_server, zai)
    assert book.error is not None
    assert book.error.state is AccountState.NOT_AVAILABLE
    assert "organisation" in book.error.next_step
    assert len(read(provider_server, zai, options={"organization": "org-1", "project": "proj-1"}).readings) == 3


@pytest.mark.parametrize(("code", "state"), [(401, AccountState.KEY_REFUSED), (1001, AccountState.KEY_REFUSED), (500, AccountState.PROVIDER_PROBLEM)])
def test_zai_errors_come_with_status_200(provider_server: ProviderServer, code: int, state: AccountState) -> None:
    provider_server.set(zai_code=code)
    with pytest.raises(AccountError) as problem:
        check(provider_server, zai)
    assert problem.value.state is state


@pytest.mark.parametrize("name", ["remains", "remains-percent"])
def test_minimax_usage_count_is_what_remains(name: str) -> None:
    week = 20.0 if name == "remains" else 45.0
    assert windows(sample(minimax, name, "plan")) == {
        "5 hours, MiniMax-M3": (20.0, 300, 1_795_276_800), "week, MiniMax-M3": (week, 10_080, 1_795_478_400),
    }  # fmt: skip


def test_minimax_models_are_told_apart_and_may_be_under_data() -> None:
    model = json.loads((DATA / "minimax" / "remains.json").read_text())["model_remains"][0]
    listed = [model, {**model, "model_name": "speech-3", "current_weekly_total_count": 0, "current_weekly_usage_count": 0}]
    found = windows(parsed(minimax, {"data": {"model_remains": listed, "base_resp": {"status_code": 0}}}, "plan"))
    assert set(found) == {"5 hours, MiniMax-M3", "week, MiniMax-M3", "5 hours, speech-3"}


@pytest.mark.parametrize(
    ("code", "state"), [(1004, AccountState.KEY_REFUSED), (2049, AccountState.KEY_REFUSED), (1002, AccountState.RATE_LIMITED), (1000, AccountState.PROVIDER_PROBLEM)]
)
def test_minimax_errors_come_with_status_200(provider_server: ProviderServer, code: int, state: AccountState) -> None:
    provider_server.set(minimax_code=code)
    book = read(provider_server, minimax)
    assert book.error is not None
    assert book.error.state is state
    assert book.readings == []


def test_minimax_at_its_other_path(provider_server: ProviderServer) -> None:
    provider_server.set(minimax_newer=True)
    book = read(provider_server, minimax)
    assert (book.error, len(book.readings)) == (None, 2)


def test_kimi_code() -> None:
    assert windows(sample(kimi_code, "usages", "plan")) == {"week": (25.0, 10_080, 1_795_521_600), "5 hours": (20.0, 300, 1_795_269_600)}


def test_kimi_code_without_what_remains_or_without_what_is_used() -> None:
    for detail in ({"limit": "200", "used": "40"}, {"limit": "200", "remaining": "160"}, {"used": "40", "remaining": "160"}):
        (found,) = windows(parsed(kimi_code, {"limits": [{"window": {"duration": 1, "timeUnit": "TIME_UNIT_DAY"}, "detail": detail}]}, "plan")).items()
        assert found == ("day", (20.0, 1440, None))


def test_opencode_go(provider_server: ProviderServer) -> None:
    found = windows(sample(opencode_go, "usage", "plan"))
    assert {name: used for name, (used, _, _) in found.items()} == {"5 hours": 12.0, "week": 34.0, "month": 56.5}
    assert all(resets for _, _, resets in found.values())
    provider_server.set(go_plan=False)
    with pytest.raises(AccountError) as problem:
        check(provider_server, opencode_go)
    assert problem.value.state is AccountState.NOT_ALLOWED
    assert "no Go plan" in problem.value.next_step


def test_synthetic_windows_roll_and_never_reset() -> None:
    found = windows(sample(synthetic, "quotas", "plan"))
    assert found == {"5 hours, rolling": (20.0, 300, None), "week, rolling": (25.0, 10_080, None), "hour, searches": (2.0, 60, 1_795_264_200)}
    week = next(one for one in sample(synthetic, "quotas", "plan") if one.name == "week, rolling")
    assert (week.used.amount, week.limit.amount, week.limit.kind) == (6, 24, MoneyKind.PLAN_VALUE)
    assert windows(sample(synthetic, "quotas-short", "plan"))["5 hours, rolling"] == (20.0, 300, 1_795_273_200)


def test_chutes_caps_are_dollars_and_no_cap_is_no_window(provider_server: ProviderServer) -> None:
    items = sample(chutes, "subscription-usage", "plan")
    assert windows(items) == {"4 hours": (25.0, 240, 1_795_276_800), "month": (40.0, 43_200, 1_796_083_200)}
    assert [(one.used.amount, one.limit.amount) for one in items] == [(Decimal("1.5"), 6), (40, 100)]
    provider_server.set(chutes_plan="custom")
    assert [one.name for one in read(provider_server, chutes).readings] == ["4 hours"]
    provider_server.set(chutes_plan=None)
    book = read(provider_server, chutes)
    assert book.error is not None
    assert book.error.state is AccountState.NOT_AVAILABLE


def test_more_left_than_there_is_and_more_used_than_allowed() -> None:
    one = {"rolling": {"percent": -5}, "weekly": {"percent": 130.5}, "monthly": {"percent": 0}}
    items = parsed(opencode_go, {"usage": one}, "plan")
    assert {name: used for name, (used, _, _) in windows(items).items()} == {"5 hours": 0.0, "week": 130.5, "month": 0.0}
    assert [item.reason for item in items if isinstance(item, Problem)] == ["a plan window has more left than it holds; it was taken for unused"]


def test_no_limit_is_no_window() -> None:
    """A limit of zero stands for none (provider-apis 13)."""
    items = parsed(kimi_code, {"usage": {"limit": "0", "used": "0", "remaining": "0"}, "limits": []}, "plan")
    assert windows(items) == {}
    assert not any(isinstance(item, UsageRecord) for item in items)


@pytest.mark.parametrize(
    ("minutes", "name"), [(60, "hour"), (240, "4 hours"), (300, "5 hours"), (1440, "day"), (4320, "3 days"), (10_080, "week"), (43_200, "month"), (44_640, "month"), (90, "90 minutes")]
)
def test_windows_are_named_by_their_length(minutes: int, name: str) -> None:
    assert length(minutes) == name


@pytest.mark.parametrize(
    ("value", "at"),
    [(1_795_262_400, NOON), (1_795_262_400_000, NOON), ("1795262400000", NOON), (Decimal("1.7952624E+12"), NOON), ("2026-11-21T12:00:00Z", NOON), ("2026-11-21T12:00:00.123456", NOON),
     ("2026-11-21T14:00:00+02:00", NOON), (None, None), ("soon", None), (0, None), (-5, None), (True, None), ([NOON], None), (Decimal("1E+999999"), None)],
)  # fmt: skip
def test_times_in_any_form(value: Any, at: int | None) -> None:
    assert moment(value) == at
