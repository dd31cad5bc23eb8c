"""One scan in this process and thread: for the command line, which holds the data folder's lock meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from tokenpal.engine import handed, scan
from tokenpal.engine.shared import make_rulebook
from tokenpal.engine.watched import with_inbox
from tokenpal.engine.zone import zone_name
from tokenpal.model.errors import UsageError
from tokenpal.settings import Settings
from tokenpal.sources.base import Kind
from tokenpal.sources.registry import sources
from tokenpal.store.database import Store
from tokenpal.store.maintenance import set_zone


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
    known = {name for name, source in sources().items() if source.INFO.kind is Kind.LOG}
    if unknown := only - known:
        raise UsageError(f"There is no agent {min(unknown)!r}.", f"Use one of: {', '.join(sorted(known))}.")
    set_zone(store, zone_name(settings))
    wanted = scan.Wanted(
        Path.home(), os.environ, with_inbox(settings.get("advanced.roots"), store.path.parent), frozenset(settings.get("advanced.agents_off")) - only, only
    )
    ask = scan.here(store)
    targets = scan.find(ask, sources().values(), wanted)
    handed.take(store, store.path.parent)
    return scan.scan(ask, targets, make_rulebook(store, wanted.home, now), publish=publish, cancelled=cancelled, now=now)
