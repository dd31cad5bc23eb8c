"""Reading append-only logs: every way in which a file can be there, grow, change and go (agent-logs 2.3)."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
import zstandard

from tests.sources.reference import LATER
from tokenpal.sources import tail
from tokenpal.sources.base import Cursor
from tokenpal.sources.tail import Markers, Reader, unchanged
from tokenpal.sources.times import millis
from tokenpal.sources.walk import Found, look

MARKERS = Markers(anywhere=(b'"usage"', b'"token_'), early=(b'"meta"',))
FINDERS = [pytest.param(tail.find, id="simd"), pytest.param(tail.plain_find, id="plain")]


def found(path: Path) -> Found:
    about = path.stat()
    return Found(str(path), about.st_ino, about.st_size, about.st_mtime_ns)


def read(path: Path, cursor: Cursor | None = None, now: int = LATER, **options: object) -> tuple[list[bytes], Cursor, list[str]]:
    reader = Reader(options.pop("markers", MARKERS), **options)
    lines: list[bytes] = []
    problems: list[str] = []
    last = cursor
    for piece in reader.pieces(found(path), cursor, now):
        data = path.read_bytes() if path.suffix != ".zst" else zstandard.decompress(path.read_bytes())
        for line in piece.lines:
            assert data[line.offset : line.offset + len(line.data)] == line.data
        lines += [line.data for line in piece.lines]
        problems += [f"{problem.position}: {problem.reason}" for problem in piece.problems]
        last = piece.cursor
    assert last is not None
    return lines, last, problems


def marked(data: bytes) -> list[bytes]:
    """The slow and plain way."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [line.removesuffix(b"\r") for line in lines if b'"usage"' in line or b'"token_' in line]


