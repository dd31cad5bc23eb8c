"""The clients against the providers' own specifications, where TOKENPAL_SPECS names the folder that holds them.

Every request that a client makes is valid there; what our loopback server answers is valid too, or the other tests would
prove nothing; and every example and every answer made from a schema can be parsed. Which providers there are, and their files,
say the registry and tests/providers/; those without a file are held against samples of their documents.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests import providers
from tests.provider_server import KEYS, PREFIXES, ProviderServer
from tests.sources.accounts import DAY, NOON, check, read, reply
from tests.sources.captured import APIS, PLUGGED, SCENES as PLAIN_SCENES, captured, parsed as parsed_as, widened
from tokenpal.model.usage import Problem, UsageRecord, Window
from tokenpal.sources.buckets import Facts

SPECS = Path(os.environ.get("TOKENPAL_SPECS", ""))
HERE = bool(os.environ.get("TOKENPAL_SPECS")) and SPECS.is_dir()
DATA = Path(__file__).parent.parent / "data"
needs_specs = pytest.mark.skipif(not HERE, reason="TOKENPAL_SPECS does not name the folder of API specifications; test_fetch covers the rules")

FILES = {name: providers.found()[name].SPEC for name in PLUGGED if providers.found()[name].SPEC}
# What a client reads, as it hands it to parse: provider, path -> endpoint, generation.
READ: dict[tuple[str, str], tuple[str, str]] = {
    ("openai", "/organization/usage/completions"): ("usage/completions", ""),
    ("openai", "/organization/usage/embeddings"): ("usage/embeddings", ""),
    ("openai", "/organization/costs"): ("costs", ""),
    ("openai", "/organization/spend_limit"): ("spend_limit", ""),
    ("anthropic", "/v1/organizations/analytics/usage"): ("usage", ""),
    ("anthropic", "/v1/organizations/analytics/cost"): ("cost", ""),
    ("anthropic", "/v1/organizations/usage_report/messages"): ("usage", "legacy"),
    ("anthropic", "/v1/organizations/cost_report"): ("cost", "legacy"),
    ("openrouter", "/key"): ("key", ""),
    ("openrouter", "/keys"): ("keys", ""),
    ("openrouter", "/credits"): ("credits", ""),
    ("openrouter", "/activity"): ("activity", "activity"),
    ("openrouter", "/analytics/query"): ("activity", "day"),
    ("litellm", "/user/daily/activity"): ("daily activity", ""),
    ("litellm", "/user/daily/activity/aggregated"): ("daily activity", ""),
    ("litellm", "/v2/user/info"): ("user budget", ""),
    ("litellm", "/user/info"): ("user budget", ""),
}
EVER = (0, 2**40)


# ---------------------------------------------------------------------------------------------- the documents


@cache
def document(provider: str) -> dict[str, Any]:
    import yaml

    loaded: dict[str, Any] = plain(yaml.safe_load((SPECS / FILES[provider]).read_text()))
    return loaded


def plain(node: Any) -> Any:
    """Without discriminators: OpenAI's has no mapping, so its values would be taken for names of schemas."""
    if isinstance(node, dict):
        return {k: plain(v) for k, v in node.items() if k != "discriminator" or not isinstance(v, dict)}
    return [plain(v) for v in node] if isinstance(node, list) else node


