"""Claude Code: every rule of agent-logs 3 on the project's own cases, and what files cannot show."""

from __future__ import annotations

import json
import random
from itertools import permutations
from pathlib import Path

import pytest

from tests.sources import own_cases
from tests.sources.reference import Ledger, line_by_line, make_line, scan
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Candidate, UsageRecord, stable_key
from tokenpal.sources import claude_code
from tokenpal.sources.base import Cursor, Line, Piece

AGENT = "claude-code"
SECRET = "a prompt that must never be kept"


@pytest.mark.parametrize("name", own_cases.names(AGENT))
def test_case(name: str) -> None:
    own_cases.check_at_once(claude_code, AGENT, name)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", own_cases.names(AGENT))
def test_case_in_any_order_and_in_pieces(name: str, seed: int, tmp_path: Path) -> None:
    own_cases.check_growing(claude_code, AGENT, name, seed, tmp_path)


def row(message: str = "msg_1", request: str | None = "req_1", output: int = 5, **more: object) -> str:
    said = {"timestamp": "2026-03-01T10:00:01.000Z", "sessionId": "s1", "isSidechain": False, "requestId": request}
    said["message"] = {"id": message, "model": "claude-sonnet-5", "content": SECRET, "usage": {"input_tokens": 1, "output_tokens": output}}
    return json.dumps(said | more)


def piece(*lines: str, first: bool = True, name: str = "/home/me/.claude/projects/-work/s1.jsonl") -> Piece:
    return Piece(Cursor(name), [make_line(number * 1000, line) for number, line in enumerate(lines)], first)


def test_parse_leaves_the_given_state_alone_and_is_repeatable() -> None:
    state, _ = claude_code.parse(None, piece(row()))
    before = repr(state)
    one = claude_code.parse(state, piece(row("msg_2", "req_2"), first=False))
    assert repr(state) == before
    assert repr(claude_code.parse(state, piece(row("msg_2", "req_2"), first=False))) == repr(one)


def test_settle_does_not_depend_on_order() -> None:
    family = [
        Candidate(stable_key("f", "r1"), 1, 100, "m", Tokens(output=10, cache_read=20), sub_agent=False),
        Candidate(stable_key("f", "r2"), 0, 100, "m", Tokens(output=10, cache_read=50_000), sub_agent=True),
        Candidate(stable_key("f"), 0, 90, "m", Tokens(output=11), sub_agent=True),
    ]
    assert {frozenset(claude_code.settle(order)) for order in permutations(family)} == {frozenset({stable_key("f", "r1")})}


def test_nothing_of_a_prompt_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "projects" / "p" / "s.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text(row() + "\n" + f'{{"type":"user","message":{{"content":"{SECRET}","usage":1}}}}\n' + f'{{"usage": broken {SECRET} "usage"\n')
    ledger = Ledger(claude_code)
    scan(ledger, tmp_path)
    assert SECRET not in repr(vars(ledger)).replace("'claude_code'", "")
    assert [problem.position for problem in ledger.problems] == ["byte " + str(log.read_bytes().index(b'{"usage": broken'))]
    assert ledger.problems[0].source == str(log)


@pytest.mark.parametrize("seed", range(25))
def test_parse_never_raises_whatever_the_line(seed: int) -> None:
    chance = random.Random(seed)
    values = [None, True, -1, 3.5, 10**30, "x", "7", [], [1], {}, {"usage": {}}, {"input_tokens": "9"}, [{"type": "advisor_message"}]]

    def thing(depth: int = 0) -> object:
        names = [
            "message", "usage", "data", "timestamp", "sessionId", "cwd", "id", "model", "requestId", "input_tokens", "output_tokens",
            "iterations", "cache_creation", "isSidechain", "forkedFrom", "uuid", "costUSD", "version", "stop_reason", "type",
        ]  # fmt: skip
        if depth > 3 or chance.random() < 0.3:
            return chance.choice(values)
        return {name: thing(depth + 1) for name in chance.sample(names, 5)}

    lines = []
    for _ in range(40):
        text = json.dumps(thing())
        if chance.random() < 0.2:
            text = text[: chance.randrange(len(text) + 1)] + ' "usage"'
        lines.append(text)
    state, items = claude_code.parse(None, piece(*lines))
    again: list[object] = []
    other = None
    for part in line_by_line(piece(*lines)):
        other, found = claude_code.parse(other, part)
        again += found
    for item in items:
        if isinstance(item, UsageRecord):
            assert min(item.tokens.total, item.tokens.output, item.tokens.fresh_input) >= 0
            assert 0 <= item.at < 2**40
            assert abs(item.home) < 2**63
    assert state == other


def test_bytes_that_are_no_utf8_do_not_lose_the_tokens() -> None:
    line = row().encode().replace(SECRET.encode(), b"caf\xe9 \xff")
    _, items = claude_code.parse(None, Piece(Cursor("/p/s.jsonl"), [Line(0, line)], first=True))
    assert [item.tokens.output for item in items if isinstance(item, UsageRecord)] == [5]


def test_roots_name_each_place_once(tmp_path: Path) -> None:
    home = tmp_path
    (home / "work").mkdir()
    (home / ".claude").symlink_to(home / "work")
    env = {"CLAUDE_CONFIG_DIR": f"{home}/work, ~/two/projects ,", "APPDATA": f"{home}/Roaming", "LOCALAPPDATA": f"{home}/Local"}
    (home / "Local" / "Packages" / "Claude_abc").mkdir(parents=True)
    found = claude_code.roots(home, env)
    assert found[:3] == (home / "work", home / "two", home / ".config" / "claude"), "the link is the same place"
    below = {path.relative_to(home).as_posix() for path in found[3:]}
    assert "Library/Application Support/Claude/local-agent-mode-sessions" in below
    assert ".config/Claude/local-agent-mode-sessions" in below
    assert "Roaming/Claude/claude-code-sessions" in below
    assert "Local/Packages/Claude_abc/LocalCache/Roaming/Claude/local-agent-mode-sessions" in below


def test_desktop_sessions_are_found_deep_down_and_only_their_transcripts(tmp_path: Path) -> None:
    root = tmp_path / "local-agent-mode-sessions"
    deep = root / "a" / "b" / "c" / ".claude" / "projects" / "-w"
    deep.mkdir(parents=True)
    (deep / "s.jsonl").write_text(row() + "\n")
    (root / "a" / "audit.jsonl").write_text(row("msg_9", "req_9") + "\n")
    ignored = root / "a" / "node_modules" / ".claude" / "projects" / "p"
    ignored.mkdir(parents=True)
    (ignored / "s.jsonl").write_text(row("msg_8", "req_8") + "\n")
    ledger = Ledger(claude_code)
    scan(ledger, root)
    assert len(ledger.counted()) == 1


def test_a_configuration_folder_without_projects_holds_nothing_to_read(tmp_path: Path) -> None:
    root = tmp_path / ".claude"
    root.mkdir()
    (root / "history.jsonl").write_text(row() + "\n")
    (root / "other.jsonl").write_text(row() + "\n")
    ledger = Ledger(claude_code)
    assert scan(ledger, root) == 0


def test_a_file_given_as_root_is_read(tmp_path: Path) -> None:
    log = tmp_path / "one.jsonl"
    log.write_text(row() + "\n")
    ledger = Ledger(claude_code)
    scan(ledger, log)
    assert len(ledger.counted()) == 1
