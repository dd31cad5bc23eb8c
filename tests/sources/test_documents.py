"""Rewritten JSON files: read whole when they changed, left alone while half written, damage said once (agent-logs 2.3)."""

from __future__ import annotations

import os
from pathlib import Path

from tokenpal.sources.base import Cursor, Piece
from tokenpal.sources.documents import changed
from tokenpal.sources.walk import Found, look


class Reader:
    """Looks as a source does, and keeps the cursors."""

    def __init__(self, folder: Path, most: int = 1 << 20) -> None:
        self.folder, self.most = folder, most
        self.cursors: dict[str, Cursor] = {}

    def look(self, now: int = 4_000_000_000) -> list[Piece]:
        files = look([str(self.folder)], lambda name: name.endswith(".json")).files
        pieces = list(changed(files, self.cursors, now, context=lambda found: Path(found.path).name, most=self.most))
        self.cursors |= {piece.cursor.name: piece.cursor for piece in pieces}
        return pieces


def test_a_document_is_one_line_and_read_again_when_it_changed(tmp_path: Path) -> None:
    path, reader = tmp_path / "a.json", Reader(tmp_path)
    path.write_text('{"n": 1}')
    (piece,) = reader.look()
    assert ([line.data for line in piece.lines], piece.first, piece.context) == ([b'{"n": 1}'], True, "a.json")
    assert reader.look() == []
    path.write_bytes(b'\xef\xbb\xbf{"n": 2}')
    (piece,) = reader.look()
    assert [line.data for line in piece.lines] == [b'{"n": 2}'], "without the byte-order mark"
    assert reader.look() == [], "also with a byte-order mark nothing is read twice"
    other = tmp_path / "b"
    other.write_text('{"n": 3}')
    other.replace(path)
    assert [line.data for piece in reader.look() for line in piece.lines] == [b'{"n": 3}']


def test_half_a_document_waits_and_then_is_a_problem(tmp_path: Path) -> None:
    path, reader = tmp_path / "a.json", Reader(tmp_path)
    path.write_text('{"n": 1}')
    reader.look()
    path.write_text('{"n": [1, 2')
    at = int(path.stat().st_mtime)
    assert reader.look(at + 5) == []
    assert reader.look(at + 59) == []
    (piece,) = reader.look(at + 61)
    assert (piece.lines, piece.first) == ((), False)
    assert [problem.reason for problem in piece.problems] == ["is not complete JSON; what was read before is kept"]
    assert reader.look(at + 999) == [], "said once"
    path.write_text('{"n": [1, 2]}')
    assert [line.data for piece in reader.look(at + 1000) for line in piece.lines] == [b'{"n": [1, 2]}']


def test_a_document_as_it_is_written_byte_by_byte(tmp_path: Path) -> None:
    path, reader = tmp_path / "a.json", Reader(tmp_path)
    whole = b'{"list": [{"a": 1}, {"b": "\xc3\xa9"}]}'
    for end in range(1, len(whole)):
        path.write_bytes(whole[:end])
        assert reader.look(int(path.stat().st_mtime)) == []
    path.write_bytes(whole)
    (piece,) = reader.look(int(path.stat().st_mtime))
    assert piece.lines[0].data == whole


def test_too_large_gone_and_no_plain_file(tmp_path: Path) -> None:
    reader = Reader(tmp_path, most=100)
    (tmp_path / "large.json").write_text('"' + "x" * 200 + '"')
    (piece,) = reader.look()
    assert (piece.lines, len(piece.problems)) == ((), 1)
    assert reader.look() == []
    gone = Found(str(tmp_path / "gone.json"), 1, 5, 5)
    assert list(changed([gone], {}, 4_000_000_000)) == []
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert list(changed([Found(str(tmp_path / "pipe"), 1, 5, 5)], {}, 4_000_000_000)) == []


def test_progress_counts_what_is_read(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.json").write_text('{"n": 1}')
    reader = Reader(tmp_path)
    pieces = reader.look()
    assert [(piece.progress.files, piece.progress.files_total) for piece in pieces if piece.progress] == [(1, 3), (2, 3), (3, 3)]
    assert pieces[-1].progress
    assert pieces[-1].progress.bytes == pieces[-1].progress.bytes_total == 24
