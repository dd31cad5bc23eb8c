"""Autostart: decisions of all three systems on any system, and the real files of this one."""

from __future__ import annotations

import os
import plistlib
import sys
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tokenpal.system import autostart
from tokenpal.system.autostart import linux, macos, windows
from tokenpal.system.autostart.base import Launch, State

words = st.text(st.characters(min_codepoint=32, blacklist_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]) | st.just(" "), min_size=1)
SAMPLE = Launch(("/opt/My Apps/token$pal", "--background"))


@given(st.lists(words, min_size=1, max_size=4))
def test_linux_reads_back_the_command_it_wrote(command: list[str]) -> None:
    assert linux.read(linux.entry(Launch(tuple(command)))) == State(on=True, command=tuple(command))


@given(st.lists(words, min_size=1, max_size=4))
def test_macos_reads_back_the_command_it_wrote(command: list[str]) -> None:
    assert macos.read(macos.entry(Launch(tuple(command)))) == State(on=True, command=tuple(command))


@given(st.lists(words.filter(lambda word: '"' not in word and "\\" not in word), min_size=1, max_size=4))
def test_windows_reads_back_the_command_it_wrote(command: list[str]) -> None:
    value = windows.command(Launch(tuple(command)))
    assert value.startswith(f'"{command[0]}"')
    assert windows.decide(value, None) == State(on=True, command=tuple(command))


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("", False),
        ("[Desktop Entry]\nExec=a\n", True),
        ("[Desktop Entry]\nExec=a\nHidden=true\n", False),
        ("[Desktop Entry]\nExec=a\nX-GNOME-Autostart-enabled=false\n", False),
        ("[Other]\nExec=a\n", False),
        ("\x00binary", False),
    ],
)
def test_linux_believes_the_file_and_not_its_memory(text: str, on: bool) -> None:
    assert linux.read(text).on is on


def test_linux_writes_what_the_specification_asks_for() -> None:
    text = linux.entry(SAMPLE)
    assert 'Exec="/opt/My Apps/token\\\\$pal" --background\n' in text
    assert "TryExec" not in text
    assert linux.quote("50%") == "50%%"


def test_macos_never_keeps_the_program_alive_and_reads_switched_off_entries() -> None:
    found = plistlib.loads(macos.entry(SAMPLE))
    assert found["RunAtLoad"] is True
    assert found["KeepAlive"] is False
    assert macos.read(plistlib.dumps({**found, "Disabled": True})).on is False
    assert macos.read(b"not a plist").on is False
    assert macos.read(plistlib.dumps([1])).on is False
    assert macos.read(plistlib.dumps({"ProgramArguments": [1], "RunAtLoad": True})).on is False


@pytest.mark.parametrize(
    ("run", "approved", "on"),
    [
        (None, None, False),
        ("", None, False),
        ('"C:\\x.exe" --background', None, True),
        ('"C:\\x.exe"', b"\x02" + bytes(11), True),
        ('"C:\\x.exe"', b"\x03" + bytes(11), False),
    ],
)
def test_windows_asks_the_task_manager_too(run: str | None, approved: bytes | None, on: bool) -> None:
    assert windows.decide(run, approved).on is on


def test_windows_value_is_not_too_long_for_a_usual_place() -> None:
    place = Launch((r"C:\Users\somebody with a long name\AppData\Local\Programs\tokenpal\tokenpal.exe", "--background"))
    assert len(windows.command(place)) < windows.LIMIT


@pytest.mark.skipif(sys.platform != "linux", reason="writes the entry of a Linux desktop")
def test_switching_it_on_and_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("APPIMAGE", raising=False)
    assert autostart.state() == State(on=False)
    found = autostart.enable()
    assert found.on
    assert found.command == autostart.launch().words
    assert found.command[-1] == "--background"
    assert [path.name for path in linux.folder().iterdir()] == [linux.NAME]
    assert not autostart.repair()
    monkeypatch.setenv("APPIMAGE", "/home/me/tokenpal 2.AppImage")  # the AppImage was moved
    assert autostart.repair()
    assert autostart.state().command == ("/home/me/tokenpal 2.AppImage", "--background")
    assert autostart.disable() == State(on=False)
    assert autostart.disable() == State(on=False)
    assert not autostart.repair(), "repairing must not switch it on"


def test_the_launch_command_exists() -> None:
    program = autostart.launch().words[0]
    assert os.path.exists(program)