@pytest.mark.parametrize("finder", FINDERS)
@pytest.mark.parametrize("seed", range(12))
def test_any_buffer_gives_the_same_lines(finder: tail.Finder, seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    words = [b'"usage"', b'{"token_count":1}', b'\\"usage\\"', b"x" * chance.randrange(300), b"", b'{"a" : "usage"}', "é".encode()]
    lines = [b" ".join(chance.choices(words, k=chance.randrange(6))) for _ in range(200)]
    data = (b"\xef\xbb\xbf" if seed % 2 else b"") + chance.choice([b"\n", b"\r\n"]).join(lines) + b"\n"
    log = tmp_path / "a.jsonl"
    log.write_bytes(data)
    for buffer in (16, 97, 1000, 1 << 20):
        assert read(log, buffer=buffer, finder=finder)[0] == marked(data), buffer


@pytest.mark.parametrize("seed", range(6))
def test_reading_on_from_every_line_gives_the_same_lines(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    data = b"".join(chance.choice([b'{"usage":%d}\n', b'{"other":%d}\n', b'{"token_x":%d}\r\n']) % n for n in range(60))
    log = tmp_path / "a.jsonl"
    log.write_bytes(b"")
    lines: list[bytes] = []
    cursor: Cursor | None = None
    at = 0
    while at < len(data):
        step = chance.choice([1, 5, 40, 300])
        with log.open("ab") as file:
            file.write(data[at : at + step])
        at += step
        more, cursor, _ = read(log, cursor, now=0, buffer=chance.choice([16, 64, 4096]))
        lines += more
    assert lines == marked(data)
    assert unchanged(found(log), cursor)


def test_a_torn_line_waits_and_the_file_is_looked_at_again(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    log.write_bytes(b'{"usage":1}\n{"usage":2')
    lines, cursor, _ = read(log, now=int(log.stat().st_mtime))
    assert lines == [b'{"usage":1}']
    assert cursor.offset == 12
    assert not unchanged(found(log), cursor)
    with log.open("ab") as file:
        file.write(b'2}\n{"usage":3}\n')
    lines, cursor, _ = read(log, cursor, now=0)
    assert lines == [b'{"usage":22}', b'{"usage":3}']


def test_a_quiet_file_may_end_without_a_newline_but_not_in_the_middle(tmp_path: Path) -> None:
    whole, torn = tmp_path / "whole.jsonl", tmp_path / "torn.jsonl"
    whole.write_bytes(b'{"usage":1}\n{"usage":2}')
    torn.write_bytes(b'{"usage":1}\n{"usage":')
    assert read(whole)[0] == [b'{"usage":1}', b'{"usage":2}']
    lines, cursor, _ = read(torn)
    assert lines == [b'{"usage":1}']
    assert unchanged(found(torn), cursor), "tried once: not again until it changes"
    lines, cursor, _ = read(whole)
    with whole.open("ab") as file:
        file.write(b'\n{"usage":3}\n')
    assert read(whole, cursor)[0] == [b'{"usage":3}']


@pytest.mark.parametrize("change", ["shorter", "other start", "other end", "other file"])
def test_a_file_that_is_not_the_one_before_is_read_from_the_start(change: str, tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    first = b'{"usage":1}\n' + b'{"x":"%s"}\n' % (b"y" * 3000) + b'{"usage":2}\n'
    log.write_bytes(first)
    _, cursor, _ = read(log)
    new = {
        "shorter": b'{"usage":2}\n',
        "other start": first.replace(b'"usage":1', b'"usage":9') + b'{"usage":3}\n',
        "other end": first.replace(b'"usage":2', b'"usage":8') + b'{"usage":3}\n',
        "other file": first + b'{"usage":3}\n',
    }[change]
    if change == "other file":
        other = tmp_path / "b.jsonl"
        other.write_bytes(new)
        os.replace(other, log)
    else:
        log.write_bytes(new)
    assert read(log, cursor)[0] == marked(new)


def test_a_line_that_is_too_long_is_left_out_and_said(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    long = b'{"usage":"' + b"z" * 5000 + b'"}'
    data = b'{"usage":1}\n' + long + b'\n{"usage":2}\n' + long + b'\n{"usage":3}\n'
    log.write_bytes(data)
    for buffer in (64, 512, 700):
        lines, cursor, problems = read(log, buffer=buffer, longest=1000)
        assert lines == [b'{"usage":1}', b'{"usage":2}', b'{"usage":3}'], buffer
        assert [problem.partition(":")[0] for problem in problems] == ["byte 12", f"byte {data.index(b'2}') + 3}"]
        assert unchanged(found(log), cursor)
    assert read(log)[0] == marked(data), "64 MiB are fine"
    # Still being written when it is read: the place stays before it.
    log.write_bytes(b'{"usage":1}\n' + long)
    lines, cursor, _ = read(log, buffer=64, longest=1000, now=0)
    assert cursor.offset == 12
    with log.open("ab") as file:
        file.write(b'\n{"usage":2}\n')
    assert read(log, cursor, buffer=64, longest=1000)[0] == [b'{"usage":2}']


def test_the_first_line_and_early_markers(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    log.write_bytes(b'{"a":1}\n{"meta":1}\n{"usage":1}\n' + b'{"x":1}\n' * 100 + b'{"meta":2}\n')
    assert read(log, buffer=64)[0] == [b'{"meta":1}', b'{"usage":1}']
    assert read(log, markers=Markers((b'"usage"',), first_line=True))[0] == [b'{"a":1}', b'{"usage":1}']


def test_files_that_vanish_or_may_not_be_read(tmp_path: Path) -> None:
    gone = Found(str(tmp_path / "gone.jsonl"), 1, 2, 3)
    assert list(Reader(MARKERS).pieces(gone, None, LATER)) == []
    (piece,) = Reader(MARKERS).pieces(Found(str(tmp_path), 1, 2, 3), None, LATER)
    assert [problem.reason for problem in piece.problems] == ["cannot be read: Is a directory"]
    assert not unchanged(Found(str(tmp_path), 1, 2, 3), piece.cursor)


def test_an_emptied_file(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    log.write_bytes(b'{"usage":1}\n')
    _, cursor, _ = read(log)
    log.write_bytes(b"")
    lines, cursor, _ = read(log, cursor)
    assert (lines, cursor.offset) == ([], 0)
    log.write_bytes(b'{"usage":1}\n')
    assert read(log, cursor)[0] == [b'{"usage":1}']


def test_compressed_files_are_read_whole(tmp_path: Path) -> None:
    data = b"".join(b'{"usage":%d}\n{"x":"%s"}\n' % (n, b"y" * 50) for n in range(500))
    log = tmp_path / "a.jsonl.zst"
    log.write_bytes(zstandard.compress(data))
    lines, cursor, problems = read(log, buffer=512)
    assert (lines, problems) == (marked(data), [])
    assert unchanged(found(log), cursor)
    assert read(log, cursor)[0] == lines, "it changed: from the start"
    log.write_bytes(zstandard.compress(data)[:-20])
    pieces = list(Reader(MARKERS).pieces(found(log), None, LATER))
    assert pieces[-1].problems or pieces[-1].cursor.offset < len(data)
    log.write_bytes(b"no zstd at all")
    (piece,) = Reader(MARKERS).pieces(found(log), None, LATER)
    assert [problem.reason for problem in piece.problems] == ["is damaged, or not a complete zstd file"]


def test_progress_counts_files_and_bytes(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.jsonl").write_bytes(b'{"usage":1}\n' * 100)
    files = look([str(tmp_path)], lambda name: name.endswith(".jsonl")).files
    said = [piece.progress for piece in Reader(MARKERS).scan(files, {}, LATER)]
    assert [(p.files_total, p.bytes_total) for p in said if p] == [(3, 3600)] * 3
    assert said[-1] is not None
    assert said[-1].bytes == 3600


# ---------------------------------------------------------------------------------------------- finding files


def names(root: Path, **options: object) -> list[str]:
    return [os.path.basename(each.path) for each in look([str(root)], lambda name: name.endswith(".jsonl"), **options).files]


def write(path: Path, at: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}\n")
    os.utime(path, (at, at))
    return path


def test_newest_files_come_first_and_skipped_folders_do_not(tmp_path: Path) -> None:
    write(tmp_path / "old.jsonl", 100)
    write(tmp_path / "x" / "new.jsonl", 300)
    write(tmp_path / "x" / "y" / "middle.jsonl", 200)
    write(tmp_path / "node_modules" / "no.jsonl", 400)
    write(tmp_path / "x" / "no.txt", 400)
    assert names(tmp_path, skip=frozenset({"node_modules"})) == ["new.jsonl", "middle.jsonl", "old.jsonl"]
    assert names(tmp_path, skip=frozenset({"node_modules"}), depth=1) == ["new.jsonl", "old.jsonl"]


def test_links_are_followed_once_and_loops_end(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    write(root / "a.jsonl", 100)
    write(other / "deep" / "b.jsonl", 200)
    (root / "loop").symlink_to(root)
    (root / "up").symlink_to(tmp_path)
    (root / "one").symlink_to(other)
    (root / "two").symlink_to(other / "deep")
    (root / "file.jsonl").symlink_to(other / "deep" / "b.jsonl")
    (root / "gone.jsonl").symlink_to(root / "nothing")
    (other / "back").symlink_to(root)
    assert names(root) == ["b.jsonl", "a.jsonl"]
    assert [os.path.basename(each.path) for each in look([str(root), str(root / "loop"), str(other)], lambda name: name.endswith(".jsonl")).files] == ["b.jsonl", "a.jsonl"]


def test_a_running_app_sees_new_grown_and_removed_files_without_a_full_walk(tmp_path: Path) -> None:
    old = write(tmp_path / "p" / "old.jsonl", 100)
    write(tmp_path / "q" / "other.jsonl", 150)
    memory: dict[str, object] = {}

    def see(*, full: bool = False) -> dict[str, int]:
        seen = look([str(tmp_path)], lambda name: name.endswith(".jsonl"), memory=memory, full=full, now_ns=LATER * 10**9)
        return {os.path.basename(each.path): each.size for each in seen.files}

    assert see(full=True) == {"old.jsonl": 3, "other.jsonl": 3}
    old.write_text("{}\n{}\n")
    assert see() == {"old.jsonl": 6, "other.jsonl": 3}
    write(tmp_path / "q" / "new" / "deeper" / "new.jsonl", 300)
    assert see() == {"old.jsonl": 6, "other.jsonl": 3, "new.jsonl": 3}
    old.unlink()
    assert see() == {"other.jsonl": 3, "new.jsonl": 3}
    (tmp_path / "q" / "other.jsonl").unlink()
    (tmp_path / "q").rename(tmp_path / "r")
    assert see() == {"new.jsonl": 3}


def test_a_root_that_comes_later_is_found(tmp_path: Path) -> None:
    memory: dict[str, object] = {}
    root = tmp_path / "later"
    assert look([str(root)], lambda name: True, memory=memory).files == []
    write(root / "a.jsonl", 100)
    assert len(look([str(root)], lambda name: True, memory=memory, full=False).files) == 1


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("2026-07-01T10:00:01.500Z", 1782900001500),
        ("2026-07-01T10:00:01Z", 1782900001000),
        ("2026-07-01 10:00:01", 1782900001000),
        ("2026-07-01T12:00:01+02:00", 1782900001000),
        (" 2026-07-01T10:00:01Z ", 1782900001000),
        (1782900001, 1782900001000),
        (1782900001.5, 1782900001500),
        ("1782900001", 1782900001000),
        (1782900001500, 1782900001500),
        (1782900001500000, 1782900001500),
        (1782900001500000000, 1782900001500),
        ([1782900001, 500_000_000], 1782900001500),
        (True, None), (None, None), ("", None), ("soon", None), (-5, None), (float("nan"), None), (10**30, None), ({}, None), ([1], None),
    ],
)  # fmt: skip
def test_times_in_every_form(said: object, want: int | None) -> None:
    assert millis(said) == want


