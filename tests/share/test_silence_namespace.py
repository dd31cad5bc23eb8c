"""While sharing is not on there is no connection: in a network namespace without any interface, and with every attempt written down.

A real member is brought into each state with the real program and a real endpoint; then the command line and the engine in the
background run where there is no network. In SHARING the same run does try: so the recorder would have noticed.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.cli.runner import Machine, response, write_claude
from tests.team.endpoint import Endpoint
from tokenpal.engine.sharing.member import Member
from tokenpal.share.protocol import epochs, policy as policies
from tokenpal.system.secrets import Secrets
from tokenpal.team.founding import change_policy, find_team

STATES = ("never asked", "preview", "paused", "stale", "declined", "left", "forced off")


def empty_namespace() -> tuple[str, ...]:
    """A command prefix: as root a network namespace, else one inside a user namespace. () when the system allows none."""
    for prefix in (("unshare", "--net"), ("unshare", "--user", "--map-root-user", "--net")):
        if shutil.which("unshare") and subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
            return prefix
    return ()


EMPTY = empty_namespace() if sys.platform == "linux" else ()
pytestmark = [
    pytest.mark.skipif(not EMPTY, reason="this system gives no empty network namespace (unshare --net is missing or refused)"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    one = Endpoint(tmp_path_factory.mktemp("endpoint"), clock=int(time.time()))
    one.start()
    yield one
    one.stop()


def member(machine: Machine, endpoint: Endpoint, state: str) -> dict[str, str]:
    """Bring a profile into a state with the program itself; returns what its environment needs."""
    if state == "never asked":
        return {}
    line = endpoint.found_team(f"The makers of {machine.home.parent.name}")
    def share(*words: str) -> str:
        done = machine.run("share", *words)
        assert done.code == 0, (words, done.out, done.err)
        return done.out

    machine.profile.mkdir(parents=True, exist_ok=True)
    config = machine.profile / "settings.toml"
    config.write_text(f'[sharing]\nca_file = "{endpoint.ca_file}"\n')
    share("look", line)
    if state == "preview":
        return {}
    if state == "declined":
        share("decline")
        return {}
    share("start", "--tick", "label", "--tick", "use", "--skip-preview")
    if state == "paused":
        share("pause", "--weeks", "4")
    elif state == "left":
        share("leave")
    elif state == "stale":
        storage = endpoint.storage()
        team = find_team(storage, f"The makers of {machine.home.parent.name}")
        wider = msgspec.structs.replace(policies.parse(team.policy), windows={"5": 4, "8": 4, "16": 3, "32": 2})
        change_policy(storage, team, wider, int(time.time()))
        storage.close()
        share("send-now")
    return {"TOKENPAL_SHARING": "off"} if state == "forced off" else {}


def in_nowhere(machine: Machine, record: Path, *words: str, **env: str) -> str:
    """Run the watched program without a network."""
    run = subprocess.run(
        [*EMPTY, sys.executable, "-m", "tests.share.watched", str(record), *words],
        cwd=machine.home, env=machine.env(**env), input="", capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "Traceback" not in run.stderr, run.stderr
    return run.stdout + run.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path / "home", tmp_path / "profile")
    machine.home.mkdir(exist_ok=True)
    write_claude(machine.home, "one", [response("s1", number, f"2026-11-1{number}T10:00:00Z") for number in range(5)])
    return machine


def test_there_is_nothing_in_the_namespace(tmp_path: Path) -> None:
    """Not even loopback answers."""
    code = "import socket, sys\ntry: socket.create_connection(('127.0.0.1', 9), 1)\nexcept OSError as e: sys.exit(0 if e.errno == 101 else 3)\nsys.exit(4)"
    assert subprocess.run([*EMPTY, sys.executable, "-c", code]).returncode == 0


def due(machine: Machine) -> int:
    """An instant at which a member who shares has something to do: its own minute in the next week, whose Monday has planned it."""
    now = int(time.time())
    monday = epochs.start(epochs.shifted(epochs.epoch_of(now), 1))

    async def next_at(member: Member, at: int) -> int:
        member.world.now = lambda: at
        found = await member.next_at()
        assert found is not None
        return found

    from tests.cli.file_keyring import FileKeyring

    one = Member.at(next(machine.profile.rglob("*.db")), Secrets(FileKeyring), now=lambda: now)
    at = asyncio.run(next_at(one, monday + 60))
    one.store.close()
    return at + 60


@pytest.mark.parametrize("state", STATES)
def test_no_connection(machine: Machine, endpoint: Endpoint, tmp_path: Path, state: str) -> None:
    env = member(machine, endpoint, state)
    said = machine.run("share", "status", "--json", env=env).json
    assert said["state"] == state
    record = tmp_path / "attempts"
    for words in (["share", "send-now"], ["share", "visit"], ["share", "preview"], ["scan"]):
        in_nowhere(machine, record, "cli", *words, **env)
    for at in (int(time.time()), int(time.time()) + 8 * 86_400):
        in_nowhere(machine, record, "engine", str(at), "silence", **env)
    assert record.read_text() == ""


def test_sharing_would_have_been_noticed(machine: Machine, endpoint: Endpoint, tmp_path: Path) -> None:
    """The positive control, for the command line and for the engine by itself."""
    env = member(machine, endpoint, "sharing")
    assert machine.run("share", "status", "--json", env=env).json["state"] == "sharing"
    record, by_itself = tmp_path / "attempts", tmp_path / "by itself"
    in_nowhere(machine, record, "cli", "share", "send-now", **env)
    assert f"('127.0.0.1', {endpoint.port})" in record.read_text()
    in_nowhere(machine, by_itself, "engine", str(due(machine)), "attempts", **env)
    assert f"('127.0.0.1', {endpoint.port})" in by_itself.read_text()
