"""``~/.config/autostart/tokenpal.desktop`` (Desktop Application Autostart Specification)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from tokenpal.system.autostart.base import Launch, State

NAME: Final = "tokenpal.desktop"
RESERVED: Final = set(" \t\n\"'\\><~|&;$*?#()`")
FLATPAK: Final = "In Flatpak the system decides: look in the system's settings under Applications."


def folder(env: dict[str, str] | None = None) -> Path:
    """The folder of the person's autostart entries."""
    found = dict(os.environ) if env is None else env
    base = found.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base.startswith("/") else Path(found.get("HOME") or Path.home()) / ".config") / "autostart"


def quote(word: str) -> str:
    """One argument of ``Exec=`` by the Desktop Entry Specification: quoted when needed, % doubled."""
    word = word.replace("%", "%%")
    if not word or RESERVED & set(word):
        word = '"' + re.sub(r'(["`$\\])', r"\\\1", word) + '"'
    return word.replace("\\", "\\\\")  # the value is a string, in which a backslash is written twice


def unquote(text: str) -> tuple[str, ...]:
    """The words of an ``Exec=`` value."""
    text = text.replace("\\\\", "\\")
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', text)
    plain = (re.sub(r"\\(.)", r"\1", quoted) if quoted or not bare else bare for quoted, bare in words)
    return tuple(word.replace("%%", "%") for word in plain)


def entry(launch: Launch) -> str:
    """The file. No TryExec: it must be a program name, and a moved AppImage must not vanish silently (rssguard#718)."""
    command = " ".join(quote(word) for word in launch.words)
    return (
        "[Desktop Entry]\nType=Application\nVersion=1.5\nName=tokenpal\n"
        "Comment=Charts your own AI use against your own tasks\n"
        f"Exec={command}\nIcon=tokenpal\nTerminal=false\nStartupNotify=false\n"
        "X-GNOME-Autostart-enabled=true\nX-GNOME-Autostart-Delay=5\n"
    )


def read(text: str) -> State:
    """What a desktop entry means; ``Hidden=true`` and GNOME's switch are how programs turn entries off."""
    values: dict[str, str] = {}
    group = ""
    for line in text.splitlines():
        if line.startswith("["):
            group = line.strip()
        elif group == "[Desktop Entry]" and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            values.setdefault(key.strip(), value.strip())
    off = values.get("Hidden", "").lower() == "true" or values.get("X-GNOME-Autostart-enabled", "").lower() == "false"
    command = unquote(values.get("Exec", ""))
    return State(on=bool(command) and not off, command=command or None)


def in_flatpak() -> bool:
    return Path("/.flatpak-info").exists()


def state() -> State:
    if in_flatpak():
        # The portal cannot be asked for the current state (keepassxreboot/keepassxc#10563).
        return State(on=False, possible=False, sentence=FLATPAK)
    try:
        return read((folder() / NAME).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return State(on=False)


def enable(launch: Launch) -> None:
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    partial = place / f".{NAME}.partial"
    partial.write_text(entry(launch), encoding="utf-8")
    partial.replace(place / NAME)


def disable() -> None:
    (folder() / NAME).unlink(missing_ok=True)
