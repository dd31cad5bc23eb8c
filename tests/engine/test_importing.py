"""Files that are handed over: shown first, counted once, forgotten when asked; outcomes give way to the person's own words."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.engine.logs import line, write
from tokenpal.engine import commands, importing, keep
from tokenpal.engine.files import Given, opened
from tokenpal.engine.once import scan_here
from tokenpal.engine.scan import here
from tokenpal.engine.zone import keep_in
from tokenpal.model.errors import UsageError
from tokenpal.model.tokens import NO_TOKENS, Tokens
from tokenpal.settings import Settings
from tokenpal.store import accounts, edits, journal, maintenance, tasks
from tokenpal.store.database import Store

DATA = Path(__file__).parent.parent / "data"
CCUSAGE = DATA / "imported" / "ccusage-daily.json"


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store.open(tmp_path / "t.db") as store:
        maintenance.set_zone(store, "UTC")
        yield store


def take(store: Store, path: Path, name: str = "") -> importing.Taken:
    return importing.take(here(store), Given.file(str(path)), name)


def look(store: Store, path: Path, name: str = "") -> importing.Look:
    return importing.look(here(store), Given.file(str(path)), name)


def total(store: Store) -> Tokens:
    names = ("fresh_input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other", "output", "reasoning")
    row = store.execute(f"SELECT {', '.join(f'IFNULL(SUM({name}), 0)' for name in names)} FROM by_segment").fetchone()
    return Tokens(*row)


def state(store: Store) -> list[Any]:
    accounts = "(SELECT id, source, name, provider, kind, root, counts, mirror_of, options, state, removed_at FROM account)"  # not when it was last read
    return [store.execute(f"SELECT * FROM {table}").fetchall() for table in ("usage", accounts, "by_day", "by_utc_day", "covered", "session", "segment", "model", "problem")]


def scan(store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    scan_here(store, Settings())


def test_a_dry_run_tells_all_and_changes_nothing(store: Store) -> None:
    before = state(store)
    found = look(store, CCUSAGE)
    assert (found.account, found.new_account, found.records, found.known, found.days) == ("ccusage", True, 3, 0, 2)
    assert (found.first, found.until, found.tokens.total) == ("2026-10-01", "2026-10-02", 47_195)
    assert [(one.model, one.tokens.total) for one in found.models] == [("claude-sonnet-4-5-20250929", 42_955), ("claude-haiku-4-5-20251001", 4240)]
    assert found.covered == NO_TOKENS
    assert state(store) == before
    taken = take(store, CCUSAGE)
    assert (taken.account, taken.records) == ("ccusage", 3)
    assert total(store).total == 47_195
    again = look(store, CCUSAGE)
    assert (again.known, again.new_account) == (3, False)


def test_the_same_file_again_changes_nothing_and_a_fuller_one_replaces(store: Store, tmp_path: Path) -> None:
    take(store, CCUSAGE)
    before = state(store)
    assert take(store, CCUSAGE).records == 0
    assert state(store) == before
    newer = json.loads(CCUSAGE.read_text())
    newer["daily"][1] |= {"outputTokens": 70}
    (tmp_path / "newer.json").write_text(json.dumps(newer))
    assert take(store, tmp_path / "newer.json").records == 1
    assert total(store).output == 2270


def test_what_logs_cover_counts_once_whichever_came_first(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "agents"
    write(home, files=2, lines=10)
    logged = {"2026-07-01": 10, "2026-07-02": 10}
    daily = [
        {"date": day, "inputTokens": 4 * n, "outputTokens": 310 * n, "cacheCreationTokens": 100 * n, "cacheReadTokens": 3000 * n, "modelsUsed": ["claude-sonnet-4-5-20250929"]}
        for day, n in (logged | {"2026-06-30": 3, "2026-07-02": 12}).items()
    ]
    file = tmp_path / "ccusage.json"
    file.write_text(json.dumps({"daily": daily}))
    take(store, file)
    assert total(store).output == 310 * 25
    scan(store, home, monkeypatch)
    assert total(store) == Tokens(4 * 25, 3000 * 25, 100 * 20, 0, 100 * 5, 310 * 25), "the log counts, the import only what is beyond it"
    found = look(store, file)
    assert found.covered is not None
    assert (found.tokens.total, found.covered.total) == (3414 * 25, 3414 * 20)
    with Store.open(tmp_path / "other.db") as other:
        maintenance.set_zone(other, "UTC")
        scan(other, home, monkeypatch)
        take(other, file)
        assert total(other) == total(store)
        maintenance.rebuild(other)
        assert total(other) == total(store)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland", "UTC"])
def test_a_trackers_days_are_those_of_the_persons_zone(zone: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests around midnight: the tracker books them on the local date, the log has them in UTC; they count once."""
    settings = Settings()
    settings.set("general.zone", zone)
    lines, days = [], {}
    for hour in range(72):
        at = datetime(2026, 7, 10, tzinfo=UTC) + timedelta(hours=hour)
        lines.append(json.loads(line("s", hour)) | {"timestamp": at.isoformat().replace("+00:00", "Z")})
        day = at.astimezone(ZoneInfo(zone)).date().isoformat()
        days[day] = days.get(day, 0) + 1
    folder = tmp_path / "agents" / ".claude" / "projects" / "-x"
    folder.mkdir(parents=True)
    (folder / "s.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    daily = [{"date": day, "inputTokens": 4 * n, "outputTokens": 310 * n, "cacheCreationTokens": 100 * n, "cacheReadTokens": 3000 * n, "modelsUsed": ["claude-sonnet-4-5"]} for day, n in days.items()]
    (tmp_path / "c.json").write_text(json.dumps({"daily": daily}))
    take(store, tmp_path / "c.json")
    monkeypatch.setenv("HOME", str(tmp_path / "agents"))
    scan_here(store, settings)
    assert total(store).total == 72 * 3414
    keep_in(store, "Asia/Tokyo")
    keep_in(store, zone)
    assert total(store).total == 72 * 3414, "a zone that changes and changes back leaves no trace"
    assert take(store, tmp_path / "c.json").records == 0
    with Store.open(tmp_path / "other.db") as other:
        scan_here(other, settings)
        take(other, tmp_path / "c.json")
        assert total(other) == total(store)


def test_a_model_whose_seller_nobody_names_is_set_against_every_log_of_it(store: Store, tmp_path: Path) -> None:
    from tokenpal.engine.watched import make

    said = {"is": "tokenpal-usage/1", "at": "2026-10-01T10:00:00Z", "provider": "zai", "model": "glm-5.3", "fresh_input": 70, "output": 7}
    (make(tmp_path) / "a.jsonl").write_text(json.dumps(said | {"id": "1"}) + "\n")
    daily = [{"date": "2026-10-01", "modelBreakdowns": [{"modelName": "glm-5.3", "inputTokens": 100, "outputTokens": 10}], "inputTokens": 100}]
    (tmp_path / "c.json").write_text(json.dumps({"daily": daily}))
    take(store, tmp_path / "c.json")
    assert total(store) == Tokens(100, output=10)
    scan_here(store, Settings())
    assert total(store) == Tokens(100, output=10)


def test_two_trackers_of_the_same_use_do_not_add_up(store: Store, tmp_path: Path) -> None:
    days = [{"date": "2026-10-01", "clients": [{"client": "claude", "modelId": "claude-sonnet-4-5", "providerId": "anthropic",
             "tokens": {"input": 100, "output": 2000, "cacheRead": 40_000, "cacheWrite": 300}, "messages": 4}]}]  # fmt: skip
    (tmp_path / "tokscale.json").write_text(json.dumps({"contributions": days}))
    take(store, CCUSAGE)
    before = total(store)
    take(store, tmp_path / "tokscale.json")
    assert total(store) == before


def test_imports_of_two_machines_are_kept_apart_and_forgotten_one_by_one(store: Store) -> None:
    take(store, CCUSAGE, "laptop")
    take(store, CCUSAGE, "desktop")
    rows = {row.name: row for row in accounts.accounts(store)}
    assert {(row.kind, row.source, row.root, row.counts) for row in rows.values()} == {("inbox", "imported", "ccusage", "remainder")}
    assert total(store).total == 47_195, "they may be the same use: the second counts only what is more"
    commands.set_counts(store, rows["desktop"].id, "all")
    assert total(store).total == 2 * 47_195
    commands.remove_account(store, rows["desktop"].id, False)
    assert total(store).total == 47_195
    commands.remove_account(store, rows["laptop"].id, False)
    assert total(store) == NO_TOKENS
    take(store, CCUSAGE, "laptop")
    assert total(store).total == 47_195, "a forgotten import can be made again"


def test_a_name_that_is_taken(store: Store) -> None:
    accounts.add_account(store, "openai", "ccusage", "openai")
    assert take(store, CCUSAGE).account == "ccusage (imported)"
    assert take(store, CCUSAGE).account == "ccusage (imported)"
    assert len(accounts.accounts(store)) == 2


@pytest.mark.parametrize("path", sorted([*(DATA / "imported").iterdir(), *(DATA / "import-files").iterdir(), *(DATA / "jsonl").glob("*/*")]), ids=lambda path: path.name)
def test_every_sample_is_recognised_by_content_and_idempotent(path: Path, store: Store, tmp_path: Path) -> None:
    copy = tmp_path / "file"
    shutil.copy2(path, copy)
    found = look(store, copy)
    taken = take(store, copy)
    assert found.records == taken.records > 0
    assert total(store) == found.tokens
    before = state(store)
    take(store, copy)
    assert state(store) == before
    piped = Given.content("standard input", path.read_bytes(), int(path.stat().st_mtime))
    assert importing.look(here(store), piped).records == found.records


def test_long_files_are_imported_in_batches_and_can_be_cancelled(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    said = {"is": "tokenpal-usage/1", "at": "2026-11-20T10:00:00Z", "provider": "openai", "model": "gpt-5", "output": 1}
    path.write_text("".join(json.dumps(said | {"id": str(n)}) + "\n" for n in range(10_000)) + "nonsense\n")
    seen: list[tuple[int, int]] = []
    stop = importing.take(here(store), Given.file(str(path)), progress=lambda *at: seen.append(at), cancelled=lambda: True)
    assert stop.cancelled
    assert 0 < stop.records < 10_000
    assert total(store).output == stop.records
    with pytest.raises(UsageError, match="cancelled"):
        importing.look(here(store), Given.file(str(path)), cancelled=lambda: True)
    rest = importing.take(here(store), Given.file(str(path)))
    assert stop.records + rest.records == 10_000
    assert total(store).output == 10_000
    assert seen == sorted(seen)
    assert rest.problems == 1
    assert store.execute("SELECT position FROM problem").fetchall() == [("line 10001",)]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"hello", b"{}", b"[]", b'{"a":1}\n{"b":2}\n', b"\xff\xfe", b"a,b\n1,2\n", b"[" * 10_000, b'"\x00'])
