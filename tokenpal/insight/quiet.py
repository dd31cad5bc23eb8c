"""Whether it is a time to say nothing (product 2.6)."""

from __future__ import annotations

from datetime import datetime, time, timedelta


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


def quiet_seconds(moment: datetime, *, hours: bool, since: str, until: str, weekends: bool) -> int:
    """Seconds from ``moment`` until it is no longer quiet, rounded up; 0 = it is not quiet. At most a week is looked ahead."""

    def quiet(at: datetime) -> bool:
        return is_quiet(at, hours=hours, since=since, until=until, weekends=weekends)

    if not quiet(moment):
        return 0
    ends = {time(0), time.fromisoformat(until)}  # quiet ends at one of these, by the clock on the wall
    days = (moment.date() + timedelta(days=ahead) for ahead in range(9))
    found = sorted(datetime.combine(day, end, moment.tzinfo) for day in days for end in ends)
    free = next((at for at in found if at > moment and not quiet(at)), moment + timedelta(days=7))
    return max(1, -int(-(free.timestamp() - moment.timestamp()) // 1))
