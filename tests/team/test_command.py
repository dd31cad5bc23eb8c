"""``tokenpal team``: makes teams, shows and changes their rules, and never repeats a password or a seed."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.team.postgres import Postgres
from tokenpal.cli import team as command
from tokenpal.cli.main import main
from tokenpal.share import invitation
from tokenpal.share.protocol.wire import unb64
from tokenpal.team.storage import open_storage

NEW = ["team", "new", "The makers", "--contact", "someone@team.example", "--url", "https://team.example/share/"]


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> tuple[str, str]:
    assert main(["team", *words]) == code
    return capsys.readouterr()


def made(capsys: pytest.CaptureFixture[str]) -> invitation.Invitation:
    assert main(NEW) == 0
    return invitation.parse(capsys.readouterr().out)


def test_a_team_is_made_and_its_founders_invitation_is_shown_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = made(capsys)
    assert found.host == "https://team.example/share"
    assert len(unb64(found.founding)) == 32
    folder = tmp_path / "tokenpal-home" / "team"
    assert {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {"team.db": 0o600, "endpoint.key": 0o600}
    assert all(found.founding.encode() not in one.read_bytes() for one in folder.iterdir())
    out, _ = said(capsys, "list", "--json")
    assert json.loads(out) == [{"name": "The makers", "team": found.team, "entries": 0, "releases": 0, "last_week": None, "closed": False}]
    out, _ = said(capsys, "list")
    assert found.founding not in out
    assert "The makers" in out


def test_a_number_that_begins_with_a_dash_is_no_option(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As one of 64 does."""
    monkeypatch.setattr("secrets.token_bytes", lambda count: b"\xf8" + b"\x5a" * (count - 1))
    found = made(capsys)
    assert found.team.startswith("-")
    assert json.loads(said(capsys, "policy", found.team, "--least", "6", "--contact", "other@team.example")[0])["k"] == 6
    said(capsys, "policy", "--a-long-option-of-old", code=2)  # as long as a number


def test_rules_are_shown_changed_and_refused_when_too_wide(capsys: pytest.CaptureFixture[str]) -> None:
    found = made(capsys)
    before = json.loads(said(capsys, "policy", "The makers")[0])
    assert (before["k"], before["exports"]) == (5, ["openmetrics", "otlp"])
    out, err = said(capsys, "policy", found.team, "--least", "6", "--exports", "none", "--retention-days", "7", "--contact", "other@team.example")
    assert json.loads(out) == before | {"k": 6, "exports": [], "retention_days": 7, "contact": "other@team.example"}
    assert "k: 5 -> 6" in err
    assert "asked again" in err
    for wide in (["--least", "4"], ["--retention-days", "15"], ["--exports", "email"]):
        assert "No member would share" in said(capsys, "policy", found.team, *wide, code=2)[1]
    assert json.loads(said(capsys, "policy", found.team)[0])["k"] == 6
    assert "is closed" in said(capsys, "retire", "The makers")[1]
    assert json.loads(said(capsys, "list", "--json")[0])[0]["closed"]
    assert "No team is called" in said(capsys, "retire", "nobody", code=2)[1]


def test_two_teams_of_one_name_are_told_apart_by_number(capsys: pytest.CaptureFixture[str]) -> None:
    first = made(capsys)
    made(capsys)
    assert "Several teams" in said(capsys, "policy", "The makers", code=2)[1]
    said(capsys, "retire", first.team)


def test_the_database_is_named_by_environment_or_file_and_its_password_is_never_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, postgres: Postgres
) -> None:
    url = postgres.url(postgres.create()).replace("tokenpal@", "tokenpal:pass-of-anna@")
    monkeypatch.setenv(command.DATABASE, url)
    monkeypatch.setenv(command.KEY_FILE, str(tmp_path / "elsewhere" / "key"))
    found = made(capsys)
    assert (tmp_path / "elsewhere" / "key").exists()
    storage = open_storage(url)
    with storage.reading() as rows:
        assert [team.team for team in rows.teams()] == [found.team]
    storage.close()
    monkeypatch.delenv(command.DATABASE)
    file = tmp_path / "address"
    file.write_text(f"{url}\n")
    assert json.loads(said(capsys, "list", "--json", "--database-file", str(file))[0])[0]["team"] == found.team
    for text in (url.replace(str(postgres.port), "1"), url.replace("postgresql", "mysql"), f"{url} {url}", ""):
        file.write_text(text)
        out, err = said(capsys, "list", "--database-file", str(file), code=1 if ":1/" in text else 2)
        assert "pass-of-anna" not in out + err
    out, err = said(capsys, "list", "--database", url, code=2)
    assert command.DATABASE in err
    assert "pass-of-anna" not in out + err


def test_serving_readably_over_a_network_or_without_the_extra_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    _, err = said(capsys, "serve", "--host", "0.0.0.0", code=2)
    assert "--tls-cert" in err
    assert "http" in said(capsys, "new", "x", "--contact", "y", "--url", "http://team.example", code=2)[1]
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert "pip install 'tokenpal[team]'" in said(capsys, "list", code=2)[1]
