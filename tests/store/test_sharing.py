"""What is kept of sharing: the log that only grows, what was first seen, and what copies and deletion do with it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tests.store.kit import NOW, RULES, attribute, log_account, open_store, put, record
from tokenpal.model.audit import FIRST, AuditRow, broken_at, chained
from tokenpal.model.errors import UsageError
from tokenpal.store import archive, backup, edits, facts, journal, migrations, sharing, sharing_audit as log
from tokenpal.store.database import Store

V1 = Path(__file__).parents[1] / "data" / "schema" / "v1.db"
TEAM = "AAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "tokenpal.db") as found:
        yield found


def filled(store: Store, rows: int = 5) -> list[AuditRow]:
    return [log.append_audit(store, NOW + n, "note" if n % 2 else "request", {"text": f"row {n}", "url": "https://team.example"}) for n in range(rows)]


def whole(store: Store) -> list[AuditRow]:
    return list(log.audit_chain(store))


# ---------------------------------------------------------------------------------------------- the log


def test_rows_are_chained_from_the_first_on(store: Store) -> None:
    rows = filled(store)
    assert whole(store) == rows
    assert [row.n for row in rows] == [1, 2, 3, 4, 5]
    assert [row.prev for row in rows] == [FIRST, *(row.hash for row in rows[:-1])]
    assert log.audit_broken_at(store) is None
    assert rows[0].fields == {"text": "row 0", "url": "https://team.example"}
    assert log.audit_size(store) == 5
    assert log.audit_row(store, 3) == rows[2]
    assert log.audit_row(store, 6) is None


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE share_audit SET body = '{}' WHERE n = 2", "UPDATE share_audit SET at = at", "DELETE FROM share_audit WHERE n = 5", "DELETE FROM share_audit",
        "INSERT OR REPLACE INTO share_audit SELECT n, at, kind, '{}', prev, hash FROM share_audit WHERE n = 2",
        "REPLACE INTO share_audit SELECT n, at, kind, '{}', prev, hash FROM share_audit WHERE n = 5",
        "INSERT INTO share_audit SELECT n + 5, at, kind, body, prev, hash FROM share_audit WHERE n = 5",
        "INSERT INTO share_audit SELECT n + 7, at, kind, body, hash, hash FROM share_audit WHERE n = 5",
        "INSERT INTO share_audit SELECT 0, at, kind, body, prev, hash FROM share_audit WHERE n = 1",
        "INSERT INTO share_audit(n, at, kind, body, prev, hash) SELECT NULL, at, kind, body, prev, hash FROM share_audit WHERE n = 1",
        "INSERT OR IGNORE INTO share_audit SELECT n, at, kind, '{}', prev, hash FROM share_audit WHERE n = 2",
        "UPDATE OR REPLACE share_audit SET n = 1 WHERE n = 2",
        "INSERT INTO share_audit SELECT n, at, kind, body, prev, hash FROM share_audit WHERE n = 1 ON CONFLICT(n) DO UPDATE SET body = '{}'",
    ],
)  # fmt: skip
@pytest.mark.parametrize("recursive", [0, 1])
def test_no_statement_changes_it(store: Store, attempt: str, recursive: int) -> None:
    rows = filled(store)
    store.execute(f"PRAGMA recursive_triggers = {recursive}")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        store.connection.execute(attempt)
    assert whole(store) == rows


def test_who_goes_round_the_triggers_is_found_out(store: Store) -> None:
    rows = filled(store)
    for trigger in ("stays", "keeps", "chain"):
        store.execute(f"DROP TRIGGER share_audit_{trigger}")
    for change, broken in (
        ("UPDATE share_audit SET body = '{\"text\":\"nothing\"}' WHERE n = 3", 3), ("UPDATE share_audit SET at = at + 1 WHERE n = 1", 1),
        ("UPDATE share_audit SET kind = 'plan' WHERE n = 5", 5), ("DELETE FROM share_audit WHERE n = 2", 2), ("DELETE FROM share_audit WHERE n = 1", 1),
        ("UPDATE share_audit SET hash = upper(hash) WHERE n = 4", 4),
    ):  # fmt: skip
        store.execute("SAVEPOINT before")
        store.execute(change)
        assert log.audit_broken_at(store) == broken
        store.execute("ROLLBACK TO before")
        store.execute("RELEASE before")
    swapped = [rows[0], rows[2], rows[1]]
    assert broken_at(swapped) == 2
    forged = chained(3, NOW, "note", "{}", rows[1].hash)
    assert broken_at([*rows[:2], forged, *rows[3:]]) == 4


bodies = st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.integers(-(2**53), 2**53) | st.booleans() | st.none(), max_size=4)


@given(st.lists(st.tuples(st.integers(0, 2**40), st.sampled_from(["note", "request", "ä\x00"]), bodies), max_size=8), st.data())
def test_any_change_to_any_row_is_seen(tmp_path_factory: pytest.TempPathFactory, made: list[tuple[int, str, dict[str, Any]]], data: st.DataObject) -> None:
    rows: list[AuditRow] = []
    for at, kind, body in made:
        rows.append(chained(len(rows) + 1, at, kind, json.dumps(body), rows[-1].hash if rows else FIRST))
    assert broken_at(rows) is None
    if rows:
        place = data.draw(st.integers(0, len(rows) - 1))
        row = rows[place]
        other = data.draw(st.sampled_from([
            AuditRow(row.n, row.at + 1, row.kind, row.body, row.prev, row.hash), AuditRow(row.n, row.at, row.kind + "x", row.body, row.prev, row.hash),
            AuditRow(row.n, row.at, row.kind, row.body + " ", row.prev, row.hash), AuditRow(row.n + 1, row.at, row.kind, row.body, row.prev, row.hash),
        ]))  # fmt: skip
        assert broken_at([*rows[:place], other, *rows[place + 1 :]]) == place + 1


def test_a_log_survives_undo_and_redo(store: Store) -> None:
    put(store, log_account(store), [record("m1", session="claude-code:1")])
    rows = filled(store, 2)
    journal.annotate(store, ["claude-code:1"], label="delivered")
    rows.append(log.append_audit(store, NOW, "note", {"text": "after"}))
    assert edits.undo(store, attribute)
    assert edits.redo(store, attribute)
    assert edits.undo(store, attribute)
    assert whole(store) == rows


def test_a_transaction_that_fails_takes_its_row_along(store: Store) -> None:
    filled(store, 1)

    def fail() -> None:
        with store.transaction():
            log.append_audit(store, NOW, "note", {"text": "lost"})
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [row.n for row in filled(store, 1)] == [2]
    assert log.audit_broken_at(store) is None


def test_two_writers_make_one_chain(store: Store, tmp_path: Path) -> None:
    def write(name: str) -> None:
        with Store.open(tmp_path / "tokenpal.db") as mine:
            for n in range(20):
                log.append_audit(mine, NOW, "note", {"text": f"{name} {n}"})

    writers = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    rows = whole(store)
    assert len(rows) == 40
    assert broken_at(rows) is None
    assert [row.fields["text"] for row in rows if row.fields["text"].startswith("a")] == [f"a {n}" for n in range(20)]


def test_it_is_on_the_disk_when_it_is_said_to_be(store: Store) -> None:
    """FULL makes SQLite sync at each commit; the connection's own way comes back afterwards."""
    store.execute("PRAGMA synchronous = NORMAL")
    with log.durable(store):
        assert store.execute("PRAGMA synchronous").fetchone()[0] == 2
        with log.durable(store):
            log.append_audit(store, NOW, "note", {})
    assert store.execute("PRAGMA synchronous").fetchone()[0] == 1
    with pytest.raises(KeyError), log.durable(store):
        raise KeyError
    assert store.execute("PRAGMA synchronous").fetchone()[0] == 1


