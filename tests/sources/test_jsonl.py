"""The open format: a stranger can write it, the schema and the reader agree, a bad line costs only itself."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, strategies as some

from tests.sources.reference import LATER, Ledger, line_by_line, scan
from tokenpal.model.tokens import CLASSES, Tokens
from tokenpal.model.usage import Grain, Origin, Problem, Quality, UsageRecord
from tokenpal.sources import jsonl, usage_lines
from tokenpal.sources.base import Cursor, Line, Piece
from tokenpal.sources.imported import outcomes
from tokenpal.sources.usage_lines import Bad
from tokenpal.system.paths import resource

DATA = Path(__file__).parent.parent / "data" / "jsonl"
SCHEMA = json.loads(resource("formats/usage.schema.json").read_text())
CHECK = jsonschema.Draft202012Validator(SCHEMA)
GOOD = {"is": usage_lines.FORMAT, "id": "a", "at": "2026-11-21T10:00:00Z", "fresh_input": 1}


def read(*lines: Any) -> tuple[list[UsageRecord], list[Problem]]:
    text = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    _, items = jsonl.parse(None, Piece(Cursor("x.jsonl"), [Line(0, line) for line in text], first=True))
    return [i for i in items if isinstance(i, UsageRecord)], [i for i in items if isinstance(i, Problem)]


def test_the_schema_is_one_and_the_page_has_valid_examples() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    page = resource("formats/usage.md").read_text("utf-8")
    examples = [line.strip() for line in page.splitlines() if line.startswith("    {")]
    assert len(examples) >= 2
    for example in examples:
        CHECK.validate(json.loads(example))
        assert read(json.loads(example))[1] == []
    for name in SCHEMA["properties"]:
        assert f"`{name}`" in page, "a field that the page does not explain"
    assert set(CLASSES) <= set(SCHEMA["properties"])


def test_a_stranger_writes_it_with_echo(tmp_path: Path) -> None:
    page = resource("formats/usage.md").read_text("utf-8")
    command = next(line for line in page.splitlines() if line.strip().startswith("echo"))
    (tmp_path / "inbox").mkdir()
    subprocess.run(["sh", "-c", f"{command.strip()}\n{command.strip()}"], cwd=tmp_path, check=True)
    ledger = Ledger(jsonl)
    scan(ledger, tmp_path / "inbox")
    (record,) = ledger.counted()
    assert (record.provider, record.model, record.tokens) == ("openai", "gpt-5", Tokens(1200, output=300))


def test_the_sample_in_any_pieces(tmp_path: Path) -> None:
    whole, parts = Ledger(jsonl), Ledger(jsonl)
    scan(whole, DATA / "two-scripts")
    scan(parts, DATA / "two-scripts", split=line_by_line)
    assert whole.counted() == parts.counted()
    by_id = {record.session: record for record in whole.counted()}
    lab = by_id["jsonl:unnamed:2026-11-20"]
    assert (lab.tokens, lab.requests, lab.money, lab.grain) == (Tokens(80_000, output=9_000), 40, (), Grain.DAY), "the greater revision counts"
    assert whole.tokens() == Tokens(80_019, 35_000, 1200, 0, 0, 9_335, 40)
    assert {record.provider for record in whole.counted()} == {"anthropic", "lab-gateway"}
    assert [(Path(p.source).name, p.position) for p in whole.problems] == [("nightly.jsonl", "line 5"), ("nightly.jsonl", "line 6")]
    assert [(Path(p.source).name, p.position) for p in parts.problems] == [("nightly.jsonl", "line 5"), ("nightly.jsonl", "line 6")]


def test_lines_are_numbered_over_appends(tmp_path: Path) -> None:
    ledger, file = Ledger(jsonl), tmp_path / "a.jsonl"
    file.write_text(json.dumps(GOOD) + "\n\n")
    scan(ledger, tmp_path, now=int(file.stat().st_mtime))
    with file.open("a") as more:
        more.write("[]\r\n" + json.dumps(GOOD | {"id": "b"}) + "\n{}\n")
    scan(ledger, tmp_path)
    assert len(ledger.counted()) == 2
    assert [p.position for p in ledger.problems] == ["line 3", "line 5"]
    assert all("left out" in p.reason for p in ledger.problems)


def test_renaming_a_file_changes_nothing(tmp_path: Path) -> None:
    ledger = Ledger(jsonl)
    shutil.copytree(DATA / "two-scripts", tmp_path / "in")
    scan(ledger, tmp_path / "in")
    before = ledger.counted()
    (tmp_path / "in" / "lab.jsonl").rename(tmp_path / "in" / "lab.1.jsonl")
    scan(ledger, tmp_path / "in", now=LATER)
    assert ledger.counted() == before


BAD = {
    "no id": {"id": None}, "empty id": {"id": "  "}, "no time": {"at": None}, "no zone": {"at": "2026-11-21T10:00:00"}, "bare date": {"at": "2026-11-21"},
    "number as time": {"at": 1_790_000_000}, "nonsense time": {"at": "yesterday"}, "year 9999": {"at": "9999-01-01T00:00:00Z"}, "negative": {"fresh_input": -1},
    "half a token": {"fresh_input": 1.5}, "text": {"output": "12"}, "true": {"output": True}, "absurd": {"output": 10**14}, "list": {"model": ["x"]},
    "grain": {"grain": "week"}, "origin": {"origin": "sure"}, "money": {"money": 3}, "kind": {"money": {"kind": "gold", "amount": "1"}},
    "negative money": {"money": {"kind": "cash", "amount": "-1"}}, "sub_agent": {"sub_agent": "yes"}, "newer": {"is": "tokenpal-usage/2"}, "other": {"is": "x"},
    "too much reasoning": {"output": 1, "reasoning": 2}, "revision": {"revision": -1}, "nothing": {"fresh_input": 0, "requests": 0},
}  # fmt: skip
READER_ONLY = {"too much reasoning", "nonsense time", "year 9999", "negative money"}  # beyond what a schema says


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_costs_only_itself(name: str) -> None:
    line = GOOD | BAD[name]
    records, problems = read(GOOD | {"id": "before"}, line, GOOD | {"id": "after"})
    assert [record.key for record in records] == [usage_lines.record(GOOD | {"id": each}, "jsonl").key for each in ("before", "after")]
    (problem,) = problems
    assert problem.position == "line 2"
    assert not any(str(value) in problem.reason for value in ("yesterday", "gold", "2026-11-21T10:00:00 "))
    if name not in READER_ONLY:
        assert not CHECK.is_valid({key: value for key, value in line.items() if value is not None})


@pytest.mark.parametrize("line", [b"", b"   ", b"\xff\xfe\x00", b"[" * 100_000, b'{"is":', b"null", b'"x"', b'{"is":"tokenpal-usage/1","id":"\xed\xa0\x80","at":"2026-11-21T10:00:00Z","output":1}', b'{"at":NaN}'])
def test_hostile_bytes(line: bytes) -> None:
    records, problems = read(line)
    assert len(records) + len(problems) == (0 if not line.strip() else 1)


counts = some.integers(0, 10**13)
lines = some.fixed_dictionaries(
    {"is": some.just(usage_lines.FORMAT), "id": some.text(some.characters(codec="ascii", categories=["L", "N"]), min_size=1), "at": some.datetimes(
        min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1)).map(lambda at: at.isoformat() + "Z")},
    optional={
        "grain": some.sampled_from(["request", "minute", "hour", "day"]), "provider": some.text(max_size=20), "model": some.text(max_size=20), "fresh_input": counts, "cache_read": counts,
        "cache_write_5m": counts, "cache_write_1h": counts, "cache_write_other": counts, "output": counts, "requests": some.none() | counts, "session": some.text(),
        "folder": some.text(), "branch": some.text(), "sub_agent": some.booleans(), "tier": some.text(), "origin": some.sampled_from(list(Origin)),
        "quality": some.sampled_from(list(Quality)), "revision": some.integers(0, 99), "unknown": some.text(),
        "money": some.fixed_dictionaries({"kind": some.sampled_from(["cash", "credits"]), "amount": some.decimals(0, 1000, places=4).map(str)}),
    },
)  # fmt: skip


@given(lines)
def test_what_the_schema_allows_is_read(line: dict[str, Any]) -> None:
    records, problems = read(line)
    if CHECK.is_valid(line):
        empty_money = "money" in line and not float(line["money"]["amount"])
        assert len(records) == 1 or (empty_money and problems)
    else:
        assert len(problems) == 1


SCRAP = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=9), lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@given(some.dictionaries(some.sampled_from(sorted(SCHEMA["properties"])), SCRAP))
def test_any_value_in_any_field_is_a_record_or_a_problem(said: dict[str, Any]) -> None:
    records, problems = read(json.dumps(GOOD | {"output": 5} | said).encode())
    assert len(records) + len(problems) == 1
    for record in records:
        assert record.tokens.total + (record.requests or 0) + sum(money.pico for money in record.money) > 0
    if "is" not in said:
        for name in ("session", "label", "task", "at", "tags", "minutes_saved", "reason"):
            for value in said.values():
                with suppress(Bad):
                    outcomes.outcome({"is": outcomes.FORMAT, "session": "s", "label": "delivered", name: value})
