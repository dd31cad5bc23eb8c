"""``tokenpal poll`` killed at any instant, then run again undisturbed: nothing lost, nothing twice (product 2.7, decisions 2)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.provider_server import KEYS, ProviderServer
from tokenpal.model.report import Dimension, Query, Report
from tokenpal.store import accounts as account_rows
from tokenpal.store.database import Store
from tokenpal.store.report import report
from tokenpal.system.paths import paths

ROOT = Path(__file__).resolve().parent.parent.parent
PROVIDERS = ("openai", "anthropic", "litellm")
DEADLINE = 60.0


def set_up(server: ProviderServer, home: Path, keyring: Path) -> None:
    """Accounts and keys, as ``tokenpal accounts add`` leaves them."""
    folders = paths({"TOKENPAL_HOME": str(home)})
    folders.make()
    store = Store.open(folders.database)
    keys = {}
    for provider in PROVIDERS:
        id_ = account_rows.add_account(store, provider, provider, provider, root=server.url(provider))
        account_rows.set_secret(store, id_, f"test/{provider}")
        keys[f"tokenpal/test/{provider}"] = KEYS[provider]
    store.close()
    keyring.write_text(json.dumps(keys))


def child(home: Path, keyring: Path) -> subprocess.Popen[str]:
    env = {
        **os.environ, "TOKENPAL_HOME": str(home), "PYTHONPATH": str(ROOT), "TOKENPAL_TEST_KEYRING": str(keyring),
        "PYTHON_KEYRING_BACKEND": "tests.file_keyring.FileKeyring",
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "tokenpal", "poll", "--json"],
        env=env,
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def undisturbed(home: Path, keyring: Path) -> None:
    process = child(home, keyring)
    out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, err
    assert [account["state"] for account in json.loads(out)] == ["ok"] * len(PROVIDERS), out


def killed(home: Path, keyring: Path, server: ProviderServer, dice: random.Random) -> bool:
    """Kill -9 once so many more requests were seen, and a moment later; False = it was done before."""
    goal = len(server.requests()) + dice.randrange(2, 16)  # in the middle of a first window, of history, of a revision
    process = child(home, keyring)
    end = time.monotonic() + DEADLINE
    while process.poll() is None and len(server.requests()) < goal:
        assert time.monotonic() < end
    moment = time.monotonic() + dice.random() * 0.05  # into the middle of parsing, a transaction, a commit
    while time.monotonic() < moment:
        pass
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=DEADLINE)
    return alive


def told(home: Path) -> tuple[Report, list[tuple[object, ...]]]:
    """The report, and every stored record without the ids that the order of arrival gives."""
    store = Store.open(paths({"TOKENPAL_HOME": str(home)}).database)
    try:
        assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        found = report(store, Query(zone="UTC", by=Dimension.ACCOUNT))
        rows = store.execute(
            "SELECT family, variant, at, requests, fresh_input, cache_read, cache_write_5m, cache_write_1h, cache_write_other, output, counted"
            " FROM usage ORDER BY family, variant"
        ).fetchall()
        return found, rows
    finally:
        store.close()


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a thing of POSIX; the transactions are the same everywhere")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_any_instant_then_run_again(provider_server: ProviderServer, tmp_path: Path, seed: int) -> None:
    now = int(time.time())
    provider_server.world(now=now, days=30)
    provider_server.set(max_buckets=60, max_rows=300, aggregated=False)  # several pages a window
    dice = random.Random(seed)
    home, keyring = tmp_path / "killed", tmp_path / "keys.json"
    home.mkdir()
    set_up(provider_server, home, keyring)
    kills = sum(killed(home, keyring, provider_server, dice) for _ in range(8))
    assert kills, "it was always done before it could be killed"
    undisturbed(home, keyring)

    calm = tmp_path / "calm"
    calm.mkdir()
    set_up(provider_server, calm, keyring)
    undisturbed(calm, keyring)

    (found, rows), (expected, calm_rows) = told(home), told(calm)
    assert found.rows == expected.rows
    assert found.total == expected.total
    assert rows == calm_rows
    truth = {provider: provider_server.truth(provider, 0, now + 1) for provider in PROVIDERS}
    assert {row.key: row.measures.tokens.total for row in found.rows} == {provider: use.total for provider, use in truth.items()}