def test_pages_newest_first_and_words_to_find(store: Store) -> None:
    rows = filled(store, 10)
    log.append_audit(store, NOW, "refusal", {"rule": "A2", "sentence": "Only 40% of the_team reported!"})
    assert [row.n for row in log.audit_rows(store, limit=3)] == [11, 10, 9]
    assert [row.n for row in log.audit_rows(store, limit=3, before=9)] == [8, 7, 6]
    assert log.audit_rows(store, before=1) == []
    assert [row.n for row in log.audit_rows(store, "ROW 3")] == [4]
    assert log.audit_rows(store, "team.example request")[-1] == rows[0]
    assert [row.n for row in log.audit_rows(store, kind="refusal")] == [11]
    for found in ("40%", "the_team", "reported!", "%"):
        assert [row.n for row in log.audit_rows(store, found)] == [11]
    assert log.audit_rows(store, "the_t%am") == log.audit_rows(store, "theXteam") == []


def test_what_came_of_a_request(store: Store) -> None:
    assert log.audit_sent_bytes(store) == 0
    for size in (10, 20):
        log.append_audit(store, NOW, "request", {"size": size})
    second = log.append_audit(store, NOW, "answer", {"request": 2, "size": 7, "status": 200})
    first = log.append_audit(store, NOW, "answer", {"request": 1, "fault": "timeout"})
    log.append_audit(store, NOW, "note", {"request": 1})
    assert (log.audit_answer(store, 1), log.audit_answer(store, 2), log.audit_answer(store, 3)) == (first, second, None)
    assert log.audit_sent_bytes(store) == 30


