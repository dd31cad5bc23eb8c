"""Codex: every rule of agent-logs 4 on the project's own cases, and what files cannot show."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import msgspec
import pytest
import zstandard

from tests.sources import own_cases
from tests.sources.reference import LATER, Ledger, line_by_line, pieces, scan
from tokenpal.model.usage import UsageRecord
from tokenpal.sources import codex
from tokenpal.sources.base import Context, Cursor, Line, Piece
from tokenpal.sources.codex.history import Family

AGENT = "codex"


@pytest.mark.parametrize("name", own_cases.names(AGENT))
def test_case(name: str) -> None:
    own_cases.check_at_once(codex, AGENT, name)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", own_cases.names(AGENT))
def test_case_in_any_order_and_in_pieces(name: str, seed: int, tmp_path: Path) -> None:
    own_cases.check_growing(codex, AGENT, name, seed, tmp_path)


def line(kind: str, payload: dict[str, object], at: object = "2026-03-01T10:00:01.000Z") -> str:
    return json.dumps({"timestamp": at, "type": kind, "payload": payload})


def count(amount: int, total: int, at: str = "2026-03-01T10:00:01.000Z") -> str:
    use = {"input_tokens": amount, "output_tokens": 1}
    return line("event_msg", {"type": "token_count", "info": {"last_token_usage": use, "total_token_usage": {"input_tokens": total, "output_tokens": 1}}}, at)


def piece(*lines: str, first: bool = True, context: object = None) -> Piece:
    return Piece(Cursor("/home/me/.codex/sessions/r.jsonl"), [Line(n * 1000, text.encode()) for n, text in enumerate(lines)], first, context=context)


def test_parse_leaves_the_given_state_alone_and_is_repeatable() -> None:
    state, _ = codex.parse(None, piece(line("session_meta", {"id": "t", "forked_from_id": "gone"}), count(5, 5)))
    before = repr(state)
    one = codex.parse(state, piece(count(6, 11), first=False))
    assert repr(state) == before
    assert repr(codex.parse(state, piece(count(6, 11), first=False))) == repr(one)


def test_a_state_survives_being_saved() -> None:
    state, _ = codex.parse(None, piece(
        line("session_meta", {"id": "t", "forked_from_id": "gone"}),
        line("token_usage_record", {"response_id": "r", "usage": {"input_tokens": 5}, "thread_token_usage": {"input_tokens": 5}}),
        count(5, 5),
    ))  # fmt: skip
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=codex.State) == state


def test_a_proof_that_changes_makes_a_row_count_again(tmp_path: Path) -> None:
    """Two quick rows next to a missing parent look like copies; the parent, when it comes, shows that they are not."""
    folder = tmp_path / "sessions"
    folder.mkdir()
    (folder / "child.jsonl").write_text("\n".join([
        line("session_meta", {"id": "t2", "forked_from_id": "t1"}),
        count(5, 5, "2026-03-01T11:00:00.100Z"), count(6, 11, "2026-03-01T11:00:00.200Z"), count(7, 18, "2026-03-01T11:00:00.300Z"),
        count(8, 26, "2026-03-01T11:00:09.000Z"),
    ]) + "\n")  # fmt: skip
    ledger = Ledger(codex)
    scan(ledger, tmp_path)
    assert [record.tokens.fresh_input for record in ledger.counted()] == [8]
    (folder / "parent.jsonl").write_text("\n".join([line("session_meta", {"id": "t1"}), count(5, 5)]) + "\n")
    scan(ledger, tmp_path)
    assert sorted(record.tokens.fresh_input for record in ledger.counted()) == [5, 6, 7, 8]
    (folder / "parent.jsonl").unlink()
    scan(ledger, tmp_path)
    assert sorted(record.tokens.fresh_input for record in ledger.counted()) == [5, 6, 7, 8], "a parent that went leaves what it proved"


def test_a_growing_parent_does_not_make_its_child_be_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    parent, child = folder / "parent.jsonl", folder / "child.jsonl"
    parent.write_text("\n".join([line("session_meta", {"id": "t1"}), count(5, 5), count(6, 11, "2026-03-01T13:00:00Z")]) + "\n")
    child.write_text("\n".join([line("session_meta", {"id": "t2", "forked_from_id": "t1"}, "2026-03-01T11:00:00Z"), count(5, 5, "2026-03-01T11:00:00Z"), count(9, 14, "2026-03-01T11:01:00Z")]) + "\n")  # fmt: skip
    ledger, memory = Ledger(codex), {}
    scan(ledger, tmp_path, memory=memory)
    scan(ledger, tmp_path, memory=memory)
    with parent.open("a") as file:
        file.write(count(7, 18, "2026-03-01T14:00:00Z") + "\n")
    assert scan(ledger, tmp_path, memory=memory) == 1
    assert sorted(record.tokens.fresh_input for record in ledger.counted()) == [5, 6, 7, 9]


def test_an_archived_or_compressed_file_is_the_same_events(tmp_path: Path) -> None:
    name = "rollout-2026-03-01T10-00-00-0a0a0a0a-a7ab-44e6-b2c3-045b673746ea.jsonl"
    active = tmp_path / "sessions" / "2026" / name
    active.parent.mkdir(parents=True)
    active.write_text("\n".join([line("session_meta", {"id": "t1"}), count(5, 5), line("event_msg", {"type": "token_count", "info": {"last_token_usage": {"input_tokens": 3}}})]) + "\n")  # fmt: skip
    ledger = Ledger(codex)
    scan(ledger, tmp_path)
    before = ledger.snapshot()
    archived = tmp_path / "archived_sessions" / name
    archived.parent.mkdir()
    active.rename(archived)
    scan(ledger, tmp_path)
    assert ledger.snapshot() == before
    (archived.parent / (name + ".zst")).write_bytes(zstandard.compress(archived.read_bytes()))
    archived.unlink()
    scan(ledger, tmp_path)
    assert ledger.snapshot() == before
    assert scan(ledger, tmp_path) == 0


def test_a_file_that_moves_while_it_is_read_is_found_at_its_twin(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    plain = folder / "r.jsonl"
    plain.write_text(line("session_meta", {"id": "t1"}) + "\n" + count(5, 5) + "\n")
    ledger = Ledger(codex)
    context = Context(1, tmp_path, "", {}, lambda: LATER)
    os.utime(plain, (20, 20))
    other = folder / "s.jsonl"
    other.write_text(line("session_meta", {"id": "t2"}) + "\n" + count(6, 6) + "\n")
    os.utime(other, (10, 10))  # the older one is read last
    names = []
    for raw in pieces(codex, context):
        names.append(os.path.basename(raw.cursor.name))
        if other.exists():
            (folder / "s.jsonl.zst").write_bytes(zstandard.compress(other.read_bytes()))
            other.unlink()
        ledger.apply(codex.parse(None, raw)[1])
    assert list(dict.fromkeys(names)) == ["r.jsonl", "s.jsonl.zst"]
    assert sorted(record.tokens.fresh_input for record in ledger.counted()) == [5, 6]


def test_nothing_of_a_prompt_is_kept(tmp_path: Path) -> None:
    secret = "a prompt that must never be kept"
    log = tmp_path / "sessions" / "r.jsonl"
    log.parent.mkdir()
    log.write_text("\n".join([
        line("session_meta", {"id": "t1", "base_instructions": {"text": secret}, "git": {"repository_url": secret, "branch": "main"}}),
        line("compacted", {"message": secret, "replacement_history": [secret], "compaction_response_id": "r1"}),
        line("event_msg", {"type": "user_message", "message": secret, "token_": '"token_count"'}), count(5, 5), f'{{"token_count" {secret} "token_count"',
    ]) + "\n")  # fmt: skip
    ledger = Ledger(codex)
    scan(ledger, tmp_path)
    assert len(ledger.counted()) == 1
    assert len(ledger.problems) == 1
    assert secret not in repr({name: value for name, value in vars(ledger).items() if name != "source"})


@pytest.mark.parametrize("seed", range(25))
def test_parse_never_raises_whatever_the_line(seed: int) -> None:
    chance = random.Random(seed)
    values = [None, True, -1, 3.5, 10**30, "x", "7", [], [1], {}, {"input_tokens": 4}, {"subagent": 5}, {"thread_id": "t"}, 1772359202]
    names = [
        "timestamp", "type", "payload", "info", "last_token_usage", "total_token_usage", "id", "forked_from_id", "source", "model", "cwd",
        "response_id", "usage", "compaction_response_id", "thread_settings", "rate_limits", "history_base", "turn_id", "data",
    ]  # fmt: skip
    kinds = ["event_msg", "session_meta", "turn_context", "token_usage_record", "compacted", 5]

    def thing(depth: int = 0) -> object:
        if depth > 3 or chance.random() < 0.3:
            return chance.choice(values)
        return {name: thing(depth + 1) for name in chance.sample(names, 5)}

    lines = []
    for _ in range(50):
        payload = {"type": chance.choice(["token_count", "thread_settings_applied", "token_usage_record", 7]), **{n: thing(2) for n in chance.sample(names, 6)}}
        lines.append(json.dumps({"timestamp": thing(3), "type": chance.choice(kinds), "payload": payload if chance.random() < 0.8 else thing(2)}))
        if chance.random() < 0.4:
            lines.append(count(chance.randrange(-2, 9), chance.randrange(-2, 50)))
    family = Family(parent_known=True, groups=((((None, (5, 0, 0, 1, 0)),),),))
    state, items = codex.parse(None, piece(*lines, context=family))
    other = None
    for part in line_by_line(piece(*lines, context=family)):
        other, _ = codex.parse(other, part)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=codex.State) == other
    for item in items:
        if isinstance(item, UsageRecord):
            assert min(item.tokens.fresh_input, item.tokens.cache_read, item.tokens.cache_write_other, item.tokens.output) >= 0
            assert max(abs(item.home), abs(item.precedence)) < 2**63


def test_roots_name_each_place_once(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / ".codex").symlink_to(tmp_path / "one")
    assert codex.roots(tmp_path, {}) == (tmp_path / ".codex",)
    said = f"{tmp_path}/one{os.pathsep}~/two , {tmp_path}/three"
    assert codex.roots(tmp_path, {"CODEX_HOME": said}) == (tmp_path / "one", tmp_path / "two", tmp_path / "three")


def test_an_append_to_a_settled_child_needs_no_look_at_its_family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    spawned = {"subagent": {"thread_spawn": {"parent_thread_id": "t2"}}}
    (folder / "root.jsonl").write_text(line("session_meta", {"id": "t1"}) + "\n" + count(5, 5) + "\n")
    (folder / "middle.jsonl").write_text(line("session_meta", {"id": "t2", "source": {"subagent": {"thread_spawn": {"parent_thread_id": "t1"}}}}) + "\n" + count(4, 4, "2026-03-01T11:00:00Z") + "\n")
    child = folder / "child.jsonl"
    child.write_text(line("session_meta", {"id": "t3", "source": spawned}) + "\n" + count(6, 6, "2026-03-01T12:00:00Z") + "\n" + count(7, 13, "2026-03-01T12:01:00Z") + "\n")
    ledger, memory = Ledger(codex), {}
    scan(ledger, tmp_path, memory=memory)
    scan(ledger, tmp_path, memory=memory)
    with child.open("a") as file:
        file.write(count(1, 14, "2026-03-01T12:02:00Z") + "\n")
    scan(ledger, tmp_path, memory=memory)
    monkeypatch.setattr("tokenpal.sources.codex.Relatives", None)
    with child.open("a") as file:
        file.write(count(2, 16, "2026-03-01T12:03:00Z") + "\n")
    scan(ledger, tmp_path, memory=memory, full=False)
    assert {record.session for record in ledger.counted()} == {"codex:t1"}
    assert sum(record.tokens.fresh_input for record in ledger.counted()) == 5 + 4 + 6 + 7 + 1 + 2
