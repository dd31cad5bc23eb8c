"""The engine as the window sees it: events, one lock, pause, foreign edits, and a stop from any state."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.engine.logs import Heard, line, running, totals, wait_for, write
from tokenpal.engine import channel, commands, logwatch, queries, schedule
from tokenpal.engine.engine import Engine
from tokenpal.engine.poll import PollReport
from tokenpal.engine.scan import ScanReport
from tokenpal.model.errors import StoreError
from tokenpal.model.events import AccountHealth, AccountState, Changed, EngineProblem, Paused, ScanProgress
from tokenpal.settings import Settings
from tokenpal.store import accounts
from tokenpal.store.database import Store
from tokenpal.system.lock import FolderLock
from tokenpal.system.paths import inside
from tokenpal.system.secrets import Secrets

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def finished(heard: Heard) -> bool:
    return any(event.finished for event in heard.of(ScanProgress))


def listens(engine: Engine) -> bool:
    return list(channel.ask(engine.paths, {"do": "nothing"}) or ()) != []


# ---------------------------------------------------------------------------------------------- reading


def test_the_first_scan_starts_by_itself_and_tells_how_far_it_is(home: Path) -> None:
    write(home, files=30, lines=50)
    with running(home) as (engine, heard):
        wait_for(lambda: finished(heard))
        assert engine.reads
        assert engine.ask(totals).result(60)[0][0] == 1500
        assert engine.ask(queries.accounts).result(60)[0].state == "ok"
        progress = heard.of(ScanProgress)
        assert (progress[-1].done, progress[-1].total) == (30, 30)
        assert heard.of(Changed)
        assert heard.of(EngineProblem) == []


def test_news_are_read_when_asked_for_and_only_they(home: Path) -> None:
    folder = write(home, files=3, lines=20)
    with running(home) as (engine, heard):
        wait_for(lambda: finished(heard))
        path = sorted(folder.iterdir())[0]
        with path.open("a") as file:
            file.write(line(path.stem, 20) + "\n")
        engine.look(True)  # the quick look: folders and the newest files
        wait_for(lambda: engine.ask(totals).result(60)[0][0] == 61)
        write(home, files=1, lines=5, first=8)
        engine.scan_now()
        wait_for(lambda: engine.ask(totals).result(60)[0][0] == 66)


WRITES = """
import json, pathlib, sys
for line in sys.stdin:
    path, text = json.loads(line)
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(text + "\\n")
    print("written", flush=True)