# ---------------------------------------------------------------------------------------------- the rest


def test_a_team_is_kept_and_forgotten_but_for_its_log_and_draws(store: Store) -> None:
    for team in (TEAM, "other"):
        sharing.put_team(store, team, '{"state":"preview"}')
        sharing.put_team(store, team, '{"state":"sharing"}')
        sharing.extend_roster(store, team, 0, [b"{0}", b"{1}"])
        sharing.keep_manifest(store, team, "2026-W46", b"{m}")
        sharing.keep_release(store, team, "2026-W46", b"{r}")
        sharing.put_plan(store, team, "2026-W46", "{p}")
        sharing.set_learnings(store, team, [("b", b"{2}"), ("a", b"{1}")])
        facts.keep_draw(store, "2026-W46", "{d}", team)
    rows = filled(store)
    assert sharing.teams(store) == {TEAM: '{"state":"sharing"}', "other": '{"state":"sharing"}'}
    sharing.forget_team(store, TEAM)
    assert sharing.teams(store) == {"other": '{"state":"sharing"}'}
    assert sharing.team_record(store, TEAM) is None
    assert sharing.roster(store, TEAM) == sharing.manifests(store, TEAM) == sharing.releases(store, TEAM) == sharing.plans(store, TEAM) == []
    assert sharing.learnings(store, TEAM) == []
    assert sharing.roster(store, "other") == [b"{0}", b"{1}"]
    assert sharing.learnings(store, "other") == [("a", b"{1}"), ("b", b"{2}")]
    assert sharing.plan(store, "other", "2026-W46") == "{p}"
    assert facts.draw_of(store, "2026-W46", TEAM) == "{d}"
    assert store.execute("SELECT week FROM share_draw WHERE team = ?", (TEAM,)).fetchall() == [("2026-W46",)]
    assert whole(store) == rows


def test_what_was_seen_first_stands(store: Store) -> None:
    """A second manifest for a week is not kept: the caller sees that another one stands (A1)."""
    assert sharing.keep_manifest(store, TEAM, "2026-W46", b"{first}") == b"{first}"
    assert sharing.keep_manifest(store, TEAM, "2026-W46", b"{second}") == b"{first}"
    assert sharing.manifest(store, TEAM, "2026-W46") == b"{first}"
    assert sharing.keep_release(store, TEAM, "2026-W46", b"{first}") == b"{first}"
    assert sharing.keep_release(store, TEAM, "2026-W46", b"{second}") == b"{first}"
    assert sharing.release(store, TEAM, "2026-W46") == b"{first}"
    assert sharing.manifest(store, TEAM, "2026-W47") is sharing.release(store, "x", "2026-W46") is None


def test_the_newest_come_last(store: Store) -> None:
    for epoch in ("2026-W53", "2026-W09", "2027-W01"):
        sharing.keep_manifest(store, TEAM, epoch, epoch.encode())
        sharing.keep_release(store, TEAM, epoch, epoch.encode())
    assert [epoch for epoch, _ in sharing.manifests(store, TEAM)] == ["2026-W09", "2026-W53", "2027-W01"]
    assert sharing.manifests(store, TEAM, 2) == [("2026-W53", b"2026-W53"), ("2027-W01", b"2027-W01")]
    assert sharing.releases(store, TEAM, 1) == [("2027-W01", b"2027-W01")]


@pytest.mark.parametrize("start", [0, 1, 3, -1])
def test_a_roster_grows_at_its_end_only(store: Store, start: int) -> None:
    sharing.extend_roster(store, TEAM, 0, [b"{0}", b"{1}"])
    with pytest.raises(ValueError, match="end"):
        sharing.extend_roster(store, TEAM, start, [b"{evil}"])
    sharing.extend_roster(store, TEAM, 2, [b"{2}"])
    assert sharing.roster(store, TEAM) == [b"{0}", b"{1}", b"{2}"]
    assert sharing.roster_length(store, TEAM) == 3


