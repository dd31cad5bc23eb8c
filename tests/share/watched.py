"""Runs the program with a recorder on every socket: what it connects to, and which names it looks up.

    python -m tests.share.watched RECORD cli share visit          the command line, with these words
    python -m tests.share.watched RECORD engine AT EXPECT         the engine in the background, as if it were AT (epoch seconds)

RECORD gets a line for each attempt. The engine ends once sharing has done what it does by itself and an act of the person was
answered; with EXPECT = "attempts" once something was recorded. Sockets of the machine itself (AF_UNIX) are not counted.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

DEADLINE = 60.0
WATCHED = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}


def watch(record: Path) -> None:
    """Write down every attempt from now on."""
    gate = threading.Lock()

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event not in WATCHED or (event in {"socket.connect", "socket.sendto", "socket.sendmsg"} and not isinstance(args[1], tuple)):
            return
        with gate, record.open("a") as out:
            out.write(f"{event} {args[-1] if event.startswith('socket.get') else args[1]}\n")

    record.touch()
    sys.addaudithook(hook)


def engine(record: Path, at: int, expect: str) -> None:
    """The engine of the tray without its window."""
    from tokenpal.engine.engine import Engine
    from tokenpal.model.errors import TokenpalError
    from tokenpal.model.events import Changed
    from tokenpal.settings import Settings
    from tokenpal.system.paths import paths

    places = paths()
    turned = threading.Event()
    begun = time.monotonic()
    one = Engine(
        places,
        Settings.load(places.settings),
        home=Path(os.environ["HOME"]),
        env=dict(os.environ),
        now=lambda: at + int(time.monotonic() - begun),
    )
    one.start(lambda event: turned.set() if isinstance(event, Changed) and "sharing" in event.what else None)
    try:
        if expect == "attempts":
            while not record.read_text():
                assert time.monotonic() - begun < DEADLINE, "it did nothing by itself"
                time.sleep(0.05)
            return
        one.ask(lambda store: None).result(DEADLINE)
        for command in ("send_now", "visit", "results_link"):
            try:
                print(command, one.share(command).result(DEADLINE))
            except TokenpalError as problem:
                print(command, problem.sentence)
        assert turned.wait(DEADLINE), "sharing never had its turn"
    finally:
        assert one.stop(20), "something was left behind"


if __name__ == "__main__":
    place = Path(sys.argv[1])
    watch(place)
    if sys.argv[2] == "engine":
        engine(place, int(sys.argv[3]), sys.argv[4])
    else:
        from tokenpal.__main__ import main

        sys.argv = ["tokenpal", *sys.argv[3:]]
        sys.exit(main())
