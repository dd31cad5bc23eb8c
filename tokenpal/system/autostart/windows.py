"""The ``Run`` value of the person's own registry, and the switch that the Task Manager keeps beside it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, Final

from tokenpal.system.autostart.base import Launch, State

RUN: Final = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED: Final = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
VALUE: Final = "tokenpal"
LIMIT: Final = 260  # Windows ignores longer Run values


def command(launch: Launch) -> str:
    """The value: the program's path always quoted, or a folder called ``Program`` would be started."""
    program, *rest = launch.words
    return " ".join([f'"{program}"', *([subprocess.list2cmdline(rest)] if rest else [])])


def words(value: str) -> tuple[str, ...]:
    """The words of a Run value, for the simple quoting that ``command`` writes."""
    found: list[str] = []
    current, inside, any_word = "", False, False
    for letter in value:
        if letter == '"':
            inside, any_word = not inside, True
        elif letter.isspace() and not inside:
            if any_word:
                found.append(current)
            current, any_word = "", False
        else:
            current, any_word = current + letter, True
    return (*found, current) if any_word else tuple(found)


def decide(run: str | None, approved: bytes | None) -> State:
    """On when the Run value is there and the Task Manager has not turned it off (an odd first byte)."""
    if not run:
        return State(on=False)
    if approved and approved[0] % 2:
        return State(on=False, command=words(run), sentence="Turned off in the Task Manager under Startup apps.")
    return State(on=True, command=words(run))


if sys.platform == "win32":
    import winreg

    def _read(key: str) -> Any:
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                return winreg.QueryValueEx(opened, VALUE)[0]
        except OSError:
            return None

    def state() -> State:
        return decide(_read(RUN), _read(APPROVED))

    def enable(launch: Launch) -> None:
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, RUN) as opened:
            winreg.SetValueEx(opened, VALUE, 0, winreg.REG_SZ, command(launch))
        _delete(APPROVED)  # the person asks for it here: the Task Manager's "off" is older

    def disable() -> None:
        _delete(RUN)

    def _delete(key: str) -> None:
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_SET_VALUE) as opened:
                winreg.DeleteValue(opened, VALUE)
        except FileNotFoundError:
            return
