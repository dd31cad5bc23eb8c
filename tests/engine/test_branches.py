"""The branch at a time, from real repositories' own record of checkouts; worktrees have their own."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tokenpal.engine import homes, once, queries, sorting
from tokenpal.engine.branches import Branches, Record, is_inferred, record
from tokenpal.settings import Settings
from tokenpal.store.database import Store

T = 1_782_900_000  # 2026-07-01 10:00 UTC


def git(folder: Path, at: int, *words: str) -> None:
    """A command of git at a time: its record takes the committer's date."""
    said = f"{at} +0200"
    env = {**os.environ, "GIT_COMMITTER_DATE": said, "GIT_AUTHOR_DATE": said, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ("-c", "user.name=A > B", "-c", "user.email=e@example.org")
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True, timeout=60, env=env)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "me" / "code" / "shop"
    (folder / "src" / "deep").mkdir(parents=True)
    git(folder, T, "init", "-q", "-b", "main")
    git(folder, T, "commit", "-q", "--allow-empty", "-m", "checkout: moving from main to lie")
    return folder


def test_without_a_checkout_it_is_the_one_that_is_there(repo: Path) -> None:
    assert Branches(())(str(repo), T + 5) == "main"
    assert Branches(())(str(repo / "src" / "deep"), 0) == "main"


def test_the_branch_of_each_time(repo: Path) -> None:
    git(repo, T + 100, "checkout", "-q", "-b", "feature/PAY-142-retry")
    git(repo, T + 200, "commit", "-q", "--allow-empty", "-m", "y")
    git(repo, T + 300, "checkout", "-q", "--detach")
    git(repo, T + 400, "switch", "-q", "main")
    branch = Branches(())
    found = [branch(str(repo / "src"), T + step) for step in (-50, 99, 100, 299, 300, 399, 400, 10**6)]
    assert found == ["main", "main", "feature/PAY-142-retry", "feature/PAY-142-retry", "", "", "main", "main"]


def test_a_worktree_has_a_record_of_its_own(repo: Path, tmp_path: Path) -> None:
    tree = tmp_path / "me" / "trees" / "fix"
    git(repo, T + 50, "worktree", "add", "-q", "-b", "fix/BIL-77", str(tree))
    git(repo, T + 100, "checkout", "-q", "-b", "feature/PAY-142")
    branch = Branches(())
    assert (branch(str(tree), T + 500), branch(str(repo), T + 500)) == ("fix/BIL-77", "feature/PAY-142")
    git(tree, T + 600, "checkout", "-q", "-b", "fix/later")
    assert branch(str(tree), T + 700) == "fix/BIL-77", "kept until the next full scan"
    branch.forget()
    assert [branch(str(tree), T + step) for step in (500, 700)] == ["fix/BIL-77", "fix/later"]


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    branch = Branches((str(tmp_path / "nas"),))
    for folder in (str(tmp_path), "", "relative", "C:\\x", "/zero\0byte", "/nowhere/at/all", str(tmp_path / "nas" / "x"), "//server/x"):
        assert branch(folder, T) == ""


@given(said=st.binary(max_size=300))
def test_any_record_is_survived(tmp_path_factory: pytest.TempPathFactory, said: bytes) -> None:
    git_folder = tmp_path_factory.mktemp("g")
    (git_folder / "logs").mkdir()
    (git_folder / "logs" / "HEAD").write_bytes(said + b"\n0 1 n <e> 5 +0000\tcheckout: moving from a to b\n" + said)
    (git_folder / "HEAD").write_bytes(said)
    found = record(str(git_folder))
    assert "b" in found.names
    assert list(found.times) == sorted(found.times)


def test_a_long_record_is_read_from_its_end(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    lines = [f"{n:040} {n:040} n <e@x> {T + n} +0000\tcheckout: moving from b{n} to b{n + 1}\n" for n in range(20_000)]
    (tmp_path / "logs" / "HEAD").write_text("".join(lines))
    found = record(str(tmp_path))
    assert found.at(T + 19_999) == "b20000"
    assert len(found.times) < 20_000
    assert found.at(0) == found.before != ""


def test_a_record_is_a_value() -> None:
    assert Record((5, 9), ("a", ""), "z").at(4) == "z"
    assert Record((5, 9), ("a", ""), "z").at(8) == "a"


def iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def test_an_agent_that_names_no_branch_gets_it_and_its_ticket(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gemini CLI in a worktree: project, branch and ticket come along, and it is said that the branch is inferred."""
    home = tmp_path / "me"
    tree = home / "trees" / "fix"
    git(repo, T + 50, "worktree", "add", "-q", "-b", "fix/BIL-77", str(tree))
    git(tree, T + 3600, "checkout", "-q", "-b", "feature/PAY-142")
    chats = home / ".gemini" / "tmp" / "fix" / "chats"
    chats.mkdir(parents=True)
    (home / ".gemini" / "projects.json").write_text(json.dumps({"projects": {str(tree): "fix"}}))
    rows = [{"sessionId": "s1", "projectHash": "x", "startTime": iso(T + 60), "kind": "main"}]
    rows += [
        {"id": f"g-{n}", "timestamp": iso(at), "type": "gemini", "model": "gemini-3-flash", "tokens": {"input": 9, "output": 1, "cached": 0, "thoughts": 0, "tool": 0, "total": 10}}
        for n, at in enumerate((T + 60, T + 7200))
    ]
    (chats / "session-2026-07-01T10-00-aaaa.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr(homes, "found", tuple)
    with Store.open(tmp_path / "tokenpal.db") as store:
        done = once.scan_here(store, Settings(), only=frozenset({"gemini-cli"}))
        assert done.records == 2
        (row,) = queries.sessions(store)
        detail = queries.session_detail(store, row.id)
        assert detail is not None
        assert {part.branch for part in detail.segments} == {"fix/BIL-77", "feature/PAY-142"}
        assert row.project == str(repo)
        assert is_inferred(row.agent, row.branch)
        assert {one.ticket for one in sorting.suggestions(store)} >= {"BIL-77", "PAY-142"}
        assert once.scan_here(store, Settings(), only=frozenset({"gemini-cli"})).records == 0
    assert not is_inferred("claude-code", "main")
    assert not is_inferred("gemini-cli", "")
    assert not is_inferred("openrouter", "main")
