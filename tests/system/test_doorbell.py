"""A second start says a word to the first: real sockets, and a process of its own for who rings."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tokenpal.system.doorbell import LONGEST, Doorbell, place, ring

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has Qt's named pipe")
NAME = "tokenpal-test"


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doorbell]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    listening = Doorbell(NAME)
    yield listening
    listening.close()


def answered(door: Doorbell, word: str) -> tuple[bool, str | None]:
    """What somebody who rings is told, and the word that came."""
    told: list[bool] = []
    ringing = threading.Thread(target=lambda: told.append(ring(NAME, word, 10, 10)))
    ringing.start()
    caller = None
    while caller is None:
        caller = door.take()
    heard = None
    try:
        while heard is None:
            heard = caller.hear()
        caller.answer()
    except OSError:
        pass
    caller.leave()
    ringing.join(20)
    return told[0], heard


def test_a_word_is_heard_and_answered(door: Doorbell) -> None:
    assert answered(door, "show") == (True, "show")
    assert answered(door, "glance") == (True, "glance")
    assert door.take() is None


def test_nobody_else_may_ring(door: Doorbell) -> None:
    assert stat.S_IMODE(place(NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize("word", ["x" * LONGEST, "x" * 5000, "é" * 40])
def test_a_word_that_is_too_long_is_none(door: Doorbell, word: str) -> None:
    assert answered(door, word) == (False, None)


def test_who_says_nothing_is_waited_for_by_nobody(door: Doorbell) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(place(NAME)))
        caller = door.take()
        assert caller is not None
        assert caller.hear() is None
    with pytest.raises(OSError):
        caller.hear()
    caller.leave()


def test_nobody_answers_where_nobody_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert ring(NAME, "show", 1, 1) is False


def test_what_a_dead_process_left_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    program = f"import os; from tokenpal.system.doorbell import Doorbell; door = Doorbell({NAME!r}); os._exit(0)"
    subprocess.run([sys.executable, "-c", program], check=True)
    assert place(NAME).exists()
    assert ring(NAME, "show", 1, 1) is False
    door = Doorbell(NAME)
    assert answered(door, "show") == (True, "show")
    door.close()
    assert not place(NAME).exists()


def test_who_leaves_does_not_take_another_ones_socket_along(door: Doorbell) -> None:
    place(NAME).unlink()
    later = Doorbell(NAME)
    door.close()
    assert answered(later, "quit") == (True, "quit")
    later.close()


def test_where_nothing_can_listen_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "not there"))
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    with pytest.raises(OSError):
        Doorbell(NAME)
    assert (len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0) == before


def test_a_socket_that_somebody_else_put_there_is_not_asked(door: Doorbell, monkeypatch: pytest.MonkeyPatch) -> None:
    other = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: other)
    assert not ring(NAME, "show", 10, 10)
    assert door.take() is None, "nobody came"
