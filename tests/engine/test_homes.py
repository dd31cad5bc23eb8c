"""Homes of Linux inside Windows, several roots of every agent, and projects of worktrees with their branches and tickets."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.engine.logs import line
from tests.engine.test_places import git
from tests.sources.reference import Ledger, scan as read_alone
from tokenpal.engine import homes, once, places, queries, scan, sorting
from tokenpal.engine.homes import Home, found, names
from tokenpal.engine.places import Places
from tokenpal.engine.rules import Rulebook
from tokenpal.model.report import Dimension, Query
from tokenpal.settings import Settings
from tokenpal.sources import registry
from tokenpal.sources.base import Kind
from tokenpal.store import report as reports
from tokenpal.store.database import Store

DATA = Path(__file__).parent.parent / "data"
LOGS = sorted(name for name, source in registry.sources().items() if source.INFO.kind is Kind.LOG)


def transcript(home: Path, session: str, folder: str, branch: str = "main", number: int = 3) -> Path:
    path = home / ".claude" / "projects" / "-x" / f"{session}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line(session, n, folder=folder)) | {"gitBranch": branch} for n in range(number)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


# ---------------------------------------------------------------------------------------------- which homes there are


@pytest.mark.parametrize(
    ("said", "distros"),
    [
        ("Ubuntu\r\nDebian GNU\r\n".encode("utf-16-le"), ["Ubuntu", "Debian GNU"]),
        ("\ufeffUbuntu\r\n".encode("utf-16-le"), ["Ubuntu"]),
        (b"Ubuntu\nDebian\n", ["Ubuntu", "Debian"]),
        (b"", []),
        (b"bad\\name\n../x\n", []),
        (b"\xff\xfe\x00", []),
    ],
)
def test_names_as_windows_prints_them(said: bytes, distros: list[str]) -> None:
    assert [name for name in names(said) if name.isascii()] == distros


def test_homes_as_windows_shows_them() -> None:
    folders = {
        r"\\wsl.localhost\Ubuntu": ["home", "root"], r"\\wsl.localhost\Ubuntu\home": ["sam"],
        r"\\wsl$\Old": ["home"], r"\\wsl$\Old\home": ["ann", "bob"],
        r"\\wsl.localhost\docker-desktop\home": ["nobody"],
    }  # fmt: skip
    asked: list[str] = []

    def listing(folder: str) -> list[str]:
        asked.append(folder)
        return folders.get(folder, [])

    got = found(lambda: ["Ubuntu", "Old", "docker-desktop", "Gone"], listing)
    assert [(str(home.path), home.name) for home in got] == [
        (r"\\wsl.localhost\Ubuntu\home\sam", "Ubuntu"), (r"\\wsl.localhost\Ubuntu\root", "Ubuntu, root"),
        (r"\\wsl$\Old\home\ann", "Old, ann"), (r"\\wsl$\Old\home\bob", "Old, bob"),
    ]  # fmt: skip
    assert homes.shares_of(got) == (r"\\wsl.localhost\Ubuntu", r"\\wsl$\Old")
    assert not any("docker" in folder for folder in asked)
    assert all(homes.is_slow(str(home.path)) for home in got)


@pytest.mark.skipif(sys.platform == "win32", reason="there it may be so")
def test_elsewhere_there_are_none_and_nobody_is_asked() -> None:
    assert found() == ()
    assert homes.running("win32") == [], "a system without wsl.exe says none"


def test_what_is_slow() -> None:
    assert homes.is_slow("//server/share/x")
    assert homes.is_slow("/mnt/nas/x", ["/mnt/nas"])
    assert not homes.is_slow("/mnt/nasty", ["/mnt/nas"])
    assert not homes.is_slow("/home/sam/.claude")


# ---------------------------------------------------------------------------------------------- reading them


def machine(folder: Path) -> tuple[Home, ...]:
    """Two distributions below a folder instead of below a share."""
    transcript(folder / "Ubuntu" / "home" / "sam", "aaaa", "/home/sam/code/shop/src")
    transcript(folder / "Debian" / "root", "bbbb", "/root/lab", number=5)
    return found(lambda: ["Ubuntu", "Debian"], homes.listing, [str(folder)])


def test_each_agent_is_looked_for_in_each_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = machine(tmp_path / "wsl")
    monkeypatch.setattr(homes, "found", lambda: there)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "me")
    transcript(tmp_path / "me", "cccc", "/nowhere", number=2)
    with Store.open(tmp_path / "tokenpal.db") as store:
        done = once.scan_here(store, Settings())
        assert {part.name: part.records for part in done.parts if part.agent == "claude-code"} == {
            "Claude Code": 2, "Claude Code, Ubuntu": 3, "Claude Code, Debian, root": 5,
        }  # fmt: skip
        rows = queries.accounts(store)
        assert {row.name for row in rows} >= {"Claude Code", "Claude Code, Ubuntu", "Claude Code, Debian, root"}
        again = once.scan_here(store, Settings())
        assert again.records == 0
        assert queries.accounts(store) == rows or len(queries.accounts(store)) == len(rows)
        off = Settings()
        off._raw = {"advanced": {"wsl": False}}
        assert {part.name for part in once.scan_here(store, off).parts if part.agent == "claude-code"} == {"Claude Code"}


def test_a_folder_inside_is_a_project_of_the_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths as Linux spells them find their repository through the share, worktrees too; what nobody has stays text."""
    share = tmp_path / "wsl" / "Ubuntu"
    repo = share / "home" / "sam" / "code" / "shop"
    (repo / "src").mkdir(parents=True)
    git(repo, "init", "-q")
    tree = share / "home" / "sam" / "trees" / "fix"
    tree.mkdir(parents=True)
    (tree / ".git").write_text("gitdir: /home/sam/code/shop/.git/worktrees/fix\n")
    monkeypatch.setattr(places, "local_path", lambda text: None if text.startswith("/home/sam") else text)
    place = Places(home="/nobody", shares=(str(tmp_path / "gone"), str(share)))
    assert place("/home/sam/code/shop/src") == "/home/sam/code/shop"
    assert place("/home/sam/trees/fix") == "/home/sam/code/shop"
    assert place("/home/sam/elsewhere") == "/home/sam/elsewhere"
    assert Places(home="/nobody")("/home/sam/code/shop/src") == "/home/sam/code/shop/src"


