"""Keys on a machine without a credential store: said plainly, kept for the session only when the person says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engine.logs import running, wait_for
from tests.provider_server import KEYS, ProviderServer
from tokenpal.engine import queries
from tokenpal.model.errors import AccountError, KeyNotKept
from tokenpal.system.secrets import MAX_LENGTH, NO_BACKEND, SESSION_OVER, Secret, Secrets


def nothing() -> None:
    """No back end."""


def rows(engine: Any) -> list[Any]:
    return list(engine.ask(queries.accounts).result(60))


def test_without_a_store_a_key_lives_as_long_as_the_session(tmp_path: Path, provider_server: ProviderServer) -> None:
    account = ("litellm", "Gateway", provider_server.url("litellm"), KEYS["litellm"])
    with running(tmp_path, secrets=Secrets(nothing)) as (engine, _):
        with pytest.raises(KeyNotKept, match="no credential store") as refused:
            engine.add_account(*account).result(60)
        assert refused.value.next_step == NO_BACKEND.next_step
        assert rows(engine) == [], "a key that could not be kept leaves nothing behind"
        number = engine.add_account(*account, session_only=True).result(60)
        wait_for(lambda: rows(engine)[0].state == "ok", "it is read")
        assert engine.test_account(number).result(60)
        with pytest.raises(KeyNotKept):
            engine.replace_key(number, KEYS["litellm"]).result(60)
        assert engine.replace_key(number, KEYS["litellm"], session_only=True).result(60)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or KEYS["litellm"].encode() not in path.read_bytes()
    asked = len(provider_server.requests())
    with running(tmp_path, secrets=Secrets(nothing)) as (engine, _):
        engine.refresh(number)
        wait_for(lambda: rows(engine)[0].state == "key missing", "the next start")
        assert (rows(engine)[0].sentence, rows(engine)[0].next_step) == (SESSION_OVER.sentence, SESSION_OVER.next_step)
        assert len(provider_server.requests()) == asked, "nobody is asked without a key"
        engine.remove_account(number, keep_history=False).result(60)
        assert rows(engine) == [], "an account without a store can be removed"


def test_a_store_that_comes_back_gets_the_key_and_loses_it_with_the_account(
    tmp_path: Path, provider_server: ProviderServer, memory_keyring: dict[tuple[str, str], str]
) -> None:
    with running(tmp_path) as (engine, _):
        number = engine.add_account("litellm", "Gateway", provider_server.url("litellm"), KEYS["litellm"], session_only=True).result(60)
        assert memory_keyring == {}
        old = rows(engine)[0].secret
        assert engine.secrets.get(old) == Secret(KEYS["litellm"])
        engine.replace_key(number, KEYS["litellm"]).result(60)
        assert list(memory_keyring.values()) == [KEYS["litellm"]]
        assert rows(engine)[0].secret != old
        assert engine.secrets.get(old) == SESSION_OVER
        engine.replace_key(number, KEYS["litellm"], session_only=True).result(60)
        name = rows(engine)[0].secret
        engine.remove_account(number, keep_history=True).result(60)
        assert memory_keyring == {}, "the older key goes too"
        assert engine.secrets.get(name) == SESSION_OVER


def test_a_key_that_is_none_is_not_offered_for_the_session(
    tmp_path: Path, provider_server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokenpal.engine.enrol.test", lambda *_: "fine")
    with running(tmp_path, secrets=Secrets(nothing)) as (engine, _):
        with pytest.raises(AccountError) as refused:
            engine.add_account("litellm", "Gateway", provider_server.url("litellm"), "x" * (MAX_LENGTH + 1)).result(60)
        assert not isinstance(refused.value, KeyNotKept)
