"""Hear of the end of sleep from logind, where there is one. The gap of the clock (clock.py) is the floor everywhere.

A connection to the system bus that waits for one signal costs nothing while nothing happens. It only saves the up to 60
seconds until the next look at the clock; without logind, without a bus or on another system nothing is lost.
"""

from __future__ import annotations

import sys
from collections.abc import Callable


async def watch(on_wake: Callable[[], None]) -> None:
    """Call ``on_wake`` after every resume, until cancelled. Returns at once where that cannot be heard."""
    if sys.platform != "linux":
        return
    try:
        from jeepney import MatchRule
        from jeepney.bus_messages import message_bus
        from jeepney.io.asyncio import DBusRouter, Proxy, open_dbus_connection
    except ImportError:
        return
    rule = MatchRule(type="signal", interface="org.freedesktop.login1.Manager", member="PrepareForSleep")
    try:
        async with await open_dbus_connection(bus="SYSTEM") as bus, DBusRouter(bus) as router:
            await Proxy(message_bus, router).AddMatch(rule)
            with router.filter(rule) as queue:
                while True:
                    message = await queue.get()
                    if message.body == (False,):  # True: about to sleep
                        on_wake()
    except (OSError, KeyError, ValueError, EOFError):
        return