def test_a_share_that_never_answers_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    hold = threading.Event()
    asked: list[str] = []

    def dead(folder: str) -> bool:
        asked.append(folder)
        return hold.wait(60) and False

    monkeypatch.setattr(places, "local_path", lambda text: None)
    monkeypatch.setattr(places, "PATIENCE", 0.05)
    monkeypatch.setattr(os.path, "isdir", dead)
    place = Places(home="/nobody", shares=("\\\\wsl.localhost\\Ubuntu",))
    try:
        assert place("/home/sam/a") == "/home/sam/a"
        assert place("/home/sam/b") == "/home/sam/b"
        assert asked == ["\\\\wsl.localhost\\Ubuntu\\home\\sam\\a"]
    finally:
        hold.set()


# ---------------------------------------------------------------------------------------------- several roots of every agent


@pytest.mark.parametrize("name", LOGS)
def test_every_agent_reads_further_roots_from_the_settings(name: str, tmp_path: Path) -> None:
    """Two samples lie in folders nobody would look into; what the settings name is read, and counts what it holds."""
    source = registry.sources()[name]
    samples = [path for path in sorted((DATA / name).iterdir()) if path.is_dir()]
    roots, expected = [], 0
    for sample in samples:
        copy = tmp_path / f"odd place {len(roots)}" / "x"
        shutil.copytree(sample, copy)
        alone = Ledger(source)
        read_alone(alone, copy)
        if alone.counted():
            roots.append(copy)
            if len(roots) == 2:
                break
    assert roots, "a source without a sample that holds a record"
    both = Ledger(source)
    for root in roots:
        read_alone(both, root)
    expected = sum(record.tokens.total for record in both.counted())
    wanted = scan.Wanted(tmp_path / "nobody", {}, {name: [str(root) for root in roots]}, only=frozenset({name}))
    with Store.open(tmp_path / "tokenpal.db") as store:
        ask = scan.here(store)
        targets = scan.find(ask, [source], wanted)
        assert [target.root for target in targets] == roots
        done = scan.scan(ask, targets, Rulebook(lambda *_: None))
        assert done.records > 0
        assert not done.trouble
        assert reports.report(store, Query(zone="UTC")).total.tokens.total == expected
        assert len({row.name for row in queries.accounts(store)}) == len(roots), "each root is an account of its own"


# ---------------------------------------------------------------------------------------------- worktrees


