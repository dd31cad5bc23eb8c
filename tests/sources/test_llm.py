"""The llm tool: every rule of agent-logs 7.7 on the project's own cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources import own_cases
from tokenpal.sources import llm


@pytest.mark.parametrize("name", own_cases.names("llm"))
def test_case(name: str) -> None:
    own_cases.check_at_once(llm, "llm", name)


def test_roots(tmp_path: Path) -> None:
    places = [".config", "Library/Application Support", "AppData/Roaming"]
    assert llm.roots(tmp_path, {}) == tuple(tmp_path / place / "io.datasette.llm" for place in places)
    moved = {"LLM_USER_PATH": str(tmp_path / "a"), "APPDATA": str(tmp_path / "w"), "XDG_CONFIG_HOME": str(tmp_path / "x")}
    assert {path.parent.name for path in llm.roots(tmp_path, moved)} >= {"w", "x"}
    assert llm.roots(tmp_path, moved)[0] == tmp_path / "a"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", ["calls", "generations"])
def test_rows_in_any_order(name: str, seed: int, tmp_path: Path) -> None:
    own_cases.check_rows_growing(llm, "llm", name, seed, tmp_path)
