"""What holds for every provider account, whichever providers there are: found by the registry, served by tests/providers/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import providers
from tests.provider_server import KEYS, ProviderServer
from tests.sources.accounts import DAY, NOON, Book, check, read
from tests.sources.captured import APIS, PLUGGED
from tokenpal.engine import options
from tokenpal.engine.poll import poll_here
from tokenpal.engine.rules import Rulebook
from tokenpal.model.errors import AccountError
from tokenpal.model.events import AccountState
from tokenpal.model.report import Query
from tokenpal.model.tokens import CLASSES
from tokenpal.sources.numbers import MAX_AMOUNT, MAX_COUNT
from tokenpal.store import accounts as account_rows
from tokenpal.store.database import Store
from tokenpal.store.report import report
from tokenpal.system.secrets import Secrets, entry_name

SECRET = "hush-made-up-0123456789"


@pytest.fixture(params=PLUGGED)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def source(name: str) -> Any:
    return APIS[name]


@pytest.fixture
def server(provider_server: ProviderServer) -> ProviderServer:
    provider_server.world(now=NOON, days=12)
    return provider_server


def everything(book: Book) -> tuple[Any, ...]:
    """What a poll told, without the times at which it was told."""
    return (
        book.stored,
        {(r.name, r.used_percent, r.resets_at, r.window_minutes, r.used, r.limit) for r in book.readings},
        {(b.name, b.left) for b in book.balances},
    )


def test_every_account_source_has_its_provider_on_loopback() -> None:
    missing = {name for name in APIS if name not in providers.found()}
    assert not missing, "write tests/providers/<id>.py, as tests/providers/__init__.py says"
    assert set(providers.found()) <= set(APIS), "a provider that no source is for"


# ---------------------------------------------------------------------------------------------- as it should be


def test_a_poll_tells_something_and_has_no_problem(server: ProviderServer, source: Any, name: str) -> None:
    book = read(server, source)
    assert book.error is None
    assert book.problems == []
    assert book.stored or book.readings or book.balances or providers.found()[name].BASELINE
    assert all(request["headers"].get("user-agent", "").startswith("tokenpal/") for request in server.requests())
    sane(book)


def test_a_second_poll_changes_nothing_and_asks_for_no_more(server: ProviderServer, source: Any) -> None:
    book = read(server, source)
    first, before = len(server.requests()), everything(book)
    book.readings.clear()
    book.balances.clear()
    read(server, source, book=book)
    assert book.error is None
    assert everything(book) == before
    assert len(server.requests()) - first <= first


def test_a_day_later_closed_days_are_as_they_were(server: ProviderServer, source: Any) -> None:
    book = read(server, source)
    closed = {key: record for key, record in book.stored.items() if record.at < NOON - 5 * DAY}
    server.world(now=NOON + DAY, days=13)
    read(server, source, book=book, now=NOON + DAY)
    assert book.error is None
    assert {key: book.stored.get(key) for key in closed} == closed
    sane(book)


def test_the_key_is_tried_with_a_sentence(server: ProviderServer, source: Any) -> None:
    said = check(server, source)
    assert said[0].isupper()
    assert said.endswith(".")
    assert len(server.requests()) <= 4
    server.rule(".*", status=401)
    with pytest.raises(AccountError) as refused:
        check(server, source)
    assert refused.value.state is AccountState.KEY_REFUSED


def test_the_real_store_takes_it_once(server: ProviderServer, name: str, tmp_path: Path) -> None:
    store = Store.open(tmp_path / "tokenpal.db")
    with Secrets() as vault:
        given = {options.GIVEN: dict(providers.found()[name].OPTIONS)}
        id_ = account_rows.add_account(store, name, name, APIS[name].INFO.provider, root=server.url(name), options=given)
        if name in KEYS:
            account_rows.set_secret(store, id_, entry_name("test", name, id_))
            vault.put(entry_name("test", name, id_), KEYS[name])
        totals = []
        for _ in range(2):
            (said,) = poll_here(store, [account_rows.account(store, id_)], vault, Rulebook(lambda *_: None), now=lambda: NOON)
            assert (said.state, said.sentence, said.problems) == (AccountState.OK, "", 0)
            totals.append(report(store, Query(zone="UTC")).total)
        assert totals[0] == totals[1]
    store.close()


# ---------------------------------------------------------------------------------------------- as it should not be

FAILURES = [
    ({"status": 401}, {AccountState.KEY_REFUSED}),
    ({"status": 403}, {AccountState.NOT_ALLOWED}),
    ({"status": 404}, {AccountState.NOT_AVAILABLE}),
    ({"status": 429, "headers": {"retry-after": "7200"}}, {AccountState.RATE_LIMITED}),
    ({"status": 500}, {AccountState.PROVIDER_PROBLEM}),
    ({"status": 503, "html": True}, {AccountState.PROVIDER_PROBLEM}),
    ({"html": True}, {AccountState.PROVIDER_PROBLEM}),
    ({"raw": ""}, {AccountState.PROVIDER_PROBLEM}),
    ({"raw": "[]"}, {AccountState.PROVIDER_PROBLEM}),
    ({"raw": '{"data": [{"date": "2026-'}, {AccountState.PROVIDER_PROBLEM}),
    ({"half": True}, {AccountState.OFFLINE}),
    ({"close": True}, {AccountState.OFFLINE}),
]


@pytest.mark.parametrize(("rule", "states"), FAILURES, ids=[str(rule) for rule, _ in FAILURES])
def test_a_failure_is_said_and_changes_nothing(server: ProviderServer, source: Any, name: str, rule: dict[str, Any], states: set[AccountState]) -> None:
    book = read(server, source)
    before = everything(book)
    server.rule(".*", **rule)
    read(server, source, book=book)
    assert book.error is not None
    assert book.error.state in states
    assert book.error.sentence.endswith(".")
    assert book.error.next_step or book.error.state is AccountState.OFFLINE
    assert everything(book) == before, "a failure is no figure"
    assert name not in KEYS or KEYS[name] not in book.error.sentence + book.error.next_step


def test_a_long_wait_is_left_to_the_schedule(server: ProviderServer, source: Any) -> None:
    server.rule(".*", status=429, headers={"retry-after": "7200"})
    book = read(server, source)
    assert book.error is not None
    assert book.error.retry_at == NOON + 7200
    assert book.waits == []


def test_the_key_goes_into_a_header_and_nowhere_else(server: ProviderServer, source: Any, name: str) -> None:
    if name not in KEYS:
        pytest.skip("needs no key")
    said = f"{KEYS[name]}-{SECRET}"
    server.rule(".*", status=400, body={"error": {"message": f"{said} is not the key"}, "message": said})
    book = read(server, source, key=said)
    assert book.error is not None
    assert SECRET not in f"{book.error!r} {book.error.sentence} {book.error.next_step} {vars(book.error)}"
    for request in server.requests():
        assert SECRET not in request["path"] + request["query"] + request["body"]
    assert SECRET not in repr(book.problems)


# ---------------------------------------------------------------------------------------------- numbers


def sane(book: Book) -> None:
    """Nothing negative and nothing absurd is stored."""
    for record in book.records:
        assert all(0 <= getattr(record.tokens, each) <= MAX_COUNT * 1000 for each in (*CLASSES, "reasoning"))
        assert record.tokens.reasoning <= record.tokens.output
        assert record.requests is None or 0 <= record.requests <= MAX_COUNT * 1000
        assert all(0 < money.amount <= MAX_AMOUNT * 1000 for money in record.money)
        assert 0 < record.at <= NOON + 2 * DAY
        assert len(record.session.split(":")) == 4
    for reading in book.readings:
        assert 0 <= reading.used_percent < 10**15
    for balance in book.balances:
        assert abs(balance.left.amount) <= MAX_AMOUNT * 1000


def amounts(book: Book) -> dict[bytes, Any]:
    return {record.key: (record.tokens, record.requests, sorted((m.kind, m.currency, m.pico) for m in record.money)) for record in book.records}


@pytest.mark.parametrize("how", ["negative", "wrong", "absurd", "missing"])
def test_wrong_numbers_are_told_and_never_stored(server: ProviderServer, source: Any, how: str) -> None:
    right = everything(read(server, source))
    server.rule(".*", mutate=how)
    book = read(server, source)
    sane(book)
    if how != "missing" and everything(book) != right:
        owed = how == "negative" and book.balances and not book.stored
        assert book.problems or book.error or owed, "what was wrong has to be said"


@pytest.mark.parametrize("how", ["strings", "exponents"])
def test_numbers_may_be_written_in_many_ways(server: ProviderServer, source: Any, how: str) -> None:
    right = read(server, source)
    server.rule(".*", mutate=how)
    book = read(server, source)
    assert book.error is None
    assert book.problems == []
    assert amounts(book) == amounts(right)
    assert {(b.name, b.left) for b in book.balances} == {(b.name, b.left) for b in right.balances}


def test_fields_of_tomorrow_are_ignored(server: ProviderServer, source: Any) -> None:
    right = read(server, source)
    server.rule(".*", more=True)
    book = read(server, source)
    assert book.error is None
    assert book.problems == []
    assert amounts(book) == amounts(right)


# ---------------------------------------------------------------------------------------------- what people read


def test_what_people_read_before_they_make_a_key(source: Any) -> None:
    info = source.INFO
    for said in (info.key, info.tells, info.silent):
        assert said[0].isupper()
        assert said.endswith(".")
        assert 30 < len(said) < 420
    assert info.docs.startswith("https://")
    assert info.base_url.startswith("https://") or info.needs_base_url
    assert info.key_page.startswith("https://") or info.needs_base_url or not info.needs_key
    assert info.poll_seconds >= 60
    for option in info.options:
        assert option.id.isidentifier()
        assert option.id == option.id.lower()
        assert option.name[0].isupper()
        assert option.help.endswith(".")
        assert not option.choices or (len({value for value, _ in option.choices}) == len(option.choices) > 1)
    if info.unofficial:
        assert info.unofficial.endswith(".")
        assert len(info.unofficial) > 60, "what is asked for has to be said before it is agreed to"


def test_options_of_the_tests_are_those_of_the_source(name: str, source: Any) -> None:
    assert options.checked(source.INFO, providers.found()[name].OPTIONS) == providers.found()[name].OPTIONS
