"""An endpoint for a test: its own folder, database, key, certificate, clock and process.

    endpoint = Endpoint(tmp_path, clock=epochs.start("2026-W40"))     # SQLite; or database=postgres.url(postgres.create())
    line = endpoint.found_team("The makers")
    endpoint.start()
    ... endpoint.url, endpoint.ca_file ...; endpoint.set_clock(...); endpoint.kill(); endpoint.start() ...
    endpoint.stop()
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import select
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tokenpal.share import invitation
from tokenpal.share.protocol.wire import b64
from tokenpal.team import founding
from tokenpal.team.database import sqlite_url
from tokenpal.team.secret import endpoint_key, public_of
from tokenpal.team.storage import Storage, open_storage

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE: Final = 60.0


class Endpoint:
    """``url`` is known after the first ``start``, and stays the same when it is started again."""

    def __init__(self, folder: Path, *, database: str = "", clock: int = 0, metrics_token: str = "", otlp: str = "", twin: Endpoint | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.database = database or sqlite_url(folder / "team.db")
        self.key_file = twin.key_file if twin else folder / "endpoint.key"
        self.clock_file = twin.clock_file if twin else folder / "clock"
        self.log_file = folder / f"endpoint-{id(self)}.log"
        self.metrics_token, self.otlp = metrics_token, otlp
        self.port = 0
        self.ca_file, self._certificate, self._private_key = (twin.ca_file, twin._certificate, twin._private_key) if twin else certificates(folder)
        self._process: subprocess.Popen[bytes] | None = None
        if not twin:
            self.set_clock(clock)
            endpoint_key(self.key_file, make=True)

    def twin(self) -> Endpoint:
        """A second process on the same database, key and clock, with an address of its own."""
        return Endpoint(self.folder, database=self.database, twin=self)

    @property
    def url(self) -> str:
        assert self.port, "not started yet"
        return f"https://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything the process wrote."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def set_clock(self, at: int) -> None:
        draft = self.clock_file.with_name("clock.new")
        draft.write_text(str(at))
        draft.replace(self.clock_file)

    def storage(self) -> Storage:
        """The same database, for this process."""
        return open_storage(self.database)

    def found_team(self, name: str = "The makers", contact: str = "someone@team.example", url: str = "") -> str:
        """Make a team as ``tokenpal team new`` does; returns the founder's invitation. Give ``url`` before the first start."""
        storage = self.storage()
        public = public_of(endpoint_key(self.key_file, make=False))
        made = founding.found_team(storage, public, name, contact)
        storage.close()
        return invitation.written(invitation.Invitation(b64(made.seed), "", url or self.url, "", public, made.team.team))

    def start(self) -> None:
        """Start the process and wait until it listens."""
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.team.endpoint_process", self.database, self.key_file, self.clock_file,
                 self._certificate, self._private_key, str(self.port), self.metrics_token, self.otlp],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        line = read_line(self._process)
        assert line.startswith("https://127.0.0.1:"), f"the endpoint did not start: {line!r}\n{self.log}"
        self.port = int(line.rpartition(":")[2])

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self._end(signal.SIGKILL)

    def tls(self) -> ssl.SSLContext:
        """Trusts this endpoint only."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def _end(self, how: int) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(PATIENCE)
        if self._process.stdout:
            self._process.stdout.close()
        self._process = None


def read_line(process: subprocess.Popen[bytes]) -> str:
    """The first line a process prints; "" when it ends before."""
    assert process.stdout is not None
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        ready, _, _ = select.select([process.stdout], [], [], 0.5)
        if ready:
            return process.stdout.readline().decode().strip()
    return ""


def certificates(folder: Path) -> tuple[Path, Path, Path]:
    """A certificate authority for one test, and a certificate of 127.0.0.1 and localhost by it: (ca, certificate, private key)."""
    from_day = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    to_day = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "endpoint of a test")])
    authority = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    usage = {"content_commitment": False, "key_encipherment": False, "data_encipherment": False, "key_agreement": False,
             "encipher_only": False, "decipher_only": False}  # fmt: skip

    def begun(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(ca_name).public_key(public)
        return made.serial_number(x509.random_serial_number()).not_valid_before(from_day).not_valid_after(to_day)

    ca = (
        begun(ca_name, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage), critical=True)
        .add_extension(authority, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    own = (
        begun(name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority), critical=False)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=False, crl_sign=False, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    files = folder / "ca.pem", folder / "endpoint.pem", folder / "endpoint-key.pem"
    pem = serialization.Encoding.PEM
    files[0].write_bytes(ca.public_bytes(pem))
    files[1].write_bytes(own.public_bytes(pem))
    files[2].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return files
