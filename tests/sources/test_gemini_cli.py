"""Gemini CLI: every rule of agent-logs 5 on the project's own cases, and what files cannot show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sources import own_cases
from tests.sources.reference import LATER, Ledger, scan
from tokenpal.sources import gemini_cli

AGENT = "gemini-cli"


@pytest.mark.parametrize("name", own_cases.names(AGENT))
def test_case(name: str) -> None:
    own_cases.check_at_once(gemini_cli, AGENT, name)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", own_cases.names(AGENT))
def test_case_in_any_order_and_in_pieces(name: str, seed: int, tmp_path: Path) -> None:
    own_cases.check_growing(gemini_cli, AGENT, name, seed, tmp_path)


def test_roots(tmp_path: Path) -> None:
    assert gemini_cli.roots(tmp_path, {}) == (tmp_path / ".gemini",)
    moved = {"GEMINI_CLI_HOME": str(tmp_path / "moved"), "GEMINI_DATA_DIR": f"{tmp_path / 'a'}, {tmp_path / 'b'}"}
    assert set(gemini_cli.roots(tmp_path, moved)) == {tmp_path / "a", tmp_path / "b", tmp_path / "moved" / ".gemini", tmp_path / ".gemini"}
    assert gemini_cli.roots(tmp_path, {"GEMINI_CLI_HOME": str(tmp_path)}) == (tmp_path / ".gemini",)


def test_another_program_in_the_same_folder_is_not_read(tmp_path: Path) -> None:
    other = tmp_path / ".gemini" / "antigravity" / "chats"
    other.mkdir(parents=True)
    (other / "x.json").write_text(json.dumps({"messages": [{"id": "a", "tokens": {"input": 5, "output": 1}}]}))
    ledger = Ledger(gemini_cli)
    assert scan(ledger, tmp_path / ".gemini") == 0


def test_a_document_that_grows_is_read_again_and_never_shrinks(tmp_path: Path) -> None:
    def document(count: int) -> str:
        return json.dumps({"sessionId": "s", "messages": [{"id": f"g{n}", "tokens": {"input": 10, "output": n}} for n in range(count)]})

    log = tmp_path / "tmp" / "p" / "chats" / "session.json"
    log.parent.mkdir(parents=True)
    ledger = Ledger(gemini_cli)
    for count, seen in ((1, 1), (3, 3), (2, 3)):
        log.write_text(document(count))
        scan(ledger, tmp_path)
        assert len(ledger.counted()) == seen
    log.write_text(document(9)[:60])  # half written: what was read is kept, and nothing is said while it is fresh
    scan(ledger, tmp_path, now=int(log.stat().st_mtime))
    assert (len(ledger.counted()), ledger.problems) == (3, [])
    scan(ledger, tmp_path, now=LATER)
    assert [problem.reason for problem in ledger.problems] == ["is not complete JSON; what was read before is kept"]
