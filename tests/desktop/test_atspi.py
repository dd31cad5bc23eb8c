"""The tree that a screen reader walks, on a real display over the real bus: every page, the glance, every dialog (issue 5)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.desktop.conftest import Desktop
from tests.ui.everywhere import FACES

pytestmark = pytest.mark.timeout(900)
SYSTEM_PYTHON = "/usr/bin/python3"  # gi is a package of the system
WALKER = Path(__file__).parent / "atspi_walk.py"


def walked(desktop: Desktop, *how: str) -> dict[str, dict[str, Any]]:
    """What the walker said of each face."""
    assert desktop.run(SYSTEM_PYTHON, "-c", "import gi; gi.require_version('Atspi', '2.0'); print('there')").strip() == "there", "python3-gi, gir1.2-atspi-2.0"
    app = desktop.spawn(sys.executable, "-m", "tests.desktop.faces", str(desktop.folder), *how, log="faces.log", QT_LINUX_ACCESSIBILITY_ALWAYS_ON="1")
    walker = desktop.spawn(SYSTEM_PYTHON, str(WALKER), str(desktop.folder), log="walk.log")
    assert desktop.ended(walker, 600) == 0, desktop.logs()
    assert desktop.ended(app, 60) == 0, desktop.logs()
    return {one["face"]: one for one in map(json.loads, desktop.text("walk.log").splitlines())}


def test_the_tree_has_a_name_and_a_role_for_everything(desktop: Desktop) -> None:
    faces = walked(desktop)
    assert set(faces) == FACES
    assert [f"{name}: {line}" for name, one in faces.items() for line in one["found"]] == []
    assert min(one["acted on"] for one in faces.values()) > 0


def test_the_walk_finds_a_planted_button_without_a_name(desktop: Desktop) -> None:
    found = walked(desktop, "plant")["overview"]["found"]
    assert [line for line in found if line.startswith("no name")], found
