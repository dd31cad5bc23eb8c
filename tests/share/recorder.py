"""Real servers on this machine for what sharing sends: a TLS server that keeps every byte, and a small SOCKS5 proxy."""

from __future__ import annotations

import atexit
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TypeVar

NAME = "team.example"
"""A name that nothing on this machine can look up: only a proxy knows where it is."""

OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
Respond = Callable[[bytes], bytes]
S = TypeVar("S")


@cache
def authority() -> tuple[Path, Path]:
    """(certificate of the test authority, server certificate with its key), valid for localhost, 127.0.0.1 and NAME."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import NameOID

    folder = Path(mkdtemp(prefix="tokenpal-test-ca-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    now = datetime.now(UTC)

    def certificate(
        name: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, issuer: str, extension: x509.ExtensionType
    ) -> x509.Certificate:
        def named(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        made = x509.CertificateBuilder(named(issuer), named(name), key.public_key(), x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=10))
        return made.add_extension(extension, critical=False).sign(signer, hashes.SHA256())

    root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.DNSName(NAME), x509.IPAddress(ip_address("127.0.0.1"))])
    ca, server = folder / "ca.pem", folder / "server.pem"
    ca.write_bytes(certificate("test authority", root, root, "test authority", x509.BasicConstraints(ca=True, path_length=0)).public_bytes(Encoding.PEM))
    server.write_bytes(
        certificate("server", leaf, root, "test authority", names).public_bytes(Encoding.PEM)
        + leaf.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return ca, server


class Recorder:
    """``requests``: the bytes of each request, inside the TLS connection, one connection an entry."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.requests: list[bytes] = []
        self.resumed: list[bool] = []  # whether a connection took up an older TLS session
        self.respond: Respond = lambda request: OK
        self.hangs_up = False  # closes after its answer instead of waiting for the client to

    def url(self, path: str = "/v1/teams/x", host: str = "localhost") -> str:
        return f"https://{host}:{self.port}{path}"


def request_of(read: Callable[[int], bytes]) -> bytes:
    """All bytes of one request: as long as its content-length says."""
    data = b""
    while b"\r\n\r\n" not in data and (part := read(65536)):
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length and (part := read(65536)):
        data += part
        body += part
    return data


@contextmanager
def recorder() -> Iterator[Recorder]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority()[1])
    with serving(lambda connection, state: _record(context, connection, state), Recorder) as found:
        yield found


def _record(context: ssl.SSLContext, plain: socket.socket, state: Recorder) -> None:
    with context.wrap_socket(plain, server_side=True) as connection:
        request = request_of(connection.recv)
        state.requests.append(request)
        state.resumed.append(bool(connection.session_reused))
        connection.sendall(state.respond(request))
        extra = b"" if state.hangs_up else connection.recv(65536)  # b"": the client closed; anything else is a second request
        if extra:
            state.requests.append(extra)


class Proxy:
    """``asked``: (kind of address, host, port) of each connection. ``to``: where it really connects. ``refuse``: reply code."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[tuple[str, str, int]] = []
        self.users: list[tuple[str, str]] = []
        self.to: tuple[str, int] | None = None
        self.refuse = 0

    @property
    def url(self) -> str:
        return f"socks5://127.0.0.1:{self.port}"


@contextmanager
def socks() -> Iterator[Proxy]:
    with serving(_relay, Proxy) as found:
        yield found


def _relay(client: socket.socket, state: Proxy) -> None:
    """RFC 1928, CONNECT only; RFC 1929 when offered."""
    _, count = client.recv(2)
    methods = client.recv(count)
    if 2 in methods:
        client.sendall(b"\x05\x02")
        client.recv(1)
        user = client.recv(client.recv(1)[0])
        state.users.append((user.decode(), client.recv(client.recv(1)[0]).decode()))
        client.sendall(b"\x01\x00")
    else:
        client.sendall(b"\x05\x00")
    _, _, _, kind = client.recv(4)
    if kind == 3:
        host = client.recv(client.recv(1)[0]).decode()
    else:
        host = str(ip_address(client.recv(4 if kind == 1 else 16)))
    port = int.from_bytes(client.recv(2), "big")
    state.asked.append(({1: "ip", 3: "name", 4: "ip"}[kind], host, port))
    client.sendall(bytes([5, state.refuse, 0, 1]) + bytes(6))
    if state.refuse or state.to is None:
        return
    with socket.create_connection(state.to) as server:
        back = threading.Thread(target=_pump, args=(server, client))
        back.start()
        _pump(client, server)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def serving(handle: Callable[[socket.socket, S], None], state_of: Callable[[int], S]) -> Iterator[S]:
    """Handle each connection in a thread of its own; all have ended when the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        state = state_of(listener.getsockname()[1])
        threads: list[threading.Thread] = []

        def one(connection: socket.socket) -> None:
            with connection, suppress(OSError, ValueError, IndexError):  # a client may break off at any time
                connection.settimeout(30)
                handle(connection, state)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threads.append(threading.Thread(target=one, args=(listener.accept()[0],)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield state
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def closed_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
