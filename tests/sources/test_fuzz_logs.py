"""Whatever lies in an agent's folder: no exception, a problem at most; no negative or absurd count; no piece of it in a sentence.

The files of every own case are changed, values by values of other kinds, bytes by bytes, and read by the source from the disk.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.sources import own_cases
from tests.sources.reference import Ledger, scan
from tokenpal.model.ranges import EARLIEST, LATEST
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import FAMILY_BYTES, KEY_BYTES, Candidate
from tokenpal.sources import registry
from tokenpal.sources.base import Kind
from tokenpal.sources.numbers import MAX_AMOUNT, MAX_COUNT

LOGS = [name for name, source in registry.sources().items() if source.INFO.kind is Kind.LOG and (own_cases.DATA / name).is_dir()]
CASES = [(agent, name) for agent in LOGS for name in own_cases.names(agent)]
ODD: list[Any] = [
    None, True, False, 0, -1, 7, 3.5, -0.0, 1e308, 10**13, 10**30, -(10**30), "", "x", "7", "-7", "NaN", "1e999", "\ud800", "\x00\x1b[2J", [], [1], [[]], {}, {"a": 1},
    "2026-01-01T10:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 1767261600, 1767261600000, 1e20, "x" * 5000, {"input": 1}, [{"input": -1}],
]  # fmt: skip
LARGEST = 2**63 - 1
EXAMPLES = 4
"""Of each case; there are some two hundred cases."""


def odd(chance: random.Random, value: Any, depth: int = 0) -> Any:
    """The value with some of what is in it replaced, moved, doubled or gone."""
    if chance.random() < (0.02 if depth < 2 else 0.08):
        return chance.choice(ODD)
    if isinstance(value, dict):
        items = [(key, odd(chance, inner, depth + 1)) for key, inner in value.items() if chance.random() > 0.02]
        if chance.random() < 0.1:
            chance.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        found = [odd(chance, inner, depth + 1) for inner in value if chance.random() > 0.02]
        return found + found[:1] if chance.random() < 0.05 else found
    if isinstance(value, str) and value.startswith(("{", "[")) and chance.random() < 0.5:
        try:
            return json.dumps(odd(chance, json.loads(value), depth + 1))
        except ValueError:
            return value
    return value


def broken(chance: random.Random, content: bytes) -> bytes:
    """Some bytes others, some gone, the end cut off."""
    data = bytearray(content)
    for _ in range(chance.choice([1, 1, 3, 30])):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.2:
        del data[chance.randrange(len(data) + 1) :]
    return bytes(data)


def changed(chance: random.Random, path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix in {".json", ".jsonl"} and chance.random() < 0.8:
        try:
            if path.suffix == ".json":
                return json.dumps(odd(chance, json.loads(content))).encode("utf-8", "surrogatepass")
            lines = [json.dumps(odd(chance, json.loads(line))) for line in content.decode().splitlines() if line.strip()]
            return "".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass")
        except ValueError:
            pass
    return broken(chance, content)


def check(ledger: Ledger) -> None:
    for record in ledger.records.values():
        counts = msgspec.structs.astuple(record.tokens)
        assert min(counts) >= 0
        assert max(counts) <= 1000 * MAX_COUNT
        assert record.tokens.reasoning <= record.tokens.output
        assert len(record.key) == KEY_BYTES
        assert EARLIEST <= record.at < LATEST
        assert 0 <= record.precedence <= LARGEST
        assert 0 <= record.home <= LARGEST
        assert record.requests is None or 0 <= record.requests <= 1000 * MAX_COUNT
        assert all(0 < money.amount <= 1000 * MAX_AMOUNT for money in record.money)
        assert all("\x1b" not in text and len(text) <= 5000 for text in (record.session, record.model, record.folder, record.branch, record.provider))
        (record.session + record.model + record.folder + record.branch + record.provider).encode()
    for problem in ledger.problems:
        assert "x" * 50 not in problem.reason
        assert len(problem.reason) < 200
    for cursor in ledger.cursors.values():
        assert len(cursor.state) < 100_000


@pytest.mark.parametrize(("agent", "name"), CASES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False))
def test_any_files(agent: str, name: str, tmp_path: Path, chance: random.Random) -> None:
    root = tmp_path / "root"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(own_cases.DATA / agent / name, root)
    (root / "expected.json").unlink(missing_ok=True)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    ledger = Ledger(registry.sources()[agent])
    scan(ledger, root)  # what was read before meets what is there now
    before = {key: record.tokens for key, record in ledger.records.items()}
    for path in chance.sample(files, chance.randint(1, len(files))):
        path.write_bytes(changed(chance, path))
    scan(ledger, root)
    check(ledger)
    assert set(before) <= set(ledger.records), "nothing is lost"
    fresh = Ledger(registry.sources()[agent])
    scan(fresh, root)
    check(fresh)


@pytest.mark.parametrize("agent", [agent for agent in LOGS if hasattr(registry.sources()[agent], "settle")])
@given(
    members=st.lists(
        st.tuples(st.integers(0, 2**40), st.integers(EARLIEST, LATEST - 1), st.integers(0, 500), st.integers(0, 500), st.booleans()), min_size=1, max_size=12
    )
)
@settings(max_examples=50, deadline=None)
def test_of_a_family_only_its_own_count(agent: str, members: list[tuple[int, int, int, int, bool]]) -> None:
    """Never a stranger, and the same again. The ledger asks with the keys in order."""
    settle: Callable[[Any], set[bytes]] = registry.sources()[agent].settle
    family = [
        Candidate(bytes(FAMILY_BYTES) + index.to_bytes(4, "big"), precedence, at, "m", Tokens(fresh_input=fresh, output=output), side)
        for index, (precedence, at, fresh, output, side) in enumerate(members)
    ]
    found = settle(family)
    assert found <= {each.key for each in family}
    assert settle(family) == found
