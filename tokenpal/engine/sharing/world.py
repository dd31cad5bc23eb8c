"""What a member's acts need of the machine: the data file, the credential store, a clock, chance, and the settings of the network."""

from __future__ import annotations

import os
import secrets as chance
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from tokenpal.engine import loop
from tokenpal.engine.sharing import keys as key_store
from tokenpal.engine.sharing.keys import Keys
from tokenpal.share.consent import managed_off
from tokenpal.store import sharing_audit
from tokenpal.store.database import Store
from tokenpal.system import clock, paths
from tokenpal.system.secrets import Secrets

Do = Callable[..., Awaitable[Any]]
"""``await do(function, *args)`` runs ``function(store, *args)`` where the store lives."""


class World:
    """One profile's surroundings. ``random(n)`` gives 0 .. n-1, ``entropy(n)`` n bytes; tests bring their own.

    ``network``: whether the person lets tokenpal use the network at all.
    """

    def __init__(
        self, do: Do, secrets: Secrets, profile: str, *, now: Callable[[], int] = clock.now, proxy: str = "", ca_file: str = "",
        env: Mapping[str, str] | None = None, random: Callable[[int], int] = chance.randbelow, entropy: Callable[[int], bytes] = os.urandom,
        network: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        self.do, self.secrets, self.profile = do, secrets, profile
        self.now, self.random, self.entropy = now, random, entropy
        self.proxy, self.ca_file = proxy, ca_file
        self.network = network
        self.env = os.environ if env is None else env

    def managed(self) -> bool:
        """Whether somebody who manages this machine forces sharing off."""
        return forced_off(self.env)

    async def log(self, kind: str, body: dict[str, Any]) -> int:
        """Append to the audit log; the number of the row."""
        number: int = (await self.do(sharing_audit.append_audit, self.now(), str(kind), body)).n
        return number

    async def keys(self, team: str, *, prompt: bool = False) -> Keys:
        """This member's keys. Raises KeysUnavailable."""
        return await loop.in_thread(lambda: key_store.load(self.secrets, key_store.entry(self.profile, team), prompt=prompt), "keys")

    async def keep_keys(self, team: str, keys: Keys) -> None:
        """Raises KeysUnavailable; what was there stays then."""
        await loop.in_thread(lambda: key_store.save(self.secrets, key_store.entry(self.profile, team), keys), "keys")

    async def wipe_keys(self, team: str) -> None:
        """Raises KeysUnavailable when they may still be there."""
        await loop.in_thread(lambda: key_store.wipe(self.secrets, key_store.entry(self.profile, team)), "keys")


def here(store: Store) -> Do:
    """For whoever owns the store in this very thread: command lines, tests."""

    async def do(function: Callable[..., Any], *args: Any) -> Any:
        return function(store, *args)

    return do


def forced_off(env: Mapping[str, str] | None = None) -> bool:
    """Whether the environment or the administrator's file forces sharing off. A file that cannot be read counts as off."""
    return managed_off(os.environ if env is None else env, _managed_text(paths.managed()))


def _managed_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, UnicodeDecodeError):
        return "unreadable ="
