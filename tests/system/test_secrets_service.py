"""The real Secret Service: unlocked, locked, absent, hanging, refusing (desktop-lab 6)."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.bus import Session, session

pytestmark = pytest.mark.desktop

KEY = "sk-ant-admin01-" + "Ab3" * 30

SCRIPT = """
import json, sys
sys.path.insert(0, {root!r})
from tokenpal.system.secrets import Secret, Secrets
secrets = Secrets(limit={limit})
def say(answer):
    if isinstance(answer, Secret):
        return ["Secret", answer.reveal()]
    return [type(answer).__name__, getattr(answer, "sentence", "") + " " + getattr(answer, "next_step", "")]
out = []
for step in {steps!r}:
    out.append(say(getattr(secrets, step[0])(*step[1], **step[2])) if step[0] != "look" else [secrets.look()[0], say(secrets.look()[1])[0]])
print(json.dumps(out))
"""


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Session]:
    with session(tmp_path / "s") as made:
        yield made


def run(bus: Session, *steps: tuple[str, tuple[str, ...], dict[str, object]], limit: float = 30.0) -> list[list[str]]:
    root = str(Path(__file__).resolve().parents[2])
    found: list[list[str]] = json.loads(bus.python(SCRIPT.format(root=root, steps=list(steps), limit=limit)))
    for kind, text in found:
        assert kind == "Secret" or KEY not in text
        assert "leaked" not in text
    return found


def put(name: str) -> tuple[str, tuple[str, ...], dict[str, object]]:
    return ("put", (name, KEY), {})


def get(name: str, prompt: bool = True) -> tuple[str, tuple[str, ...], dict[str, object]]:
    return ("get", (name,), {"prompt": prompt})


def test_unlocked(bus: Session) -> None:
    bus.keyring()
    assert [kind for kind, _ in run(bus, put("a/1"), get("missing"))] == ["Saved", "Missing"]
    # another process: the key came from the store and not from memory
    assert run(bus, get("a/1"), get("a/1", prompt=False), ("look", (), {})) == [
        ["Secret", KEY],
        ["Secret", KEY],
        ["keyring.backends.SecretService.Keyring", "NoneType"],
    ]
    assert [kind for kind, _ in run(bus, ("delete", ("a/1",), {}), ("delete", ("a/1",), {}), get("a/1"))] == ["Saved", "Saved", "Missing"]


def test_locked(bus: Session) -> None:
    bus.keyring()
    run(bus, put("a/1"))
    bus.lock()
    assert [kind for kind, _ in run(bus, get("a/1", prompt=False), get("a/1"), put("a/2"), ("look", (), {}))] == [
        "Locked",
        "Locked",
        "Locked",
        "keyring.backends.SecretService.Keyring",
    ]


def test_no_service_on_the_bus(bus: Session) -> None:
    assert [kind for kind, _ in run(bus, get("a/1"), get("a/1", prompt=False), put("a/1"))] == ["NoBackend"] * 3


def test_no_bus(bus: Session) -> None:
    for address in ("disabled:", "unix:path=/nowhere/bus", "nonsense"):
        bus.env["DBUS_SESSION_BUS_ADDRESS"] = address
        assert [kind for kind, _ in run(bus, get("a/1"), put("a/1"), get("a/1", prompt=False))] == ["NoBackend"] * 3


def test_hanging(bus: Session) -> None:
    daemon = bus.keyring()
    run(bus, put("a/1"))
    daemon.send_signal(signal.SIGSTOP)
    assert [kind for kind, _ in run(bus, get("a/1"), get("a/1"), put("a/2"), limit=0.5)] == ["TimedOut"] * 3


def test_refusing(bus: Session) -> None:
    bus.refusing()
    assert {kind for kind, _ in run(bus, get("a/1"), put("a/1"), ("delete", ("a/1",), {}))} == {"Refused"}
