"""The one way to the network, against real sockets (architecture 2.5, provider-apis 3)."""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TypeVar

import pytest

from tests.provider_server import ProviderServer
from tokenpal import __version__
from tokenpal.system.net import Answer, Fault, Http, NetError, check_address

T = TypeVar("T")


def run(work: Callable[[Http], Awaitable[T]], **options: object) -> T:
    async def inside() -> T:
        async with Http(**options) as http:  # type: ignore[arg-type]
            return await work(http)

    return asyncio.run(inside())


def fault(url: str, **options: object) -> NetError:
    with pytest.raises(NetError) as found:
        run(lambda http: http.get(url), **options)
    return found.value


# ---------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/v1", "http://localhost:4000", "http://127.0.0.1:1", "http://[::1]:4000/x", "http://10.1.2.3",
        "http://192.168.0.7:4000", "http://172.16.0.1", "http://[fd00::1]:4000", "http://llm.localhost",
    ],
)  # fmt: skip
def test_addresses_a_key_may_be_sent_to(url: str) -> None:
    assert check_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com", "http://8.8.8.8", "http://172.32.0.1", "ftp://localhost/", "file:///etc/passwd", "localhost:4000", "",
        "https://", "https://key:secret@example.com", "http://[::1", "http://localhost.example.com", "http://127.0.0.1.example.com",
        "https://example.com:99999", "http://[2001:4860:4860::8888]",
    ],
)  # fmt: skip
def test_addresses_that_are_refused_before_any_socket(url: str, internet_sockets: list[str]) -> None:
    assert fault(url).fault is Fault.ADDRESS
    assert internet_sockets == []


def test_the_sentence_about_an_unencrypted_address_holds_a_way_out() -> None:
    problem = fault("http://llm.company.example/secret-path?key=1")
    assert "llm.company.example" in problem.sentence
    assert "https" in problem.next_step
    assert "secret" not in problem.sentence + problem.next_step


# ---------------------------------------------------------------------------------------------- answers


def test_an_answer_with_its_headers_in_lower_case(provider_server: ProviderServer) -> None:
    answer = run(lambda http: http.get(provider_server.url("openrouter") + "/key", headers={"authorization": "Bearer nobody"}))
    assert isinstance(answer, Answer)
    assert answer.status == 401
    assert answer.headers["content-type"] == "application/json"


def test_who_is_asking_and_lists_repeat_their_name(provider_server: ProviderServer) -> None:
    run(lambda http: http.get(provider_server.url("openai") + "/x", [("group_by[]", "a b"), ("group_by[]", "c&d")], {"x-api-key": "k"}))
    (request,) = provider_server.requests()
    assert request["headers"]["user-agent"] == f"tokenpal/{__version__}"
    assert request["headers"]["x-api-key"] == "k"
    assert request["query"] == "group_by%5B%5D=a+b&group_by%5B%5D=c%26d"


def test_posting_json(provider_server: ProviderServer) -> None:
    run(lambda http: http.post(provider_server.url("openrouter") + "/analytics/query", b'{"a": 1}'))
    (request,) = provider_server.requests()
    assert (request["method"], request["body"], request["headers"]["content-type"]) == ("POST", '{"a": 1}', "application/json")


def test_no_socket_and_no_client_before_the_first_request(internet_sockets: list[str]) -> None:
    async def inside() -> None:
        async with Http() as http:
            assert http._client is None

    asyncio.run(inside())
    assert internet_sockets == []


def test_nothing_of_a_request_is_logged(provider_server: ProviderServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    run(lambda http: http.get(provider_server.url("openai") + "/secret-path", [("q", "secret-query")], {"x-api-key": "secret-key"}))
    assert "secret" not in caplog.text


# ---------------------------------------------------------------------------------------------- no answer


def test_a_redirect_to_another_host_is_said_and_not_followed(provider_server: ProviderServer, internet_sockets: list[str]) -> None:
    provider_server.rule("", redirect="https://elsewhere.example/login?token=abc")
    internet_sockets.clear()
    problem = fault(provider_server.url("litellm") + "/key/info")
    assert problem.fault is Fault.REDIRECT
    assert "elsewhere.example" in problem.sentence
    assert "abc" not in problem.sentence
    assert "login" not in problem.sentence
    assert set(internet_sockets) == {"127.0.0.1"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["/elsewhere", "http://127.0.0.1:1/x", "", "http://[", "javascript:alert(1)"])
def test_a_redirect_on_the_same_host_is_not_followed_either(provider_server: ProviderServer, status: int, target: str) -> None:
    provider_server.rule("key", redirect=target, status=status)
    problem = fault(provider_server.url("litellm") + "/key/info")
    assert problem.fault is Fault.REDIRECT
    assert len(provider_server.requests()) == 1


def test_an_answer_that_is_too_long_is_cut_off(provider_server: ProviderServer) -> None:
    provider_server.rule("", huge=3)
    problem = fault(provider_server.url("openai") + "/x", max_body=1024 * 1024)
    assert problem.fault is Fault.TOO_BIG
    assert "1 MB" in problem.sentence


def test_a_connection_that_closes(provider_server: ProviderServer) -> None:
    provider_server.rule("", close=True)
    assert fault(provider_server.url("openai") + "/x").fault is Fault.BROKEN


def test_a_body_that_ends_too_early(provider_server: ProviderServer) -> None:
    provider_server.rule("", half=True)
    assert fault(provider_server.url("openai") + "/x").fault is Fault.BROKEN


@pytest.mark.parametrize("options", [{"read_seconds": 0.2}, {"total_seconds": 0.2}])
def test_a_server_that_takes_too_long(provider_server: ProviderServer, options: dict[str, float]) -> None:
    provider_server.rule("", slow=3, times=1)
    assert fault(provider_server.url("openai") + "/x", **options).fault is Fault.TIMEOUT


def test_nobody_there() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as free:
        port = free.server_address[1]
    problem = fault(f"http://127.0.0.1:{port}/x")
    assert problem.fault is Fault.OFFLINE
    assert problem.sentence == "No connection to 127.0.0.1."


def test_a_server_that_speaks_no_tls(provider_server: ProviderServer) -> None:
    problem = fault(f"https://127.0.0.1:{provider_server.port}/x")
    assert problem.fault is Fault.TLS
    assert "encrypted" in problem.sentence


def test_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    with untrusted(tmp_path) as port:
        problem = fault(f"https://localhost:{port}/x")
    assert problem.fault is Fault.TLS
    assert "certificate of localhost is not trusted" in problem.sentence


@contextmanager
def untrusted(folder: Path) -> Iterator[int]:
    """A TLS server with a certificate of its own making."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = folder / "made.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(pem)

    class Quiet(HTTPServer):
        def handle_error(self, *_: object) -> None:
            pass

    with Quiet(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.socket = settings.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def test_a_proxy_of_the_company_is_not_asked_for_this_machine(provider_server: ProviderServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert run(lambda http: http.get(provider_server.url("openai") + "/x")).status == 401
