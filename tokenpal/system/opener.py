"""Open a web page or a folder with the person's own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

SCHEMES: Final = frozenset({"https", "http", "mailto"})
RESTORED: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH", "LD_PRELOAD")


def open_url(url: str) -> bool:
    """Open ``url`` in the person's browser. False for anything but web and mail addresses, or when nothing can open it."""
    if urlsplit(url).scheme.lower() not in SCHEMES or any(ord(letter) < 32 for letter in url):
        return False
    return _open(url)


def open_folder(folder: str) -> bool:
    """Show a folder of this machine, by its full path; False when there is none, or nothing can show it."""
    return os.path.isdir(folder) and _open(folder)


def command(target: str, platform: str = sys.platform) -> list[str] | None:
    """The command that opens ``target``; None = this system has none (Windows opens without a command)."""
    if platform == "darwin":
        return ["/usr/bin/open", target]
    for program in ("xdg-open", "gio", "wslview"):
        if found := shutil.which(program):
            return [found, *(["open"] if program == "gio" else []), target]
    return None


def outside_env(env: Mapping[str, str]) -> dict[str, str]:
    """``env`` as it was before the bundle's starter changed it: PyInstaller and AppImage keep the old value in ``X_ORIG``.

    With the bundle's libraries a browser would not start.
    """
    clean = dict(env)
    for name in RESTORED:
        before = clean.pop(f"{name}_ORIG", None)
        if before:
            clean[name] = before
        elif before is not None or getattr(sys, "frozen", False):
            clean.pop(name, None)
    return clean


def _open(target: str) -> bool:
    if sys.platform == "win32":
        try:
            os.startfile(target)  # noqa: S606 - a checked address
        except OSError:
            return False
        return True
    words = command(target)
    if words is None:
        return False
    try:
        process = subprocess.Popen(
            words,
            env=outside_env(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    threading.Thread(target=process.wait, name="opener", daemon=True).start()  # or it stays behind as a zombie
    return True
