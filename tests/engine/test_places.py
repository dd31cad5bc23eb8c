"""Folders become projects: repositories, worktrees, vanished folders, Windows and WSL."""

from __future__ import annotations

import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import example, given, strategies as st

from tokenpal.engine import places
from tokenpal.engine.places import Places, normalise


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "protocol.file.allow=always")
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True, timeout=60)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "code" / "shop"
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "x")
    (folder / "src" / "deep").mkdir(parents=True)
    return folder


def test_a_folder_belongs_to_its_repository(repo: Path) -> None:
    place = Places()
    assert {place(str(folder)) for folder in (repo, repo / "src", repo / "src" / "deep", f"{repo}/src/")} == {str(repo)}
    assert place(str(repo / "deleted" / "long ago")) == str(repo)


def test_a_worktree_is_its_repository_wherever_it_lies(repo: Path, tmp_path: Path) -> None:
    for where in (tmp_path / "elsewhere" / "wt", repo / ".worktrees" / "wt2"):
        git(repo, "worktree", "add", "-q", str(where))
        (where / "sub").mkdir()
        assert Places()(str(where / "sub")) == str(repo)
    shutil.rmtree(repo / ".worktrees" / "wt2")
    assert Places()(str(repo / ".worktrees" / "wt2")) == str(repo)


def test_a_worktree_of_a_bare_repository_and_one_whose_repository_is_gone(repo: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo), str(tmp_path / "bare.git"))
    git(tmp_path / "bare.git", "worktree", "add", "-q", str(tmp_path / "wt"))
    assert Places()(str(tmp_path / "wt")) == str(tmp_path / "bare")
    git(repo, "worktree", "add", "-q", str(tmp_path / "wt2"))
    shutil.rmtree(repo)
    assert Places()(str(tmp_path / "wt2")) == str(repo)


def test_a_submodule_is_a_project_of_its_own(repo: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "submodule", "--quiet", "add", str(repo), "lib")
    assert Places()(str(outer / "lib" / "src")) == str(outer / "lib")


def test_folders_without_a_repository_stay_text(tmp_path: Path) -> None:
    place = Places()
    for text in (str(tmp_path), "/nowhere/at all", "~/code/demo", "relative/x", "", "C:\\Users\\me", "/zero\x00byte", "x" * 9000):
        assert place(text) == text


def test_dotfiles_at_home_are_not_the_project_of_everything(tmp_path: Path) -> None:
    home = tmp_path / "me"
    (home / ".git").mkdir(parents=True)
    (home / "notes").mkdir()
    place = Places(home=str(home))
    assert place(str(home / "notes")) == str(home / "notes")
    assert place(str(home)) == str(home)


def test_answers_are_kept_until_the_next_full_scan(tmp_path: Path) -> None:
    place = Places()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert place(str(tmp_path / "a" / "b")) == str(tmp_path / "a" / "b")
    (tmp_path / "a" / ".git").mkdir()
    assert place(str(tmp_path / "a" / "b")) == str(tmp_path / "a" / "b")
    place.forget()
    assert place(str(tmp_path / "a" / "b")) == str(tmp_path / "a")


@pytest.mark.parametrize("content", ["", "gitdir: ", "gitdir: \x00", "gitdir: " + "x" * 9000, "\xff\xfe"])
def test_strange_git_files_are_no_reason_to_stop(tmp_path: Path, content: str) -> None:
    (tmp_path / ".git").write_text(content, encoding="latin-1")
    assert Places()(str(tmp_path)) == str(tmp_path)


def test_a_dead_drive_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    never = threading.Event()

    def dead(folder: str) -> str | None:
        asked.append(folder)
        never.wait()
        return None

    monkeypatch.setattr(places, "network_mounts", lambda: (str(tmp_path),))
    monkeypatch.setattr(places, "repository", dead)
    monkeypatch.setattr(places, "PATIENCE", 0.01)
    place = Places()
    assert [place(str(tmp_path / name)) for name in "abc"] == [str(tmp_path / name) for name in "abc"]
    assert len(asked) == 1
    never.set()


WINDOWS = [
    ("C:\\Users\\me\\x", "C:\\Users\\me\\x"),
    ("c:/Users/me/x/", "C:\\Users\\me\\x"),
    ("c:\\Users\\\\me\\.\\x", "C:\\Users\\me\\x"),
    ("\\\\?\\C:\\Users\\me\\x", "C:\\Users\\me\\x"),
    ("file:///C:/Users/me/my%20x", "C:\\Users\\me\\my x"),
    ("c:", "C:\\"),
    ("\\\\wsl$\\Ubuntu\\home\\me", "/home/me"),
    ("\\\\wsl.localhost\\Ubuntu-24.04\\home\\me\\", "/home/me"),
    ("//wsl$/Ubuntu/home/me", "/home/me"),
    ("\\\\server\\share\\x\\", "\\\\server\\share\\x"),
    ("\\\\?\\UNC\\server\\share", "\\\\server\\share"),
    ("/home/me//x/./", "/home/me/x"),
    ("file:///home/me/x", "/home/me/x"),
    ("/", "/"),
]


@pytest.mark.parametrize(("given_", "expected"), WINDOWS)
@pytest.mark.parametrize("windows", [True, False])
def test_one_spelling_of_a_folder(given_: str, expected: str, windows: bool) -> None:
    assert normalise(given_, windows=windows, wsl=False) == expected


def test_drives_as_wsl_and_git_bash_see_them() -> None:
    assert normalise("/mnt/c/Users/me", windows=False, wsl=True) == "C:\\Users\\me"
    assert normalise("/mnt/c", windows=False, wsl=True) == "C:\\"
    assert normalise("/mnt/c/Users/me", windows=False, wsl=False) == "/mnt/c/Users/me"
    assert normalise("/mnt/code", windows=False, wsl=True) == "/mnt/code"
    assert normalise("/c/Users/me", windows=True, wsl=False) == "C:\\Users\\me"
    assert normalise("/c/Users/me", windows=False, wsl=False) == "/c/Users/me"


@given(st.text(max_size=60) | st.text("a/\\\\.:c% \r2", max_size=12) | st.sampled_from([given_ for given_, _ in WINDOWS]), st.booleans(), st.booleans())
@example("0\r/", False, False)
@example("a/. /", False, False)
def test_spelling_is_settled_after_one_go_and_never_fails(text: str, windows: bool, wsl: bool) -> None:
    once = normalise(text, windows=windows, wsl=wsl)
    assert normalise(once, windows=windows, wsl=wsl) == once


@given(st.text(max_size=40))
def test_any_text_has_a_place(text: str) -> None:
    Places()(text)
