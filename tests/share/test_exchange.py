"""What leaves this machine for a team, to the byte, against real servers (sharing-protocol 3, 5.6, 5.8)."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.share.recorder import NAME, OK, Proxy, Recorder, authority, closed_port, recorder, serving, socks
from tokenpal.share import exchange
from tokenpal.share.exchange import Answer, Fault, NetError, prepare, raw, send

BODY = b'{"body":{"kind":"report"},"sig":"AA"}'


@pytest.fixture
def team() -> Iterator[Recorder]:
    with recorder() as found:
        yield found


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with socks() as found:
        yield found


def go(method: str, url: str, body: bytes = b"", *, by: str = "", ca: str | None = None) -> Answer:
    return asyncio.run(send(prepare(method, url, body), proxy=by, ca_file=str(authority()[0]) if ca is None else ca))


def refused(method: str, url: str, body: bytes = b"", *, by: str = "", ca: str | None = None) -> NetError:
    with pytest.raises(NetError) as found:
        go(method, url, body, by=by, ca=ca)
    return found.value


# ---------------------------------------------------------------------------------------------- exactly these bytes


def test_a_get_has_one_header(team: Recorder) -> None:
    assert go("GET", team.url("/v1/teams/x/roster?since=3")).body == b"{}"
    assert team.requests == [f"GET /v1/teams/x/roster?since=3 HTTP/1.1\r\nhost: localhost:{team.port}\r\n\r\n".encode()]


def test_a_post_has_three(team: Recorder) -> None:
    go("POST", team.url("/v1/teams/x/reports"), BODY)
    head = f"POST /v1/teams/x/reports HTTP/1.1\r\nhost: localhost:{team.port}\r\ncontent-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n"
    assert team.requests == [head.encode() + BODY]


@pytest.mark.parametrize("path", ["", "/", "/v1/teams/a_b-c", "/v1?since=0&x=%20", "?a=1"])
@pytest.mark.parametrize("body", [b"", BODY, b"x" * 300_000])
def test_what_is_logged_before_is_what_arrives(team: Recorder, path: str, body: bytes) -> None:
    sent = prepare("POST" if body else "GET", team.url(path), body)
    logged = raw(sent)
    asyncio.run(send(sent, ca_file=str(authority()[0])))
    assert team.requests == [logged]


def test_each_request_has_a_connection_and_a_tls_session_of_its_own(team: Recorder) -> None:
    for _ in range(3):
        go("GET", team.url())
    assert len(team.requests) == 3
    assert team.resumed == [False] * 3


def test_nothing_of_the_environment_is_used(team: Recorder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dead = f"http://127.0.0.1:{closed_port()}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, dead)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (".netrc", "_netrc"):
        (tmp_path / name).write_text("machine localhost login canary password canary\ndefault login canary password canary\n")
        (tmp_path / name).chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    go("POST", team.url(), BODY)
    assert team.requests == [raw(prepare("POST", team.url(), BODY))]


def test_nothing_is_logged_by_the_libraries(team: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    go("POST", team.url("/v1/secret-path"), BODY)
    assert "secret-path" not in caplog.text


# ---------------------------------------------------------------------------------------------- answers that are refused


def test_a_cookie_is_refused_and_never_comes_back(team: Recorder) -> None:
    team.respond = lambda request: OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: id=canary; Path=/\r\n\r\n")
    problem = refused("GET", team.url())
    assert problem.fault is Fault.COOKIE
    assert "localhost" in problem.sentence
    team.respond = lambda request: OK
    go("GET", team.url())
    assert b"canary" not in b"".join(team.requests)
    assert b"cookie" not in b"".join(team.requests).lower()


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_is_said_and_never_followed(team: Recorder, status: int, internet_sockets: list[str]) -> None:
    with recorder() as other:
        team.respond = lambda request: f"HTTP/1.1 {status} Go\r\nlocation: {other.url(host='127.0.0.1')}\r\ncontent-length: 0\r\n\r\n".encode()
        problem = refused("POST", team.url(), BODY)
        assert other.requests == []
    assert problem.fault is Fault.REDIRECT
    assert "127.0.0.1" in problem.sentence
    assert "agreed" in problem.sentence
    assert len(team.requests) == 1


@pytest.mark.parametrize("length", [True, False])
def test_an_answer_is_read_as_far_as_4_mb(team: Recorder, length: bool) -> None:
    def respond(size: int) -> None:
        head = f"content-length: {size}" if length else "connection: close"
        team.respond, team.hangs_up = lambda request: f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + b"x" * size, not length

    respond(exchange.LIMIT + 1)
    problem = refused("GET", team.url())
    assert problem.fault is Fault.TOO_BIG
    assert "4 MB" in problem.sentence
    if length:
        respond(exchange.LIMIT)
        assert len(go("GET", team.url()).body) == exchange.LIMIT


def test_a_packed_answer_is_refused(team: Recorder) -> None:
    team.respond = lambda request: OK.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    assert refused("GET", team.url()).fault is Fault.BROKEN


@pytest.mark.parametrize("junk", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", b"HTTP/1.1 200 OK\r\n"])
def test_an_answer_that_is_none(team: Recorder, junk: bytes) -> None:
    team.respond, team.hangs_up = lambda request: junk, True
    assert refused("GET", team.url()).fault is Fault.BROKEN


def test_codes_are_the_callers_to_judge(team: Recorder) -> None:
    team.respond = lambda request: b'HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}'
    assert go("POST", team.url(), BODY).status == 409


# ---------------------------------------------------------------------------------------------- whom it speaks to


@pytest.mark.parametrize(
    "url",
    [
        "http://team.example/x", "http://localhost/x", "http://127.0.0.1/x", "http://10.0.0.1", "ftp://team.example", "team.example", "",
        "https://me:secret@team.example/", "https://team.example/#x", "https://team.example/a b", "https://team.example/\r\nx: y", "https://tëam.example/",
    ],
)  # fmt: skip
def test_only_https_addresses(url: str, internet_sockets: list[str]) -> None:
    with pytest.raises(NetError) as found:
        prepare("GET", url)
    assert found.value.fault is Fault.ADDRESS
    assert "secret" not in str(found.value)
    assert internet_sockets == []


@pytest.mark.parametrize(("method", "body"), [("GET", BODY), ("POST", b""), ("PUT", BODY), ("DELETE", b"")])
def test_only_get_and_post(method: str, body: bytes) -> None:
    with pytest.raises(ValueError, match="GET"):
        prepare(method, "https://team.example/", body)


def test_a_certificate_that_nobody_trusts_is_not_spoken_to(team: Recorder) -> None:
    assert refused("POST", team.url(), BODY, ca="").fault is Fault.TLS
    assert team.requests == []


def test_a_certificate_of_another_name_is_not_spoken_to(team: Recorder, proxy: Proxy) -> None:
    proxy.to = ("127.0.0.1", team.port)
    assert refused("POST", team.url(host="other.example"), BODY, by=proxy.url).fault is Fault.TLS
    assert team.requests == []


def test_a_certificate_file_that_is_none(team: Recorder, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for path in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        assert refused("GET", team.url(), ca=str(path)).fault is Fault.TLS


def test_nobody_there() -> None:
    assert refused("GET", f"https://127.0.0.1:{closed_port()}/").fault is Fault.OFFLINE


# ---------------------------------------------------------------------------------------------- through a proxy


def test_a_proxy_is_told_the_name_and_looks_it_up(team: Recorder, proxy: Proxy, internet_sockets: list[str]) -> None:
    proxy.to = ("127.0.0.1", team.port)
    url = team.url(host=NAME)
    internet_sockets.clear()
    assert go("POST", url, BODY, by=proxy.url).status == 200
    assert proxy.asked == [("name", NAME, team.port)]
    assert team.requests == [raw(prepare("POST", url, BODY))]


def test_a_proxy_with_a_name_and_a_password(team: Recorder, proxy: Proxy) -> None:
    proxy.to = ("127.0.0.1", team.port)
    go("GET", team.url(host=NAME), by=f"socks5h://circuit:a%20b@127.0.0.1:{proxy.port}")
    assert proxy.users == [("circuit", "a b")]
    assert b"circuit" not in b"".join(team.requests)


def test_nothing_goes_past_a_proxy_that_is_down(team: Recorder) -> None:
    problem = refused("POST", team.url(), BODY, by=f"socks5://127.0.0.1:{closed_port()}")
    assert problem.fault is Fault.PROXY
    assert "Nothing was sent" in problem.next_step
    assert team.requests == []


def test_nothing_goes_past_a_proxy_that_refuses(team: Recorder, proxy: Proxy) -> None:
    proxy.refuse = 5
    assert refused("POST", team.url(), BODY, by=proxy.url).fault is Fault.PROXY
    assert team.requests == []


def test_something_else_than_a_proxy(team: Recorder) -> None:
    def talk(connection: socket.socket, state: Proxy) -> None:
        connection.recv(3)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    for talks in (talk, lambda connection, state: None):
        with serving(talks, Proxy) as other:
            assert refused("POST", team.url(), BODY, by=other.url).fault is Fault.PROXY
    assert team.requests == []


@pytest.mark.parametrize("by", ["http://127.0.0.1:1", "socks4://127.0.0.1:1", "127.0.0.1:9050", "socks5://", "socks5://127.0.0.1", "socks5://127.0.0.1:99999", "x"])
def test_only_socks5(team: Recorder, by: str) -> None:
    assert refused("GET", team.url(), by=by).fault is Fault.ADDRESS
    assert team.requests == []