"""


def test_what_an_agent_writes_is_seen_as_it_comes_while_somebody_looks(home: Path) -> None:
    """Another process appends, in folders that are there and in new ones; nobody asks for a scan (design 5)."""
    folder = write(home, files=1, lines=3)
    known = sorted(folder.iterdir())[0]
    with (
        running(home) as (engine, heard),
        subprocess.Popen([sys.executable, "-c", WRITES], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as agent,
    ):
        assert agent.stdin is not None
        assert agent.stdout is not None
        wait_for(lambda: finished(heard))
        engine.look(True)
        paths = [known, known, folder / "new.jsonl", folder.parent / "-new-folder" / "newer.jsonl", folder / "new.jsonl", known]
        for number, path in enumerate(paths):
            agent.stdin.write(json.dumps([str(path), line(path.stem, 100 + number)]) + "\n")
            agent.stdin.flush()
            assert agent.stdout.readline() == "written\n"
            wait_for(lambda wanted=4 + number: engine.ask(totals).result(60)[0][0] == wanted, "not seen")  # type: ignore[misc]  # mypy cannot type the default
        agent.stdin.close()


def test_a_dear_look_is_taken_more_rarely() -> None:
    watch = logwatch.LogWatch.__new__(logwatch.LogWatch)
    watch._failures, watch.looked_at, watch._targets = 0, False, None
    pauses = []
    for watch._took in (0.0, 0.001, 0.1, 3.0):
        watch.looked_at = True
        pauses.append(watch._pause())
    assert pauses == [2.0, 2.0, 5.0, 15.0]
    watch.looked_at = False
    assert watch._pause() == logwatch.EVERY
    assert (watch._full_every(), logwatch.FULL_EVERY) == (900, 900)


def test_another_log_folder_in_the_settings_is_read_at_once(home: Path, tmp_path: Path) -> None:
    write(home, files=1, lines=2)
    write(tmp_path / "other", files=1, lines=3, first=4)
    settings = Settings(tmp_path / "s.toml")
    with running(home, settings=settings) as (engine, heard):
        wait_for(lambda: finished(heard))
        settings.set("advanced.roots", {"claude-code": [str(tmp_path / "other" / ".claude")]})
        engine.settings_changed()
        wait_for(lambda: engine.ask(totals).result(60)[0][0] == 5)
        settings.set("general.zone", "Asia/Kathmandu")
        engine.settings_changed()
        zone = "SELECT value FROM meta WHERE key = 'zone'"
        wait_for(lambda: engine.ask(lambda store: store.execute(zone).fetchone()[0]).result(60) == "Asia/Kathmandu")


def test_a_quiet_look_asks_the_store_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, files=5, lines=5)
    looks: list[ScanReport] = []
    before = logwatch.LogWatch._look

    async def counted(self: logwatch.LogWatch, *how: Any) -> ScanReport:
        report = await before(self, *how)
        looks.append(report)
        return report

    monkeypatch.setattr(logwatch.LogWatch, "_look", counted)
    with running(home) as (engine, _heard):
        wait_for(lambda: looks)
        changes = engine.ask(lambda store: store.connection.total_changes).result(60)
        asked: list[Any] = []
        submit = engine._worker.submit  # type: ignore[union-attr]  # it runs
        engine._worker.submit = lambda *how, **more: (asked.append(how[0]), submit(*how, **more))[1]  # type: ignore[union-attr,method-assign]  # spied on
        threads = threading.active_count()
        inside_ = engine._inside
        assert inside_ is not None
        for number in range(2, 6):
            inside_.soon(lambda parts: parts.logs.now())
            wait_for(lambda wanted=number: len(looks) >= wanted)  # type: ignore[misc]  # mypy cannot type the default
        assert asked == []
        assert threading.active_count() <= threads
        assert looks[-1] == ScanReport()
        assert engine.ask(lambda store: store.connection.total_changes).result(60) == changes


def test_a_cancelled_scan_waits_until_the_person_asks_again(home: Path) -> None:
    write(home, files=150, lines=100)
    with running(home) as (engine, heard):
        wait_for(lambda: heard.of(ScanProgress))
        engine.cancel_scan()
        inside_ = wait_for(lambda: engine._inside)
        wait_for(lambda: inside_.logs._held or finished(heard))
        count = engine.ask(totals).result(60)[0][0]
        if not finished(heard):  # else it was quicker than we
            inside_.soon(lambda parts: parts.logs.now())
            engine.look(True)
            engine.ask(totals).result(60)
            assert engine.ask(totals).result(60)[0][0] == count < 15_000
        engine.scan_now()
        wait_for(lambda: engine.ask(totals).result(60)[0][0] == 15_000)


def test_no_key_no_http_and_no_price_table_before_they_are_needed(home: Path) -> None:
    """In a process of its own: what the tray must not import, and that no internet socket is opened."""
    home.mkdir(exist_ok=True)
    code = (
        "import sys, threading, time\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(args) if event == 'socket.connect' and isinstance(args[1], tuple) else None)\n"
        "from pathlib import Path\nfrom tokenpal.engine.engine import Engine\n"
        "early = [m for m in ('asyncio', 'sqlite3', 'httpx', 'keyring', 'platformdirs') if m in sys.modules]\n"
        "from tokenpal.settings import Settings\nfrom tokenpal.system.paths import inside\nfrom tokenpal.store import accounts\n"
        "home = Path(sys.argv[1])\nengine = Engine(inside(home / 'tp'), Settings(), home=home, env={})\n"
        "engine.start(lambda event: None)\nengine.ask(accounts.accounts).result(60)\n"
        "while not engine.reads: time.sleep(0.01)\n"
        "from tokenpal.engine import channel\n"
        "while not (answers := channel.ask(engine.paths, {'do': 'scan'})): time.sleep(0.01)\n"
        "assert 'done' in list(answers)[-1]\n"
        "print(early, [m for m in ('httpx', 'keyring', 'genai_prices', 'platformdirs', 'numpy', 'PySide6') if m in sys.modules], opened)\n"
        "print(engine.stop())\n"
    )
    run = subprocess.run([sys.executable, "-c", code, str(home)], capture_output=True, text=True, timeout=100, check=True, cwd=ROOT)
    assert run.stdout.splitlines() == ["[] [] []", "True"], run.stderr


# ---------------------------------------------------------------------------------------------- asking


def test_commands_tell_what_they_changed_and_queries_tell_nothing(home: Path) -> None:
    with running(home) as (engine, heard):
        only_tasks = Changed(frozenset({"tasks"}))
        task = engine.ask(commands.add_task, "Checkout").result(60)
        wait_for(lambda: only_tasks in heard)
        assert task.name in [row.task.name for row in engine.ask(queries.tasks).result(60)]
        engine.ask(totals).result(60)
        assert heard.count(only_tasks) == 1


def test_what_goes_wrong_reaches_the_asker(home: Path) -> None:
    def wrong(store: Store) -> None:
        raise StoreError("It is full.", "Make room.")

    with running(home) as (engine, _heard):
        with pytest.raises(StoreError, match="full"):
            engine.ask(wrong).result(60)


def test_questions_before_the_start_and_after_the_end(home: Path) -> None:
    with running(home) as (engine, _heard):
        pass
    assert engine.ask(totals).cancelled()
    assert engine.stop()


@pytest.mark.logs_warnings
def test_a_data_file_that_cannot_be_opened_is_said_and_everything_still_stops(home: Path) -> None:
    data = inside(home / "tokenpal")
    data.make()
    data.database.write_bytes(b"this is not a database, it only looks like one" * 100)
    with running(home) as (engine, heard):
        with pytest.raises(StoreError):
            engine.ask(totals).result(60)
        assert wait_for(lambda: heard.of(EngineProblem))[0].sentence.endswith(".")
    assert data.database.read_bytes().startswith(b"this is not"), "a damaged file must never be replaced"


@pytest.mark.logs_warnings
def test_a_data_folder_that_cannot_be_made_is_said(home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "tokenpal").write_text("a file in the way")
    with running(home) as (engine, heard):
        with pytest.raises(StoreError):
            engine.ask(totals).result(60)
        assert wait_for(lambda: heard.of(EngineProblem))


# ---------------------------------------------------------------------------------------------- one lock


def test_two_engines_on_one_folder_only_one_reads_and_the_other_takes_over(home: Path) -> None:
    write(home, files=3, lines=10)
    with running(home) as (first, heard):
        wait_for(lambda: finished(heard))
        with running(home) as (second, other):
            assert second.ask(totals).result(60)[0][0] == 30
            assert first.reads
            assert not second.reads
            assert other.of(ScanProgress) == []
            second.ask(commands.add_task, "From the second").result(60)  # editing needs no lock
            assert first.stop(20)
            second.scan_now()
            wait_for(lambda: second.reads)
            write(home, files=1, lines=1, first=7)
            second.scan_now()
            wait_for(lambda: second.ask(totals).result(60)[0][0] == 31)


def test_edits_of_other_processes_are_noticed_while_somebody_looks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tokenpal.engine import inside as parts

    monkeypatch.setattr(parts, "FOREIGN_EVERY", 0.02)
    with running(home) as (engine, heard):
        engine.look(True)
        wait_for(lambda: engine._inside is not None and engine._inside._version > 0)
        heard.clear()
        with Store.open(engine.paths.database) as other:
            commands.add_task(other, "From the command line")
        assert wait_for(lambda: [event for event in heard.of(Changed) if "tasks" in event.what])


# ---------------------------------------------------------------------------------------------- other processes ask


def test_the_command_line_asks_the_running_app_to_scan(home: Path) -> None:
    write(home, files=40, lines=30)
    with running(home) as (engine, heard):
        wait_for(lambda: listens(engine))
        answers = channel.ask(engine.paths, {"do": "scan", "agents": ["claude-code"]})
        assert answers is not None
        *progress, last = list(answers)
        report = msgspec.convert(last["done"], ScanReport)
        assert engine.ask(totals).result(60)[0][0] == 1200
        assert report.parts[0].agent == "claude-code"
        assert all("progress" in answer for answer in progress)
        if sys.platform != "win32":
            assert engine.paths.channel.stat().st_mode & 0o777 == 0o600
        for bad in ({"do": "dance"}, {"do": None}, {"do": "poll", "accounts": "x"}):
            (answer,) = channel.ask(engine.paths, bad) or ()
            assert "error" in answer or answer["done"] == {"reports": []}
        heard.clear()
    assert channel.ask(engine.paths, {"do": "scan"}) is None
    assert not engine.paths.channel.exists()


def test_the_real_command_works_beside_a_running_app(home: Path) -> None:
    write(home, files=2, lines=10)
    with running(home) as (engine, heard):
        wait_for(lambda: listens(engine) and finished(heard))
        write(home, files=1, lines=7, first=5)
        env = {**os.environ, "HOME": str(home), "TOKENPAL_HOME": str(engine.paths.data)}
        run = subprocess.run(
            [sys.executable, "-m", "tokenpal", "scan", "--json"],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            cwd=ROOT,
            env=env,
        )
        assert run.returncode == 0, run.stderr
        assert msgspec.json.decode(run.stdout)["records"] == 7


@pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")
def test_nonsense_on_the_socket_hurts_nobody(home: Path) -> None:
    with running(home) as (engine, _heard):
        wait_for(lambda: listens(engine))
        for data in (b"", b"\n", b"\xff\xfe\n", b"[]\n", b'{"do"', b"x" * (2 << 20)):
            with socket.socket(socket.AF_UNIX) as stranger:
                stranger.settimeout(30)
                stranger.connect(str(engine.paths.channel))
                try:
                    stranger.sendall(data)
                    stranger.shutdown(socket.SHUT_WR)
                    stranger.recv(100)
                except OSError:
                    pass  # it hung up: just as well
        assert next(iter(channel.ask(engine.paths, {"do": "dance"}) or ()))["error"]


@pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")
def test_a_socket_that_a_killed_app_left_behind_is_in_nobodys_way(home: Path) -> None:
    data = inside(home / "tokenpal")
    data.make()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(data.channel))
    assert channel.ask(data, {"do": "scan"}) is None
    with running(home) as (engine, _heard):
        assert wait_for(lambda: channel.ask(engine.paths, {"do": "dance"}))


# ---------------------------------------------------------------------------------------------- provider accounts


class Provider:
    """Stands for ``engine.poll.poll``: answers what the test wants."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, bool]] = []
        self.answers: dict[int, PollReport | Exception | None] = {}
        self.hangs = False

    async def __call__(self, do: Any, row: Any, http: Any, secrets: Secrets, rules: Any, **how: Any) -> PollReport:
        self.asked.append((row.id, how["prompt"]))
        how["say"](AccountHealth(row.id, AccountState.READING))
        if self.hangs:
            await asyncio.Event().wait()
        answer = self.answers.get(row.id)
        if isinstance(answer, Exception):
            raise answer
        return answer or PollReport(row.id, row.name, AccountState.OK, records=1)


