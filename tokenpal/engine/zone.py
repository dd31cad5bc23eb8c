"""The person's time zone: what the settings say, else this machine's."""

from __future__ import annotations

from tokenpal.settings import Settings


def zone_name(settings: Settings) -> str:
    """An IANA name. tzlocal is imported only when the settings name no zone."""
    chosen: str = settings.get("general.zone")
    return chosen or machine_zone()


def machine_zone() -> str:
    """The zone of this machine as an IANA name; UTC when it has none."""
    import tzlocal

    try:
        return str(tzlocal.get_localzone_name() or "UTC")
    except (LookupError, ValueError, OSError):
        return "UTC"
