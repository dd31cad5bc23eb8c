"""All providers on loopback, in a process of their own, with made-up data, and ill-behaved when told to.

For tests of sources, engine and command line. The fixture ``provider_server`` gives a ``ProviderServer``:

    provider_server.url("openai")            base URL for an account; what each answers is in tests/providers/, one file each
    KEYS["openai"]                           a key it takes; "openrouter ordinary", "litellm admin" and more are there
    provider_server.world(now=..., seed=2)   the data (tests/provider_data.py); ``now`` defaults to the real time
    provider_server.truth("openai", a, b)    what [a, b) adds up to
    provider_server.rule("costs", status=500, times=2)          misbehave where the path matches (see RULES)
    provider_server.set(openai_arrays="plain", max_rows=3)      see SETTINGS
    provider_server.requests()               what was asked: dicts of method, path, query, headers, body

RULES: ``path`` is a regular expression on the path; ``times`` = how often (None = always), ``skip`` = first let some pass;
one of: status=429 (headers=..., body=...), close=True, half=True, slow=SECONDS, html=True, huge=MEGABYTES, redirect=URL,
raw="text", endless=True, more=True (fields that nobody knows), repeat=True, mutate="negative"|"strings"|"exponents"|"wrong"|"absurd"|"missing".

Run by hand: python -m tests.provider_server 8123
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

from tests import providers
from tests.provider_asking import Asked, Plain, Refusal, error_body
from tests.provider_data import Use, World, truth

__all__ = ["KEYS", "ProviderServer", "World"]

ROOT = Path(__file__).resolve().parent.parent
KEYS = providers.keys()
PREFIXES = {provider: providers.prefix(provider) for provider in providers.found()}
SETTINGS: dict[str, Any] = {
    **providers.settings(),
    "openai_arrays": "brackets",  # or "plain": the other dialect gets a 400
    "max_buckets": None,  # OpenAI, older Anthropic reports: fewer buckets a page than asked for
    "max_rows": None,  # analytics, LiteLLM: fewer rows a page than asked for
    "analytics": True,  # False: Anthropic's newer reports and OpenRouter's analytics are not there
    "aggregated": True,  # False: LiteLLM has no .../aggregated
    "database": True,  # False: LiteLLM stores no spend
    "spend_limit": 5000,  # OpenAI, cents; None: there is none
    "activity_lag": False,  # OpenRouter: yesterday is not in the activity report yet
    "truncate": None,  # OpenRouter analytics: cut answers with more rows than this
    "now": None,
    "seed": 1,
    "days": 60,
    "hidden": (),
}


# ---------------------------------------------------------------------------------------------- the server's process


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self.settings = dict(SETTINGS)
        self.rules: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the tests; a mistake in here is not."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def world(self) -> World:
        now = self.settings["now"] or int(time.time())
        return World(now, self.settings["seed"], self.settings["days"], tuple(self.settings["hidden"]))

    def rule_for(self, path: str) -> dict[str, Any] | None:
        with self.lock:
            for rule in self.rules:
                if not re.search(rule["path"], path):
                    continue
                if rule.get("skip"):
                    rule["skip"] -= 1
                    continue
                if rule.get("times") is not None:
                    if rule["times"] <= 0:
                        continue
                    rule["times"] -= 1
                return rule
        return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024  # head and body together, or each answer waits 40 ms for an acknowledgement
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("content-length") or 0)))

    def _serve(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith("/_"):
            self._control(parts.path, body)
            return
        self.server.asked.append({
            "method": self.command, "path": parts.path, "query": parts.query, "body": body.decode(),
            "headers": {k.lower(): v for k, v in self.headers.items()},
        })  # fmt: skip
        rule = self.server.rule_for(parts.path) or {}
        if rule.get("slow"):
            time.sleep(rule["slow"])
        if rule.get("close"):
            self.close_connection = True
            self.connection.close()
            return
        if "status" in rule or "html" in rule or "redirect" in rule or "raw" in rule:
            self._misbehave(rule, parts.path)
            return
        if rule.get("huge"):
            self._huge(rule["huge"])
            return
        status, data = self._answer(parts.path, parts.query, body)
        if status == 200:
            data = pages_without_end(data, rule, len(self.server.asked))
            if rule.get("more"):
                data = with_more(data)
            if rule.get("mutate") and not isinstance(data, Plain):
                data = mutated(data, rule["mutate"])
        if isinstance(data, Plain):
            plain = data.text.encode()
            self._send(data.status, plain[: len(plain) // 2] if rule.get("half") else plain, kind=data.kind, headers=data.headers, length=len(plain))
            self.close_connection = bool(rule.get("half"))
            return
        text = msgspec.json.Encoder(decimal_format="number").encode(data)
        if rule.get("half"):
            self._send(status, text[: len(text) // 2], length=len(text))
            self.close_connection = True
            return
        self._send(status, text)

    def _answer(self, path: str, query: str, body: bytes) -> tuple[int, Any]:
        for provider, prefix in PREFIXES.items():
            if path.startswith(prefix + "/"):
                asked = Asked(
                    self.server.world(), self.server.settings, path.removeprefix(prefix), parse_qsl(query, keep_blank_values=True),
                    {k.lower(): v for k, v in self.headers.items()}, json.loads(body) if body else None, self.command,
                )  # fmt: skip
                try:
                    return 200, providers.found()[provider].answer(asked)
                except Refusal as refusal:
                    return refusal.status, said_by(provider, refusal.status, str(refusal))
        return 404, {"detail": "Not Found"}

    def _misbehave(self, rule: dict[str, Any], path: str) -> None:
        provider = path.split("/")[1]
        if "redirect" in rule:
            self._send(rule.get("status", 302), b"", headers={"location": rule["redirect"]})
        elif "html" in rule:
            self._send(rule.get("status", 200), b"<!doctype html><html><title>Sign in</title></html>", kind="text/html; charset=utf-8")
        elif "raw" in rule:
            self._send(rule.get("status", 200), rule["raw"].encode())
        else:
            body = rule.get("body")
            said = body if body is not None else said_by(provider, rule["status"], "told to fail")
            self._send(rule["status"], json.dumps(said).encode(), headers=rule.get("headers"))

    def _huge(self, megabytes: int) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(megabytes * 1024 * 1024))
        self.end_headers()
        for _ in range(megabytes):
            self.wfile.write(b" " * (1024 * 1024))

    def _send(
        self, status: int, body: bytes, *, kind: str = "application/json", headers: dict[str, str] | None = None, length: int | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _control(self, path: str, body: bytes) -> None:
        said = json.loads(body) if body else None
        answer: Any = {}
        if path == "/_reset":
            self.server.reset()
        elif path == "/_rule":
            self.server.rules.append(said)
        elif path == "/_set":
            self.server.settings.update(said)
        elif path == "/_requests":
            answer = list(self.server.asked)
        elif path == "/_world":
            answer = asdict(self.server.world())
        self._send(200, json.dumps(answer).encode())


def said_by(provider: str, status: int, said: str) -> Any:
    """The body of a refusal, in the provider's own form."""
    module = providers.found().get(provider)
    return module.error(status, said) if module is not None and module.error is not None else error_body(provider, status, said)


