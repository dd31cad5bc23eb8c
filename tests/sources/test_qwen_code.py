"""Qwen Code: every rule of agent-logs 7.2 on the project's own cases, and what files cannot show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources import own_cases
from tests.sources.reference import Ledger, scan
from tokenpal.sources import qwen_code

AGENT = "qwen-code"


@pytest.mark.parametrize("name", own_cases.names(AGENT))
def test_case(name: str) -> None:
    own_cases.check_at_once(qwen_code, AGENT, name)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", own_cases.names(AGENT))
def test_case_in_any_order_and_in_pieces(name: str, seed: int, tmp_path: Path) -> None:
    own_cases.check_growing(qwen_code, AGENT, name, seed, tmp_path)


def test_roots(tmp_path: Path) -> None:
    assert qwen_code.roots(tmp_path, {}) == (tmp_path / ".qwen",)
    assert set(qwen_code.roots(tmp_path, {"QWEN_DATA_DIR": f"{tmp_path / 'a'},{tmp_path / '.qwen'}"})) == {tmp_path / "a", tmp_path / ".qwen"}


def test_settings_are_no_sessions(tmp_path: Path) -> None:
    chats = tmp_path / ".qwen" / "other" / "chats"
    chats.mkdir(parents=True)
    (chats / "x.jsonl").write_text('{"usageMetadata":{"promptTokenCount":5}}\n')
    assert scan(Ledger(qwen_code), tmp_path / ".qwen") == 0
