"""Exports of other trackers and captured output of agents: recognised by content, counted once, the classes told apart."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as some

from tokenpal.model.errors import UsageError
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain, Item, Problem, Quality, UsageRecord
from tokenpal.sources import imported
from tokenpal.sources.imported.base import File, Row
from tokenpal.sources.lenient import document

DATA = Path(__file__).parent.parent / "data"
CASES = Path(os.environ.get("TOKENPAL_CASES", ""))
AT = 1_791_000_000
FILE = File("x", AT, 7)


def read(path: Path) -> tuple[str, list[Item]]:
    """As the importer does, by content."""
    data = path.read_bytes()
    whole = document(data)
    lines = [document(line) for line in data.splitlines() if line.strip()]
    if whole is not None:
        kind = imported.of_document(whole)
        assert kind is not None
        return kind.SAID.id, list(kind.read_document(whole, FILE))
    kind = imported.of_rows([line for line in lines if isinstance(line, dict)])
    assert kind is not None
    return kind.SAID.id, list(kind.read_rows((Row(n, line) for n, line in enumerate(lines, 1) if isinstance(line, dict)), FILE))


def records(items: list[Item]) -> list[UsageRecord]:
    found = [item for item in items if isinstance(item, UsageRecord)]
    assert len({record.key for record in found}) == len(found), "two records of one file have one key"
    return found


def sample(name: str) -> tuple[str, list[UsageRecord]]:
    folder = "imported" if name.endswith(".json") else "import-files"
    format_, items = read(DATA / folder / name)
    assert not [item for item in items if isinstance(item, Problem)]
    return format_, records(items)


def by(found: list[UsageRecord]) -> dict[tuple[str, str, str], Tokens]:
    assert all(r.grain is Grain.DAY and r.quality is Quality.AGGREGATE and r.at % 86_400 == 0 for r in found)
    return {(r.session.rpartition(":")[2], r.provider, r.model): r.tokens for r in found}


SONNET = "claude-sonnet-4-5-20250929"


def test_ccusage() -> None:
    format_, found = sample("ccusage-daily.json")
    assert format_ == "ccusage"
    assert by(found) == {
        ("2026-10-01", "anthropic", SONNET): Tokens(100, 40_000, 0, 0, 300, 2000),
        ("2026-10-01", "anthropic", "claude-haiku-4-5-20251001"): Tokens(10, 4000, 0, 0, 30, 200),
        ("2026-10-02", "anthropic", SONNET): Tokens(5, 500, 0, 0, 0, 50),
    }
    assert by(sample("ccusage-agents.json")[1]) == {
        ("2026-10-03", "openai", "gpt-5.2-codex"): Tokens(20, 40, output=5), ("2026-10-03", "anthropic", "claude-opus-4-6"): Tokens(10, 30, output=4),
    }  # fmt: skip
    assert by(sample("ccusage-codex.json")[1]) == {("2026-10-04", "openai", "gpt-5.2-codex"): Tokens(200, 800, output=60, reasoning=25)}


def test_a_report_by_project_is_the_same_use_as_the_plain_one() -> None:
    plain = {r.key: r.tokens for r in sample("ccusage-daily.json")[1]}
    (projects,) = sample("ccusage-projects.json")[1]
    assert plain[projects.key] == projects.tokens


def test_tokscale() -> None:
    format_, found = sample("tokscale-graph.json")
    assert format_ == "tokscale"
    assert by(found) == {
        ("2026-10-05", "anthropic", "claude-sonnet-4-5"): Tokens(15, 400, 0, 0, 10, 50),
        ("2026-10-05", "google", "gemini-2.5-pro"): Tokens(15, 300, output=40, reasoning=30),
        ("2026-10-06", "openai", "gpt-5.2-codex"): Tokens(100, 350, output=20),
    }
    assert [record.requests for record in found] == [3, 2, 3]


def test_codeburn() -> None:
    found = sample("codeburn-records.json")[1]
    assert [(r.session, r.model, r.provider, r.requests, r.folder, r.sub_agent) for r in found] == [
        ("imported:codeburn:s-1", SONNET, "anthropic", 1, "/home/ada/shop", False),
        ("imported:codeburn:s-1", SONNET, "anthropic", 0, "/home/ada/shop", False),
        ("imported:codeburn:s-2", "gpt-5.2-codex", "openai", 1, "/home/ada/lab", True),
    ]
    assert found[0].tokens == Tokens(4, 9000, 0, 0, 300, 120, 20)
    assert all(record.money == () for record in found), "a price in euros by somebody else's table is no money of ours"


@pytest.mark.parametrize(("name", "twin"), [("codeburn-records.csv", "codeburn-records.json")])
def test_the_tables_are_the_same_use_as_the_json(name: str, twin: str) -> None:
    import csv

    with (DATA / "import-files" / name).open(newline="") as file:
        table = csv.DictReader(file)
        kind = imported.of_table(table.fieldnames or ())
        assert kind is not None
        found = records(list(kind.read_table((Row(n, row) for n, row in enumerate(table, 2)), FILE)))
    wanted = {record.key: record.tokens for record in sample(twin)[1] if record.requests != 0}
    assert {record.key: record.tokens for record in found} == wanted


def test_claude_output() -> None:
    format_, found = sample("claude-result.json")
    assert format_ == "claude-output"
    assert {r.model: r.tokens for r in found} == {
        "claude-haiku-4-5-20251001": Tokens(28, output=2), "claude-opus-4-6": Tokens(5, 900, 0, 0, 300, 70, 11),
    }  # fmt: skip
    assert {(r.session, r.at, r.provider) for r in found} == {("imported:claude-output:3f0e7a52-0000-4000-8000-000000000001", AT - AT % 60, "anthropic")}
    found = sample("claude-stream.jsonl")[1]
    assert [(r.model, r.tokens, r.sub_agent) for r in found] == [
        ("claude-opus-4-6", Tokens(3, 100, 0, 0, 20, 40), False), ("claude-haiku-4-5", Tokens(9, output=5), True),
    ]  # fmt: skip
    found = sample("claude-stream-result.jsonl")[1]
    assert {r.model: r.tokens for r in found} == {"claude-opus-4-6": Tokens(3, 100, 0, 0, 20, 44), "claude-haiku-4-5": Tokens(9, output=6)}, "the result tells all"
    found = sample("claude-raw.jsonl")[1]
    assert [(r.tokens, r.at) for r in found] == [(Tokens(200, 20, 0, 0, 5, 80), 1_790_812_800), (Tokens(1, output=2), AT)]


def test_codex_and_gemini_output() -> None:
    format_, (record,) = sample("codex-exec.jsonl")
    assert (format_, record.tokens, record.session) == ("codex-output", Tokens(315, 24_448, output=122, reasoning=64), "imported:codex-output:0199-a")
    format_, (record,) = sample("gemini-result.json")
    assert (format_, record.tokens, record.requests) == ("gemini-output", Tokens(3676, 21_263, output=174, reasoning=154), 2)
    (record,) = sample("gemini-stream.jsonl")[1]
    assert (record.tokens, record.model, record.at % 60) == (Tokens(70, 30, output=150, reasoning=100), "gemini-2.5-flash", 0)


@pytest.mark.parametrize("document_", [
    {"type": "monthly", "data": []}, {"monthly": [{"month": "2026-10", "inputTokens": 1}]}, {"sessions": [{"sessionId": "x", "inputTokens": 1}]}, {"blocks": [{"inputTokens": 1}]},
    {"entries": [], "totalInput": 1}, {"models": [], "daily": [{"date": "2026-10-05", "tokens": {"input": 1}}]}, {"schema": "codeburn.export.v2", "periods": []},
])  # fmt: skip
def test_reports_without_days_or_models_are_refused_with_what_to_do(document_: Any) -> None:
    """What names no model cannot be set against logs: it would count twice."""
    with pytest.raises(UsageError, match=r"does not tell days|without models") as caught:
        imported.of_document(document_)
    assert caught.value.next_step
    with pytest.raises(UsageError, match="without models"):
        imported.of_table(["Period", "Date", "Input Tokens", "Output Tokens"])


def test_a_day_of_several_makers_that_are_not_told_apart_is_left_out() -> None:
    found = {"daily": [{"date": "2026-10-01", "inputTokens": 5, "outputTokens": 1, "modelsUsed": ["gpt-5", "claude-opus-4-6"]},
                       {"date": "2026-10-02", "inputTokens": 5, "outputTokens": 1, "modelsUsed": ["claude-opus-4-6", "claude-haiku-4-5"]}]}  # fmt: skip
    kind = imported.of_document(found)
    assert kind is not None
    record, problem = list(kind.read_document(found, FILE))
    assert isinstance(record, UsageRecord)
    assert (record.model, record.provider, record.tokens) == ("", "anthropic", Tokens(5, output=1))
    assert isinstance(problem, Problem)


def test_an_agents_own_log_is_no_import() -> None:
    with pytest.raises(UsageError, match="transcript"):
        imported.of_rows([{"type": "assistant", "sessionId": "s", "message": {"usage": {}}}])
    with pytest.raises(UsageError, match="session file of Codex"):
        imported.of_rows([{"type": "session_meta", "payload": {}}])


@pytest.mark.parametrize("found", [None, 7, "x", [], {}, [[]], [{}], {"daily": 7}, {"daily": [{"date": "2026-10-01"}]}, {"schema": "x"}, {"stats": 3}])
def test_something_else_is_nobodys(found: Any) -> None:
    assert imported.of_document(found) is None


SCRAP = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=12) | some.sampled_from(["2026-10-01", "result", -5, 1e300, 10**30]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def spoil(data: some.DataObject, found: Any) -> None:
    """Any value anywhere in it becomes another."""
    for _ in range(data.draw(some.integers(1, 4))):
        place: Any = found
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = data.draw(some.sampled_from(keys))
            if isinstance(place[key], dict | list) and data.draw(some.booleans()):
                place = place[key]
                continue
            place[key] = data.draw(SCRAP)
            break


def sensible(items: Iterable[Item]) -> None:
    for item in items:
        if isinstance(item, UsageRecord):
            assert all(0 <= count <= 10**15 for count in msgspec.structs.astuple(item.tokens))
            assert item.tokens.reasoning <= item.tokens.output
            assert item.requests is None or item.requests >= 0


@given(some.data())
def test_broken_figures_are_clamped_and_told(data: some.DataObject) -> None:
    name = data.draw(some.sampled_from(sorted(path.name for path in (DATA / "imported").iterdir())))
    found = json.loads((DATA / "imported" / name).read_text())
    kind = imported.of_document(found)
    assert kind is not None
    spoil(data, found)
    sensible(kind.read_document(found, FILE))
    with suppress(UsageError):
        if (again := imported.of_document(found)) is not None:
            sensible(again.read_document(found, FILE))


@given(some.data())
def test_broken_lines_too(data: some.DataObject) -> None:
    name = data.draw(some.sampled_from(sorted(path.name for path in (DATA / "import-files").glob("*.jsonl"))))
    lines = [json.loads(line) for line in (DATA / "import-files" / name).read_text().splitlines()]
    kind = imported.of_rows(lines)
    assert kind is not None
    spoil(data, lines)
    rows = [Row(number, line) for number, line in enumerate(lines, 1) if isinstance(line, dict)]
    sensible(kind.read_rows(rows, FILE))
    with suppress(UsageError):
        if (again := imported.of_rows([row.found for row in rows])) is not None:
            sensible(again.read_rows(rows, FILE))


STDOUT = ("claude-code/tokscale-headless-json", "claude-code/tokscale-headless-stream", "codex/ccusage-exec-json-stdout", "gemini-cli/tokscale-headless-json",
          "gemini-cli/tokscale-headless-cached-over", "gemini-cli/tokscale-headless-stream")  # fmt: skip


@pytest.mark.skipif(not CASES.name or not CASES.is_dir(), reason="TOKENPAL_CASES does not name the folder of collected cases")
@pytest.mark.parametrize("name", STDOUT)
def test_the_collected_captures(name: str) -> None:
    path = next(path for path in sorted((CASES / name).iterdir()) if path.name != "expected.json")
    wanted = json.loads((CASES / name / "expected.json").read_text())["tokenpal_totals"]
    found = records(read(path)[1])
    total = sum((record.tokens for record in found), Tokens())
    told = {
        "events": len(found), "fresh_input": total.fresh_input, "cache_read": total.cache_read, "output_incl_reasoning": total.output, "reasoning_subset": total.reasoning,
        "cache_write": total.cache_write_5m + total.cache_write_1h + total.cache_write_other, "total": total.total,
    }  # fmt: skip
    assert {key: told[key] for key in wanted} == wanted
