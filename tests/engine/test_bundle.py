"""One archive file: out and in again without loss, the same bytes for the same content, and no trust in what it says of itself."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tests.store.kit import log_account, put, record
from tokenpal.engine import bundle, commands, demo, importing, keep, papers
from tokenpal.engine.files import Given, opened
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn, Template
from tokenpal.store import archive, budgets, checkins, sessions, silence
from tokenpal.store.database import Store

NOW = 1_795_187_400  # 2026-11-20
HEAD = b'{"is":"tokenpal-archive/1"}\n'


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "tokenpal.db"
    with Store.open(path, now=lambda: NOW) as store:
        demo.fill_store(store, NOW, "UTC")
        first = store.execute("SELECT key FROM session ORDER BY key").fetchone()[0]
        checkins.set_pins(store, "2026-W46", "tried", [first])
        commands.save_template(store, Template("short", tried="- "))
        silence.silence(store, first, "Silence a session")
    return path


@pytest.fixture
def store(sample: Path) -> Iterator[Store]:
    with Store.open(sample, now=lambda: NOW) as opened_:
        yield opened_


def written(store: Store) -> bytes:
    file = io.BytesIO()
    bundle.write(store, file)
    return file.getvalue()


def test_out_and_in_again_is_the_same_file(store: Store, tmp_path: Path) -> None:
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    lines = keep.export_to(store, str(one))
    assert one.stat().st_mode & 0o777 == 0o600
    with Store.open(tmp_path / "other.db", now=lambda: NOW) as other:
        file = opened(Given.file(str(one)))
        assert file.archive
        merged = importing.merge_archive(other, file.given)
        assert (merged.lines, merged.unknown) == (lines, 0)
        keep.export_to(other, str(two))
        assert one.read_bytes() == two.read_bytes(), "every byte, the pages to read included"
        assert len(budgets.budgets(other)) == 2
        again = importing.merge_archive(other, Given.file(str(two)))
        assert (again.records, again.journal) == (0, 0)
        assert sessions.count_sessions(other) == sessions.count_sessions(store)


def test_names_out_of_logs_are_no_marks_of_a_page(tmp_path: Path) -> None:
    with Store.open(tmp_path / "t.db", now=lambda: NOW) as store:
        hostile = "![x](https://example.org/seen.png)<img/src=y>`"
        put(store, log_account(store), [record(session=f"s`{hostile}", folder=f"/home/{hostile}", branch=hostile, at=NOW - 60)])
        key = store.execute("SELECT key FROM session").fetchone()[0]
        commands.note_session(store, key, "mine", link="https://example.org/a_b")
        page = "\n".join(papers.notes(store))
    assert "](https" not in page.replace(r"!\[x](https", "").rpartition(" · `")[0]
    assert r"\<img/src=y>\`" in page
    assert page.count("`") - page.count(r"\`") == 2, "only ours stand around the session's key"
    assert " · https://example.org/a_b · " in page


def test_the_pages_can_be_read_by_a_person(store: Store) -> None:
    with zipfile.ZipFile(io.BytesIO(written(store))) as found:
        assert found.namelist() == ["README.md", "tokenpal.jsonl", "check-ins.md", "notes.md"]
        assert found.testzip() is None
        pages = {name: found.read(name).decode() for name in found.namelist()}
    assert pages["tokenpal.jsonl"].splitlines() == list(archive.export(store))
    assert "## 2026-W46 (2026-11-09 to 2026-11-15)" in pages["check-ins.md"]
    assert "### Tried\n\nTwo rerankers for the search prototype." in pages["check-ins.md"]
    assert "> Form validation with tests, merged." in pages["notes.md"]
    assert " Checkout redesign\n\ndelivered · /home/sam/code/shop · feature/PAY-142-" in pages["notes.md"]
    for name in found.namelist():
        assert name in pages["README.md"] or name == "README.md"


def test_a_note_cannot_become_a_heading(tmp_path: Path) -> None:
    with Store.open(tmp_path / "t.db", now=lambda: NOW) as store:
        commands.note_session(store, "s", note="# no\n\n## heading")
        commands.save_checkin(store, CheckIn("2026-W47", tried="words", evidence="{}"))
        with zipfile.ZipFile(io.BytesIO(written(store))) as found:
            page = found.read("notes.md").decode()
    assert [line for line in page.splitlines() if line.startswith("#")] == ["# Notes", "## Sessions without use here", "### No task"]


@pytest.mark.parametrize("name", ["all.jsonl", "all.JSONL", "all.ndjson", "all.json"])
def test_the_lines_alone_are_still_to_be_had(store: Store, tmp_path: Path, name: str) -> None:
    keep.export_to(store, str(tmp_path / name))
    assert (tmp_path / name).read_text("utf-8").splitlines() == list(archive.export(store))
    assert opened(Given.file(str(tmp_path / name))).archive


def test_a_budget_that_was_reached_elsewhere_is_no_news_here(store: Store, tmp_path: Path) -> None:
    from tokenpal.engine import budgets as engine
    from tokenpal.store import report

    file = written(store)
    with Store.open(tmp_path / "other.db", now=lambda: NOW) as other:
        importing.merge_archive(other, Given.content("x", file, 0))
        over = Budget(BudgetMeasure.TOKENS, 1, BudgetPeriod.MONTH)
        assert budgets.set_budget(other, over)  # not through the command, as an import does it
        plain = [*archive.export(other)]
    with Store.open(tmp_path / "third.db", now=lambda: NOW) as third:
        keep.import_lines(third, [line.encode() for line in plain])
        assert engine.crossings(third, "UTC", 0, report.today(third, "UTC")) == []
        assert any(one.over for one in engine.standings(third, "UTC", 0, report.today(third, "UTC")))


# ---------------------------------------------------------------------------------------------- hostile files


def zipped(*members: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as made:
        for name, data in members:
            made.writestr(name, data)
    return file.getvalue()


def declared(data: bytes, size: int) -> bytes:
    """The same zip whose member says that it is this large."""
    changed = bytearray(data)
    central = data.rfind(b"PK\x01\x02")
    struct.pack_into("<L", changed, central + 24, size)
    struct.pack_into("<L", changed, 22, size)
    return bytes(changed)


HOSTILE = {
    "another member": zipped(("other.jsonl", HEAD)),
    "a path": zipped(("../tokenpal.jsonl", HEAD)),
    "an absolute path": zipped(("/tokenpal.jsonl", HEAD)),
    "a folder": zipped(("tokenpal.jsonl/x", HEAD)),
    "a bomb": zipped(("tokenpal.jsonl", HEAD + b"\n" * (100 << 20))),
    "one endless line": zipped(("tokenpal.jsonl", HEAD + b'{"is":"' + b"ab7" * (23 << 20) + b'"}')),
    "many members": zipped(*((f"{number}", b"") for number in range(70)), ("tokenpal.jsonl", HEAD)),
    "another packing": zipped(("tokenpal.jsonl", HEAD), how=zipfile.ZIP_LZMA),
    "cut short": zipped(("tokenpal.jsonl", HEAD * 1000))[:-30],
    "only a beginning": b"PK\x03\x04",
    "no archive inside": zipped(("tokenpal.jsonl", b"hello")),
    "far more than it has": declared(zipped(("tokenpal.jsonl", HEAD)), 0xF0000000),
    "an encrypted member": zipped(("tokenpal.jsonl", HEAD)).replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_hostile_zip_is_refused_and_changes_nothing(tmp_path: Path, name: str) -> None:
    with Store.open(tmp_path / "t.db", now=lambda: NOW) as store:
        commands.add_task(store, "kept")
        before = list(archive.export(store))
        with pytest.raises(UsageError) as raised:
            file = opened(Given.content(name, HOSTILE[name], 0))
            importing.merge_archive(store, file.given)
        assert raised.value.next_step
        assert list(archive.export(store)) == before


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_zip_never_does_anything_but_say_so(data: st.DataObject) -> None:
    good = zipped(("README.md", b"x" * 50), ("tokenpal.jsonl", HEAD + json.dumps({"is": "template", "name": "a"}).encode() + b"\n"))
    changed = bytearray(good)
    for at in data.draw(st.lists(st.integers(4, len(good) - 1), min_size=1, max_size=4)):
        changed[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(good), len(good) - 1, len(good) // 2]))
    with suppress(UsageError), bundle.lines(io.BytesIO(bytes(changed[:cut]))) as lines:
        list(lines)


def test_every_kind_of_line_is_described() -> None:
    from tokenpal.store.archive_shapes import SHAPES

    page = (Path(__file__).parents[2] / "resources" / "formats" / "archive.md").read_text("utf-8")
    for kind, shape in SHAPES.items():
        assert f"`{kind}`" in page, kind
        if kind in {"account", "task", "usage", "annotation", "checkin", "checkin_pin", "template", "budget", "rate", "timer"}:
            assert [name for name in shape.__struct_fields__ if f"`{name}`" not in page] == [], kind
