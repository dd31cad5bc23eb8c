"""``tokenpal self-test``: is everything here that the program needs? Made to be run from inside a bundle (architecture 2.11).

Opens every page on made-up data in a throw-away profile, finds every source, resource and credential back end, prices a known
request, imports a file, lets the receiver take a metric on this machine and seals a report. It never touches the person's data,
settings or keys, and reaches no other machine.
May import: everything below it (ui, engine, store, sources, pricing, system, settings, model). May not: app, cli, which stand
beside it; ``__main__`` starts it. Qt is imported in ``pages`` only, and ``pages`` only when the rest is found.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

USAGE = "usage: tokenpal self-test [--no-window] [--pictures FOLDER]"


def main(arguments: Sequence[str] = ()) -> int:
    """Run every check and say how each went; 0 when all are well, 1 otherwise, 2 for words it does not know."""
    words = list(arguments)
    window = "--no-window" not in words
    words = [word for word in words if word != "--no-window"]
    pictures = Path(words[1]).absolute() if len(words) == 2 and words[0] == "--pictures" else None
    if words and pictures is None:
        print(USAGE, file=sys.stderr)
        return 2
    from tokenpal.selftest import parts, work

    with tempfile.TemporaryDirectory(prefix="tokenpal-self-test-") as folder:
        os.environ["TOKENPAL_HOME"] = folder
        checks = [*parts.CHECKS, *work.CHECKS]
        if window:
            if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
                os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # Qt would end the process
            from tokenpal.selftest import pages

            pages.pictures = pictures
            checks += pages.CHECKS
        failed = sum(not _passes(name, check, Path(folder)) for name, check in checks)
    print(f"self-test: {len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _passes(name: str, check: Callable[[Path], str], folder: Path) -> bool:
    start = time.perf_counter()
    try:
        found = check(folder)
    except Exception as error:
        print(f"FAILED  {name}: {type(error).__name__}: {error}", flush=True)
        traceback.print_exc()
        return False
    print(f"ok      {name}: {found} ({time.perf_counter() - start:.2f} s)", flush=True)
    return True
