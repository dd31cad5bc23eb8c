"""One scan in this process and thread: for the command line, which holds the data folder's lock meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from tokenpal.engine import handed, homes, scan
from tokenpal.engine.shared import make_rulebook
from tokenpal.engine.watched import with_inbox
from tokenpal.engine.zone import keep_in, zone_name
from tokenpal.model.errors import UsageError
from tokenpal.settings import Settings
from tokenpal.sources.registry import logs
from tokenpal.store.database import Store


def scan_here(
    store: Store,
    settings: Settings,
    *,
    only: frozenset[str] = frozenset(),
    publish: scan.Publish = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    now: Callable[[], int] = lambda: int(time.time()),
) -> scan.ScanReport:
    """Read every agent log found, or those of the agents (source ids) in ``only``. Raises UsageError for an unknown agent.

    What could not be read is in the report, never an exception; ``cancelled`` is asked between pieces of files.
    """
    known = logs().keys()
    if unknown := only - known:
        raise UsageError(f"There is no agent {min(unknown)!r}.", f"Use one of: {', '.join(sorted(known))}.")
    keep_in(store, zone_name(settings))
    wanted = scan.Wanted(
        Path.home(), os.environ, with_inbox(settings.get("advanced.roots"), store.path.parent), frozenset(settings.get("advanced.agents_off")) - only, only
    )
    ask = scan.here(store)
    inside = homes.found() if settings.get("advanced.wsl") else ()
    targets = scan.find(ask, logs().values(), msgspec.structs.replace(wanted, homes=inside))
    handed.take(store, store.path.parent)
    rules = make_rulebook(store, wanted.home, now)
    rules.place.shares = homes.shares_of(inside)
    return scan.scan(ask, targets, rules, publish=publish, cancelled=cancelled, now=now)
