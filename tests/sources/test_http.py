"""Retry rules, words and page chains that all provider accounts share (provider-apis 3 and 12)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.provider_server import KEYS, ProviderServer
from tests.sources.accounts import NOON, Book, context, read
from tokenpal.model.errors import AccountError
from tokenpal.model.events import AccountState
from tokenpal.sources import anthropic_api, litellm, openai_api, openrouter
from tokenpal.sources.http import MAX_PAGES, StatusError, Words, ask, asked_wait, bearer, decode, key_of, message_of, paged, verdict
from tokenpal.system.net import Answer, Http
from tokenpal.system.secrets import Secret

SOURCES = [openai_api, anthropic_api, openrouter, litellm]
IDS = [source.INFO.id for source in SOURCES]
WORDS = Words("Acme", refused="new key", scope="scope usage.read", missing="look at the address")


def one_question(server: ProviderServer, patience: int = 900) -> tuple[bytes | AccountError, list[float]]:
    """One GET that works unless a rule says otherwise, and the waits in between."""
    book = Book()

    async def run() -> bytes | AccountError:
        async def wait(seconds: float) -> None:
            book.waits.append(seconds)

        async with Http(sleep=wait) as http:
            about = context(server, "openai", http, NOON, book)
            words = Words("Acme", "new key", "scope usage.read", "look at the address", patience=patience)
            try:
                return await ask(about, words, server.url("openai") + "/organization/projects", what="the list", headers=bearer(about))
            except AccountError as problem:
                return problem

    return asyncio.run(run()), book.waits


# ---------------------------------------------------------------------------------------------- retry


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 524, 529])
def test_a_passing_trouble_is_tried_again(provider_server: ProviderServer, status: int) -> None:
    provider_server.rule("projects", status=status, times=2)
    answer, waits = one_question(provider_server)
    assert isinstance(answer, bytes)
    assert len(waits) == 2
    assert 0.75 <= waits[0] <= 1.25
    assert 1.5 <= waits[1] <= 2.5


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422])
@pytest.mark.parametrize("order", [{}, {"x-should-retry": "true"}])
def test_some_are_never_tried_again(provider_server: ProviderServer, status: int, order: dict[str, str]) -> None:
    provider_server.rule("projects", status=status, headers=order)
    answer, waits = one_question(provider_server)
    assert isinstance(answer, StatusError)
    assert answer.status == status
    assert waits == []


def test_the_server_may_say_whether(provider_server: ProviderServer) -> None:
    provider_server.rule("projects", status=503, headers={"x-should-retry": "false"}, times=1)
    answer, waits = one_question(provider_server)
    assert isinstance(answer, AccountError)
    assert waits == []
    provider_server.rule("projects", status=418, headers={"x-should-retry": "true"}, times=1)
    answer, waits = one_question(provider_server)
    assert isinstance(answer, bytes)
    assert len(waits) == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "-3"}, 0.0),
    ],
)
def test_the_server_may_say_when(provider_server: ProviderServer, headers: dict[str, str], wait: float) -> None:
    provider_server.rule("projects", status=429, headers=headers, times=1)
    answer, waits = one_question(provider_server)
    assert isinstance(answer, bytes)
    assert waits == [wait]


@pytest.mark.parametrize("text", ["soon", "", "nan", "12 parsecs", "Sat, 99 Nov 2026"])
def test_a_time_that_is_none_means_back_off(text: str) -> None:
    assert asked_wait({"retry-after": text}, NOON) is None


@pytest.mark.parametrize("headers", [{"retry-after": "3600"}, {"retry-after-ms": "3600000"}, {"retry-after": "Sat, 21 Nov 2026 13:00:00 GMT"}])
def test_a_long_wait_is_for_the_schedule_and_not_for_sleep(provider_server: ProviderServer, headers: dict[str, str]) -> None:
    provider_server.rule("projects", status=429, headers=headers)
    answer, waits = one_question(provider_server)
    assert isinstance(answer, AccountError)
    assert waits == []
    assert answer.state is AccountState.RATE_LIMITED
    assert answer.retry_at == NOON + 3600
    assert "13:00 UTC" in str(answer)


def test_a_wait_beyond_the_day_says_its_date(provider_server: ProviderServer) -> None:
    provider_server.rule("projects", status=429, headers={"retry-after": str(24 * 3600)})
    answer, _ = one_question(provider_server)
    assert "2026-11-22 12:00 UTC" in str(answer)


def test_a_wait_longer_than_the_poll_interval(provider_server: ProviderServer) -> None:
    provider_server.rule("projects", status=429, headers={"retry-after": "20"})
    answer, waits = one_question(provider_server, patience=15)
    assert isinstance(answer, AccountError)
    assert waits == []


def test_it_gives_up_at_last(provider_server: ProviderServer) -> None:
    provider_server.rule("projects", status=429)
    answer, waits = one_question(provider_server)
    assert isinstance(answer, AccountError)
    assert answer.state is AccountState.RATE_LIMITED
    assert answer.retry_at is None
    assert len(waits) == 3


def test_a_broken_connection_is_tried_again(provider_server: ProviderServer) -> None:
    provider_server.rule("projects", close=True, times=2)
    answer, waits = one_question(provider_server)
    assert isinstance(answer, bytes)
    assert len(waits) == 2


def test_a_redirect_is_not_tried_again(provider_server: ProviderServer) -> None:
    provider_server.rule("projects", redirect="https://elsewhere.example/")
    answer, waits = one_question(provider_server)
    assert isinstance(answer, AccountError)
    assert answer.state is AccountState.PROVIDER_PROBLEM
    assert "elsewhere.example" in str(answer)
    assert waits == []


def test_verdicts_without_a_server() -> None:
    assert verdict(Answer(503, {}, b""), NOON) == (True, None)
    assert verdict(Answer(501, {}, b""), NOON) == (False, None)
    assert verdict(Answer(401, {"x-should-retry": "true"}, b""), NOON) == (False, None)


# ---------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
@pytest.mark.parametrize(
    ("rule", "state"),
    [
        ({"status": 401}, AccountState.KEY_REFUSED),
        ({"status": 403}, AccountState.NOT_ALLOWED),
        ({"status": 404}, AccountState.NOT_AVAILABLE),
        ({"status": 429, "headers": {"retry-after": "7200"}}, AccountState.RATE_LIMITED),
        ({"status": 500}, AccountState.PROVIDER_PROBLEM),
        ({"status": 503, "html": True}, AccountState.PROVIDER_PROBLEM),
        ({"html": True}, AccountState.PROVIDER_PROBLEM),
        ({"redirect": "https://login.example/"}, AccountState.PROVIDER_PROBLEM),
        ({"raw": ""}, AccountState.PROVIDER_PROBLEM),
        ({"raw": '{"data": [{"start'}, AccountState.PROVIDER_PROBLEM),
        ({"raw": "[]"}, AccountState.PROVIDER_PROBLEM),
        ({"raw": "NaN"}, AccountState.PROVIDER_PROBLEM),
        ({"raw": "[" * 100_000}, AccountState.PROVIDER_PROBLEM),
        ({"close": True}, AccountState.OFFLINE),
    ],
    ids=lambda value: str(value)[:40],
)
def test_every_trouble_has_a_state_a_sentence_and_a_next_step(
    provider_server: ProviderServer, source: Any, rule: dict[str, Any], state: AccountState
) -> None:
    """The key's own paths are spared for LiteLLM and OpenRouter, so that the reports themselves fail."""
    provider_server.world(now=NOON)
    provider_server.rule("/organization|/activity|/analytics|/credits|/keys$|^/openrouter/api/v1/key$", **rule)
    book = read(provider_server, source)
    assert book.error is not None
    assert book.error.state is state
    assert len(book.error.sentence) > 20
    assert book.error.next_step
    assert book.records == []
    for word in (*KEYS.values(), "127.0.0.1:"):
        assert word not in book.error.sentence + book.error.next_step


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
def test_nobody_there_is_offline(provider_server: ProviderServer, source: Any) -> None:
    book = read(provider_server, source, base_url="http://127.0.0.1:9")
    assert book.error is not None
    assert book.error.state is AccountState.OFFLINE


