"""Exactness on made-up logs of known truth: every trap alone, all together, at once and growing (performance 8)."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.benchmarks.corpus import TRAPS, Corpus, make
from tests.sources.reference import LATER, Ledger, scan
from tokenpal.sources import registry

AGENTS = ("claude-code", "codex")


def rows(agent: str, ledger: Ledger) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for record in ledger.counted():
        row = found.setdefault(f"{agent} {datetime.fromtimestamp(record.at, UTC):%Y-%m-%d} {record.model}", [0] * 7)
        for index, count in enumerate(msgspec.structs.astuple(record.tokens)):
            row[index] += count
    return found


def check(corpus: Corpus, agent: str, ledger: Ledger) -> None:
    assert rows(agent, ledger) == {name: row for name, row in corpus.truth.rows.items() if name.startswith(agent)}
    assert len(ledger.counted()) == corpus.truth.calls[agent]


def small(folder: Path, traps: frozenset[str], seed: int = 1, size: float = 1.0) -> Corpus:
    return make(folder, claude_mb=size, codex_mb=size, seed=seed, traps=traps, small_files=True)


@pytest.mark.parametrize("trap", [*TRAPS, "none", "all"])
def test_totals_are_exact(trap: str, tmp_path: Path) -> None:
    traps = frozenset(TRAPS) if trap == "all" else frozenset(TRAPS) & {trap} | ({"sub-agents"} if trap in {"replays", "nested"} else set())
    corpus = small(tmp_path, traps)
    for agent, root in zip(AGENTS, (corpus.claude, corpus.codex), strict=True):
        ledger = Ledger(registry.sources()[agent])
        scan(ledger, root)
        check(corpus, agent, ledger)
        assert not ledger.problems


@pytest.mark.parametrize("seed", range(4))
def test_a_cold_scan_is_a_cold_scan_and_appends(seed: int, tmp_path: Path) -> None:
    """Files come in any order, grow in pieces of any size, and are scanned in between: the totals are the same."""
    corpus = small(tmp_path / "whole", frozenset(TRAPS), seed=seed + 10, size=0.6)
    chance = random.Random(seed)
    for agent, whole in zip(AGENTS, (corpus.claude, corpus.codex), strict=True):
        root = tmp_path / "growing" / whole.name
        left = {root / path.relative_to(whole): path.read_bytes() for path in whole.rglob("*.jsonl")}
        ledger = Ledger(registry.sources()[agent])
        memory: dict[str, Any] = {}
        step = 0
        while left:
            for path in chance.sample(sorted(left), min(len(left), 5)):
                path.parent.mkdir(parents=True, exist_ok=True)
                count = chance.choice([1, 3_000, 40_000, len(left[path])])
                with path.open("ab") as file:
                    file.write(left[path][:count])
                left[path] = left[path][count:]
                if not left[path]:
                    del left[path]
            step += 1
            scan(ledger, root, now=LATER if step % 7 == 0 else 0, full=step % 3 == 0, memory=memory)
        scan(ledger, root, memory=memory)
        check(corpus, agent, ledger)
