"""A machine with nothing on it, and one with two agents' logs that were scanned."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.runner import Machine, codex_lines, response, write_claude, write_codex

THREAD = "0197aaaa-0000-7000-8000-000000000001"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "home", tmp_path / "profile")


def fill(home: Path) -> None:
    """Four responses: two sessions of Claude Code on 19 and 20 November 2026, one of Codex, one model without a price."""
    cache = {"cache_creation_input_tokens": 1200, "cache_read_input_tokens": 35_000}
    split = {"cache_creation": {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 200}}
    write_claude(
        home,
        "one",
        [
            response("11111111-aaaa", 1, "2026-11-19T23:30:00.000Z", branch="feature/PAY-142-retry", **cache, **split),  # type: ignore[arg-type]  # nested
            response("11111111-aaaa", 2, "2026-11-20T00:30:00.000Z", branch="feature/PAY-142-retry"),
        ],
    )
    write_claude(home, "two", [response("22222222-bbbb", 1, "2026-11-20T10:00:00.000Z", "made-up-model", cwd="/nowhere/löwe")])
    write_codex(home, THREAD, codex_lines(THREAD, "2026-11-20T12:00:00.000Z"))


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Scanned once; tests work on copies."""
    folder = tmp_path_factory.mktemp("scanned")
    machine = Machine(folder / "home", folder / "profile")
    fill(machine.home)
    done = machine.run("scan")
    assert done.code == 0, done.err
    return machine


@pytest.fixture
def filled(scanned: Machine, machine: Machine) -> Machine:
    shutil.copytree(scanned.home, machine.home, dirs_exist_ok=True)
    shutil.copytree(scanned.profile, machine.profile)
    return machine
