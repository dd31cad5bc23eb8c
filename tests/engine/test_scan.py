"""Scanning logs: batches, cancelling, hostile files, full disks, and being killed at any instant."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from tests.engine.logs import line, totals, write
from tokenpal.engine import scan
from tokenpal.engine.once import scan_here
from tokenpal.engine.rules import Rulebook
from tokenpal.model.cursors import Cursor
from tokenpal.model.errors import AccountError, UsageError
from tokenpal.model.events import AccountHealth, AccountState, Changed, ScanProgress
from tokenpal.model.usage import Problem, UsageRecord, stable_key
from tokenpal.settings import Settings
from tokenpal.sources.base import Context, Kind, Line, Piece, SourceInfo
from tokenpal.store import accounts, readings
from tokenpal.store.database import Store

LINUX = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files and signals")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "t.db") as made:
        yield made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def here(store: Store, **how: Any) -> scan.ScanReport:
    return scan_here(store, Settings(), **how)


# ---------------------------------------------------------------------------------------------- plain reading


def test_everything_is_read_once_and_then_nothing(store: Store, home: Path) -> None:
    write(home, files=7, lines=120)
    events: list[Any] = []
    report = here(store, publish=events.append)
    assert (report.files, report.records, report.problems, report.cancelled, report.trouble) == (7, 840, 0, False, "")
    first = totals(store)
    assert first[0][:2] == (840, 840 * 310)
    progress = [event for event in events if isinstance(event, ScanProgress)]
    assert progress[-1].finished
    assert progress[-1].done == progress[-1].total == 7
    assert [event.done for event in progress] == sorted(event.done for event in progress)
    assert any(isinstance(event, Changed) for event in events)
    assert [event.state for event in events if isinstance(event, AccountHealth)] == [AccountState.OK]
    again = here(store)
    assert (again.files, again.records) == (0, 0)
    assert totals(store) == first


def test_an_appended_line_is_all_that_is_read(store: Store, home: Path) -> None:
    folder = write(home, files=2, lines=50)
    here(store)
    name = sorted(folder.iterdir())[0]
    with name.open("a") as file:
        file.write(line(name.stem, 50) + "\n")
    report = here(store)
    assert (report.files, report.records) == (1, 1)
    assert totals(store)[0][0] == 101


def test_today_comes_first(store: Store, home: Path) -> None:
    folder = write(home, files=5, lines=300)
    for number, path in enumerate(sorted(folder.iterdir())):
        os.utime(path, (1_800_000_000 + number * 60, 1_800_000_000 + number * 60))
    seen: list[set[str]] = []

    def note(event: Any) -> None:
        if isinstance(event, Changed) and not seen:
            seen.append({key for (key,) in store.execute("SELECT key FROM session")})

    here(store, publish=note)
    assert seen[0] == {"claude-code:00000000-0000-4000-8000-000000000004"}


def test_only_the_wanted_agent_and_roots_of_the_settings(store: Store, home: Path, tmp_path: Path) -> None:
    write(home, files=1, lines=1)
    write(tmp_path / "other", files=1, lines=1, first=9)
    settings = Settings(tmp_path / "s.toml")
    settings.set("advanced.roots", {"claude-code": [str(tmp_path / "other" / ".claude")]})
    report = scan_here(store, settings)
    assert [part.records for part in report.parts if part.agent == "claude-code"] == [1, 1]
    settings.set("advanced.agents_off", ["claude-code"])
    assert scan_here(store, settings).parts == ()
    with pytest.raises(UsageError):
        scan_here(store, settings, only=frozenset({"nobody"}))


def test_a_root_that_the_person_removed_stays_out(store: Store, home: Path) -> None:
    write(home, files=1, lines=3)
    here(store)
    (row,) = accounts.accounts(store)
    accounts.remove_account(store, row.id)
    assert here(store).parts == ()
    assert totals(store)[0][0] == 3


# ---------------------------------------------------------------------------------------------- cancelling


def test_cancelling_keeps_what_was_read_and_the_next_scan_reads_the_rest(store: Store, home: Path, tmp_path: Path) -> None:
    write(home, files=40, lines=100)
    with Store.open(tmp_path / "undisturbed.db") as other:
        here(other)
        expected = totals(other)
    asked = 0

    def after(limit: int) -> Any:
        def cancelled() -> bool:
            nonlocal asked
            asked += 1
            return asked > limit

        return cancelled

    first = here(store, cancelled=after(30))
    assert first.cancelled
    kept = store.execute("SELECT COUNT(*) FROM usage").fetchone()[0]
    assert 0 < kept == first.records < 4000
    for limit in (1, 7, 100, 10_000):
        asked = 0
        here(store, cancelled=after(limit))
    assert totals(store) == expected


KILLED = """
from tokenpal.cli.main import main
from tokenpal.engine import scan
scan.FIRST_RECORDS = scan.MOST_RECORDS = 50  # many small transactions: more places to be killed in
print("go", flush=True)
raise SystemExit(main(["scan", "--json"]))
"""


@LINUX
def test_killed_at_any_instant_again_and_again_the_totals_are_those_of_an_undisturbed_run(home: Path, tmp_path: Path) -> None:
    """The real command, killed for real. Where it is hit is luck; whatever is hit, nothing is lost and nothing counts twice."""
    write(home, files=60, lines=60)
    with Store.open(tmp_path / "undisturbed.db") as other:
        here(other)
        expected = totals(other)
    roll = random.Random(7)
    database = Path(os.environ["TOKENPAL_HOME"]) / "tokenpal.db"
    kills = 0
    for number in range(14):
        child = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        assert child.stdout is not None
        assert child.stdout.readline() == "go\n"
        try:
            # A child that is slow to be killed just gets further; nothing depends on the time.
            child.wait(0.05 + 0.05 * number + roll.random() * 0.1)  # sooner at first: how fast a machine reads is not known
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            kills += 1
        child.stdout.read()
        finished = child.wait(60) == 0
        child.stdout.close()
        if database.exists():
            with Store.open(database) as store:
                assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
                records, rolled_up, by_day, *_ = totals(store)
                assert (records[0], records[1]) == (rolled_up[0] or 0, rolled_up[2]) == (by_day[0] or 0, by_day[2])
        if finished:
            break
    assert kills, "nothing was killed: the test proves nothing"
    with Store.open(database) as store:
        here(store)
        assert totals(store) == expected


# ---------------------------------------------------------------------------------------------- hostile files


def test_hostile_files_are_sentences_and_the_others_are_read(store: Store, home: Path) -> None:
    folder = write(home, files=3, lines=10)
    good = line("good", 1)
    (folder / "truncated.jsonl").write_text(good + "\n" + good[: len(good) // 2] + "\n" + line("good", 2) + "\n")
    (folder / "binary.jsonl").write_bytes(random.Random(1).randbytes(300_000) + b"\n" + b'{"usage":' + bytes(range(256)) + b"\n")
    (folder / "wrong-types.jsonl").write_text(
        '{"type":"assistant","message":{"usage":[1,2]}}\n{"message":{"usage":{"output_tokens":"x"}}}\n[]\n3\n'
    )
    (folder / "impossible.jsonl").write_text(line("minus", 1, output=-5) + "\n" + line("huge", 1, output=10**30) + "\n")
    (folder / "empty.jsonl").touch()
    (folder / "folder.jsonl").mkdir()
    with (folder / "sparse.jsonl").open("wb") as file:
        file.truncate(2 << 30)  # two gigabytes of nothing
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + line("after-the-hole", 1).encode() + b"\n")
    with (folder / "long.jsonl").open("w") as file:
        file.write(line("long", 1)[:-1] + ',"x":"' + "y" * (60 << 20) + '"}\n' + line("long", 2) + "\n")
    report = here(store)
    sessions = {
        key
        for (key,) in store.execute("SELECT s.key FROM session s JOIN segment g ON g.session = s.id JOIN by_segment b ON b.segment = g.id")
    }
    assert {f"claude-code:{name}" for name in ("good", "after-the-hole", "long")} <= sessions
    assert store.execute("SELECT COUNT(*) FROM usage").fetchone()[0] >= 30 + 2 + 1 + 2
    assert report.trouble == ""
    assert report.problems > 0
    assert here(store).records == 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_500_000, "a file was loaded whole"


UNREADABLE = """
import sys
from pathlib import Path
from tokenpal.engine.once import scan_here
from tokenpal.settings import Settings
from tokenpal.store import readings
from tokenpal.store.database import Store
with Store.open(Path(sys.argv[1])) as store:
    report = scan_here(store, Settings())
    print(report.records, report.problems, [problem.reason for _, problem in readings.problems(store)])
    print(scan_here(store, Settings()).records)
