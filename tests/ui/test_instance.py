"""The running app hears a second start that is another process, and nothing else disturbs it."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from tokenpal.system.doorbell import MOST, place
from tokenpal.ui.instance import Listener, socket_name

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has Qt's named pipe")
TELL = "import sys; from pathlib import Path; from tokenpal.ui.instance import tell; print(tell(Path(sys.argv[1]), sys.argv[2]))"


def told(folder: Path, word: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", TELL, str(folder), word], stdout=subprocess.PIPE, text=True)


def answer(asked: subprocess.Popen[str]) -> str:
    while asked.poll() is None:
        QCoreApplication.processEvents()
    assert asked.stdout is not None
    with asked.stdout:
        return asked.stdout.read().strip()


def test_words_of_another_process_are_heard(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del qapp
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    heard: list[str] = []
    listener = Listener(tmp_path)
    listener.asked.connect(heard.append)
    silent = [socket.socket(socket.AF_UNIX) for _ in range(MOST + 3)]
    for one in silent:  # who says nothing keeps nobody else from being heard
        one.connect(str(place(socket_name(tmp_path))))
        QCoreApplication.processEvents()
    assert answer(told(tmp_path, "show")) == "True"
    assert answer(told(tmp_path, "glance")) == "True"
    assert answer(told(tmp_path, "dance")) == "False"
    assert heard == ["show", "glance"]
    for one in silent:
        one.close()
    listener.close()
    assert answer(told(tmp_path, "show")) == "False"