def add(store: Store, name: str) -> int:
    return accounts.add_account(store, "openai", name, "openai", secret=f"t/{name}")


def told(heard: Heard, account: int, state: AccountState) -> list[AccountHealth]:
    return [event for event in heard.of(AccountHealth) if event.account == account and event.state is state]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "SPREAD_SECONDS", 0)


@pytest.mark.usefixtures("quick")
def test_accounts_are_asked_each_by_itself_and_a_failing_one_stops_nobody(home: Path) -> None:
    provider = Provider()
    limited = AccountState.RATE_LIMITED
    provider.answers[1] = PollReport(1, "one", limited, "Too many questions.", "Wait.")
    with running(home, poll=provider) as (engine, heard):
        first = engine.ask(add, "one").result(60)
        second = engine.ask(commands.add_account, "openai", "two").result(60)
        wait_for(lambda: told(heard, first, limited) and told(heard, second, AccountState.OK))
        health = told(heard, first, limited)[0]
        assert health.sentence == "Too many questions."
        assert health.next_try is not None
        assert health.next_try > engine.now()
        assert all(not prompt for _, prompt in provider.asked), "a password window at the start"
        provider.answers.clear()
        engine.refresh(first)
        wait_for(lambda: told(heard, first, AccountState.OK))
        assert provider.asked[-1] == (first, True)


