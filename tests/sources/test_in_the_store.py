"""The same cases through the real scanner into the real store: it agrees with the reference ledger in every field."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from tests.sources import own_cases
from tests.sources.reference import LATER, Ledger, scan as read
from tests.sources.test_cases import CASES, HERE, laid_out, names as collected, source_of
from tokenpal.engine.scan import Target, here, scan
from tokenpal.engine.shared import make_rulebook
from tokenpal.model.tokens import Tokens
from tokenpal.sources import registry
from tokenpal.sources.base import Kind
from tokenpal.store import accounts, maintenance
from tokenpal.store.database import Store

LOGS = [name for name, source in registry.sources().items() if source.INFO.kind is Kind.LOG and (own_cases.DATA / name).is_dir()]
OWN = [(agent, name) for agent in LOGS for name in own_cases.names(agent)]


def stored(store: Store) -> list[tuple[str, int, str, str, bool, Tokens]]:
    rows = store.execute(
        "SELECT x.key, u.at, m.name, g.branch, t.sub_agent, u.fresh_input, u.cache_read, u.cache_write_5m, u.cache_write_1h,"
        " u.cache_write_other, u.output, u.reasoning FROM usage u JOIN segment g ON g.id = u.segment JOIN session x ON x.id = g.session"
        " JOIN model m ON m.id = u.model JOIN trait t ON t.id = u.trait WHERE u.counted = 1"
    )
    return sorted(((*row[:4], bool(row[4]), Tokens(*row[5:])) for row in rows), key=repr)


def wanted(ledger: Ledger) -> list[tuple[str, int, str, str, bool, Tokens]]:
    return sorted(((r.session, r.at, r.model, r.branch, r.sub_agent, r.tokens) for r in ledger.counted()), key=repr)


def put(store: Store, agent: str, root: Path) -> None:
    info = registry.sources()[agent].INFO
    account = accounts.ensure_log_account(store, agent, str(root), info.name, info.provider)
    report = scan(here(store), [Target(registry.sources()[agent], root, account, info.name)], make_rulebook(store, root, lambda: LATER), now=lambda: LATER)
    assert not report.trouble
    assert [part.skipped for part in report.parts] == [""]


def compare(agent: str, root: Path, folder: Path) -> None:
    ledger = Ledger(registry.sources()[agent])
    read(ledger, root)
    with Store.open(folder / "t.db") as store:
        put(store, agent, root)
        assert stored(store) == wanted(ledger)
        total = sum((record.tokens for record in ledger.counted()), Tokens())
        rolled = store.execute("SELECT IFNULL(SUM(fresh_input), 0), IFNULL(SUM(output), 0), IFNULL(SUM(records), 0) FROM by_segment").fetchone()
        assert rolled == (total.fresh_input, total.output, len(ledger.counted()))
        before = store.execute("SELECT * FROM by_day ORDER BY 1, 2, 3").fetchall()
        maintenance.rebuild(store)
        assert store.execute("SELECT * FROM by_day ORDER BY 1, 2, 3").fetchall() == before


@pytest.mark.parametrize(("agent", "name"), OWN)
def test_own_case(agent: str, name: str, tmp_path: Path) -> None:
    compare(agent, own_cases.DATA / agent / name, tmp_path)


@pytest.mark.skipif(not HERE, reason="TOKENPAL_CASES does not name the folder of collected cases")
@pytest.mark.parametrize("name", collected())
def test_collected_case(name: str, tmp_path: Path) -> None:
    compare(source_of(name).INFO.id, laid_out(name, tmp_path / "case"), tmp_path)


@pytest.mark.skipif(not HERE, reason="TOKENPAL_CASES does not name the folder of collected cases")
def test_appended_and_replaced(tmp_path: Path) -> None:
    case = CASES / "claude-code/composed-append-steps"
    log = tmp_path / "root" / "projects" / "p" / "s.jsonl"
    log.parent.mkdir(parents=True)
    with Store.open(tmp_path / "t.db") as store:
        for step in range(1, 5):
            log.write_bytes((case / f"step{step}" / "projects" / "p" / "s.jsonl").read_bytes())
            os.utime(log, (LATER, LATER))
            put(store, "claude-code", tmp_path / "root")
            assert len(stored(store)) == (1, 1, 3, 3)[step - 1]


def test_a_child_before_its_parent(tmp_path: Path) -> None:
    """The store forgets what it took for use, and takes back what it took for copies, as the reference does."""
    for case in ("fork", "siblings", "burst", "fork-of-a-fork", "fork-of-pages"):
        whole = own_cases.DATA / "codex" / case
        root = tmp_path / case
        ledger = Ledger(registry.sources()["codex"])
        with Store.open(tmp_path / f"{case}.db") as store:
            for path in sorted(whole.rglob("*.jsonl"), reverse=True):
                target = root / path.relative_to(whole)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
                put(store, "codex", root)
                read(ledger, root)
                assert stored(store) == wanted(ledger), (case, path.name)
        own_cases.check(ledger, "codex", case)


def test_states_fit_the_cursor(tmp_path: Path) -> None:
    ledger = Ledger(registry.sources()["codex"])
    read(ledger, own_cases.DATA / "codex" / "response-ids")
    assert all(len(cursor.state) < 2_000 for cursor in ledger.cursors.values())
    assert all(msgspec.msgpack.decode(cursor.state) for cursor in ledger.cursors.values())
