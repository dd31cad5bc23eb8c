"""Where the folders of a profile are, as plain text: for whoever cannot wait for ``paths`` (the status line has milliseconds)."""

# ruff: noqa: PTH100, PTH111 - pathlib is what there is no time for
from __future__ import annotations

import os
import sys
from collections.abc import Mapping

APP = "tokenpal"


def folders(env: Mapping[str, str], platform: str = sys.platform) -> tuple[str, str, str, str]:
    """(config, data, cache, logs) of the profile that ``env`` selects; relative values are taken from the current folder.

    On Windows the standard folder is that of LOCALAPPDATA; ``paths`` asks the system itself there.
    """
    if own := env.get("TOKENPAL_HOME"):
        folder = os.path.abspath(os.path.expanduser(own))
        return folder, folder, os.path.join(folder, "cache"), os.path.join(folder, "logs")
    home = env.get("HOME") or os.path.expanduser("~")
    if platform == "darwin":
        library = f"{home}/Library"
        data = f"{library}/Application Support/{APP}"
        return data, data, f"{library}/Caches/{APP}", f"{library}/Logs/{APP}"
    if platform == "win32":
        data = os.path.join(env.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local"), APP)
        return data, data, os.path.join(data, "Cache"), os.path.join(data, "Logs")
    return (
        _xdg(env, "XDG_CONFIG_HOME", f"{home}/.config"), _xdg(env, "XDG_DATA_HOME", f"{home}/.local/share"),
        _xdg(env, "XDG_CACHE_HOME", f"{home}/.cache"), f"{_xdg(env, 'XDG_STATE_HOME', f'{home}/.local/state')}/log",
    )  # fmt: skip


def _xdg(env: Mapping[str, str], name: str, default: str) -> str:
    """A relative value counts as unset, says the XDG base directory specification."""
    value = env.get(name, "")
    return f"{(value if value.startswith('/') else default).rstrip('/')}/{APP}"