@pytest.mark.usefixtures("quick")
def test_when_one_account_is_reached_those_that_waited_for_the_network_try_again(home: Path) -> None:
    provider = Provider()
    provider.answers[1] = provider.answers[2] = PollReport(1, "one", AccountState.OFFLINE, "No network.", "Look at the cable.")
    with running(home, poll=provider) as (engine, heard):
        first = engine.ask(add, "one").result(60)
        second = engine.ask(commands.add_account, "openai", "two").result(60)
        wait_for(lambda: told(heard, first, AccountState.OFFLINE) and told(heard, second, AccountState.OFFLINE))
        provider.answers.clear()
        engine.refresh(second)
        wait_for(lambda: told(heard, first, AccountState.OK) and told(heard, second, AccountState.OK))


@pytest.mark.usefixtures("quick")
@pytest.mark.logs_warnings
def test_a_mistake_in_polling_one_account_is_supervised(home: Path) -> None:
    provider = Provider()
    provider.answers[1] = RuntimeError("a bug")
    with running(home, poll=provider) as (engine, heard):
        engine.ask(add, "one").result(60)
        second = engine.ask(commands.add_account, "openai", "two").result(60)
        wait_for(lambda: told(heard, second, AccountState.OK))
        assert engine.ask(totals).result(60)


