"""All that a person's desktop has besides the app: a window manager, notifications, a credential store, and logs of agents."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.desktop.conftest import Desktop
from tests.desktop.person import Person

UNLOCK = "import os, subprocess; read, write = os.pipe(); os.write(write, b'lab'); os.close(write); os.dup2(read, 0); os.execvp('gnome-keyring-daemon', ['gnome-keyring-daemon', '--foreground', '--unlock', '--components=secrets'])"
SECRETS = """
import secretstorage
bus = secretstorage.dbus_init()
for item in secretstorage.get_default_collection(bus).get_all_items():
    print(item.get_secret().decode())
bus.close()
"""


@dataclass
class Life:
    """One person's desktop. ``person`` acts in the window; what is asked here is not seen by it."""

    desktop: Desktop
    total: int = 0
    person: Person = field(init=False)

    def services(self) -> None:
        """Start them, and wait until they answer."""
        self.desktop.env["QT_LINUX_ACCESSIBILITY_ALWAYS_ON"] = "1"
        self.desktop.spawn("openbox", log="openbox.log")  # without a window manager no dialog gets the keyboard
        self.desktop.spawn("dunst", "-print", log="notes.log")
        self.desktop.spawn(sys.executable, "-c", UNLOCK, log="keyring.log")  # a password, or it would ask for one
        self.desktop.until(lambda: self.owned("org.freedesktop.Notifications") and self.owned("org.freedesktop.secrets"), "services on the bus")

    def owned(self, name: str) -> bool:
        """Whether somebody answers to a name on the bus; asking starts nobody."""
        asked = ("dbus-send", "--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", f"string:{name}")
        return "true" in self.desktop.run(*asked)

    def say(self, *command: str) -> str:
        """The command line on the profile of the window."""
        return self.desktop.run(sys.executable, "-m", "tokenpal", *command)

    def say_elsewhere(self, *command: str) -> str:
        """The command line on the other machine's profile."""
        return self.desktop.run("env", *(f"{name}={value}" for name, value in self.elsewhere.items()), sys.executable, "-m", "tokenpal", *command)

    @property
    def elsewhere(self) -> dict[str, str]:
        """The environment of a machine on which no agent ever ran and tokenpal is new."""
        other = self.desktop.folder / "other"
        other.mkdir(exist_ok=True)
        return {"HOME": str(other), "TOKENPAL_HOME": str(other / "tokenpal")}

    def log(self) -> str:
        """What the app printed and logged."""
        return self.desktop.text("app.log") + self.desktop.text("tokenpal/logs/tokenpal.log")

    def told_outside(self) -> list[str]:
        """What the notification daemon was given, a text for each."""
        return self.desktop.text("notes.log").split("summary:")[1:]

    def keys_kept(self) -> list[str]:
        """What the credential store holds."""
        return self.desktop.run(sys.executable, "-c", SECRETS).splitlines()


def everything_below(folder: Path) -> bytes:
    """All files one after the other."""
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
