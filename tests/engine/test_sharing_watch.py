"""Sharing inside the running engine: at its drawn minutes by itself, at once when asked, and not at all when off."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.engine.logs import running, wait_for
from tests.engine.sharing_team import DAY, FIRST, TICKS, Team, record, run, team
from tokenpal.engine.engine import Engine
from tokenpal.engine.sharing import known as state
from tokenpal.model.errors import TokenpalError, UsageError
from tokenpal.model.events import Changed
from tokenpal.settings import Settings
from tokenpal.share.protocol import epochs

LISTING = """
import json, sys, threading
from pathlib import Path
from tokenpal.engine.engine import Engine
from tokenpal.settings import Settings
from tokenpal.store import sharing
from tokenpal.system.paths import inside
home = Path(sys.argv[1])
engine = Engine(inside(home / "tokenpal"), Settings(), home=home, env={})
engine.start(lambda event: None)
assert engine.ask(sharing.teams).result(60) == {}
asked = threading.Event()
engine._call(lambda inside: (inside.sharing.jumped(), inside._loop.call_later(0.2, asked.set)))
asked.wait(60)
engine.stop(20)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_an_engine_without_a_team_imports_no_cryptography(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LISTING, str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert not set(json.loads(done.stdout)) & {"cryptography", "pyhpke", "httpx", "httpcore", "keyring"}


def jump(found: Team, engine: Engine, at: int) -> None:
    found.go(at)
    engine._call(lambda inside: inside.sharing.jumped())


def arrive(found: Team, engine: Engine, at: int, wanted: str) -> None:
    """Jump to a minute and wait for what happens then. A visit that was on its way when the clock jumped fails by its old time
    and is tried again some minutes later, as after any failure."""
    for minutes in range(0, 24 * 60, 30):
        jump(found, engine, at + minutes * 60)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if week_state(engine) == wanted:
                return
            time.sleep(0.02)
    pytest.fail(f"the week was never {wanted}")


def week_state(engine: Engine) -> str:
    one = engine.ask(state.current).result(60)
    return next((week.state for week in engine.ask(state.weeks, one.team).result(60) if week.epoch == FIRST), "")


def test_the_engine_reports_and_answers_at_its_minutes(tmp_path: Path) -> None:
    with team(tmp_path) as found:
        found.founded(4)
        settings = Settings()
        settings.set("sharing.ca_file", str(found.endpoint.ca_file))
        with running(tmp_path / "home", settings=settings, now=found.now) as (engine, heard):
            line = run(found.members[0].invite())
            engine.share("look", invitation=line).result(60)
            engine.share("start", ticks=TICKS, skip=True).result(60)
            assert any("sharing" in event.what for event in heard.of(Changed))
            one = engine.ask(state.current).result(60)
            assert one.joined
            monday = epochs.start(epochs.shifted(FIRST, 1))
            jump(found, engine, monday)
            wait_for(lambda: week_state(engine) == "planned")
            week = engine.ask(state.weeks, one.team).result(60)[-1]
            assert monday <= week.report_at < monday + 3 * DAY
            arrive(found, engine, week.report_at, "sent")
            for member in found.members:
                run(member.visit(everything=True))
            arrive(found, engine, week.answer_at, "answered")
            with pytest.raises(UsageError):
                engine.share("nonsense").result(60)
            with pytest.raises(TokenpalError, match="already"):
                engine.share("look", invitation=line).result(60)
        ended = Engine(engine.paths, settings, home=tmp_path, env={})
        ended.stop()
        assert ended.share("fetch").cancelled()
        assert record(found.members[0]).joined


def test_a_machine_that_was_off_draws_another_minute(tmp_path: Path) -> None:
    with team(tmp_path) as found:
        member = found.enter(found.founding)
        monday = epochs.start(epochs.shifted(FIRST, 1))
        found.go(monday)
        planned = run(member.next_at())
        assert planned is not None
        found.go(planned + 3600)
        later = run(member.late())
        assert later is not None
        assert found.at <= later <= found.at + 3600
        assert run(member.next_at()) == later, "it is kept"


def test_no_network_in_the_settings_means_none(tmp_path: Path, internet_sockets: list[str]) -> None:
    with team(tmp_path) as found:
        settings = Settings()
        settings.set("advanced.network", False)
        with running(tmp_path / "home", settings=settings, now=found.now) as (engine, _):
            internet_sockets.clear()
            with pytest.raises(TokenpalError, match="switched off in the settings"):
                engine.share("look", invitation=found.founding).result(60)
            assert internet_sockets == []
            assert threading.active_count()
