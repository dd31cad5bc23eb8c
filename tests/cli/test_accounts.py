"""``tokenpal accounts`` with options: added, changed, told about, and two parts of one organisation side by side."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.runner import Done, Machine
from tests.provider_server import KEYS, ProviderServer
from tokenpal.engine import providers

TEAM = ("--option", "team_id=team_1")


@pytest.fixture
def machine(machine: Machine) -> Machine:
    machine.home.mkdir(exist_ok=True)
    return machine


def add(machine: Machine, server: ProviderServer, provider: str, name: str, *more: str) -> Done:
    return machine.run("accounts", "add", provider, "--name", name, "--base-url", server.url(provider), *more, stdin=f"{KEYS.get(provider, '')}\n")


def words_of(text: str) -> str:
    return " ".join(text.split())


def test_every_provider_says_all_before_a_key_is_made(machine: Machine) -> None:
    """The help page, the list and its JSON: key and least scope, where, options, what it tells and what not, consent, and who has none."""
    everything = machine.json("accounts", "providers")
    told = {one["id"]: one for one in everything["providers"]}
    assert set(told) == {info.id for info in providers.accounts()}
    helped = words_of(machine.run("accounts", "add", "--help").out)
    listed = words_of(machine.run("accounts", "providers").out)
    for info in providers.accounts():
        row = told[info.id]
        assert (row["key"], row["tells"], row["silent"], row["needs_key"]) == (info.key, info.tells, info.silent, info.needs_key)
        assert [option["id"] for option in row["options"]] == [option.id for option in info.options]
        said = [info.key, info.tells, info.silent, *(option.help for option in info.options), *([info.unofficial] if info.unofficial else [])]
        for sentence in (*said, *([info.key_page] if info.key_page else []), *(f"--option {option.id}=" for option in info.options)):
            assert words_of(sentence) in helped, info.id
            assert words_of(sentence) in listed, info.id
    for one, row in zip(providers.none(), everything["without_usage_api"], strict=True):
        assert row == {"name": one.name, "why": one.why, "instead": one.instead}
        assert words_of(f"{one.name}. {one.why} Instead: {one.instead}") in listed
    assert set(providers.Group) >= {providers.group(info) for info in providers.accounts()}
    alone = machine.run("accounts", "providers", "cursor")
    assert "email" in alone.out
    assert "Gemini" not in alone.out
    assert machine.run("accounts", "providers", "acme").code == 2


def test_options_from_adding_to_changing(machine: Machine, provider_server: ProviderServer) -> None:
    assert "team id" in add(machine, provider_server, "xai", "grok").err
    refused = add(machine, provider_server, "xai", "grok", "--option", "team=1")
    assert (refused.code, "team_id" in refused.err) == (2, True)
    assert add(machine, provider_server, "xai", "grok", "--option", "team_id").code == 2
    looks = add(machine, provider_server, "xai", "grok", "--option", "team_id=xai-0123456789abcdef")
    assert (looks.code, "looks like a key" in looks.err) == (2, True)
    assert provider_server.requests() == []
    assert machine.json("accounts", "list") == []
    done = add(machine, provider_server, "xai", "grok", *TEAM)
    assert done.code == 0, done.err
    assert machine.json("accounts", "list")[0]["options"] == {"team_id": "team_1"}
    assert machine.run("accounts", "test", "grok").code == 0
    assert machine.json("poll")[0]["state"] == "ok"
    whole = billed(machine)
    changed = machine.run("accounts", "set", "grok", "--option", "api_key_id=key_1", "--name", "mine")
    assert changed.code == 0, changed.err
    assert machine.json("accounts", "list")[0]["options"] == {"team_id": "team_1", "api_key_id": "key_1"}
    assert machine.json("poll", "--account", "mine")[0]["state"] == "ok"
    assert 0 < billed(machine) < whole
    assert machine.run("accounts", "set", "mine", "--option", "api_key_id=").code == 0
    assert machine.json("accounts", "list")[0]["options"] == {"team_id": "team_1"}
    machine.run("poll")
    assert billed(machine) == whole
    assert machine.run("accounts", "set", "mine", "--option", "team_id=team_2").code == 1, "it is tested before it is kept"
    assert machine.run("accounts", "set", "mine", "--option", "team_id=").code == 2
    assert machine.run("accounts", "set", "mine").code == 2
    assert machine.json("accounts", "list")[0]["options"] == {"team_id": "team_1"}


def test_a_new_key_takes_the_place_of_the_old_one(machine: Machine, provider_server: ProviderServer) -> None:
    assert add(machine, provider_server, "openai", "team").code == 0
    wrong = machine.run("accounts", "set", "team", "--key", stdin="sk-admin-wrong\n")
    assert wrong.code == 1, "it is tested before it is kept"
    assert machine.json("poll")[0]["state"] == "ok"
    kept = machine.run("accounts", "set", "team", "--key", "--no-test", stdin="sk-admin-wrong\n")
    assert (kept.code, "wrong" in kept.out + kept.err) == (0, False)
    assert machine.run("poll").code == 1
    assert "tokenpal accounts set 'team' --key" in machine.run("accounts", "list").err
    assert machine.run("accounts", "set", "team", "--key", stdin="").code == 2
    again = machine.run("accounts", "set", "team", "--key", stdin=f"{KEYS['openai']}\n")
    assert again.code == 0, again.err
    assert machine.json("poll")[0]["state"] == "ok"


def billed(machine: Machine) -> float:
    return float(machine.json("report", "--by", "account")["total"]["money"]["cash"]["USD"])


def test_two_parts_of_one_organisation(machine: Machine, provider_server: ProviderServer) -> None:
    """Two filters that cannot overlap may stand side by side; a third account of everybody is refused, until the two are gone."""
    for name, key in (("laptop", "key_laptop"), ("server", "key_server")):
        done = add(machine, provider_server, "openai", name, "--option", f"api_key_id={key}")
        assert done.code == 0, done.err
    assert add(machine, provider_server, "openai", "all").code == 0
    polled = {one["account"]: one for one in json.loads(machine.run("poll", "--json").out)}
    assert {name: one["state"] for name, one in polled.items()} == {"laptop": "ok", "server": "ok", "all": "not allowed"}
    assert "laptop" in polled["all"]["sentence"]
    rows: dict[str, Any] = {row["key"]: row["total"] for row in machine.json("report", "--by", "account")["rows"]}
    assert set(rows) == {"laptop", "server"}
    assert min(rows.values()) > 0
    sessions = machine.json("sessions")
    assert {one["id"].split(":")[2] for one in sessions} == {"key_laptop", "key_server"}, "each key's day is a session of its own"


def test_a_server_without_a_key(machine: Machine, provider_server: ProviderServer) -> None:
    done = machine.run("accounts", "add", "vllm", "--name", "box", "--base-url", provider_server.url("vllm"), stdin="")
    assert done.code == 0, done.err
    assert machine.json("poll")[0]["state"] == "ok"
    assert machine.run("accounts", "test", "box").code == 0
    assert machine.run("accounts", "remove", "box").code == 0


def test_what_is_unofficial_has_to_be_agreed_to(machine: Machine, provider_server: ProviderServer) -> None:
    (info, *_) = [one for one in providers.accounts() if one.unofficial]
    refused = add(machine, provider_server, info.id, "plan")
    assert (refused.code, words_of(info.unofficial) in words_of(refused.err), "--i-agree" in refused.err) == (2, True, True)
    assert provider_server.requests() == []
    done = add(machine, provider_server, info.id, "plan", "--i-agree")
    assert done.code == 0, done.err
    assert machine.json("poll")[0]["state"] == "ok"
