"""The main pages look as they were approved: ``python3 dev.py shots --approve`` writes the pictures after somebody looked.

Shipped font, offscreen platform, a fixed afternoon (decisions 9). A difference leaves what was seen and where it differs in
``build/pictures``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from tests.shots import APPROVED, APPROVED_PICTURES

ROOT = Path(__file__).resolve().parents[2]
LEFT = ROOT / "build" / "pictures"
LOUD = 40
"""A pixel differs when a channel is this far off: more than the rounding of an edge, less than any two colours of the palette that meet."""
ALLOWED = 0.001
"""Share of pixels that may differ: an age that says another minute is less, a line of text that moved is more."""


def differing(one: QImage, other: QImage) -> tuple[float, QImage]:
    """Share of pixels that differ loudly, and a picture of where."""
    if one.size() != other.size():
        return 1.0, other
    a, b = (image.convertToFormat(QImage.Format.Format_RGB32) for image in (one, other))
    first, second = memoryview(a.constBits()).cast("B").cast("I"), memoryview(b.constBits()).cast("B").cast("I")
    found = [place for place in range(len(first)) if first[place] != second[place] and _far(first[place], second[place])]
    marked = b.copy()
    painter = QPainter(marked)
    painter.setPen(QColor(255, 0, 255))
    for place in found:
        painter.drawPoint(place % a.width(), place // a.width())
    painter.end()
    return len(found) / (a.width() * a.height()), marked


def _far(one: int, other: int) -> bool:
    return any(abs((one >> shift & 255) - (other >> shift & 255)) > LOUD for shift in (0, 8, 16))


def drawn(folder: Path, *which: str) -> Path:
    """The pictures as the program draws them now."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-m", "tests.shots", str(folder), *which], cwd=ROOT, env=env, capture_output=True, text=True, timeout=840, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn(tmp_path_factory.mktemp("pictures"), *APPROVED_PICTURES)


def test_the_main_pages_look_as_approved(seen: Path) -> None:
    names = sorted(path.name for path in APPROVED.glob("*.png"))
    assert names == sorted(path.name for path in seen.glob("*.png")), "other pictures than were approved"
    wrong = []
    for name in names:
        share, marked = differing(QImage(str(APPROVED / name)), QImage(str(seen / name)))
        if share > ALLOWED:
            LEFT.mkdir(parents=True, exist_ok=True)
            (seen / name).replace(LEFT / name)
            marked.save(str(LEFT / f"differs-{name}"))
            wrong.append(f"{name}: {share:.2%}")
    assert not wrong, f"look at {LEFT.relative_to(ROOT)}, mend it or approve it with `python3 dev.py shots --approve`: {wrong}"


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("data", "least"), [("sample", 120), ("empty", 10)])
def test_every_page_and_dialog_can_be_pictured(tmp_path: Path, data: str, least: int) -> None:
    """``python3 dev.py shots`` is looked at before things are said to be done: a scene that cannot be set any more would leave out what follows it."""
    assert len(list(drawn(tmp_path, "--hasty", "--scale", "1", "--theme", "light", "--data", data).glob("*.png"))) >= least


def test_a_difference_is_seen() -> None:
    """A comparison that nobody has seen fail proves nothing: a patch in another colour of the palette, a line less."""
    image = QImage(str(next(iter(sorted(APPROVED.glob("overview-light*"))))))
    assert differing(image, image)[0] == 0
    recoloured = image.copy()
    painter = QPainter(recoloured)
    painter.fillRect(700, 300, 40, 40, QColor("#7852AB"))
    painter.end()
    assert differing(image, recoloured)[0] > ALLOWED
    assert differing(image, image.scaled(image.width() - 1, image.height()))[0] == 1.0
