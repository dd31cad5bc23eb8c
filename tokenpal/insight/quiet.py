"""Whether it is a time to say nothing (product 2.6)."""

from __future__ import annotations

from datetime import datetime, time


def is_quiet(moment: datetime, *, hours: bool, since: str, until: str, weekends: bool) -> bool:
    """``moment`` in the person's zone; ``since`` and ``until`` as "22:00", over midnight where until is the earlier one.

    ``weekends`` makes Saturday and Sunday quiet all day, with or without quiet hours. Equal times are no hours.
    """
    if weekends and moment.weekday() >= 5:
        return True
    if not hours or since == until:
        return False
    start, end, clock = time.fromisoformat(since), time.fromisoformat(until), moment.time()
    return start <= clock < end if start < end else clock >= start or clock < end