@pytest.mark.usefixtures("quick")
def test_removed_accounts_are_not_asked_again_and_without_network_nobody_is(home: Path, tmp_path: Path) -> None:
    provider = Provider()
    settings = Settings(tmp_path / "s.toml")
    settings.set("advanced.network", False)
    with running(home, poll=provider, settings=settings) as (engine, heard):
        first = engine.ask(commands.add_account, "openai", "one").result(60)
        engine.ask(commands.remove_account, first).result(60)
        second = engine.ask(commands.add_account, "openai", "two").result(60)
        engine.ask(totals).result(60)
        assert provider.asked == []
        settings.set("advanced.network", True)
        engine.settings_changed()
        engine.refresh()
        wait_for(lambda: told(heard, second, AccountState.OK))
        assert {id_ for id_, _ in provider.asked} == {second}


@pytest.mark.usefixtures("quick")
def test_a_pause_holds_polls_and_what_the_person_asks_for_is_done_all_the_same(home: Path) -> None:
    provider = Provider()
    with running(home, poll=provider) as (engine, heard):
        engine.pause(engine.now() + 3600)
        wait_for(lambda: heard.of(Paused))
        account = engine.ask(commands.add_account, "openai", "one").result(60)
        wait_for(lambda: engine.reads)
        engine.ask(totals).result(60)
        assert provider.asked == []
        engine.refresh(account)
        wait_for(lambda: told(heard, account, AccountState.OK))
        engine.pause(None)
        wait_for(lambda: heard.of(Paused)[-1].until is None)


@pytest.mark.usefixtures("quick")
def test_after_sleep_what_is_overdue_is_asked(home: Path) -> None:
    provider = Provider()
    times = {"now": 1_800_000_000}
    with running(home, poll=provider, now=lambda: times["now"]) as (engine, heard):
        account = engine.ask(commands.add_account, "openai", "one").result(60)
        wait_for(lambda: told(heard, account, AccountState.OK))
        assert len(provider.asked) == 1
        times["now"] += 8 * 3600
        inside_ = engine._inside
        assert inside_ is not None
        inside_.soon(lambda parts: parts.accounts.jumped())
        wait_for(lambda: len(provider.asked) == 2)
        times["now"] -= 30 * 86_400  # the clock was wrong and is set back
        inside_.soon(lambda parts: parts.accounts.jumped())
        wait_for(lambda: len(provider.asked) == 3)


@pytest.mark.usefixtures("quick")
def test_the_command_line_asks_the_running_app_to_poll(home: Path) -> None:
    provider = Provider()
    with running(home, poll=provider) as (engine, _heard):
        account = engine.ask(commands.add_account, "openai", "one").result(60)
        wait_for(lambda: listens(engine))
        (answer,) = channel.ask(engine.paths, {"do": "poll", "accounts": [account, 99]}) or ()
        (report,) = msgspec.convert(answer["done"]["reports"], list[PollReport])
        assert (report.account, report.state) == (account, AccountState.OK)


# ---------------------------------------------------------------------------------------------- stopping

