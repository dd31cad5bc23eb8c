"""OpenCode and Kilo CLI: every rule of agent-logs 6 on the project's own cases, and what files at rest cannot show."""

from __future__ import annotations

import pytest

from tests.sources import own_cases
from tokenpal.sources.registry import sources

CASES = [(agent, name) for agent in ("opencode", "kilo") for name in own_cases.names(agent)]


@pytest.mark.parametrize(("agent", "name"), CASES)
def test_case(agent: str, name: str) -> None:
    own_cases.check_at_once(sources()[agent], agent, name)
