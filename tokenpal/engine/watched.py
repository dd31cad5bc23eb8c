"""The watched folder of a profile: usage that scripts write there as JSON lines (sources.jsonl)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tokenpal.system.paths import resource

NAME: Final = "inbox"
SOURCE: Final = "jsonl"
PAGE: Final = "usage.md"


def inbox(data: Path) -> Path:
    """Where scripts of this profile write. It is read once somebody has made it."""
    return data / NAME


def with_inbox(extra: Mapping[str, Sequence[str]], data: Path) -> dict[str, Sequence[str]]:
    """The extra log folders of the settings, and the profile's own inbox."""
    return {**extra, SOURCE: [str(inbox(data)), *extra.get(SOURCE, ())]}


def make(data: Path) -> Path:
    """Make the folder, for its owner only, with the page that explains the format. Raises OSError."""
    folder = inbox(data)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    page = resource(f"formats/{PAGE}")
    if page.is_file() and not (folder / PAGE).exists():
        import shutil  # slow to import, and needed once

        shutil.copyfile(page, folder / PAGE)
    return folder