def test_worktrees_fold_into_their_repository_with_branch_and_ticket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions in the repository, in a worktree beside it, in one inside it, in one that is gone, and in a bare clone's."""
    home = tmp_path / "me"
    repo = home / "code" / "shop"
    (repo / "src").mkdir(parents=True)
    git(repo, "init", "-q", "-b", "main")
    git(repo, "commit", "-q", "--allow-empty", "-m", "x")
    beside, inside, gone = home / "trees" / "pay", repo / ".worktrees" / "bil", home / "trees" / "old"
    for where, branch in ((beside, "feature/PAY-142-retry"), (inside, "fix/BIL-77"), (gone, "try/LAB-9")):
        git(repo, "worktree", "add", "-q", "-b", branch, str(where))
    (beside / "deep" / "er").mkdir(parents=True)
    transcript(home, "s-main", str(repo / "src"), "main")
    transcript(home, "s-pay", str(beside / "deep" / "er"), "feature/PAY-142-retry")
    transcript(home, "s-bil", str(inside), "fix/BIL-77")
    transcript(home, "s-lab", str(gone), "try/LAB-9")
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr(homes, "found", tuple)
    with Store.open(tmp_path / "tokenpal.db") as store:
        once.scan_here(store, Settings())
        by_project = reports.report(store, Query(zone="UTC", by=Dimension.PROJECT))
        assert [row.key for row in by_project.rows] == [str(repo)]
        sessions = {row.id.partition(":")[2]: row for row in queries.sessions(store)}
        branches = {"s-main": "main", "s-pay": "feature/PAY-142-retry", "s-bil": "fix/BIL-77", "s-lab": "try/LAB-9"}
        assert {name: row.branch for name, row in sessions.items()} == branches
        assert {row.project for row in sessions.values()} == {str(repo)}
        assert {one.ticket for one in sorting.suggestions(store)} >= {"PAY-142", "BIL-77", "LAB-9"}
    shutil.rmtree(gone)
    git(repo, "worktree", "prune")
    with Store.open(tmp_path / "later.db") as store:
        once.scan_here(store, Settings())
        found_again = {row.key for row in reports.report(store, Query(zone="UTC", by=Dimension.PROJECT)).rows}
        assert found_again == {str(repo), str(gone)}, "nobody can tell any more whose worktree it was"


def test_a_store_that_knew_the_worktree_keeps_its_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is removed after it was read; the next scan of a grown log goes on in the same project where it can be known."""
    home = tmp_path / "me"
    repo = home / "code" / "shop"
    repo.mkdir(parents=True)
    git(repo, "init", "-q", "-b", "main")
    git(repo, "commit", "-q", "--allow-empty", "-m", "x")
    inside = repo / ".worktrees" / "one"
    git(repo, "worktree", "add", "-q", "-b", "fix/BIL-77", str(inside))
    transcript(home, "s", str(inside), "fix/BIL-77", number=3)
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr(homes, "found", tuple)
    with Store.open(tmp_path / "tokenpal.db") as store:
        once.scan_here(store, Settings())
        shutil.rmtree(inside)
        transcript(home, "s", str(inside), "fix/BIL-77", number=6)
        once.scan_here(store, Settings())
        rows: Any = reports.report(store, Query(zone="UTC", by=Dimension.PROJECT)).rows
        assert [(row.key, row.measures.requests) for row in rows] == [(str(repo), 6)]


def test_homes_are_values() -> None:
    one = Home(Path("/x"), "/s", "n")
    assert msgspec.structs.replace(one) == one


def test_a_running_app_sees_folders_that_another_process_named(tmp_path: Path) -> None:
    """At its next full look, without touching the window's own settings."""
    from tests.engine.logs import running, wait_for

    path = tmp_path / "home" / "tokenpal" / "settings.toml"
    path.parent.mkdir(parents=True)
    with running(tmp_path / "home", settings=Settings.load(path)) as (engine, _):
        transcript(tmp_path / "elsewhere", "aaaa", "/nowhere", number=4)
        Settings.load(path).set("advanced.roots", {"claude-code": [str(tmp_path / "elsewhere" / ".claude")]})
        engine.refresh(None)
        wait_for(lambda: engine.ask(reports.report, Query(zone="UTC")).result(30).total.requests == 4, "the further folder is read")


def test_what_the_status_line_left_is_picked_up_by_a_running_app(tmp_path: Path) -> None:
    """The account is not known when the line is written; the look that finds it takes the line too, and tells of it."""
    from tests.engine.logs import running, wait_for
    from tokenpal.model.events import Changed

    transcript(tmp_path / "home", "aaaa", "/nowhere")
    with running(tmp_path / "home") as (engine, heard):
        wait_for(lambda: engine.ask(queries.accounts).result(30), "the logs are found")
        now = engine.now()
        said = {"root": str(tmp_path / "home" / ".claude"), "at": now, "name": "5 hours", "minutes": 300, "used": 42.5, "resets_at": now + 600}
        spool = engine.paths.data / "statusline.jsonl"
        spool.write_text(json.dumps(said) + "\n" + '{"root": "torn')
        engine.refresh(None)
        wait_for(lambda: [one.used_percent for _, one in engine.ask(queries.limits).result(30)] == [42.5], "it is a reading")
        wait_for(lambda: any("limits" in event.what for event in heard.of(Changed)), "the window hears of it")
        wait_for(lambda: not spool.exists() and not spool.with_name("statusline.taken").exists(), "nothing is left")
