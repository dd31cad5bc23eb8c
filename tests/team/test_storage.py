"""What the endpoint keeps, what it cannot keep, and several processes at the same week at once."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Integer, LargeBinary, SmallInteger, String, inspect, text
from sqlalchemy.exc import IntegrityError

from tests.team.postgres import Postgres
from tests.team.world import CROWD, DAY, KEY, WEEK, World
from tokenpal.model.errors import StoreError, UsageError
from tokenpal.share.protocol import epochs, policy as policies
from tokenpal.share.protocol.wire import b64
from tokenpal.team import founding, serve, tables
from tokenpal.team.database import open_database, sqlite_url
from tokenpal.team.mailbox import Mailbox
from tokenpal.team.secret import endpoint_key, public_of
from tokenpal.team.storage import Kept, Team, Unavailable, open_storage

TEAM = Team(b64(bytes(16)), b64(bytes(32)), b64(bytes(32)), b"{}", "a" * 64, "The makers", retired=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "folder" / "team.db")
        return
    server: Postgres = request.getfixturevalue("postgres")
    yield server.url(server.create())


@pytest.mark.parametrize("table", ["team_manifest", "team_release"])
def test_the_database_refuses_four(address: str, table: str) -> None:
    engine = open_database(address)
    row = {"team": TEAM.team, "epoch": WEEK, "hash": "a" * 64, "body": b"x"}
    with engine.begin() as connection:
        connection.execute(tables.metadata.tables[table].insert().values(**row, n=5))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(tables.metadata.tables[table].insert().values(**{**row, "epoch": "2026-W41"}, n=4))
    engine.dispose()


def test_one_report_a_member_and_week(address: str) -> None:
    storage = open_storage(address)
    with storage.writing(TEAM.team) as rows:
        rows.add_team(TEAM)
        rows.add_envelope(TEAM.team, Kept(WEEK, "a" * 64, b"first", CROWD[0].id))
    with pytest.raises(Unavailable, match=r"^IntegrityError$"), storage.writing(TEAM.team) as rows:
        rows.add_envelope(TEAM.team, Kept(WEEK, "b" * 64, b"second", CROWD[0].id))
    with storage.reading() as rows:
        assert [one.body for one in rows.envelopes(TEAM.team, WEEK)] == [b"first"]
    storage.close()


def test_nothing_is_kept_of_a_write_that_failed(address: str) -> None:
    storage = open_storage(address)
    with pytest.raises(ZeroDivisionError), storage.writing(TEAM.team) as rows:
        rows.add_team(TEAM)
        raise ZeroDivisionError
    with storage.reading() as rows:
        assert rows.teams() == ()
    storage.close()


def test_every_column_is_a_number_a_week_a_hash_or_something_signed(address: str) -> None:
    """There is no place for an address, a time of day or a name of a person."""
    engine = open_database(address)
    found = {table: {column["name"] for column in inspect(engine).get_columns(table)} for table in inspect(engine).get_table_names()}
    engine.dispose()
    known = {"team", "epoch", "member", "voucher", "hash", "body", "n", "id", "day", "reason", "target", "version"}
    assert found.keys() == tables.metadata.tables.keys()
    assert set().union(*found.values()) - found["team"] == known - found["team"]
    assert found["team"] == {"team", "founding", "key", "policy", "policy_hash", "name", "retired"}
    assert {type(column.type) for table in tables.metadata.tables.values() for column in table.columns} == {Integer, LargeBinary, SmallInteger, String}


def test_a_sqlite_file_is_the_owners_alone_and_durable(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "team.db"
    storage = open_storage(sqlite_url(file))
    with storage.writing(TEAM.team) as rows:
        rows.add_team(TEAM)
    for one in file.parent.iterdir():
        assert stat.S_IMODE(one.stat().st_mode) == 0o600, one.name
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    with storage._engine.connect() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "secure_delete")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
    storage.close()


def test_postgresql_commits_are_durable(postgres: Postgres) -> None:
    engine = open_database(postgres.url(postgres.create()))
    with engine.connect() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"
        assert connection.execute(text("SHOW fsync")).scalar() == "on"
    engine.dispose()


def test_several_processes_may_make_the_tables_at_once(postgres: Postgres) -> None:
    url, problems = postgres.url(postgres.create()), []

    def open_it() -> None:
        try:
            open_database(url).dispose()
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert problems == []


def test_a_newer_database_and_a_wrong_address_are_refused_without_the_password(tmp_path: Path) -> None:
    engine = open_database(sqlite_url(tmp_path / "team.db"))
    with engine.begin() as connection:
        connection.execute(tables.schema.update().values(version=tables.VERSION + 1))
    engine.dispose()
    with pytest.raises(StoreError, match="newer version"):
        open_database(sqlite_url(tmp_path / "team.db"))
    for wrong in ("mysql://anna:pass-of-anna@host/db", "pass-of-anna", "", "postgresql+psycopg2://anna:pass-of-anna@host/db"):
        with pytest.raises(UsageError) as caught:
            open_database(wrong)
        assert "pass-of-anna" not in f"{caught.value} {caught.value.next_step}"
    with pytest.raises(StoreError) as failed:
        open_database("postgresql://anna:pass-of-anna@127.0.0.1:1/db")
    assert "pass-of-anna" not in f"{failed.value} {failed.value.next_step}"


# ------------------------------------------------------------------------------------------------ at once


def test_of_many_who_see_thursday_one_makes_the_manifest(address: str) -> None:
    world = World(address, epochs.start(WEEK) + DAY)
    world.gather(6)
    world.reports(WEEK, range(6))
    world.go(WEEK, 3)
    storages = [open_storage(address) for _ in range(4)]
    boxes = [Mailbox(one, KEY, lambda: world.clock) for one in storages for _ in range(2)]
    gate, problems = threading.Barrier(len(boxes)), []

    def settle(box: Mailbox) -> None:
        gate.wait()
        try:
            box.settle(world.team)
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=settle, args=(box,)) for box in boxes]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert problems == []
    assert len(world.ask("manifests")["manifests"]) == 1
    for one in (*storages, world.storage):
        one.close()


def test_no_report_slips_in_after_the_manifest_was_made(address: str) -> None:
    """A process whose clock is a little late: what decides is what the database holds, not two clocks."""
    world = World(address, epochs.start(WEEK) + DAY)
    world.gather(6)
    world.reports(WEEK, range(5))
    late = world.crew.report(5, WEEK, active=world.active(WEEK))
    other = open_storage(address)
    Mailbox(other, KEY, lambda: epochs.report_window(WEEK).end).settle(world.team)
    world.go(WEEK, 2.999)
    status, said = world.crew.post("reports", late)
    assert (status, said["error"]["rule"]) == (409, "window")
    for one in (other, world.storage):
        one.close()


def test_a_database_put_back_to_an_older_copy_is_read_anew(tmp_path: Path) -> None:
    world = World(sqlite_url(tmp_path / "team.db"), epochs.start(WEEK) + DAY)
    world.crew.join(5)
    with world.storage._engine.begin() as connection:
        connection.execute(tables.roster.delete().where(tables.roster.c.n > 2))
    entry = world.crew.join_entry(5, vouchers=[])
    assert world.crew.post("roster", entry)[0] == 403
    world.crew.join(4)
    assert world.crew.roster().size == 4
    world.storage.close()


# ------------------------------------------------------------------------------------------------ the operator


def test_the_key_is_made_once_for_its_owner_and_is_not_in_the_database(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "endpoint.key"
    with pytest.raises(StoreError, match="does not exist"):
        endpoint_key(file, make=False)
    key = endpoint_key(file, make=True)
    assert public_of(endpoint_key(file, make=True)) == public_of(endpoint_key(file, make=False)) == public_of(key)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(file.parent) == ["endpoint.key"]
    storage = open_storage(sqlite_url(file.parent / "team.db"))
    made = founding.found_team(storage, public_of(key), "The makers", "someone@team.example")
    assert b64(made.seed) not in repr(made)
    storage.close()
    kept = b"".join(one.read_bytes() for one in file.parent.iterdir() if one != file)
    for secret in (key.private_bytes_raw(), made.seed):
        assert secret not in kept
        assert b64(secret).encode() not in kept
    file.chmod(0o640)
    with pytest.raises(StoreError, match="read by others"):
        endpoint_key(file, make=False)
    file.write_text("nonsense")
    with pytest.raises(StoreError, match="cannot be used"):
        endpoint_key(file, make=False)


def test_many_processes_make_one_key(tmp_path: Path) -> None:
    gate, found = threading.Barrier(8), []

    def make() -> None:
        gate.wait()
        found.append(public_of(endpoint_key(tmp_path / "endpoint.key", make=True)))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize("field", [{"k": 4}, {"odds": 8}, {"retention_days": 15}, {"retention_days": 6}, {"names": True}, {"cross_team": True}, {"questions": ("label", "mood")}])
def test_a_policy_that_members_refuse_is_refused_at_home(tmp_path: Path, field: dict[str, object]) -> None:
    import msgspec

    world = World(sqlite_url(tmp_path / "team.db"), epochs.start(WEEK))
    team = founding.find_team(world.storage, "The makers")
    wide = msgspec.structs.replace(policies.parse(team.policy), **field)
    with pytest.raises(UsageError, match="No member would share"):
        founding.change_policy(world.storage, team, wide, world.clock)
    with world.storage.writing(team.team) as rows:
        rows.set_policy(team.team, policies.encode_policy(wide), policies.policy_hash(wide), wide.team_name)
    with pytest.raises(UsageError, match="No member would share"):
        founding.check_teams(world.storage, public_of(KEY))
    world.storage.close()


def test_another_policy_ends_the_reports_of_the_open_week(tmp_path: Path) -> None:
    import msgspec

    world = World(sqlite_url(tmp_path / "team.db"), epochs.start(WEEK) + DAY)
    world.gather(6)
    world.reports(WEEK, range(6))
    team = founding.find_team(world.storage, world.team)
    changes = founding.change_policy(world.storage, team, msgspec.structs.replace(policies.parse(team.policy), k=6), world.clock)
    assert [(one.field, one.widens) for one in changes] == [("k", False)]
    world.go(WEEK, 3)
    assert world.ask("releases")["missing"] == [{"epoch": WEEK, "reason": "0 of the 6 reports needed came."}]
    world.storage.close()


def test_teams_of_another_key_are_not_served(tmp_path: Path) -> None:
    world = World(sqlite_url(tmp_path / "team.db"), epochs.start(WEEK))
    founding.check_teams(world.storage, public_of(KEY))
    with pytest.raises(UsageError, match="another endpoint key"):
        founding.check_teams(world.storage, b64(bytes(32)))
    founding.retire(world.storage, founding.find_team(world.storage, world.team))
    founding.check_teams(world.storage, b64(bytes(32)))
    world.storage.close()


@pytest.mark.parametrize(("place", "fine"), [
    (serve.Place("127.0.0.1"), True), (serve.Place("::1"), True), (serve.Place("localhost"), True), (serve.Place("127.8.0.1"), True),
    (serve.Place("0.0.0.0"), False), (serve.Place("::"), False), (serve.Place("team.example"), False), (serve.Place("192.168.1.4"), False),
    (serve.Place("0.0.0.0", behind_proxy=True), True), (serve.Place("127.0.0.1", certificate=Path(__file__)), False),
    (serve.Place("0.0.0.0", certificate=Path(__file__), private_key=Path(__file__)), True),
    (serve.Place("0.0.0.0", certificate=Path(__file__), private_key=Path("nowhere")), False),
])  # fmt: skip
def test_reports_never_go_readably_over_a_network(place: serve.Place, fine: bool) -> None:
    if fine:
        serve.check(place)
        return
    with pytest.raises(UsageError) as caught:
        serve.check(place)
    assert caught.value.next_step


def test_what_was_exported_is_remembered(address: str) -> None:
    storage = open_storage(address)
    with storage.writing(TEAM.team) as rows:
        rows.add_team(TEAM)
        rows.add_release(TEAM.team, WEEK, 5, "a" * 64, b"sum")
    with storage.writing(TEAM.team) as rows:
        assert [(team, one.epoch) for team, one in rows.not_exported("here")] == [(TEAM.team, WEEK)]
        rows.mark_exported("here", TEAM.team, WEEK)
        rows.mark_exported("here", TEAM.team, WEEK)
        assert rows.not_exported("here") == ()
        assert len(rows.not_exported("there")) == 1
        rows.retire(TEAM.team)
        assert rows.not_exported("there") == ()
    storage.close()