def test_something_else_is_refused_with_what_it_reads(content: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        opened(Given.content("x", content, 0))
    assert "ccusage" in caught.value.next_step


def test_codeburns_folder_of_tables(store: Store, tmp_path: Path) -> None:
    shutil.copy2(DATA / "import-files" / "codeburn-records.csv", tmp_path / "records.csv")
    (tmp_path / "daily.csv").write_text("Period,Date\n")
    assert look(store, tmp_path).what == "an export of CodeBurn"


def test_a_file_that_is_none(tmp_path: Path) -> None:
    for name in ("nothing", "."):
        with pytest.raises(UsageError):
            Given.file(str(tmp_path / name))


# ---------------------------------------------------------------------------------------------- outcomes


FIRST = "00000000-0000-4000-8000-000000000000"
SECOND = "00000000-0000-4000-8000-000000000001"


def outcome(**said: Any) -> str:
    return json.dumps({"is": "tokenpal-outcome/1"} | said) + "\n"


@pytest.fixture
def used(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    write(tmp_path / "agents", files=2, lines=3)
    scan(store, tmp_path / "agents", monkeypatch)
    return store


def words(store: Store, session: str) -> tuple[Any, ...]:
    row = store.execute("SELECT label, reason, note, link, minutes_saved FROM annotation WHERE session = ?", (f"claude-code:{session}",)).fetchone()
    hand = store.execute("SELECT t.name FROM hand h JOIN task t ON t.id = h.task WHERE h.session = ?", (f"claude-code:{session}",)).fetchone()
    return (*(row or ("", "", "", "", None)), hand[0] if hand else None)


def test_outcomes_fill_in_what_is_empty_and_undo_takes_them_back(used: Store, tmp_path: Path) -> None:
    tasks.add_task(used, "Retry payments", ticket="PAY-142")
    file = tmp_path / "outcomes.jsonl"
    file.write_text(
        outcome(session=FIRST, label="delivered", task="pay-142", link="https://example.com/17", minutes_saved=30, tags=["ci"])
        + outcome(session=f"claude-code:{SECOND}", label="waste", reason="loop", note="Went in circles.", task="Nobody knows it")
        + outcome(session="unknown", label="waste") + outcome(session=FIRST, label="great") + "nonsense\n"
    )  # fmt: skip
    before = state(used)
    found = look(used, file)
    assert found.told is not None
    assert (found.records, found.told.sessions, found.told.labels, found.told.notes, found.told.tasks, found.told.tags) == (3, 2, 2, 2, 1, 1)
    assert (found.unknown, found.problems) == (2, 2)
    assert state(used) == before
    assert words(used, FIRST) == ("", "", "", "", None, None)
    taken = take(used, file)
    assert taken.told == found.told
    assert words(used, FIRST) == ("delivered", "", "", "https://example.com/17", 30, "Retry payments")
    assert words(used, SECOND) == ("waste", "loop", "Went in circles.", "", None, None)
    again = take(used, file)
    assert again.told is not None
    assert (again.told.labels, again.told.notes, again.told.tasks, again.told.tags) == (0, 0, 0, 0)
    assert commands.undo(used) == "Import outcomes"
    assert words(used, FIRST) == ("", "", "", "", None, None)
    assert commands.redo(used) == "Import outcomes"
    assert words(used, FIRST)[0] == "delivered"


def test_the_persons_word_wins(used: Store, tmp_path: Path) -> None:
    mine, theirs = f"claude-code:{FIRST}", f"claude-code:{SECOND}"
    task, other = tasks.add_task(used, "Mine"), tasks.add_task(used, "Theirs")
    journal.annotate(used, [mine], label="exploration", note="My own words.", now=1000)
    journal.assign(used, [mine], task.id, now=1000)
    journal.annotate(used, [theirs], label="waste", now=1000)
    journal.annotate(used, [theirs], label=None, now=1001)  # emptied by hand
    file = tmp_path / "o.jsonl"
    file.write_text("".join(outcome(session=one, label="delivered", note="Theirs.", task=other.name) for one in (FIRST, SECOND)))
    told = take(used, file).told
    assert told is not None
    assert (told.labels, told.kept) == (0, 4)
    assert words(used, FIRST) == ("exploration", "", "My own words.", "", None, "Mine")
    assert words(used, SECOND) == ("", "", "Theirs.", "", None, "Theirs")


def test_a_later_import_replaces_an_earlier_one_but_nothing_changed_by_hand(used: Store, tmp_path: Path) -> None:
    file = tmp_path / "o.jsonl"

    def say(label: str) -> None:
        file.write_text("".join(outcome(session=one, label=label, note=f"It was {label}.") for one in (FIRST, SECOND)))
        take(used, file)

    say("exploration")
    say("delivered")
    assert words(used, FIRST)[:3] == ("delivered", "", "It was delivered.")
    journal.annotate(used, [f"claude-code:{FIRST}"], label="waste", now=used.now() + 5)
    say("exploration")
    assert words(used, FIRST)[0] == "waste"
    assert words(used, SECOND)[:3] == ("exploration", "", "It was exploration.")


def test_a_commit_names_the_sessions_of_its_folder_and_time(used: Store, tmp_path: Path) -> None:
    file = tmp_path / "o.jsonl"
    file.write_text(outcome(commit="abc123", folder="/nowhere/shop", branch="main", at="2026-07-02T12:00:00Z", since="2026-07-02T00:00:00Z", label="delivered"))
    told = take(used, file).told
    assert told is not None
    assert told.sessions == 1
    assert words(used, SECOND)[:4] == ("delivered", "", "", "commit abc123")
    assert words(used, FIRST)[0] == ""
    assert edits.history(used)[0][1] == "Import outcomes"
    file.write_text(outcome(commit="abc123", folder="/nowhere/shop", branch="other", at="2026-07-02T12:00:00Z", label="waste"))
    assert look(used, file).unknown == 1


def test_an_import_travels_with_an_export_of_everything(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "agents", files=1, lines=5)
    scan(store, tmp_path / "agents", monkeypatch)
    for name in ("ccusage-daily.json", "tokscale-graph.json", "claude-result.json"):
        take(store, DATA / "imported" / name)
    keep.export_to(store, str(tmp_path / "all.jsonl"))
    with Store.open(tmp_path / "other.db") as other:
        maintenance.set_zone(other, "UTC")
        found = look(other, tmp_path / "all.jsonl")
        assert found.merged is not None
        assert accounts.accounts(other) == []
        merged = take(other, tmp_path / "all.jsonl").merged
        assert merged == found.merged
        assert total(other) == total(store)
        assert {(row.kind, row.root, row.counts) for row in accounts.accounts(other)} == {(row.kind, row.root, row.counts) for row in accounts.accounts(store)}
        take(other, CCUSAGE)
        assert total(other) == total(store)
