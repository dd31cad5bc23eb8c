"""The project's own cases of the agents that write documents, running totals or databases, and those of Pi's family.

Every rule of agent-logs 7.5, 7.6, 7.8 and 8 has a case; each is read at once, line by line, growing in any order, and by the
real scanner into the real store.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources import own_cases
from tokenpal.sources import registry

AGENTS = (
    "amp", "cline", "cline-cli", "codebuff", "crush", "droid", "grok", "hermes", "kilo-code", "omp", "openclaw", "pi", "roo-code", "zed",
)  # fmt: skip
CASES = [(agent, name) for agent in AGENTS for name in own_cases.names(agent)]


@pytest.mark.parametrize(("agent", "name"), CASES)
def test_case(agent: str, name: str) -> None:
    own_cases.check_at_once(registry.sources()[agent], agent, name)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("agent", "name"), CASES)
def test_case_in_any_order_and_in_pieces(agent: str, name: str, seed: int, tmp_path: Path) -> None:
    own_cases.check_growing(registry.sources()[agent], agent, name, seed, tmp_path)
