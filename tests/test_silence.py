"""Nothing opens an internet socket before an account exists; what would be shared opens none at any time (product 2.5, decisions 5).

The kernel kills whoever asks for one (``tests/no_internet.py``), so that Qt and C libraries are held to it as well.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import no_internet
from tests.cli.runner import ROOT, Done, Machine, codex_lines, response, write_claude, write_codex
from tests.provider_server import KEYS, ProviderServer

pytestmark = pytest.mark.skipif(not no_internet.AVAILABLE, reason="the filter is written for Linux on x86-64 and ARM64")

THREAD = "0197aaaa-0000-7000-8000-00000000000a"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path / "home", tmp_path / "profile")
    machine.home.mkdir(exist_ok=True)
    write_claude(machine.home, "one", [response("s1", number, f"2026-11-20T1{number}:00:00Z") for number in range(5)])
    write_codex(machine.home, THREAD, codex_lines(THREAD, "2026-11-20T12:00:00.000Z"))
    return machine


def quietly(machine: Machine, module: str, *words: str, stdin: str = "", before: tuple[str, ...] = (), **env: str) -> Done:
    """Run a module where asking for an internet socket is the end."""
    command = [*before, sys.executable, "-m", "tests.no_internet", module, *words]
    run = subprocess.run(
        command, cwd=machine.home, env=machine.env(**env), input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=120
    )
    assert run.returncode != -signal.SIGSYS, f"{module} {' '.join(words)} asked for an internet socket\n{run.stderr}"
    assert "Traceback" not in run.stderr, run.stderr
    return Done(run.returncode, run.stdout, run.stderr)


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
def test_the_filter_would_notice(machine: Machine, family: str) -> None:
    (machine.home / "asks.py").write_text(f"import socket\nsocket.socket(socket.AF_UNIX).close()\nsocket.socket(socket.{family})\n")
    with pytest.raises(AssertionError, match="asked for an internet socket"):
        quietly(machine, "asks", PYTHONPATH=f"{ROOT}{os.pathsep}{machine.home}")


COMMANDS = (
    ["scan"],
    ["report", "--by", "task"],
    ["sessions"],
    ["label", "claude-code:s1", "delivered"],
    ["share", "preview"],
    ["poll"],
    ["accounts", "list"],
    ["reconcile"],
    ["doctor"],
    ["export"],
    ["checkin", "--json"],
    ["budget", "set", "1", "--per", "month"],
    ["budget", "list"],
    ["insights"],
    ["export", "all.zip"],
    ["import", "all.zip"],
    [],
)


def test_commands(machine: Machine) -> None:
    for words in COMMANDS:
        assert quietly(machine, "tokenpal", *words).code == 0, words


def test_the_app_with_every_page_open(machine: Machine) -> None:
    done = quietly(machine, "tests.whole_app", SCANS="2")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["ended"], "the engine left something behind"
    assert any("shop" in text for text in found["shown"]["sessions"]), "the logs were not read"
    assert set(found["shown"]) > {"overview", "sharing", "accounts", "settings", "glance", "menu"}


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="an empty network namespace needs root")
def test_without_any_network_everything_works(machine: Machine) -> None:
    """Not even the loopback device is up there."""
    empty = ("unshare", "--net")
    if subprocess.run([*empty, "true"], capture_output=True).returncode:
        pytest.skip("no network namespaces here")
    assert quietly(machine, "tokenpal", "scan", before=empty).code == 0
    done = quietly(machine, "tokenpal", "report", "--by", "agent", "--json", before=empty)
    assert json.loads(done.out)["total"]["requests"] == 6


def test_the_packet_opens_no_socket_even_with_an_account(machine: Machine, provider_server: ProviderServer) -> None:
    added = machine.run(
        "accounts", "add", "openai", "--name", "work", "--base-url", provider_server.url("openai"), stdin=f"{KEYS['openai']}\n"
    )
    assert added.code == 0, added.err
    before = len(provider_server.requests())
    for words in (["share", "preview"], ["scan"], ["report"], []):
        assert quietly(machine, "tokenpal", *words).code == 0
    assert len(provider_server.requests()) == before
    with pytest.raises(AssertionError, match="asked for an internet socket"):  # so the filter would have noticed
        quietly(machine, "tokenpal", "poll")


def test_nothing_listens_until_the_receiver_is_switched_on(machine: Machine) -> None:
    """The app of the test above has it off, as everybody has at first; with it on the filter notices."""
    machine.profile.mkdir(exist_ok=True)
    (machine.profile / "settings.toml").write_text("[receiver]\non = true\n")
    with pytest.raises(AssertionError, match="asked for an internet socket"):
        quietly(machine, "tests.whole_app", SCANS="2")
