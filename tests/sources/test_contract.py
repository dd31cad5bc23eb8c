"""What holds for every source, without knowing which there are (architecture 1.4)."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import shutil
from pathlib import Path

import msgspec
import pytest

import tokenpal.sources
from tests.sources.reference import LATER, Ledger, pieces, scan
from tokenpal.model.usage import Problem
from tokenpal.sources import registry
from tokenpal.sources.base import Context, Cursor, Kind, Line, Piece, Raw, Reply, Source

SOURCES = registry.sources()
DATA = Path(__file__).parent.parent / "data"
LOGS = [name for name, source in SOURCES.items() if source.INFO.kind is Kind.LOG]


@pytest.fixture(params=list(SOURCES))
def source(request: pytest.FixtureRequest) -> Source:
    return SOURCES[request.param]


def raw_of(source: Source, body: bytes) -> Raw:
    """What this kind of source reads, with this content."""
    if source.INFO.kind is Kind.LOG:
        return Piece(Cursor("/x/projects/y/z.jsonl"), [Line(0, body), Line(99, body)], first=True)
    return Reply(Cursor("x"), "x", body, 1_790_000_000, (1_789_862_400, 1_789_948_800))


def test_the_registry_finds_each_source_once() -> None:
    assert {"claude-code", "codex"} <= set(SOURCES)
    with_info = [module.name for module in pkgutil.iter_modules(tokenpal.sources.__path__) if hasattr(importlib.import_module(f"tokenpal.sources.{module.name}"), "INFO")]
    assert len(with_info) == len(SOURCES), "two sources have one id"
    assert registry.source("claude-code") is SOURCES["claude-code"]
    assert registry.source("nothing") is None


def test_a_source_says_what_it_is(source: Source) -> None:
    info = source.INFO
    assert info.id == info.id.lower()
    assert info.name
    assert info.provider
    assert info.tells, "the person has to know what the figures contain"
    assert info.silent, "and what they do not"
    if info.kind is Kind.API:
        assert info.key
        assert info.docs.startswith("https://")
        assert info.base_url.startswith("https://") or info.needs_base_url


def test_a_source_has_the_parts_of_the_contract(source: Source) -> None:
    assert issubclass(source.State, msgspec.Struct)
    assert inspect.isasyncgenfunction(source.fetch)
    assert list(inspect.signature(source.fetch).parameters) == ["context"]
    assert len(inspect.signature(source.parse).parameters) == 2


def test_a_fresh_state_can_be_saved(source: Source) -> None:
    state, _ = source.parse(None, raw_of(source, b"{}"))
    if state is not None:
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=source.State) == state


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"null", b"[]", b"{}", b"7", b'{"data": [[]]}', b'{"data":"x"}', b"[" * 5000, b'"', b'{"usage":"\xff"}'])
def test_parse_survives_any_bytes(source: Source, body: bytes) -> None:
    raw = raw_of(source, body)
    state, items = source.parse(None, raw)
    again, same = source.parse(None, raw)
    assert (repr(state), repr(items)) == (repr(again), repr(same)), "parse is a function of what it is given"


@pytest.mark.parametrize("name", LOGS)
def test_a_log_source_reads_nothing_where_nothing_is(name: str, tmp_path: Path) -> None:
    found = SOURCES[name]
    for root in (tmp_path / "missing", tmp_path, None):
        assert list(pieces(found, Context(1, root, "", {}, lambda: LATER))) == []
    assert all(isinstance(root, Path) for root in found.roots(tmp_path, {}))
    assert found.roots(tmp_path, {}) == found.roots(tmp_path, {})


# ---------------------------------------------------------------------------------------------- samples: tests/data/<id>/


def samples(name: str) -> list[Path]:
    return sorted((DATA / name).iterdir()) if (DATA / name).is_dir() else []


def test_a_source_has_its_line_of_documentation(source: Source) -> None:
    assert f"\n| {source.INFO.name} |" in (DATA.parent.parent / "resources" / "sources.md").read_text("utf-8"), "add one line to resources/sources.md"


def test_a_source_has_samples(source: Source) -> None:
    assert samples(source.INFO.id), f"put samples of what it reads into tests/data/{source.INFO.id}/"


@pytest.mark.parametrize(("name", "sample"), [(name, sample) for name in SOURCES if name not in LOGS for sample in samples(name)])
def test_half_an_answer_changes_nothing(name: str, sample: Path) -> None:
    body = sample.read_bytes()
    for size in range(0, len(body.rstrip()), max(1, len(body) // 50)):
        _, items = SOURCES[name].parse(None, raw_of(SOURCES[name], body[:size]))
        assert all(isinstance(item, Problem) for item in items)


@pytest.mark.parametrize(("name", "sample"), [(name, sample) for name in LOGS for sample in samples(name)])
def test_half_a_log_is_read_as_far_as_it_goes(name: str, sample: Path, tmp_path: Path) -> None:
    """A file cut in the middle loses its torn line at most; when the rest comes the ledger is that of the whole files."""
    whole, grown = Ledger(SOURCES[name]), Ledger(SOURCES[name])
    scan(whole, sample)
    copy = tmp_path / sample.name
    shutil.copytree(sample, copy)
    rest = {path: path.read_bytes() for path in copy.rglob("*.jsonl")}
    times = {path: path.stat().st_mtime_ns for path in rest}  # a row without a time has its file's
    for end in (0.5, 1):
        for path, content in rest.items():
            path.write_bytes(content[: int(len(content) * end)])
            os.utime(path, ns=(times[path], times[path]))
        scan(grown, copy)
    assert grown.counted() == whole.counted()
