"""What dev.py decides: which packages are missing, under which name, how to install them, and when the environment is right."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dev

DEBIAN_12 = {"ID": "debian", "VERSION_ID": "12"}
NOTHING = lambda need: False
DISPLAY = {"DISPLAY": ":0"}


def packages(task: str, env: dict[str, str], *arguments: str) -> list[str]:
    return dev.missing(dev.needs(task, env, arguments), NOTHING)


def test_report_in_a_terminal_needs_no_window_libraries() -> None:
    assert packages("run", {}) == ["python3-venv"]
    assert packages("check", DISPLAY) == ["python3-venv"]
    assert packages("run", DISPLAY, "report", "--json") == ["python3-venv"]
    assert packages("run", DISPLAY, "--help") == ["python3-venv"]


def test_run_on_a_display_needs_its_libraries_and_no_test_tools() -> None:
    x11 = packages("run", DISPLAY)
    assert packages("run", DISPLAY, "--demo") == x11
    assert {"libegl1", "libxcb-cursor0"} <= set(x11)
    assert "libwayland-egl1" not in x11
    assert "xvfb" not in x11
    wayland = packages("run", {"WAYLAND_DISPLAY": "wayland-0"})
    assert {"libegl1", "libwayland-egl1"} <= set(wayland)
    assert "libxcb-cursor0" not in wayland


def test_tests_need_a_server_a_tray_and_a_credential_store_even_without_a_display() -> None:
    assert {"xvfb", "xdotool", "dbus-daemon", "trayer", "gnome-keyring", "openbox", "dunst", "at-spi2-core", "libxcb-cursor0", "python3-venv"} <= set(packages("test", {}))


@pytest.mark.parametrize("task", dev.TASKS)
def test_every_task_can_make_the_environment(task: str) -> None:
    assert packages(task, {})[0] == "python3-venv"


def test_only_what_is_missing_is_named_once_and_in_order() -> None:
    wanted = [dev.Need("a", "program", "x"), dev.Need("b", "program", "y"), dev.Need("a", "program", "z"), dev.Need("c", "program", "w")]
    assert dev.missing(wanted, lambda need: need.probe == "y") == ["a", "c"]


@pytest.mark.parametrize(
    ("release", "name"),
    [
        (DEBIAN_12, "libglib2.0-0"),
        ({"ID": "debian", "VERSION_ID": "13"}, "libglib2.0-0t64"),
        ({"ID": "debian"}, "libglib2.0-0t64"),  # testing and unstable
        ({"ID": "ubuntu", "VERSION_ID": "22.04"}, "libglib2.0-0"),
        ({"ID": "ubuntu", "VERSION_ID": "24.04"}, "libglib2.0-0t64"),
        ({"ID": "ubuntu", "VERSION_ID": "26.04"}, "libglib2.0-0t64"),
    ],
)
def test_names_follow_the_release(release: dict[str, str], name: str) -> None:
    assert dev.package_names(["libegl1", "libglib2.0-0"], release) == ["libegl1", name]


def test_os_release_is_read() -> None:
    text = '# comment\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nodd line\n'
    assert dev.parse_os_release(text) == {"PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)", "ID": "debian", "VERSION_ID": "12"}


@pytest.mark.parametrize(
    ("release", "is_debian"),
    [(DEBIAN_12, True), ({"ID": "ubuntu"}, True), ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, True), ({"ID": "fedora"}, False), ({}, False)],
)
def test_apt_is_used_where_it_is_the_way(release: dict[str, str], is_debian: bool) -> None:
    assert dev.is_debian(release) is is_debian


def test_becoming_root_never_asks() -> None:
    assert dev.apt_prefix(root=True, sudo=False) == []
    assert dev.apt_prefix(root=False, sudo=True) == ["sudo", "-n"]
    assert dev.apt_prefix(root=False, sudo=False) is None


def test_the_one_command_is_complete() -> None:
    assert dev.install_command(["a", "b"]) == "sudo apt-get update && sudo apt-get install -y --no-install-recommends a b"


def test_without_root_and_sudo_the_command_is_printed_and_nothing_is_done(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(dev, "present", NOTHING)
    monkeypatch.setattr(dev, "release_info", lambda: DEBIAN_12)
    monkeypatch.setattr(dev, "passwordless_sudo", lambda: False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit) as ended:
        dev.system_packages("run", {})
    assert ended.value.code == 1
    assert "sudo apt-get update && sudo apt-get install -y --no-install-recommends python3-venv\n" in capsys.readouterr().err


def test_packages_are_installed_once_without_asking(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[list[str]] = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(dev, "present", lambda need: bool(done) or need.package != "git")
    monkeypatch.setattr(dev, "release_info", lambda: DEBIAN_12)
    monkeypatch.setattr(dev, "passwordless_sudo", lambda: True)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(dev.subprocess, "run", lambda command, **_: done.append(command) or subprocess.CompletedProcess(command, 0))
    for _ in range(2):
        dev.system_packages("test", {})
    update, install = done
    assert update[:2] == install[:2] == ["sudo", "-n"]
    assert "DEBIAN_FRONTEND=noninteractive" in install
    assert install[install.index("install") :] == ["install", "-y", "--no-install-recommends", "git"]


def test_on_other_systems_the_libraries_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(dev, "present", lambda need: need.probe != "libxcb-cursor.so.0")
    monkeypatch.setattr(dev, "release_info", lambda: {"ID": "fedora", "VERSION_ID": "43"})
    with pytest.raises(SystemExit):
        dev.system_packages("run", DISPLAY)
    assert "libxcb-cursor.so.0" in capsys.readouterr().err


def test_windows_and_macos_need_no_system_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "present", NOTHING)
    for platform in ("win32", "darwin"):
        monkeypatch.setattr(sys, "platform", platform)
        dev.system_packages("test", {})


@pytest.mark.parametrize("uv", [None, "/somewhere/uv"])
def test_the_environment_is_made_from_the_lock_and_nothing_else(uv: str | None) -> None:
    make, locked, itself = dev.install_commands(uv, "/usr/bin/python3")
    assert "/usr/bin/python3" in make
    assert "--require-hashes" in locked
    assert {"--no-deps", "--no-build-isolation", "-e"} <= set(itself)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """dev.py at work in another folder."""
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    venv = tmp_path / ".venv-dev"
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VENV", venv)
    monkeypatch.setattr(dev, "STAMP", venv / ".stamp")
    monkeypatch.setattr(dev, "PYTHON", venv / "bin" / "python")
    return tmp_path


def make_commands(folder: Path, code: int = 0) -> list[list[str]]:
    """What stands for an install: makes a Python, counts itself, ends with CODE."""
    step = f"import pathlib, sys; p = pathlib.Path({str(folder)!r}); (p / '.venv-dev/bin').mkdir(parents=True, exist_ok=True); (p / '.venv-dev/bin/python').touch(); f = open(p / 'count', 'a'); f.write('x'); f.close(); sys.exit({code})"
    return [[sys.executable, "-c", step]]


def test_environment_is_made_once_and_again_when_the_lock_changes(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "install_commands", lambda uv, python: make_commands(elsewhere))
    for _ in range(3):
        dev.ensure_environment("run")
    assert (elsewhere / "count").read_text() == "x"
    (elsewhere / "requirements.lock").write_text("other", encoding="utf-8")
    dev.ensure_environment("run")
    assert (elsewhere / "count").read_text() == "xx"
    (elsewhere / ".venv-dev/bin/python").unlink()  # its Python was removed
    dev.ensure_environment("run")
    assert (elsewhere / "count").read_text() == "xxx"


def test_a_failed_step_leaves_no_stamp(elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(dev, "install_commands", lambda uv, python: make_commands(elsewhere, code=3))
    with pytest.raises(SystemExit):
        dev.ensure_environment("test")
    assert not dev.is_ready(dev.wanted_stamp())
    assert "python3 dev.py test" in capsys.readouterr().err


def test_a_second_run_waits_for_the_first(elsewhere: Path) -> None:
    with dev.only_one(), (elsewhere / ".venv-dev.lock").open("ab") as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (elsewhere / ".venv-dev.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_an_unknown_task_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["fly"]) == 2
    assert "run, test, check" in capsys.readouterr().err


def test_every_task_is_declared() -> None:
    import tomllib

    declared = tomllib.loads((Path(dev.__file__).parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["poe"]["tasks"]
    assert set(dev.TASKS) == set(declared)


def test_arguments_folder_and_exit_code_pass_through(tmp_path: Path) -> None:
    """A real run of dev.py with a task that stands in: its own words, its own folder, its own end."""
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(dev.__file__, project / "dev.py")
    (project / "requirements.lock").touch()
    (project / "pyproject.toml").touch()
    fake = project / ".venv-dev" / "bin" / "python"
    fake.parent.mkdir(parents=True)
    fake.write_text('#!/bin/sh\necho "$@"\npwd\nexit 7\n')
    fake.chmod(0o755)
    code = "import sys; sys.path.insert(0, sys.argv[1]); import dev; dev.STAMP.write_text(dev.wanted_stamp())"
    subprocess.run([sys.executable, "-c", code, str(project)], check=True)
    done = subprocess.run([sys.executable, project / "dev.py", "run", "report", "--json"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 7, done.stderr
    said, folder = done.stdout.splitlines()
    assert said.endswith("run report --json")
    assert folder == str(tmp_path)
