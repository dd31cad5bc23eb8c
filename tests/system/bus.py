"""A private D-Bus session with a real Secret Service (gnome-keyring-daemon), and one that refuses everything."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BARE = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><keep_umask/><listen>unix:tmpdir={folder}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
"""

REFUSING = """
import sys
from jeepney import MessageType, new_error
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

bus = open_dbus_connection("SESSION")
bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.secrets"))
print("ready", flush=True)
while True:
    message = bus.receive()
    if message.header.message_type is MessageType.method_call:
        bus.send(new_error(message, "org.kde.KWallet.Error", "s", ("the plugin is missing; key sk-ant-leaked",)))
"""


def need(*tools: str) -> None:
    """These tests run for real on Linux (decisions 9); on other systems there is no Secret Service."""
    if sys.platform != "linux":
        pytest.skip("the Secret Service is a Linux thing")
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        pytest.fail("not installed: " + ", ".join(missing))


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], 20)
    assert ready, process.args
    return process.stdout.readline().strip()


class Session:
    """The environment of the private session, and its processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[str]] = []
        self.env = {key: value for key, value in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY"}}
        for name, part in {"XDG_RUNTIME_DIR": "run", "XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "cfg", "HOME": "h"}.items():
            (folder / part).mkdir(mode=0o700, parents=True)
            self.env[name] = str(folder / part)
        (folder / "bare.conf").write_text(BARE.format(folder=folder))
        daemon = self.start("dbus-daemon", f"--config-file={folder / 'bare.conf'}", "--nofork", "--nopidfile", "--print-address=1")
        self.env["DBUS_SESSION_BUS_ADDRESS"] = first_line(daemon)

    def start(self, *command: str, text: str = "") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert process.stdin is not None
        process.stdin.write(text)
        process.stdin.close()
        self.processes.append(process)
        return process

    def keyring(self) -> subprocess.Popen[str]:
        """gnome-keyring with an unlocked login keyring; the password is a lone newline away from empty, which would prompt."""
        process = self.start("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets", text="lab")
        self.wait_for_name("org.freedesktop.secrets")
        return process

    def refusing(self) -> subprocess.Popen[str]:
        process = self.start(sys.executable, "-c", REFUSING)
        assert first_line(process) == "ready"
        return process

    def python(self, code: str) -> str:
        return subprocess.run([sys.executable, "-c", code], env=self.env, capture_output=True, text=True, timeout=60, check=True).stdout

    def wait_for_name(self, name: str) -> None:
        self.python(f"""
import time
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection
with open_dbus_connection("SESSION") as bus:
    for _ in range(600):
        if bus.send_and_get_reply(message_bus.NameHasOwner("{name}")).body[0]:
            break
        time.sleep(0.05)
    else:
        raise SystemExit("never came: {name}")
""")

    def lock(self) -> None:
        """Lock the login keyring, as the person's session does."""
        self.python("""
import secretstorage
bus = secretstorage.dbus_init()
collection = secretstorage.get_default_collection(bus)
collection.lock()
assert collection.is_locked()
bus.close()
""")

    def close(self) -> None:
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait(20)
            if process.stdout is not None:
                process.stdout.close()


@contextmanager
def session(folder: Path) -> Iterator[Session]:
    """A session of its own below ``folder``."""
    need("dbus-daemon", "gnome-keyring-daemon")
    made = Session(folder)
    try:
        yield made
    finally:
        made.close()
