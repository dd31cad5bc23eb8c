"""The files of one root as families of threads: twins, parents, siblings (agent-logs 4.1, 4.3.A, 4.3.C)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from tokenpal.sources.base import Cursor
from tokenpal.sources.codex.counting import UUID, State, file_thread
from tokenpal.sources.codex.history import ALONE, Family, Pair
from tokenpal.sources.codex.rows import Meta, decode, meta, vector
from tokenpal.sources.tail import BOM, ZST, Markers, Reader
from tokenpal.sources.times import millis
from tokenpal.sources.walk import Found

ARCHIVE: Final = "archived_sessions"
HEAD: Final = 1 << 15
LONGEST_HEAD: Final = 16 << 20
MOST_SIBLINGS: Final = 50  # each child keeps the names of those it was compared with
MOST_HELD: Final = 100_000  # rows of relatives kept in memory
SESSION: Final = b'"session_meta"'
RAW_ROWS: Final = Markers(anywhere=(b'"token_count"',))
NO_META: Final = Meta()
Timed = tuple[Pair, int]


def identity(path: str) -> str:
    """What makes two files the same rollout: the name, or without a thread id in it the place below the folder of logs."""
    parts = path.removesuffix(ZST).replace("\\", "/").split("/")
    if UUID.search(parts[-1]):
        return parts[-1]
    for name in ("sessions", ARCHIVE):
        if name in parts:
            return "/".join(parts[parts.index(name) + 1 :])
    return "/".join(parts)


def without_twins(files: Iterable[Found]) -> list[Found]:
    """Of the copies of one rollout the active one, of those the plain one; newest first as before."""
    best: dict[str, Found] = {}
    for found in files:
        name = identity(found.path)
        if name not in best or _order(found) < _order(best[name]):
            best[name] = found
    kept = {found.path for found in best.values()}
    return [found for found in files if found.path in kept]


def _order(found: Found) -> tuple[bool, bool, str]:
    return (f"/{ARCHIVE}/" in found.path.replace("\\", "/"), found.path.endswith(ZST), found.path)


def twin(path: str) -> str | None:
    """Where a file went that vanished: compressed, opened again, or archived."""
    folder, name = os.path.split(path.removesuffix(ZST))
    above = folder.replace("\\", "/").partition("/sessions")[0]
    for candidate in (os.path.join(folder, name), os.path.join(above, ARCHIVE, name)):
        for ending in ("", ZST):
            if candidate + ending != path and os.path.isfile(candidate + ending):
                return candidate + ending
    return None


def _head(path: str, size: int) -> bytes:
    """The first bytes of what a file holds. Raises OSError, also for a damaged one."""
    with open(path, "rb") as file:
        if not path.endswith(ZST):
            return file.read(size)
        import zstandard

        try:
            with zstandard.ZstdDecompressor().stream_reader(file) as stream:
                return stream.read(size)
        except zstandard.ZstdError as error:
            raise OSError(None, "it is damaged") from error


def head_meta(path: str) -> Meta | None:
    """The first ``session_meta`` of a file, from its first lines; an empty one when it has none, None when it is gone."""
    size = HEAD
    while True:
        try:
            data = _head(path, size)
        except FileNotFoundError:
            return None
        except OSError:
            return Meta()
        at = data.find(SESSION)
        while at >= 0:
            start, stop = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at)
            if stop < 0 and len(data) == size:
                break  # the line goes on
            row = decode(data[start : stop if stop >= 0 else len(data)].removeprefix(BOM))
            if row is not None and row.type == "session_meta":
                return meta(row)
            at = data.find(SESSION, stop) if stop >= 0 else -1
        if (at < 0 and (b"\n" in data or len(data) < size)) or size >= LONGEST_HEAD:
            return Meta()
        size *= 8  # the first line can hold very long instructions


class Relatives:
    """Every file of the root with what its start says; raw rows of parents are read when they are asked for."""

    def __init__(self, files: Sequence[Found], cursors: Mapping[str, Cursor], memory: dict[str, Any], now: int) -> None:
        self.now = now
        self.reader = Reader(RAW_ROWS)
        known: dict[str, tuple[int, Meta]] = memory.setdefault("metas", {})
        self.sizes = {found.path: found.size for found in files}
        self.metas: dict[str, Meta] = {}
        self.states: dict[str, State] = {}
        for found in files:
            cursor = cursors.get(found.path)
            if cursor is not None and cursor.state:
                with suppress(msgspec.MsgspecError, ValueError):  # from another version: the file itself tells
                    self.states[found.path] = msgspec.msgpack.decode(cursor.state, type=State)
            remembered = known.get(found.path)
            state = self.states.get(found.path)
            if state is not None and state.meta is not None:
                said: Meta | None = state.meta
            elif remembered is not None and remembered[0] == found.inode:
                said = remembered[1]
            else:
                said = head_meta(found.path)
            if said is not None:
                self.metas[found.path] = said
        memory["metas"] = {found.path: (found.inode, self.metas[found.path]) for found in files if self.metas.get(found.path, NO_META) != NO_META}
        self.threads: dict[str, list[str]] = {}
        self.orphans: dict[str, list[str]] = {}
        for path, said in self.metas.items():
            self.threads.setdefault(said.id or file_thread(path), []).append(path)
        for path, said in self.metas.items():
            if said.child and not self._files_of(said.parent, path):
                self.orphans.setdefault(said.parent, []).append(path)
        self._eldest: dict[str, list[tuple[tuple[int, str, str], str]]] = {}
        self._rows: dict[str, tuple[Timed, ...]] = {}
        self._held = 0

    def outdated(self, path: str) -> bool:
        """Was this file understood without a relative, or a part of one, that is here now?"""
        state = self.states.get(path)
        if state is None or state.meta is None or not (state.meta.child or state.meta.sub_agent):
            return False
        if state.meta.sub_agent and not state.resolved and self._root(path)[1]:
            return True
        if not state.meta.child:
            return False
        parents = self._files_of(state.meta.parent, path)
        if bool(parents) != state.parent_known:
            return bool(parents)  # a parent that went leaves what it proved
        relatives = parents or self._siblings(path)
        return (
            not set(relatives) <= set(state.relatives)
            or (state.history.short and self._size(relatives) != state.size)
            or self._size(parents[:-1]) not in {0, state.early}
        )

    def plain(self) -> set[str]:
        """Files whose copied history is settled and that no unsettled one leans on: an append concerns them alone."""
        leaning: set[str] = set()
        for path, said in self.metas.items():
            state = self.states.get(path)
            if (said.child or said.sub_agent) and (state is None or state.history.short or state.history.open):
                leaning.add(path)
                leaning.update(self._files_of(said.parent, path) or (self._siblings(path) if said.child else ()))
        return set(self.metas) - leaning

    def open(self, path: str) -> bool:
        """May the next row of this file still be a copy?"""
        state = self.states.get(path)
        return state is None or state.history.open

    def family(self, path: str, *, rows: bool = True) -> Family:
        """What ``parse`` needs to know of the relatives of this file; without ``rows`` nothing is read for it."""
        meta = self.metas.get(path)
        if meta is None or not (meta.child or meta.sub_agent):
            return ALONE
        root, resolved = self._root(path) if meta.sub_agent else ("", True)
        parents = self._files_of(meta.parent, path)
        if not meta.child or not rows:
            return Family(root, resolved, parent_known=bool(parents))
        relatives = parents or self._siblings(path)
        known = Family(root, resolved, bool(parents), tuple(relatives), self._size(relatives), self._size(parents[:-1]))
        if not parents:
            group = tuple(tuple(pair for pair, _ in self.raw_rows(each)) for each in relatives)
            return msgspec.structs.replace(known, groups=(group,) if group else ())
        timed = tuple(row for each in parents for row in self.raw_rows(each))
        everything = tuple(pair for pair, _ in timed)
        if not meta.at:
            return msgspec.structs.replace(known, groups=((everything,),))
        until = tuple(pair for pair, at in timed if at <= meta.at)
        return msgspec.structs.replace(known, groups=((until,), (everything,)), complete=len(until) < len(everything))

    def _size(self, paths: Sequence[str]) -> int:
        return sum(self.sizes.get(path, 0) for path in paths)

    def raw_rows(self, path: str) -> tuple[Timed, ...]:
        """(L, T) and time of every row with usage, before anything is taken for a copy."""
        rows = self._rows.get(path)
        if rows is None:
            rows = tuple(_rows(self.reader, path, self.now))
            self._held += len(rows)
            if self._held > MOST_HELD:
                self._rows.clear()
                self._held = len(rows)
            self._rows[path] = rows
        return rows

    def _files_of(self, thread: str, but: str) -> list[str]:
        """The pages of a thread in order, without the asking file."""
        found = [path for path in self.threads.get(thread, ()) if path != but]
        return sorted(found, key=lambda path: (self.metas[path].at, path)) if len(found) > 1 else found

    def _siblings(self, path: str) -> list[str]:
        """Other children of the same missing parent that began before (owner: earliest fork time, then id); the first of many."""
        parent, own = self.metas[path].parent, self._age(path)
        eldest = self._eldest.get(parent)
        if eldest is None:
            ages = sorted((self._age(each), each) for each in self.orphans.get(parent, ()))
            eldest = self._eldest[parent] = ages[:MOST_SIBLINGS]
        return [each for age, each in eldest if age < own]

    def _age(self, path: str) -> tuple[int, str, str]:
        return (self.metas[path].at, self.metas[path].id, identity(path))

    def _root(self, path: str) -> tuple[str, bool]:
        """The thread at the top of a chain of sub-agents; False when a link of the chain is missing."""
        seen = {path}
        while True:
            meta = self.metas[path]
            if not meta.sub_agent or not meta.parent:
                return meta.id or file_thread(path), True
            above = next((each for each in self._files_of(meta.parent, path) if each not in seen), None)
            if above is None:
                return meta.parent, False
            seen.add(above)
            path = above


def _rows(reader: Reader, path: str, now: int) -> Iterable[Timed]:
    for piece in reader.pieces(Found(path, 0, 0, 0), None, now):
        for line in piece.lines:
            row = decode(line.data)
            info = row.payload.info if row is not None and row.payload is not None else None
            if row is None or info is None:
                continue
            last, total = vector(info.last_token_usage), vector(info.total_token_usage)
            if last is not None or total is not None:
                yield (last, total), millis(row.timestamp) or 0