def test_a_missing_scope_is_named(provider_server: ProviderServer) -> None:
    book = read(provider_server, openai_api, key=KEYS["openai project"])
    assert book.error is not None
    assert book.error.state is AccountState.NOT_ALLOWED
    assert "api.usage.read" in book.error.next_step


def test_a_workspace_key_is_told_about_the_organisation(provider_server: ProviderServer) -> None:
    book = read(provider_server, anthropic_api, key=KEYS["anthropic workspace"])
    assert book.error is not None
    assert book.error.state is AccountState.KEY_REFUSED
    assert "Settings, Organization" in book.error.next_step


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
@pytest.mark.parametrize("key", ["two words", "line\nbreak", "naïve", "tab\tbed", "\x00"])
def test_a_key_that_cannot_be_one_is_not_sent(provider_server: ProviderServer, source: Any, key: str) -> None:
    book = read(provider_server, source, key=key)
    assert book.error is not None
    assert book.error.state is AccountState.KEY_REFUSED
    assert provider_server.requests() == []


def test_spaces_around_a_key_are_an_accident_of_pasting(provider_server: ProviderServer) -> None:
    about = context(provider_server, "openai", None, NOON, Book(), "  sk-admin \n")
    assert key_of(about) == "sk-admin"
    with pytest.raises(AccountError) as found:
        key_of(context(provider_server, "openai", None, NOON, Book(), " "))
    assert found.value.state is AccountState.KEY_MISSING


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error": {"message": "Incorrect API key provided: sk-admin-abcdefgh1234.", "code": null}}', "Incorrect API key provided: …"),
        (b'{"type": "error", "error": {"type": "x", "message": "invalid x-api-key"}}', "invalid x-api-key"),
        (b'{"error": {"code": 403, "message": "Only management keys"}}', "Only management keys"),
        (b'{"detail": {"error": "Please provide start_date"}}', "Please provide start_date"),
        (b'{"detail": [{"loc": ["query"], "msg": "too large", "type": "x"}]}', "too large"),
        (b'{"detail": "Not Found"}', "Not Found"),
        (b'{"error": "text"}', "text"),
        (b'{"message": "m"}', "m"),
        (b'{"code": 401, "msg": "expired", "success": false}', "expired"),
        (b'{"success": false, "errors": [{"code": 1, "message": "first"}]}', "first"),
        (b'{"base_resp": {"status_code": 1004, "status_msg": "login fail"}}', "login fail"),
        (b'{"error": {"message": "a\\u0000b\\n\\n  c"}}', "a b c"),
        (b'{"error": {"message": "user me@example.com has no access"}}', "user … has no access"),
        (b"<html>", ""), (b"", ""), (b"[]", ""), (b'{"error": 5}', ""), (b'{"detail": []}', ""),
    ],
)  # fmt: skip
def test_the_providers_own_sentence_is_found_and_holds_no_key(body: bytes, text: str) -> None:
    assert message_of(body) == text