def pages_without_end(data: Any, rule: dict[str, Any], number: int) -> Any:
    """A next page for ever: always another one, or always the same one."""
    if (rule.get("endless") or rule.get("repeat")) and isinstance(data, dict):
        cursor = f"page_{number if rule.get('endless') else 'same'}"
        meta = {**data["metadata"], "page": number if rule.get("endless") else 1, "has_more": True} if "metadata" in data else None
        return {**data, "has_more": True, "next_page": cursor, **({"metadata": meta} if meta else {})}
    return data


def with_more(data: Any) -> Any:
    """Every object of an answer with two fields more than anybody knows; maps of names to objects are left alone."""
    if isinstance(data, dict):
        more = {} if data and all(isinstance(v, dict) for v in data.values()) else {"of_tomorrow": 7, "also": {"new": [None]}}
        return {k: with_more(v) for k, v in data.items()} | more
    return [with_more(v) for v in data] if isinstance(data, list) else data


def mutated(data: Any, how: str) -> Any:
    """Numbers of an answer made wrong, in all of its rows; times stay right."""
    change: dict[str, Callable[[Any], Any]] = {
        "negative": lambda v: -v if v else v,
        "strings": str,
        "exponents": lambda v: Decimal(v).normalize() if v else Decimal("0E-6176"),
        "wrong": lambda v: [v],
        "absurd": lambda v: Decimal(10) ** 30,
        "missing": lambda v: None,
    }

    def walk(value: Any, name: str) -> Any:
        if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value):
            value = Decimal(value)
        if isinstance(value, dict):
            return {k: walk(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [walk(v, name) for v in value]
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or name in {"start_time", "end_time", "page", "total_pages"}:
            return value
        return change[how](value)

    return walk(data, "")


def main() -> None:
    server = Server(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    if len(sys.argv) == 1:  # ends with the test run, however that ends
        threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    server.serve_forever(poll_interval=0.05)
    server.server_close()


# ---------------------------------------------------------------------------------------------- the tests' side


class ProviderServer:
    """The running server, as a test sees it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, provider: str) -> str:
        return f"http://127.0.0.1:{self.port}{PREFIXES[provider]}"

    def reset(self) -> None:
        self._call("/_reset")

    def rule(self, path: str, *, times: int | None = None, skip: int = 0, **what: Any) -> None:
        self._call("/_rule", {"path": path, "times": times, "skip": skip, **what})

    def set(self, **values: Any) -> None:
        assert set(values) <= set(SETTINGS), "no such setting"
        self._call("/_set", values)

    def world(self, **values: Any) -> World:
        """Changes the data, if anything is given, and says what it is."""
        if values:
            self.set(**values)
        said = self._call("/_world")
        return World(said["now"], said["seed"], said["days"], tuple(said["hidden"]))

    def truth(self, provider: str, start: int, end: int) -> Use:
        return truth(self.world(), provider, start, end)

    def requests(self) -> list[dict[str, Any]]:
        asked: list[dict[str, Any]] = self._call("/_requests")
        return asked

    def _call(self, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", path, json.dumps(body))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


@pytest.fixture(scope="session")
def provider_process() -> Iterator[ProviderServer]:
    """One server for the whole test run."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.provider_server"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield ProviderServer(json.loads(process.stdout.readline())["port"])
    finally:
        process.communicate(timeout=30)


@pytest.fixture
def provider_server(provider_process: ProviderServer) -> ProviderServer:
    """Well-behaved providers; see the top of tests/provider_server.py."""
    provider_process.reset()
    return provider_process


if __name__ == "__main__":
    main()
