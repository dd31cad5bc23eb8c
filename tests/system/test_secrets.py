"""Keys: what answers look like, time limits, and that a key never prints itself."""

from __future__ import annotations

import logging
import pickle
import threading
import time
from typing import Any

import pytest

from tokenpal.system import secrets as module
from tokenpal.system.secrets import Locked, Missing, NoBackend, Refused, Saved, Secret, Secrets, TimedOut, entry_name, explain

KEY = "sk-proj-" + "x9" * 40


class Backend:
    """Stands for a keyring back end; ``gate`` holds calls back."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.calls: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.raises: Exception | None = None

    def _pass(self, call: str) -> None:
        self.calls.append(call)
        self.gate.wait()
        if self.raises is not None:
            raise self.raises

    def get_password(self, service: str, name: str) -> str | None:
        self._pass("get")
        return self.kept.get(name)

    def set_password(self, service: str, name: str, value: str) -> None:
        self._pass("set")
        self.kept[name] = value

    def delete_password(self, service: str, name: str) -> None:
        self._pass("delete")
        del self.kept[name]


def made(backend: Backend, limit: float = 20.0) -> Secrets:
    return Secrets(backend=lambda: backend, limit=limit)  # type: ignore[arg-type,return-value]  # only its three methods are used


def test_a_key_is_asked_for_once_and_can_be_forgotten() -> None:
    backend = Backend()
    backend.kept["a"] = KEY
    secrets = made(backend)
    assert secrets.get("a") == Secret(KEY) == secrets.get("a")
    assert backend.calls == ["get"]
    secrets.forget("a")
    assert secrets.get("a") == Secret(KEY)
    assert backend.calls == ["get", "get"]


def test_a_key_never_shows_itself(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(KEY)
    assert f"{secret}{secret!r}{secret!s}{[secret]}{secret:>20}" == "•••" * 3 + "[•••]" + "•••"
    with caplog.at_level(logging.INFO):
        logging.getLogger("t").info("%s %r", secret, {"key": secret})
    assert KEY not in caplog.text
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert not hasattr(secret, "__dict__")


def test_this_session_only_never_reaches_the_store() -> None:
    backend = Backend()
    secrets = made(backend)
    assert isinstance(secrets.put("a", KEY, session_only=True), Saved)
    secrets.forget("a")
    assert secrets.get("a") == Secret(KEY)
    assert isinstance(secrets.delete("a"), Saved)
    assert backend.calls == []
    assert isinstance(secrets.get("a"), Missing)


@pytest.mark.parametrize("value", ["", "  \n", "x" * 1201])
def test_keys_that_cannot_be_kept_are_refused_before_writing(value: str) -> None:
    backend = Backend()
    answer = made(backend).put("a", value)
    assert isinstance(answer, Refused)
    assert answer.sentence
    assert answer.next_step
    assert backend.calls == []


def test_a_call_that_hangs_ends_in_a_sentence_and_blocks_nobody_else() -> None:
    backend = Backend()
    backend.kept["a"] = KEY
    backend.gate.clear()
    secrets = made(backend, limit=0.05)
    assert isinstance(secrets.get("a"), TimedOut)
    assert isinstance(secrets.get("b"), TimedOut)
    assert isinstance(secrets.start_get("c").result(20), TimedOut)
    assert backend.calls == ["get"], "a second password window was opened"
    backend.gate.set()  # the person typed the password late
    end = time.monotonic() + 20
    while secrets.get("a") != Secret(KEY):
        assert time.monotonic() < end
        threading.Event().wait(0.001)
    assert backend.calls[:1] == ["get"]


def test_calls_run_one_after_the_other() -> None:
    backend = Backend()
    backend.gate.clear()
    secrets = made(backend)
    futures = [secrets.start_get(name) for name in "abc"]
    end = time.monotonic() + 20
    while not backend.calls:
        assert time.monotonic() < end
        threading.Event().wait(0.001)
    assert backend.calls == ["get"]
    backend.gate.set()
    assert [type(future.result(20)) for future in futures] == [Missing] * 3


def errors() -> list[tuple[Exception, type]]:
    import jeepney.wrappers
    import keyring.errors
    import secretstorage

    class Header:
        fields: dict[Any, Any] = {}

    def dbus(name: str) -> Exception:
        problem = jeepney.wrappers.DBusErrorResponse.__new__(jeepney.wrappers.DBusErrorResponse)
        problem.name = name
        problem.data = (KEY,)
        return problem

    return [
        (keyring.errors.KeyringLocked(KEY), Locked),
        (keyring.errors.InitError(KEY), NoBackend),
        (keyring.errors.NoKeyringError(KEY), NoBackend),
        (keyring.errors.PasswordSetError(KEY), Refused),
        (keyring.errors.KeyringError(KEY), Refused),
        (secretstorage.LockedException(KEY), Locked),
        (secretstorage.PromptDismissedException(KEY), Locked),
        (secretstorage.SecretServiceNotAvailableException(KEY), NoBackend),
        (dbus("org.freedesktop.DBus.Error.ServiceUnknown"), NoBackend),
        (dbus("org.freedesktop.Secret.Error.IsLocked"), Locked),
        (dbus("org.kde.Anything"), Refused),
        (ConnectionRefusedError(KEY), NoBackend),
        (RuntimeError(KEY), Refused),
    ]


@pytest.mark.parametrize(("problem", "kind"), errors())
def test_whatever_a_back_end_raises_is_an_answer_without_its_text(problem: Exception, kind: type) -> None:
    assert type(explain(problem)) is kind
    backend = Backend()
    backend.raises = problem
    secrets = made(backend)
    for answer in (secrets.get("a"), secrets.put("a", "k"), secrets.delete("a")):
        assert type(answer) is kind
        assert KEY not in repr(answer)
        assert answer.sentence.endswith(".")
        assert answer.next_step.endswith(".")


def test_no_back_end_is_a_normal_state() -> None:
    secrets = Secrets(backend=lambda: None)
    assert isinstance(secrets.get("a"), NoBackend)
    assert isinstance(secrets.put("a", KEY), NoBackend)
    assert secrets.look() == ("", module.NO_BACKEND)


def test_the_store_of_this_test_is_found(memory_keyring: dict[tuple[str, str], str]) -> None:
    secrets = Secrets()
    assert isinstance(secrets.put("a", KEY), Saved)
    assert memory_keyring == {("tokenpal", "a"): KEY}
    assert Secrets().get("a") == Secret(KEY)
    name, wrong = secrets.look()
    assert name.endswith("MemoryKeyring")
    assert wrong is None


def test_profiles_do_not_share_entries() -> None:
    assert entry_name("p", "openai-admin", 1) != entry_name("q", "openai-admin", 1)
