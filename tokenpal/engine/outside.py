"""Other programs: the browser for a provider's page, and a second tokenpal with sample data."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tokenpal.system import autostart, opener


def open_address(address: str) -> bool:
    """Open a page in the person's browser; False when there is none."""
    return opener.open_url(address)


def open_folder(folder: Path) -> bool:
    """Show a folder in the person's file manager; False when there is none."""
    return opener.open_folder(str(folder))


def start_demo() -> None:
    """A tokenpal of its own in a throw-away profile. Raises OSError when it cannot be started."""
    words = [word for word in autostart.launch().words if word != "--background"]
    subprocess.Popen([*words, "--demo"], env=opener.outside_env(os.environ), start_new_session=True, stdin=subprocess.DEVNULL)