def test_a_week_is_drawn_once_for_each_team(store: Store) -> None:
    for team in ("", TEAM, "other"):
        facts.keep_draw(store, "2026-W46", f"first {team}", team)
        facts.keep_draw(store, "2026-W46", "second", team)
    assert [facts.draw_of(store, "2026-W46", team) for team in ("", TEAM, "other")] == ["first ", f"first {TEAM}", "first other"]


# ---------------------------------------------------------------------------------------------- other versions, copies, deletion


def test_version_1_keeps_its_draws(tmp_path: Path) -> None:
    path = tmp_path / "tokenpal.db"
    shutil.copy(V1, path)
    with closing(sqlite3.connect(path)) as old:
        assert old.execute("PRAGMA user_version").fetchone()[0] == migrations.number(1, 0)
        old.execute("INSERT INTO share_draw(week, team, draw) VALUES('2026-W46', '', '{example}')")
        old.commit()
    with Store.open(path, now=lambda: NOW) as store:
        assert store.failure is None
        assert store.execute("PRAGMA user_version").fetchone()[0] == migrations.number(4, 0)
        assert facts.draw_of(store, "2026-W46") == "{example}"
        facts.keep_draw(store, "2026-W46", "{real}", TEAM)
        assert facts.draw_of(store, "2026-W46", TEAM) == "{real}"
        assert log.audit_size(store) == 0
        filled(store)
    assert len(list((tmp_path / "backups").glob("tokenpal-v1-*.db"))) == 1


def test_a_backup_holds_the_log_and_its_guards(store: Store, tmp_path: Path) -> None:
    rows = filled(store)
    with Store.open(backup.backup(store, tmp_path / "copy.db")) as copy:
        assert whole(copy) == rows
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            copy.connection.execute("DELETE FROM share_audit")


def test_an_export_brings_the_log_to_a_machine_without_one_and_never_a_membership(store: Store, tmp_path: Path) -> None:
    sharing.put_team(store, TEAM, '{"state":"sharing"}')
    sharing.put_plan(store, TEAM, "2026-W46", "{}")
    facts.keep_draw(store, "2026-W46", "{}", TEAM)
    rows = filled(store)
    lines = list(archive.export(store))
    with open_store(tmp_path / "other.db") as other:
        for _ in range(2):  # the second time nothing changes
            assert archive.merge(other, lines, lambda account: RULES, attribute).unknown == 0
        assert whole(other) == rows
        assert list(archive.export(other)) == lines
        assert sharing.teams(other) == {}
        assert facts.draw_of(other, "2026-W46", TEAM) == "{}"
        following = log.append_audit(other, NOW, "note", {"text": "here"})
        assert following.prev == rows[-1].hash


def test_an_import_never_touches_a_log_that_is_there(store: Store, tmp_path: Path) -> None:
    filled(store)
    lines = list(archive.export(store))
    with open_store(tmp_path / "other.db") as other:
        mine = [log.append_audit(other, NOW, "note", {"text": "mine"})]
        archive.merge(other, lines, lambda account: RULES, attribute)
        assert whole(other) == mine


def test_a_log_that_is_no_chain_is_left_out_and_the_rest_comes(store: Store, tmp_path: Path) -> None:
    filled(store)
    facts.keep_draw(store, "2026-W46", "{}")
    lines = list(archive.export(store))
    for damaged in ([line.replace("row 2", "row 9") for line in lines], [line for line in lines if '"n":1,' not in line]):
        assert damaged != lines
        with open_store(tmp_path / f"{len(damaged)}.db") as other:
            archive.merge(other, damaged, lambda account: RULES, attribute)
            assert whole(other) == []
            assert facts.draw_of(other, "2026-W46") == "{}"


def test_a_line_of_the_log_that_makes_no_sense_stops_the_import(store: Store, tmp_path: Path) -> None:
    filled(store, 1)
    lines = list(archive.export(store))
    for old, new in (('"n":1,', '"n":"1",'), ('"prev":"0', '"prev":"x'), ('"kind":', '"sort":')):
        assert any(old in line for line in lines)
        with open_store(tmp_path / "other.db") as other, pytest.raises(UsageError):
            archive.merge(other, [line.replace(old, new) for line in lines], lambda account: RULES, attribute)


def test_deleting_everything_takes_the_log_along(tmp_path: Path) -> None:
    with open_store(tmp_path / "tokenpal.db") as store:
        filled(store)
    backup.delete_all([tmp_path / "tokenpal.db"])
    assert list(tmp_path.glob("tokenpal.db*")) == []
