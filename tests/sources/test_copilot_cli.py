"""Copilot CLI: every rule of agent-logs 7.1 on the project's own cases, and what files cannot show."""

from __future__ import annotations

import shutil
from itertools import permutations
from pathlib import Path

import pytest

from tests.sources import own_cases
from tests.sources.reference import Ledger, scan
from tokenpal.sources import copilot_cli

AGENT = "copilot-cli"


@pytest.mark.parametrize("name", own_cases.names(AGENT))
def test_case(name: str) -> None:
    own_cases.check_at_once(copilot_cli, AGENT, name)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", own_cases.names(AGENT))
def test_case_in_any_order_and_in_pieces(name: str, seed: int, tmp_path: Path) -> None:
    own_cases.check_growing(copilot_cli, AGENT, name, seed, tmp_path)


def test_roots(tmp_path: Path) -> None:
    assert copilot_cli.roots(tmp_path, {}) == (tmp_path / ".copilot",)
    moved = {"COPILOT_HOME": str(tmp_path / "moved"), "COPILOT_OTEL_FILE_EXPORTER_PATH": str(tmp_path / "traces" / "one.jsonl")}
    assert copilot_cli.roots(tmp_path, moved) == (tmp_path / "moved", tmp_path / ".copilot", tmp_path / "traces" / "one.jsonl")


def test_places_of_a_session_in_several_roots_in_any_order(tmp_path: Path) -> None:
    """The exporter's file is a root of its own; which place counts does not depend on which root is read first."""
    case = own_cases.DATA / AGENT / "three-places"
    shutil.copytree(case, tmp_path / ".copilot")
    (tmp_path / ".copilot" / "otel" / "a.jsonl").rename(tmp_path / "traces.jsonl")
    for order in ((".copilot", "traces.jsonl"), ("traces.jsonl", ".copilot")):
        ledger = Ledger(copilot_cli)
        for root in order:
            scan(ledger, tmp_path / root)
        own_cases.check(ledger, AGENT, "three-places")


def test_places_of_a_session_file_by_file_in_any_order(tmp_path: Path) -> None:
    case = own_cases.DATA / AGENT / "three-places"
    files = [path for path in sorted(case.rglob("*")) if path.suffix in {".db", ".jsonl"}]
    for number, order in enumerate(permutations(files)):
        root, ledger = tmp_path / str(number), Ledger(copilot_cli)
        root.mkdir()
        for path in order:
            target = root / path.relative_to(case)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
            scan(ledger, root)
        own_cases.check(ledger, AGENT, "three-places")


def test_a_running_session_counts_and_its_shutdown_takes_over(tmp_path: Path) -> None:
    case = own_cases.DATA / AGENT / "cumulative" / "session-state" / "s-1" / "events.jsonl"
    log = tmp_path / "session-state" / "s-1" / "events.jsonl"
    log.parent.mkdir(parents=True)
    ledger, seen = Ledger(copilot_cli), []
    for line in case.read_text().splitlines(keepends=True):
        with log.open("a") as file:
            file.write(line)
        scan(ledger, tmp_path)
        seen.append((ledger.tokens().fresh_input, ledger.tokens().output))
    assert seen == [(0, 0), (0, 50), (70, 50), (70, 80), (190, 84)]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", ["store", "three-places"])
def test_rows_in_any_order(name: str, seed: int, tmp_path: Path) -> None:
    own_cases.check_rows_growing(copilot_cli, "copilot-cli", name, seed, tmp_path)