"""
NO_SUPERPOWERS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")


@pytest.mark.skipif(sys.platform != "linux", reason="takes away root's right to read everything")
def test_an_unreadable_folder_is_a_problem_and_the_rest_is_read(home: Path, tmp_path: Path) -> None:
    """As root permission bits prove nothing, so the scan runs without that right (decisions 9)."""
    folder = write(home, files=2, lines=5)
    secret = folder.parent / "-private"
    secret.mkdir()
    (secret / "x.jsonl").write_text(line("x", 1) + "\n")
    secret.chmod(0)
    try:
        command = [*(NO_SUPERPOWERS if os.getuid() == 0 else ()), sys.executable, "-c", UNREADABLE, str(tmp_path / "t.db")]
        run = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        assert run.stdout.splitlines() == ["10 1 ['cannot be read: Permission denied']", "0"], run.stderr
    finally:
        secret.chmod(0o700)


@LINUX
def test_a_disk_that_fills_up_is_a_sentence_and_the_next_scan_goes_on(home: Path, tmp_path: Path) -> None:
    write(home, files=120, lines=80)
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\nfrom tokenpal.engine.once import scan_here\n"
        "from tokenpal.settings import Settings\nfrom tokenpal.store.database import Store\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"  # then a write fails as on a full disk
        "with Store.open(Path(sys.argv[1])) as store:\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (900_000, resource.RLIM_INFINITY))\n"
        "    report = scan_here(store, Settings())\n"
        "    print(report.trouble); print(report.next_step); print(report.records)\n"
    )
    database = tmp_path / "full.db"
    run = subprocess.run([sys.executable, "-c", code, str(database)], capture_output=True, text=True, timeout=100, check=False)
    assert run.returncode == 0, run.stderr
    trouble, next_step, records = run.stdout.splitlines()
    assert trouble.endswith(".")
    assert next_step.endswith(".")
    assert int(records) < 9600
    with Store.open(database) as store, Store.open(tmp_path / "undisturbed.db") as other:
        assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        here(store)
        here(other)
        assert totals(store) == totals(other)


# ---------------------------------------------------------------------------------------------- sources that misbehave


class OldState(msgspec.Struct):
    count: int = 0


def made_up(id_: str, fetch: Any, parse: Any = None, state: type = OldState) -> Any:
    """A source module for the tests."""
    module = ModuleType(id_)
    module.INFO = SourceInfo(id=id_, name=id_.title(), kind=Kind.LOG, provider="made-up")  # type: ignore[attr-defined]
    module.State = state  # type: ignore[attr-defined]
    module.roots = lambda home, env: (home,)  # type: ignore[attr-defined]
    module.fetch = fetch  # type: ignore[attr-defined]
    module.parse = parse or count_lines  # type: ignore[attr-defined]
    return module


def count_lines(state: Any, piece: Piece) -> tuple[Any, list[Any]]:
    count = state.count if state else 0
    items: list[Any] = []
    for read in piece.lines:
        count += 1
        key = stable_key(f"{piece.cursor.name}:{count}")
        items.append(UsageRecord(key, "made-up:s", 1_790_000_000 + count, "m"))
        if read.data == b"bad":
            raise ValueError("sk-ant-must-not-show")
    return OldState(count), items


def pieces(*names: str, lines: tuple[bytes, ...] = (b"x",) * 3) -> Any:
    async def fetch(context: Context) -> AsyncIterator[Piece]:
        for name in names:
            cursor = context.cursors.get(name)
            if cursor is None or cursor.offset < len(lines):
                start = cursor.offset if cursor else 0
                cut = [Line(index, lines[index]) for index in range(start, len(lines))]
                yield Piece(Cursor(name, size=len(lines), offset=len(lines)), cut, first=start == 0)

    return fetch


def run(store: Store, home: Path, *sources: Any, **how: Any) -> scan.ScanReport:
    ask = scan.here(store)
    home.mkdir(exist_ok=True)
    targets = scan.find(ask, sources, scan.Wanted(home, {}))
    return scan.scan(ask, targets, Rulebook(lambda *_: None), **how)


@pytest.mark.logs_warnings
@pytest.mark.parametrize("problem", [OSError(5, "Input/output error"), AccountError("It is odd.", "Look."), RuntimeError("sk-ant-x"), None])
def test_a_source_that_fails_does_not_stop_the_others(store: Store, home: Path, problem: Exception | None) -> None:
    async def fails(context: Context) -> AsyncIterator[Piece]:
        yield Piece(Cursor("before"), [Line(0, b"x")], first=True)
        if problem is None:
            import asyncio

            await asyncio.sleep(1)  # not allowed in a log source
        else:
            raise problem

    report = run(store, home, made_up("fails", fails), made_up("works", pieces("a")))
    bad, good = report.parts
    assert (good.records, good.skipped) == (3, "")
    assert bad.records == 1, "what was read before the trouble was lost"
    assert bad.skipped.endswith(".")
    assert "sk-ant" not in bad.skipped
    rows = {row.source: row for row in accounts.accounts(store)}
    assert rows["works"].state == "ok"
    assert rows["fails"].state != "ok"
    assert rows["fails"].sentence == bad.skipped


def test_a_parser_that_fails_costs_one_file_and_is_tried_again_when_the_file_grows(store: Store, home: Path) -> None:
    source = made_up("half", pieces("good", "evil", "fine"))

    async def both(context: Context) -> AsyncIterator[Piece]:
        for part in (pieces("good"), pieces("evil", lines=(b"x", b"bad", b"x")), pieces("fine")):
            async for piece in part(context):
                yield piece

    source.fetch = both
    report = run(store, home, source)
    assert report.records == 6
    assert report.problems == 1
    assert report.parts[0].skipped == ""
    ((_, found),) = readings.problems(store)
    assert found == Problem("evil", "file", "could not be understood (ValueError)")
    assert accounts.cursors(store, 1)["evil"].offset == 0


def test_a_state_of_another_version_means_reading_that_file_from_the_start(store: Store, home: Path) -> None:
    class NewState(msgspec.Struct):
        count: str  # type: ignore[assignment]  # the old one had a number
        more: dict[str, int]

    run(store, home, made_up("s", pieces("a", "b")))
    assert totals(store)[0][0] == 6

    def parse(state: Any, piece: Piece) -> tuple[Any, list[Any]]:
        assert state is None or isinstance(state, NewState)
        _, items = count_lines(OldState(int(state.count)) if state else None, piece)
        return NewState(str(len(items)), {}), items

    report = run(store, home, made_up("s", pieces("a", "b", lines=(b"x",) * 5), parse, NewState))
    assert report.problems == 0
    assert totals(store)[0][0] == 10


@pytest.mark.parametrize("polite", [False, True])
def test_pieces_may_be_parsed_in_parts(store: Store, home: Path, polite: bool) -> None:
    run(store, home, made_up("s", pieces("a", "b", lines=(b"x",) * 1001)), polite=polite)
    assert totals(store)[0][0] == 2002


def test_an_unreadable_file_is_written_down_once(store: Store, home: Path) -> None:
    async def fetch(context: Context) -> AsyncIterator[Piece]:
        yield Piece(Cursor("broken", size=-1), (), first=True, problems=(Problem("broken", "file", "cannot be read"),))

    source = made_up("s", fetch, lambda state, piece: (state, list(piece.problems)))
    memory: dict[int, dict[str, Any]] = {}
    assert run(store, home, source, memory=memory, full=False).problems == 1
    before = store.connection.total_changes
    assert run(store, home, source, memory=memory, full=False).problems == 0
    assert store.connection.total_changes == before, "the disk was written to although nothing changed"


def test_what_a_report_says_survives_the_way_between_processes(store: Store, home: Path) -> None:
    write(home, files=1, lines=2)
    report = here(store)
    assert msgspec.convert(json.loads(json.dumps(msgspec.to_builtins(report))), scan.ScanReport) == report
