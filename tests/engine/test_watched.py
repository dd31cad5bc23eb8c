"""The watched folder: read by the command line and by the running app, like an agent's logs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.engine.logs import running, wait_for
from tokenpal.engine import queries
from tokenpal.engine.once import scan_here
from tokenpal.engine.watched import make
from tokenpal.settings import Settings
from tokenpal.store import maintenance
from tokenpal.store.database import Store
from tokenpal.system.paths import inside


def line(id_: str, output: int = 5) -> str:
    said = {"is": "tokenpal-usage/1", "id": id_, "at": "2026-11-20T10:00:00Z", "provider": "openai", "model": "gpt-5", "output": output, "session": "nightly"}
    return json.dumps(said) + "\n"


def outputs(store: Store) -> int:
    return int(store.execute("SELECT IFNULL(SUM(output), 0) FROM by_segment").fetchone()[0])


def test_nothing_is_made_for_those_who_do_not_use_it(tmp_path: Path) -> None:
    paths = inside(tmp_path / "tokenpal")
    paths.make()
    with Store.open(paths.database) as store:
        assert scan_here(store, Settings()).parts == ()
        assert queries.accounts(store) == []
    assert not (paths.data / "inbox").exists()


def test_the_command_line_reads_it(tmp_path: Path) -> None:
    paths = inside(tmp_path / "tokenpal")
    folder = make(paths.data)
    (folder / "a.jsonl").write_text(line("1") + line("1", 7) + "{}\n")
    other = tmp_path / "other"
    other.mkdir()
    (other / "b.jsonl").write_text(line("2"))
    settings = Settings()
    settings.set("advanced.roots", {"jsonl": [str(other)]})
    with Store.open(paths.database) as store:
        report = scan_here(store, settings)
        assert [(part.agent, part.records, part.problems) for part in report.parts] == [("jsonl", 1, 1), ("jsonl", 1, 0)]
        assert outputs(store) == 12
        assert {(row.kind, row.source, row.provider) for row in queries.accounts(store)} == {("log", "jsonl", "any")}
        assert store.execute("SELECT position FROM problem").fetchall() == [("line 3",)]


def test_money_that_a_script_states_is_kept(tmp_path: Path) -> None:
    """An agent's log seldom states any; a script may know what was billed."""
    paths = inside(tmp_path / "tokenpal")
    paths.make()
    file = make(paths.data) / "a.jsonl"
    said = {"is": "tokenpal-usage/1", "at": "2026-11-20T10:00:00Z", "provider": "lab", "model": "m", "output": 5}
    file.write_text("".join(json.dumps(said | {"id": str(n), "money": {"kind": "credits", "currency": "EUR", "amount": "0.42"}}) + "\n" for n in range(3)))
    with Store.open(paths.database) as store:
        scan_here(store, Settings())
        money = "SELECT kind, currency, SUM(pico), SUM(records) FROM money GROUP BY 1, 2"
        assert store.execute(money).fetchall() == [("credits", "EUR", 1_260_000_000_000, 3)]
        with file.open("a") as more:
            more.write(json.dumps(said | {"id": "0", "revision": 1, "money": {"kind": "credits", "currency": "EUR", "amount": "0.02"}}) + "\n")
        scan_here(store, Settings())
        assert store.execute(money).fetchall() == [("credits", "EUR", 860_000_000_000, 3)]
        maintenance.rebuild(store)
        assert store.execute(money).fetchall() == [("credits", "EUR", 860_000_000_000, 3)]


def test_the_running_app_reads_what_is_appended(tmp_path: Path) -> None:
    home = tmp_path / "home"
    paths = inside(home / "tokenpal")
    file = make(paths.data) / "a.jsonl"
    file.write_text(line("1"))
    with running(home, paths=paths) as (engine, _):
        wait_for(lambda: engine.ask(outputs).result(60) == 5)
        with file.open("a") as more:
            more.write(line("2"))
        engine.scan_now()
        wait_for(lambda: engine.ask(outputs).result(60) == 10)
