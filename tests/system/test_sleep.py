"""The end of sleep, heard from logind on a private system bus."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.system.bus import session
from tokenpal.system import sleep

SIGNAL = """
from jeepney import DBusAddress, new_signal
from jeepney.io.blocking import open_dbus_connection
login = DBusAddress("/org/freedesktop/login1", interface="org.freedesktop.login1.Manager")
with open_dbus_connection("SESSION") as bus:
    for about_to_sleep in (True, False):
        bus.send(new_signal(login, "PrepareForSleep", "b", (about_to_sleep,)))
"""


@pytest.mark.desktop
def test_waking_up_is_heard_and_falling_asleep_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with session(tmp_path / "s") as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.env["DBUS_SESSION_BUS_ADDRESS"])

        async def run() -> int:
            woken = asyncio.Event()
            count = 0

            def on_wake() -> None:
                nonlocal count
                count += 1
                woken.set()

            task = asyncio.create_task(sleep.watch(on_wake))
            async with asyncio.timeout(60):
                while not woken.is_set():  # the first signals may come before the match rule is there
                    count = 0
                    await asyncio.to_thread(bus.python, SIGNAL)
                    await asyncio.sleep(0)
            before = count
            task.cancel()
            await asyncio.wait([task])
            return before

        assert asyncio.run(run()) == 1


@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "nonsense", "disabled:"])
def test_without_a_system_bus_nothing_is_lost(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    asyncio.run(asyncio.wait_for(sleep.watch(lambda: None), 60))
