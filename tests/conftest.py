"""What holds for every test: its own folders, no real credential store, no network, no unexpected warning."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Shared machines are slow at times; a test must not fail for that.
# CI repeats known examples, so that a change is judged by what it changed; new examples come up in everybody's own runs.
settings.register_profile(
    "tokenpal", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize=bool(os.environ.get("CI")),
)  # fmt: skip
settings.load_profile("tokenpal")

# ---------------------------------------------------------------------------------------------- no network

LOCAL_HOSTS = {"127.0.0.1", "::1", "localhost", "localhost.localdomain", "", None, b"localhost", b"127.0.0.1", "0.0.0.0", "::"}
blocked: list[str] = []
opened: list[str] = []  # internet sockets that were connected, loopback included: see the fixture internet_sockets


class NetworkBlockedError(RuntimeError):
    """A test tried to reach beyond this machine."""


def _is_local(host: object) -> bool:
    return host in LOCAL_HOSTS or (isinstance(host, str) and (host.startswith("127.") or host.endswith(".localhost")))


def _guard(event: str, args: tuple[Any, ...]) -> None:
    """Audit hook: every socket of this process passes here, whichever library made it. Unix sockets are free."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = args[1]
        if not isinstance(address, tuple):
            return
        opened.append(str(address[0]))
        host = address[0]
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = args[0]
    else:
        return
    if not _is_local(host):
        blocked.append(str(host))
        raise NetworkBlockedError(f"a test tried to reach {host!r}; tests need no network")


sys.addaudithook(_guard)


@pytest.fixture
def internet_sockets() -> list[str]:
    """The hosts of all internet sockets connected since the test began (loopback included)."""
    opened.clear()
    return opened


# ---------------------------------------------------------------------------------------------- own folders


# What would lead the program out of the test's folder: agents' roots, profiles, the person's session bus.
FOREIGN_ENV = (
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "LITELLM_API_KEY",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "XDG_CURRENT_DESKTOP",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
)


@pytest.fixture(autouse=True)
def own_folders(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every folder the program may read or write lies in tmp_path."""
    for name in FOREIGN_ENV:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")  # never the person's own bus
    if request.node.get_closest_marker("real_home"):
        return
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("APPDATA", str(home / "AppData" / "Roaming"))
    monkeypatch.setenv("LOCALAPPDATA", str(home / "AppData" / "Local"))
    monkeypatch.setenv("TOKENPAL_HOME", str(tmp_path / "tokenpal-home"))


# ---------------------------------------------------------------------------------------------- no real credential store


@pytest.fixture(autouse=True)
def memory_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[tuple[str, str], str]]:
    """A credential store in memory. Returns what is in it: (service, user) -> secret."""
    import keyring
    import keyring.backend
    import keyring.core
    import keyring.errors

    store: dict[tuple[str, str], str] = {}

    class MemoryKeyring(keyring.backend.KeyringBackend):
        priority = 9  # type: ignore[assignment]  # keyring declares a class property

        def get_password(self, service: str, username: str) -> str | None:
            return store.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            store[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            if store.pop((service, username), None) is None:
                raise keyring.errors.PasswordDeleteError("not found")

    monkeypatch.setattr(keyring.core, "_keyring_backend", MemoryKeyring())
    yield store
    # A class that lives on would be found as a back end by the next test.
    keyring.backend.KeyringBackend._classes.discard(MemoryKeyring)  # there is no public way to forget one


# ---------------------------------------------------------------------------------------------- no unexpected warning


class _Recorder(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def no_log_warnings(request: pytest.FixtureRequest) -> Iterator[None]:
    """A log record of level warning or above fails the test, unless it is marked logs_warnings (qutebrowser's rule)."""
    recorder = _Recorder()
    logging.getLogger().addHandler(recorder)
    yield
    logging.getLogger().removeHandler(recorder)
    if recorder.seen and not request.node.get_closest_marker("logs_warnings"):
        pytest.fail("the program logged:\n" + "\n".join(recorder.seen), pytrace=False)


# ---------------------------------------------------------------------------------------------- providers on loopback

from tests.provider_server import provider_process, provider_server  # noqa: F401  # fixtures, explained at the top of that file