def test_a_long_sentence_is_cut() -> None:
    assert len(message_of(b'{"message": "' + b"word " * 500 + b'"}')) == 300


# ---------------------------------------------------------------------------------------------- JSON and pages


def test_numbers_keep_every_digit() -> None:
    assert str(decode(b'{"v": 0.1000000000000000055511151231257827}')["v"]) == "0.1000000000000000055511151231257827"
    assert decode(b"0E-6176") == 0
    assert decode(b"123456789012345678901234567890") == 123456789012345678901234567890


@pytest.mark.parametrize("body", [b"", b"{", b"nope", b"\xff\xfe", b"[" * 200_000, b'{"a": 1} trailing', b'"\\ud800"'])
def test_what_is_no_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        decode(body)


def chain(cursors: list[str]) -> list[int] | str:
    """Follow a chain whose pages name these cursors."""

    async def run() -> list[int]:
        pages = iter(cursors)

        async def load(cursor: str) -> bytes:
            return b'{"next": "' + next(pages).encode() + b'"}'

        return [page.number async for page in paged(WORDS, load, lambda data: data["next"])]

    try:
        return asyncio.run(run())
    except AccountError as problem:
        return str(problem)


def test_chains() -> None:
    assert chain([""]) == [1]
    assert chain(["p2", "p3", ""]) == [1, 2, 3]
    assert chain([f"p{n}" for n in range(MAX_PAGES - 1)] + [""]) == list(range(1, MAX_PAGES + 1))


def test_chains_that_do_not_end() -> None:
    assert chain(["p1", "p2", "p2"]) == "Acme sends pages without end."
    assert chain(["p1", "p2", "p1"]) == "Acme sends pages without end."
    assert chain([f"p{n}" for n in range(1000)]) == "Acme sends pages without end."


@pytest.mark.parametrize("source", [openai_api, anthropic_api], ids=["openai", "anthropic"])
@pytest.mark.parametrize("how", ["endless", "repeat"])
def test_a_window_without_an_end_is_not_stored(provider_server: ProviderServer, source: Any, how: str) -> None:
    provider_server.world(now=NOON, days=3)
    whole = read(provider_server, source)
    before = (whole.tokens(), whole.money())
    provider_server.rule("usage", **{how: True})
    provider_server.rule("cost", **{how: True})
    again = read(provider_server, source, book=whole)
    assert again.error is not None
    assert again.error.state is AccountState.PROVIDER_PROBLEM
    assert "without end" in str(again.error)
    assert (again.tokens(), again.money()) == before


def test_litellm_pages_without_an_end(provider_server: ProviderServer) -> None:
    provider_server.world(now=NOON)
    provider_server.set(aggregated=False)
    provider_server.rule("activity", repeat=True)
    book = read(provider_server, litellm)
    assert book.error is not None
    assert "without end" in str(book.error)
    assert book.records == []


@pytest.mark.parametrize("kind", ["key", "authorization"])
def test_secrets_never_show_themselves(provider_server: ProviderServer, kind: str) -> None:
    about = context(provider_server, "openai", None, NOON, Book(), "sk-admin-tell-nobody")
    assert "tell-nobody" not in repr(about)
    assert "tell-nobody" not in f"{about}"
    assert "tell-nobody" not in repr(Secret("sk-admin-tell-nobody"))