def resolved(provider: str, node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document(provider)
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def faults(provider: str, schema: Any, value: Any) -> list[str]:
    from openapi_schema_validator import OAS31Validator

    whole = {**schema, "components": document(provider).get("components", {})}
    return [f"{list(error.path)}: {error.message[:200]}" for error in OAS31Validator(whole).iter_errors(value)]


def path_of(provider: str, path: str) -> str:
    """The path as the document has it: with its placeholders, and with the address's own part where the document gives that."""
    for template in document(provider)["paths"]:
        shape = re.sub(r"\\{[^/]+\\}", "[^/]+", re.escape(template))
        if re.fullmatch(shape, path) or re.fullmatch(shape, providers.found()[provider].BASE + path):
            return str(template)
    raise AssertionError(f"{provider} has no path {path}")


def operation(provider: str, method: str, path: str) -> tuple[Any, list[Any]]:
    item = document(provider)["paths"][path_of(provider, path)]
    found = item.get(method.lower())
    assert found, f"{provider} has no {method} {path}"
    return found, [resolved(provider, p) for p in (*found.get("parameters", ()), *item.get("parameters", ()))]


# ---------------------------------------------------------------------------------------------- requests


def converted(provider: str, schema: Any, texts: list[str]) -> Any:
    """Query text as the type its schema wants."""
    schema = resolved(provider, schema)
    kinds = [schema.get("type"), *(resolved(provider, s).get("type") for s in schema.get("anyOf", ()))]
    flat = {k for kind in kinds for k in (kind if isinstance(kind, list) else [kind])}
    if "array" in flat:
        return texts
    assert len(texts) == 1, "a single value was sent several times"
    if flat & {"integer", "number"}:
        return int(texts[0])
    if "boolean" in flat and texts[0] in {"true", "false"}:
        return texts[0] == "true"
    return texts[0]


def wrong_with(provider: str, request: Mapping[str, Any]) -> list[str]:
    """What the specification has against one recorded request."""
    path = request["path"].removeprefix(PREFIXES[provider])
    if path in providers.found()[provider].BESIDE:
        return []
    found, parameters = operation(provider, request["method"], path)
    sent: dict[str, list[str]] = {}
    for name, value in parse_qsl(request["query"], keep_blank_values=True):
        # OpenAI's document writes arrays without the brackets that its own client sends (provider-apis 3).
        sent.setdefault(name.removesuffix("[]") if provider == "openai" else name, []).append(value)
    said: list[str] = []
    known = {p["name"]: p for p in parameters if p["in"] == "query"}
    said += [f"unknown parameter {name}" for name in sent if name not in known]
    for parameter in parameters:
        name, where = parameter["name"], parameter["in"]
        if where == "path":
            continue
        given = name in sent if where == "query" else name.lower() in request["headers"]
        if parameter.get("required") and not given:
            said.append(f"{name} is missing")
        if given:
            value = converted(provider, parameter["schema"], sent[name]) if where == "query" else request["headers"][name.lower()]
            said += [f"{name}: {fault}" for fault in faults(provider, parameter["schema"], value)]
    body = found.get("requestBody")
    if body is not None:
        schema = body["content"]["application/json"]["schema"]
        said += faults(provider, schema, json.loads(request["body"]))
    elif request["body"]:
        said.append("a body that nobody asked for")
    return said


SCENES = {**PLAIN_SCENES, "plain arrays": lambda server: server.set(openai_arrays="plain")}


@needs_specs
@pytest.mark.parametrize("provider", FILES)
@pytest.mark.parametrize("scene", SCENES)
def test_every_request_is_valid(provider_server: ProviderServer, provider: str, scene: str) -> None:
    provider_server.world(now=NOON, days=12)
    SCENES[scene](provider_server)
    book = read(provider_server, APIS[provider])
    assert book.error is None
    read(provider_server, APIS[provider], book=book, since=NOON - 50 * DAY)
    check(provider_server, APIS[provider])
    requests = provider_server.requests()
    assert len(requests) >= 3
    complaints = {f"{r['method']} {r['path']}: {fault}" for r in requests for fault in wrong_with(provider, r)}
    assert not complaints


@needs_specs
@pytest.mark.parametrize("provider", FILES)
def test_what_our_server_answers_is_valid_too(provider_server: ProviderServer, provider: str) -> None:
    """Asks again, as recorded, and compares the answers with the schemas."""
    import http.client

    provider_server.world(now=NOON, days=5)
    for scene in ("as usual", "older servers"):
        SCENES[scene](provider_server)
        read(provider_server, APIS[provider])
    complaints = set()
    connection = http.client.HTTPConnection("127.0.0.1", provider_server.port, timeout=30)
    for request in provider_server.requests():
        path = request["path"].removeprefix(PREFIXES[provider])
        if path in providers.found()[provider].BESIDE:
            continue
        headers = {k: v for k, v in request["headers"].items() if k in {"authorization", "x-api-key", "anthropic-version", "anthropic-beta", "x-github-api-version", "user-agent"}}
        connection.request(request["method"], f"{request['path']}?{request['query']}", request["body"] or None, headers)
        answer = connection.getresponse()
        body = answer.read()
        schema = resolved(provider, operation(provider, request["method"], path)[0]["responses"].get("200"))["content"]["application/json"]["schema"]
        if answer.status == 200 and schema:
            complaints |= {f"{path}: {fault}" for fault in faults(provider, schema, json.loads(body))}
    connection.close()
    assert not complaints


# ---------------------------------------------------------------------------------------------- answers


def examples(provider: str, path: str) -> Iterator[Any]:
    """Answers that the specification gives as examples."""
    for found in document(provider)["paths"][path].values():
        if not isinstance(found, dict) or "responses" not in found:
            continue
        content = resolved(provider, found["responses"]["200"]).get("content", {}).get("application/json", {})
        if "example" in content:
            yield content["example"]
        for example in content.get("examples", {}).values():
            yield resolved(provider, example)["value"]
        if "example" in content.get("schema", {}):
            yield content["schema"]["example"]


def made(provider: str, schema: Any, name: str = "", depth: int = 0) -> Any:
    """An answer made from its schema, every field filled in."""
    schema = resolved(provider, schema)
    for key in ("const", "default"):
        if schema.get(key):  # a default of zero would be no use at all
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    for key in ("oneOf", "anyOf", "allOf"):
        if schema.get(key):
            return made(provider, schema[key][0], name, depth)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" and depth < 12:
        fields = {k: made(provider, v, k, depth + 1) for k, v in schema.get("properties", {}).items()}
        more = schema.get("additionalProperties")
        return {**fields, **({"some-key": made(provider, more, "", depth + 1)} if isinstance(more, dict) else {})}
    if kind == "array":
        return [made(provider, schema.get("items", {}), name, depth + 1)]
    if kind in {"integer", "number"}:
        return {"start_time": NOON - 3600, "end_time": NOON}.get(name, 7)
    if kind == "boolean":
        return False
    times = {"starting_at": "2026-11-20T00:00:00Z", "ending_at": "2026-11-21T00:00:00Z", "date": "2026-11-20", "amount": "12.5"}
    return times.get(name, "2026-11-20T00:00:00Z" if schema.get("format") == "date-time" else "text")


def parsed(provider: str, path: str, answer: Any) -> list[Any]:
    endpoint, generation = READ[provider, path]
    window = EVER if endpoint not in {"spend_limit", "credits", "keys", "user budget"} else None
    facts: Any = b'{"data": []}' if endpoint == "spend_limit" else Facts(7, generation, EVER)
    _, items = APIS[provider].parse(None, reply(endpoint, json.dumps(answer).encode(), window, facts=facts))
    return [item for item in items if not isinstance(item, Window)]


@needs_specs
@pytest.mark.parametrize(("provider", "path"), READ, ids=[f"{provider} {path}" for provider, path in READ])
def test_every_example_can_be_parsed(provider: str, path: str) -> None:
    for example in examples(provider, path):
        items = parsed(provider, path, example)
        if path == "/analytics/query":  # its example asks for requests alone
            assert any(isinstance(item, UsageRecord) and item.requests for item in items)
        else:
            assert not [item for item in items if isinstance(item, Problem)]
            assert items


@needs_specs
@pytest.mark.parametrize(("provider", "path"), READ, ids=[f"{provider} {path}" for provider, path in READ])
def test_every_schema_can_be_parsed(provider: str, path: str) -> None:
    found, _ = operation(provider, "POST" if path == "/analytics/query" else "GET", path)
    content = resolved(provider, found["responses"]["200"])["content"]["application/json"]
    answer = made(provider, content["schema"])
    if path in {"/user/info", "/analytics/query"}:
        parsed(provider, path, answer)  # objects of unnamed fields: nothing to find, nothing to raise
        return
    if (provider, path) == ("openai", "/organization/costs"):
        answer["data"][0]["results"] = [made(provider, {"$ref": "#/components/schemas/CostsResult"})]
    items = parsed(provider, path, answer)
    assert any(not isinstance(item, Problem) for item in items) or "limit" in path


@needs_specs
@pytest.mark.parametrize("provider", [name for name in FILES if name not in {one for one, _ in READ}])
def test_every_answer_of_the_document_can_be_parsed(provider_server: ProviderServer, provider: str) -> None:
    """In the place of the answer that our server gave on the same path: its examples without a problem, its schema without a crash."""
    found = 0
    for one in captured(provider_server, provider):
        if one.path in providers.found()[provider].BESIDE:
            continue
        path = path_of(provider, one.path)
        for example in examples(provider, path):
            items = parsed_as(provider, widened(one.reply), json.dumps(example).encode())
            assert not [item for item in items if isinstance(item, Problem)], path
            found += any(not isinstance(item, Window) for item in items)
        schema = resolved(provider, operation(provider, one.method, path)[0]["responses"]["200"])["content"]["application/json"]["schema"]
        assert parsed_as(provider, widened(one.reply), json.dumps(made(provider, schema)).encode())
    assert found, "no example told anything"


SAMPLES = [(name, sample, path) for name in PLUGGED for sample, path in providers.found()[name].SAMPLES.items()]


def test_who_has_no_specification_has_samples() -> None:
    without = {name for name in PLUGGED if not providers.found()[name].SPEC and not providers.found()[name].SAMPLES}
    assert not without, "name the document's examples in SAMPLES of tests/providers/<id>.py"


@pytest.mark.parametrize(("provider", "sample", "path"), SAMPLES)
def test_an_example_of_the_document_can_be_parsed(provider_server: ProviderServer, provider: str, sample: str, path: str) -> None:
    """The sample in the place of our server's answer on the same path; and our server's answer has the fields of the sample."""
    (file,) = [one for one in (DATA / provider).iterdir() if one.stem == sample]
    if not path:
        return
    answers = [one for one in captured(provider_server, provider) if path in {one.path, providers.found()[provider].BASE + one.path}]
    assert answers, f"nobody asks for {path}"
    for one in answers:
        items = parsed_as(provider, widened(one.reply), file.read_bytes())
        assert [item for item in items if not isinstance(item, Problem | Window)]
        assert not [item for item in items if isinstance(item, Problem)]
        if file.suffix == ".json":
            strange = shape(json.loads(one.reply.body)) - shape(json.loads(file.read_bytes()))
            assert not strange, "our server answers what the document does not know"


def shape(node: Any, path: str = "") -> set[str]:
    """Names of fields with their places; items of a list share one."""
    if isinstance(node, dict):
        return {f"{path}.{key}" for key in node} | {one for key in node for one in shape(node[key], f"{path}.{key}")}
    return {one for each in node for one in shape(each, f"{path}[]")} if isinstance(node, list) else set()


@needs_specs
def test_there_are_examples_at_all() -> None:
    assert sum(len(list(examples(provider, path))) for provider, path in READ) >= 8


def test_keys_of_the_tests_are_made_up() -> None:
    assert all("madeup" in key.replace("_", "").replace("-", "") for key in KEYS.values() if key)
