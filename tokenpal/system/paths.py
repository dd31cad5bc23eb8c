"""Where files lie: settings, data, cache, logs, and what the program ships.

``TOKENPAL_HOME`` keeps everything in one folder (product 7). Without it the folders are those of platformdirs; on Linux
and macOS they are worked out here, since importing platformdirs costs 36 ms of the start. A test compares both.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tokenpal.system import where
from tokenpal.system.where import APP

SOCKET_LIMIT: Final = 100  # bytes; Linux takes 108, macOS 104, with the closing zero


@dataclass(frozen=True)
class Paths:
    """The folders of one profile. Nothing is made before ``make()``."""

    config: Path
    data: Path
    cache: Path
    logs: Path

    @property
    def settings(self) -> Path:
        return self.config / "settings.toml"

    @property
    def database(self) -> Path:
        return self.data / "tokenpal.db"

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    @property
    def lock(self) -> Path:
        """Held by the one process that scans and polls (decisions 5)."""
        return self.data / "tokenpal.lock"

    @property
    def channel(self) -> Path:
        """The socket by which ``scan`` and ``poll`` ask a running app; never longer than a socket address may be."""
        path = self.data / "engine.sock"
        if len(os.fsencode(path)) <= SOCKET_LIMIT:
            return path
        from hashlib import blake2b  # with OpenSSL it costs 20 ms, and most profiles need no name
        from tempfile import gettempdir

        name = blake2b(os.fsencode(path.absolute()), digest_size=8).hexdigest()
        return Path(gettempdir()) / f"{APP}-{name}" / "engine.sock"

    @property
    def profile(self) -> str:
        """Short name of this profile for this person: for socket and pipe names (architecture 2.7)."""
        who = str(os.getuid()) if sys.platform != "win32" else os.environ.get("USERNAME", "")
        from hashlib import blake2b

        return blake2b(f"{who}:{self.data.absolute()}".encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()

    def make(self) -> None:
        """Make the folders, readable by the person only. Raises OSError."""
        for folder in (self.config, self.data, self.cache, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def paths(env: Mapping[str, str] | None = None, platform: str = sys.platform) -> Paths:
    """The folders of the profile that ``env`` selects; relative values are taken from the current folder."""
    env = os.environ if env is None else env
    if platform == "win32" and not env.get("TOKENPAL_HOME"):
        return _windows()
    return Paths(*map(Path, where.folders(env, platform)))


def managed(platform: str = sys.platform) -> Path:
    """The administrator's settings for everybody on this machine; a person cannot write there (sharing-protocol 5.2)."""
    if platform == "darwin":
        return Path("/Library/Application Support") / APP / "managed.toml"
    if platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / APP / "managed.toml"
    return Path("/etc") / APP / "managed.toml"


def inside(folder: Path) -> Paths:
    """A profile that lies in one folder: tests, demos, second profiles."""
    return Paths(folder, folder, folder / "cache", folder / "logs")


def _windows() -> Paths:
    import platformdirs  # asks the system for the known folders

    dirs = platformdirs.PlatformDirs(APP, appauthor=False)
    return Paths(Path(dirs.user_config_dir), Path(dirs.user_data_dir), Path(dirs.user_cache_dir), Path(dirs.user_log_dir))


def resource(name: str) -> Path:
    """A shipped file or folder: beside the package in the repository, inside it when installed, in the bundle when frozen."""
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle:
        return Path(bundle) / "resources" / name
    package = _package()
    inside_package = package / "resources" / name
    return inside_package if inside_package.exists() else package.parent / "resources" / name


@cache
def _package() -> Path:
    return Path(__file__).resolve().parent.parent  # asks the disk for each part
