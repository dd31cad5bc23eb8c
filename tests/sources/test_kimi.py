"""Kimi: every rule of agent-logs 7.3 on the project's own cases, and what files cannot show."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.sources import own_cases
from tests.sources.reference import Ledger, scan
from tokenpal.sources import kimi

AGENT = "kimi"


@pytest.mark.parametrize("name", own_cases.names(AGENT))
def test_case(name: str) -> None:
    own_cases.check_at_once(kimi, AGENT, name)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", own_cases.names(AGENT))
def test_case_in_any_order_and_in_pieces(name: str, seed: int, tmp_path: Path) -> None:
    own_cases.check_growing(kimi, AGENT, name, seed, tmp_path)


def test_roots(tmp_path: Path) -> None:
    assert kimi.roots(tmp_path, {}) == (tmp_path / ".kimi-code", tmp_path / ".kimi")
    moved = {"KIMI_CODE_HOME": str(tmp_path / "new"), "KIMI_SHARE_DIR": str(tmp_path / "old"), "KIMI_DATA_DIR": str(tmp_path / "x")}
    assert [path.name for path in kimi.roots(tmp_path, moved)] == ["new", "old", "x", ".kimi-code", ".kimi"]


@pytest.mark.parametrize("first", [".kimi", ".kimi-code"])
def test_the_upgrade_copies_sessions_and_leaves_the_old_ones(first: str, tmp_path: Path) -> None:
    """Read before or after the upgrade, in whatever order: what was copied counts once, in the new home."""
    whole = own_cases.DATA / AGENT / "both-homes"
    shutil.copytree(whole / ".kimi", tmp_path / ".kimi")
    ledger = Ledger(kimi)
    scan(ledger, tmp_path / ".kimi")
    assert ledger.tokens().fresh_input == 109
    shutil.copytree(whole / ".kimi-code", tmp_path / ".kimi-code")
    for name in (first, ".kimi-code", ".kimi", ".kimi"):
        count = scan(ledger, tmp_path / name)
    assert count == 0, "nothing changed, so nothing is read"
    own_cases.check(ledger, AGENT, "both-homes")


def test_a_session_copied_as_it_is(tmp_path: Path) -> None:
    old = own_cases.DATA / AGENT / "both-homes" / ".kimi" / "sessions" / "h" / "s-1" / "wire.jsonl"
    for layout in ("a/.kimi/sessions/h/s-1", "b/.kimi-code/sessions/wd_x_1/session_s-1/agents/main"):
        (tmp_path / layout).mkdir(parents=True)
        shutil.copy2(old, tmp_path / layout)
    ledger = Ledger(kimi)
    for root in ("a/.kimi", "b/.kimi-code", "a/.kimi"):
        scan(ledger, tmp_path / root)
    assert ledger.tokens().fresh_input == 100