STOP = """
import asyncio, os, socket, sys, threading, time
from pathlib import Path
from tokenpal.engine import schedule
schedule.SPREAD_SECONDS = 0
from tokenpal.engine.engine import Engine
from tokenpal.engine import commands
from tokenpal.model.events import AccountHealth, AccountState, ScanProgress
from tokenpal.settings import Settings
from tokenpal.store import accounts
from tokenpal.system.paths import inside
from tokenpal.system.secrets import Secrets
home, state = Path(sys.argv[1]), sys.argv[2]
reached = threading.Event()
never = threading.Event()

class Stuck:
    def get_password(self, *_): reached.set(); never.wait()

class Open:
    def get_password(self, *_): return "sk-test"

engine = Engine(inside(home / "tp"), Settings(), home=home, env={}, secrets=Secrets(lambda: Stuck() if state == "keyring" else Open()))
if state == "http":
    server = socket.create_server(("127.0.0.1", 0))
    def hang():
        peer, _ = server.accept()
        peer.recv(10); reached.set(); never.wait()
    threading.Thread(target=hang, daemon=True).start()
    url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
elif state == "lookup":
    url = "https://hangs.invalid/v1"
    def look_up(*_, **__): reached.set(); never.wait()
    socket.getaddrinfo = look_up
else:
    url = "http://127.0.0.1:9/v1"
if state == "scan":
    hear = lambda event: reached.set() if isinstance(event, ScanProgress) else None
else:
    hear = lambda event: None
def account(store):
    return accounts.add_account(store, "openai", "one", "openai", root=url, secret="t/one")
def busy(store):
    reached.set()
    store.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n").fetchone()
if state != "before":
    engine.start(hear)
if state in {"keyring", "http", "lookup"}:
    engine.ask(account).result(60)
    engine._call(lambda inside: inside.followed(frozenset({"accounts"})))
elif state == "database":
    engine.ask(busy)
elif state == "lookup-thread":
    engine._call(lambda inside: inside._tasks.start(asyncio.to_thread(lambda: (reached.set(), never.wait())), "stuck"))
elif state == "stubborn":
    async def stubborn():
        reached.set()
        while True:
            try: await asyncio.sleep(3600)
            except asyncio.CancelledError: pass
    engine._call(lambda inside: inside._tasks.start(stubborn(), "stubborn"))
elif state == "idle":
    engine.ask(accounts.accounts).result(60); reached.set()
elif state in {"before", "starting"}:
    reached.set()
assert reached.wait(60), "the state was not reached"
print("stopping", flush=True)
print("stopped", engine.stop(2.0), flush=True)
"""


@pytest.mark.parametrize(
    "state", ["before", "starting", "idle", "scan", "http", "lookup", "lookup-thread", "keyring", "database", "stubborn"]
)
def test_it_stops_within_two_seconds_from_any_state(home: Path, state: str) -> None:
    """The deadline is the parent's: two seconds for ``stop``, and the interpreter must not be kept from ending either."""
    if state == "scan":
        write(home, files=400, lines=150)
    home.mkdir(exist_ok=True)
    child = subprocess.Popen(
        [sys.executable, "-c", STOP, str(home), state], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stderr is not None
    try:
        first = child.stdout.readline()
        assert first == "stopping\n", child.stderr.read()
        try:
            child.wait(4.0)  # two for the engine, two for a busy machine to end an interpreter
        except subprocess.TimeoutExpired:
            pytest.fail("it did not end in time")
        said, complained = child.stdout.read().split(), child.stderr.read()
        assert child.returncode == 0, f"{child.returncode} {complained}"
        assert said[0] == "stopped", complained
        if state not in {"stubborn"}:
            assert said[1] == "True"
    finally:
        child.kill()
        child.wait(20)
        child.stdout.close()
        child.stderr.close()
    with Store.open(home / "tp" / "tokenpal.db") if (home / "tp" / "tokenpal.db").exists() else Store.open(home / "x.db") as store:
        assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    lock = FolderLock(inside(home / "tp").lock)
    if lock.path.parent.exists():
        assert lock.take(), "the lock outlived the process"
        lock.release()


def test_polling_uses_the_real_poll_by_default(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is imported when an account is asked for the first time, so it is looked up then."""
    from tokenpal.engine import poll

    asked: list[int] = []

    async def instead(_do: Any, row: Any, *_: Any, **__: Any) -> PollReport:
        asked.append(row.id)
        return PollReport(row.id, row.name, AccountState.OK)

    monkeypatch.setattr(poll, "poll", instead)
    with running(home) as (engine, _heard):
        account = engine.ask(commands.add_account, "openrouter", "Router").result(60)
        wait_for(lambda: engine.reads)
        engine.refresh(account)
        wait_for(lambda: asked)
    assert set(asked) == {account}
