"""What each provider of the loopback server answers: one file a provider, found by itself (`tests/provider_server.py` serves them).

To plug in the provider ``acme-cloud`` write ``tests/providers/acme_cloud.py`` with

    KEY = "acme-made-up-0001"                 the key it takes ("" when the source needs none)
    def answer(asked: Asked) -> Any: ...      a JSON value, or ``Plain(text, kind)``; ``raise Refusal(401, "said")`` for a status

and, where it has any:

    BASE = "/v1"                              path of the account's address: the server listens at /acme-cloud/v1
    KEYS = {"ordinary": "acme-made-up-0002"}  more keys: KEYS["acme-cloud ordinary"] of tests.provider_server
    OPTIONS = {"team_id": "team_1"}           answers to INFO.options that the account of the tests has
    SETTINGS = {"acme_pages": 3}              behaviour that a test may change: provider_server.set(acme_pages=1), asked.settings
    def error(status, said) -> Any: ...       its form of an error body (default: OpenAI's)
    MODELS, GROUPS = ("m", "n"), ("key_a",)   what the made-up use is of (default: two models, two keys); asked.world, ``sum_of``,
                                              ``grouped(asked, "acme-cloud", start, end, by_key, by_model)`` of tests.provider_asking
    SPEC = "acme.transcribed.openapi.yaml"    its file in the folder TOKENPAL_SPECS: requests, answers and examples are checked
    BESIDE = ("/user",)                       paths that its SPEC leaves out, though the document describes them
    BASELINE = True                           its first reading tells nothing: counters, whose growth counts from then on
    SAMPLES = {"balance": "/user/balance"}    without SPEC: tests/data/acme-cloud/balance.json is what that path answers (the
                                              document's example, made up); "" = not one whole answer

``asked``: method, path (without prefix and BASE), one("name"), many("name"), body (parsed JSON), bearer(), user() (HTTP Basic),
headers, settings, world (its ``now``). Then these run over it without being told: tests/sources/test_everyone.py (a poll, a second
one, refusals, failures, the key's test, wrong numbers), test_specs.py, test_fuzz_reports.py, test_contract.py, and every test that asks
``provider_server.url("acme-cloud")``. What the figures must add up to is for a test of the provider's own.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

DEFAULTS: dict[str, Any] = {
    "BASE": "", "KEYS": {}, "OPTIONS": {}, "SETTINGS": {}, "MODELS": ("model-one", "model-two"), "GROUPS": ("key_laptop", "key_server"),
    "SPEC": "", "BESIDE": (), "SAMPLES": {}, "BASELINE": False, "error": None,
}  # fmt: skip


@cache
def found() -> dict[str, ModuleType]:
    """All of them by the id of their source, with what they leave out filled in."""
    modules = {}
    for one in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{one.name}")
        for name, value in DEFAULTS.items():
            if not hasattr(module, name):
                setattr(module, name, value)
        modules[one.name.replace("_", "-")] = module
    return modules


def prefix(provider: str) -> str:
    """Where the loopback server keeps this provider."""
    return f"/{provider}{found()[provider].BASE}"


def keys() -> dict[str, str]:
    """Every key by the provider's id, or by "id which"; nothing for those that need none."""
    named = {name: module.KEY for name, module in found().items() if module.KEY}
    return named | {f"{name} {which}": key for name, module in found().items() for which, key in module.KEYS.items()}


def settings() -> dict[str, Any]:
    return {name: value for module in found().values() for name, value in module.SETTINGS.items()}
