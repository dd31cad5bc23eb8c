"""Conformance over the collected cases (decisions 3 and 9): only where TOKENPAL_CASES names the folder."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.sources.reference import Ledger, line_by_line, scan, totals
from tokenpal.sources.registry import sources

CASES = Path(os.environ.get("TOKENPAL_CASES", ""))
HERE = bool(os.environ.get("TOKENPAL_CASES")) and CASES.is_dir()
pytestmark = pytest.mark.skipif(not HERE, reason="TOKENPAL_CASES does not name the folder of collected cases; the project's own cover the rules")

STDOUT = {"claude-code/tokscale-headless-json", "claude-code/tokscale-headless-stream", "codex/ccusage-exec-json-stdout"}
APART = {"claude-code/composed-append-steps", "codex/ccusage-compaction-bounded-day"}
NOT_TOKENS = {"cost_usd", "since_2026-09-02", "after_step"}


def names() -> list[str]:
    if not HERE:
        return ["none"]
    found = [f"{agent}/{case.name}" for agent in ("claude-code", "codex") for case in sorted((CASES / agent).iterdir()) if case.is_dir()]
    return [name for name in found if name not in STDOUT | APART]


def expected(name: str) -> dict[str, Any]:
    return json.loads((CASES / name / "expected.json").read_text())["tokenpal_totals"]


def laid_out(name: str, to: Path) -> Path:
    """A copy of the case; the root a person would name for it."""
    shutil.copytree(CASES / name, to, dirs_exist_ok=True)
    for sub in ("claude-config", "codex-home", "codex"):
        if (to / sub).is_dir():
            return to / sub
    return to


def check(name: str, ledger: Ledger) -> None:
    found = totals(ledger.counted())
    want = expected(name)
    assert {key: found[key] for key in want if key not in NOT_TOKENS} == {key: value for key, value in want.items() if key not in NOT_TOKENS}


@pytest.mark.parametrize("name", names())
def test_case_read_at_once(name: str, tmp_path: Path) -> None:
    root = laid_out(name, tmp_path / "case")
    ledger = Ledger(sources()[name.partition("/")[0]])
    scan(ledger, root)
    check(name, ledger)
    assert scan(ledger, root) == 0, "nothing changed, so nothing is read"
    check(name, ledger)


@pytest.mark.parametrize("name", names())
def test_case_line_by_line(name: str, tmp_path: Path) -> None:
    root = laid_out(name, tmp_path / "case")
    ledger = Ledger(sources()[name.partition("/")[0]])
    scan(ledger, root, split=line_by_line)
    check(name, ledger)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", names())
def test_case_arriving_in_any_order_and_in_random_pieces(name: str, seed: int, tmp_path: Path) -> None:
    whole = laid_out(name, tmp_path / "whole")
    root = tmp_path / "growing"
    shutil.copytree(whole, root, ignore=lambda folder, entries: [e for e in entries if (Path(folder) / e).is_file()])
    chance = random.Random(f"{name} {seed}")
    ledger = Ledger(sources()[name.partition("/")[0]])
    # Twins (plain and archived, plain and compressed) arrive whole and in their usual order: what a name means depends on both.
    files = sorted(path for path in whole.rglob("*") if path.is_file() and path.name != "expected.json")
    chance.shuffle(files)
    growing = [path for path in files if path.suffix == ".jsonl"]
    for path in files:
        if path not in growing:
            shutil.copy2(path, root / path.relative_to(whole))
    twins = len({path.name for path in growing}) < len(growing)
    left = {path: path.read_bytes() for path in growing}
    if twins:
        for path, data in left.items():
            (root / path.relative_to(whole)).write_bytes(data)
        left = {}
    clock = 4_000_000_000
    while left:
        path = chance.choice(list(left)) if chance.random() < 0.5 else next(iter(left))
        count = chance.choice([1, 7, 200, 5_000, len(left[path])])
        with (root / path.relative_to(whole)).open("ab") as file:
            file.write(left[path][:count])
        left[path] = left[path][count:]
        if not left[path]:
            del left[path]
        if chance.random() < 0.4:
            scan(ledger, root, now=int((root / path.relative_to(whole)).stat().st_mtime))
    scan(ledger, root, now=clock)
    check(name, ledger)


def test_appended_and_replaced(tmp_path: Path) -> None:
    """The file of step 4 is a shorter one: a ledger keeps the events it has (decisions 3)."""
    case = CASES / "claude-code/composed-append-steps"
    want = dict(json.loads((case / "expected.json").read_text())["tokenpal_totals"]["after_step"])
    want["4"] = {"events": 3, "cache_read": 600, "output_incl_reasoning": 21}
    ledger = Ledger(sources()["claude-code"])
    log = tmp_path / "projects" / "p" / "s.jsonl"
    log.parent.mkdir(parents=True)
    for step in ("1", "2", "3", "4"):
        log.write_bytes((case / f"step{step}" / "projects" / "p" / "s.jsonl").read_bytes())
        scan(ledger, tmp_path, now=int(log.stat().st_mtime))
        found = totals(ledger.counted())
        assert {key: found[key] for key in want[step]} == want[step], f"step {step}"


def test_a_day_is_cut_out_after_forks_are_resolved(tmp_path: Path) -> None:
    root = laid_out("codex/ccusage-compaction-bounded-day", tmp_path / "case")
    ledger = Ledger(sources()["codex"])
    scan(ledger, root)
    since = 1_788_307_200  # 2026-09-02, UTC
    assert totals(record for record in ledger.counted() if record.at >= since)["total"] == 110
