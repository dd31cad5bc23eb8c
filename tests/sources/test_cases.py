"""Conformance over the collected cases (decisions 3 and 9): only where TOKENPAL_CASES names the folder."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.sources.reference import Ledger, line_by_line, scan, totals
from tokenpal.model.usage import UsageRecord
from tokenpal.sources.base import Source
from tokenpal.sources.registry import sources

CASES = Path(os.environ.get("TOKENPAL_CASES", ""))
HERE = bool(os.environ.get("TOKENPAL_CASES")) and CASES.is_dir()
pytestmark = pytest.mark.skipif(not HERE, reason="TOKENPAL_CASES does not name the folder of collected cases; the project's own cover the rules")

AGENTS = {name: name for name in (
    "amp", "claude-code", "cline-cli", "codebuff", "codex", "copilot-cli", "crush", "droid", "gemini-cli", "goose", "grok", "hermes",
    "kilo", "kimi", "openclaw", "opencode", "pi", "qwen-code", "zed",
)} | {"roo-cline": "roo-code"}  # fmt: skip
"""Folder of cases -> id of the source that reads them."""

LAYOUT: dict[str, tuple[str, ...]] = {
    "claude-code": ("claude-config",), "cline-cli": ("cline-data/sessions", "cline-data"), "codex": ("codex-home", "codex"),
    "copilot-cli": ("copilot-home",), "gemini-cli": ("gemini-home/.gemini",), "goose": ("goose",),
    "grok": ("grok-home",), "hermes": ("hermes",), "kilo": ("kilo-data",), "kimi": ("kimi-code-home",), "openclaw": ("openclaw",),
    "opencode": ("opencode-data",), "pi": ("pi-home/.pi/agent",), "qwen-code": ("qwen-home/.qwen",), "roo-cline": ("globalStorage",),
    "zed": ("zed",),
}  # fmt: skip
"""Where in a case the agent's root is: the first that exists, else the case's own folder."""

STDOUT = {  # what the agent printed, kept by hand: no logs, read by ``tokenpal import`` (decisions 3)
    "claude-code/tokscale-headless-json", "claude-code/tokscale-headless-stream", "codex/ccusage-exec-json-stdout",
    "gemini-cli/tokscale-headless-json", "gemini-cli/tokscale-headless-stream", "gemini-cli/tokscale-headless-cached-over",
}  # fmt: skip
APART = {"claude-code/composed-append-steps", "codex/ccusage-compaction-bounded-day"}
NOT_TOKENS = {"cost_usd", "since_2026-09-02", "after_step"}
OURS: dict[str, dict[str, Any]] = {
    # No totals are given. Each block's output is the sum of its own leg's messages, so blocks are added (agent-logs 7.1.2).
    "copilot-cli/splitrail-two-shutdowns": {"events": 2, "fresh_input": 500_000, "cache_read": 6_500_000, "output_incl_reasoning": 4600},
    # The attribute with the total that the peer speaks of is not in the file: reasoning is inside output (agent-logs 2.1).
    "copilot-cli/ccusage-reasoning-separate": {"events": 1, "fresh_input": 90, "cache_read": 10, "output_incl_reasoning": 50, "reasoning_subset": 5},
    "droid/ccusage-sidecar-model": {"models": {"claude-opus-4-5-thinking"}},
}
"""What we find where the collection gives no totals, and why."""


def names() -> list[str]:
    if not HERE:
        return ["none"]
    found = [f"{agent}/{case.name}" for agent in AGENTS for case in sorted((CASES / agent).iterdir()) if case.is_dir()]
    return [name for name in found if name not in STDOUT | APART]


def source_of(name: str) -> Source:
    """The source of a case."""
    return sources()[AGENTS[name.partition("/")[0]]]


def expected(name: str) -> dict[str, Any]:
    found = json.loads((CASES / name / "expected.json").read_text())
    return found["tokenpal_totals"] if "tokenpal_totals" in found else OURS[name]


def laid_out(name: str, to: Path) -> Path:
    """A copy of the case without what is ours in it; the root a person would name for it."""
    shutil.copytree(CASES / name, to, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.json"))
    for sub in LAYOUT.get(name.partition("/")[0], ()):
        if (to / sub).is_dir():
            return to / sub
    return to


def normal(records: Sequence[UsageRecord]) -> dict[str, Any]:
    """Our totals in every word that ``expected.json`` uses."""
    found = dict(totals(records))
    output, reasoning = found["output_incl_reasoning"], found["reasoning_subset"]
    return found | {
        "fresh_input_peer": found["fresh_input"], "reasoning": reasoning, "thinking": reasoning, "output": output,
        "output_peer": {output, output - reasoning},  # the peer does not say whether reasoning is inside
        "total_aiu": round(found["recorded_cost_usd"] * 100, 9), "models": {record.model for record in records},
    }  # fmt: skip


def compare(records: Sequence[UsageRecord], want: dict[str, Any], where: str) -> None:
    """Flat totals, or totals by session, day or model."""
    found = normal(records)
    if where.startswith("goose/"):  # what its total has beyond input and output is kept apart (agent-logs 7.4)
        found["input_incl_cached"] -= sum(record.tokens.cache_write_other for record in records)
    for key, value in want.items():
        if key in NOT_TOKENS:
            continue
        if isinstance(value, dict):
            part = key.partition(" ")[0]
            inside = [r for r in records if part in {r.session.partition(":")[2], f"{datetime.fromtimestamp(r.at, UTC):%Y-%m-%d}", r.model}]
            compare(records if key == "by_thread" else inside, value, f"{where} {key}")
        elif isinstance(found[key], set) and not isinstance(value, set):
            assert value in found[key], f"{where}: {key}"
        else:
            assert found[key] == value, f"{where}: {key} of {found}"


def check(name: str, ledger: Ledger) -> None:
    compare(ledger.counted(), expected(name), name)


@pytest.mark.parametrize("name", names())
def test_case_read_at_once(name: str, tmp_path: Path) -> None:
    ledger = Ledger(source_of(name))
    root = laid_out(name, tmp_path / "case")
    scan(ledger, root)
    check(name, ledger)
    assert scan(ledger, root) == 0, "nothing changed, so nothing is read"
    check(name, ledger)


@pytest.mark.parametrize("name", names())
def test_case_line_by_line(name: str, tmp_path: Path) -> None:
    ledger = Ledger(source_of(name))
    scan(ledger, laid_out(name, tmp_path / "case"), split=line_by_line)
    check(name, ledger)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", names())
def test_case_arriving_in_any_order_and_in_random_pieces(name: str, seed: int, tmp_path: Path) -> None:
    """Lines are appended in pieces of any size; documents and databases come whole, at any moment."""
    ledger = Ledger(source_of(name))
    whole = laid_out(name, tmp_path / "whole")
    root = tmp_path / "growing"
    shutil.copytree(whole, root, ignore=lambda folder, entries: [e for e in entries if (Path(folder) / e).is_file()])
    chance = random.Random(f"{name} {seed}")
    files = sorted(path for path in whole.rglob("*") if path.is_file())
    chance.shuffle(files)
    growing = [path for path in files if path.suffix == ".jsonl"]
    twins = len({path.name for path in growing}) < len(growing) and name.startswith(("claude-code/", "codex/"))
    left = {path: path.read_bytes() for path in files}
    if twins or name.startswith(("claude-code/", "codex/")):
        # Twins (plain and archived, plain and compressed) arrive whole and in their usual order: what a name means depends on both.
        for path in files:
            if twins or path not in growing:
                shutil.copy2(path, root / path.relative_to(whole))
                del left[path]
    clock = 4_000_000_000
    while left:
        path = chance.choice(list(left)) if chance.random() < 0.5 else next(iter(left))
        target = root / path.relative_to(whole)
        count = chance.choice([1, 7, 200, 5_000, len(left[path])]) if path in growing else len(left[path])
        with target.open("ab") as file:
            file.write(left[path][:count])
        left[path] = left[path][count:]
        if not left[path]:
            del left[path]
        if chance.random() < 0.4:
            scan(ledger, root, now=int(target.stat().st_mtime))
    scan(ledger, root, now=clock)
    check(name, ledger)
    fresh = Ledger(source_of(name))
    scan(fresh, root, now=clock)
    check(name, fresh)
    scan(ledger, root, now=clock)
    check(name, ledger)


def test_every_agent_of_the_collection_has_a_source() -> None:
    assert {path.name for path in CASES.iterdir() if path.is_dir()} == set(AGENTS)


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
