"""Folders are those of platformdirs, and TOKENPAL_HOME keeps everything in one."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs.macos
import platformdirs.unix
import pytest

from tokenpal.system.paths import Paths, inside, paths, resource


def shape(dirs: platformdirs.unix.Unix | platformdirs.macos.MacOS) -> Paths:
    return Paths(Path(dirs.user_config_dir), Path(dirs.user_data_dir), Path(dirs.user_cache_dir), Path(dirs.user_log_dir))


@pytest.mark.skipif(sys.platform == "win32", reason="the Linux folders need a POSIX home")
@pytest.mark.parametrize("xdg", [{}, {"XDG_DATA_HOME": "/a", "XDG_CONFIG_HOME": "/b", "XDG_CACHE_HOME": "/c", "XDG_STATE_HOME": "/d"}])
def test_same_folders_as_platformdirs_on_linux(xdg: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in xdg.items():
        monkeypatch.setenv(name, value)
    env = {"HOME": str(tmp_path / "home"), **xdg}
    assert paths(env, "linux") == shape(platformdirs.unix.Unix("tokenpal"))


@pytest.mark.skipif(sys.platform == "win32", reason="the macOS folders need a POSIX home")
def test_same_folders_as_platformdirs_on_macos(tmp_path: Path) -> None:
    assert paths({"HOME": str(tmp_path / "home")}, "darwin") == shape(platformdirs.macos.MacOS("tokenpal"))


def test_a_relative_xdg_folder_counts_as_unset() -> None:
    assert paths({"HOME": "/h", "XDG_DATA_HOME": "here"}, "linux").data == Path("/h/.local/share/tokenpal")


def test_one_folder_for_everything(tmp_path: Path) -> None:
    found = paths({"TOKENPAL_HOME": str(tmp_path / "p"), "HOME": "/h"})
    assert found == inside(tmp_path / "p")
    assert not (tmp_path / "p").exists()
    found.make()
    found.make()
    assert all(folder.is_dir() for folder in (found.config, found.data, found.cache, found.logs))
    if sys.platform != "win32":
        assert found.data.stat().st_mode & 0o077 == 0


def test_a_relative_home_is_taken_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert paths({"TOKENPAL_HOME": "p"}).data == tmp_path / "p"


def test_the_socket_address_is_never_too_long(tmp_path: Path) -> None:
    short, long = inside(Path("/s")), inside(tmp_path / ("x" * 120))
    assert short.channel == Path("/s/engine.sock")
    assert len(str(long.channel)) <= 100
    assert long.channel != inside(tmp_path / ("y" * 120)).channel


def test_profiles_have_names_of_their_own(tmp_path: Path) -> None:
    assert inside(tmp_path / "a").profile == inside(tmp_path / "a").profile != inside(tmp_path / "b").profile


def test_shipped_files_are_found_in_the_repository_and_in_a_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resource("").is_dir()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource("icons") == tmp_path / "resources" / "icons"
