"""Shows every face of the real program, one after the other, to a walker outside: ``python -m tests.desktop.faces FOLDER [plant]``.

A face's name is appended to ``FOLDER/shown``; the next one comes when the walker has appended it to ``FOLDER/walked``. ``plant``
puts a button without a name into the first.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication, QToolButton

from tests.ui.conftest import App
from tests.ui.everywhere import everywhere
from tokenpal.engine import demo
from tokenpal.system.paths import inside
from tokenpal.ui.desktop import apply_look


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def main(folder: Path, plant: bool) -> int:
    places = inside(folder / "profile")
    places.make()
    demo.fill(places)
    program = QApplication(["tokenpal"])
    program.setApplicationName("tokenpal")
    (folder / "nobody").mkdir()
    app = App(places, folder / "nobody")
    apply_look(app.settings)
    shown, walked = folder / "shown", folder / "walked"
    for name, _face in everywhere(app, ("overview",) if plant else ()):
        if plant:
            button = QToolButton(app.window)
            button.show()
        with shown.open("a") as out:
            out.write(f"{name}\n")
        app.wait(lambda name=name: name in lines(walked), f"nobody walked {name}")
    with shown.open("a") as out:
        out.write("end\n")
    app.end()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), "plant" in sys.argv[2:]))
