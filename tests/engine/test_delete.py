"""Deleting everything: the keys go too, whatever they were for, and other profiles keep theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.file_keyring import FileKeyring
from tokenpal.engine import keep
from tokenpal.engine.sharing.keys import entry
from tokenpal.store import accounts, sharing, sharing_audit
from tokenpal.store.database import Store
from tokenpal.system.paths import Paths, inside
from tokenpal.system.secrets import Secrets


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "keyring.json"
    monkeypatch.setenv("TOKENPAL_TEST_KEYRING", str(path))
    return path


def profile(folder: Path, secrets: Secrets, team: str) -> Paths:
    found = inside(folder)
    found.make()
    with Store.open(found.database) as store:
        account = accounts.add_account(store, "anthropic", "work", "anthropic", counts="all")
        accounts.set_secret(store, account, f"{found.profile}/anthropic/1")
        sharing.put_team(store, team, "{}")
        sharing_audit.append_audit(store, 0, "note", {"text": "kept"})
    for name in (f"{found.profile}/anthropic/1", entry(found.profile, team)):
        secrets.put(name, f"made-up key of {name}")
    return found


def test_every_key_of_the_profile_goes_with_it(tmp_path: Path, keyring: Path) -> None:
    with Secrets(FileKeyring) as secrets:
        mine, other = profile(tmp_path / "mine", secrets, "TEAM-1"), profile(tmp_path / "other", secrets, "TEAM-2")
        assert len(json.loads(keyring.read_text())) == 4
        keep.delete_everything(mine, secrets)
        left = list(json.loads(keyring.read_text()))
        assert len(left) == 2
        assert all(other.profile in name for name in left)
    assert not (tmp_path / "mine").exists()
    with Store.open(other.database) as store:
        assert list(sharing.teams(store)) == ["TEAM-2"]


@pytest.mark.parametrize("content", [None, b"", b"SQLite format 3\x00 and then nothing of the kind" * 100])
def test_a_data_file_that_is_missing_or_damaged_is_deleted_all_the_same(tmp_path: Path, content: bytes | None) -> None:
    places = inside(tmp_path / "profile")
    places.make()
    if content is not None:
        places.database.write_bytes(content)
    keep.delete_everything(places)
    assert not (tmp_path / "profile").exists()
