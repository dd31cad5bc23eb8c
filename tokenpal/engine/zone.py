"""The person's time zone: what the settings say, else this machine's."""

from __future__ import annotations

import threading
import warnings

from tokenpal.settings import Settings
from tokenpal.store.database import Store

_one_at_a_time = threading.Lock()  # what warnings are shown is the whole process's


def zone_name(settings: Settings) -> str:
    """An IANA name. tzlocal is imported only when the settings name no zone."""
    chosen: str = settings.get("general.zone")
    return chosen or machine_zone()


def machine_zone() -> str:
    """The zone this machine is in now, which travels with it, as an IANA name; UTC when it has none."""
    import tzlocal

    try:
        with _one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a machine without a zone, or a process that began in another one
            tzlocal.reload_localzone()  # it would remember the first answer for ever
        return str(tzlocal.get_localzone_name() or "UTC")
    except (LookupError, ValueError, OSError):
        return "UTC"


def keep_in(store: Store, zone: str) -> bool:
    """Keep days in this zone from now on; whether anything changed. Days of other trackers are set against the days there."""
    from tokenpal.store.rollups import clock  # every command imports this module for the zone's name

    if clock(store).zone.key == zone:
        return False
    from tokenpal.store import accounts, maintenance

    if not maintenance.set_zone(store, zone):
        return False
    handed = [row.id for row in accounts.accounts(store, removed=True) if row.kind == "inbox"]
    if handed:
        from tokenpal.engine.prices import pricer_for

        for account in handed:
            maintenance.recount(store, account, pricer_for(store))
    return True
