"""The promise of tokenpal/sources/__init__.py, kept: a new provider is one file, its cases, and a line in resources/sources.md.

In a copy of the program a provider that nobody has heard of gets those files and nothing else; then the command line knows it,
and every test that goes by the registry runs over it and passes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SOURCE = '''"""Acme Cloud: the prepaid balance (the provider's documentation, billing)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokenpal.model.usage import Balance
from tokenpal.sources.balances import Call, State, Told, account, left
from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.sources.http import Words

INFO: Final = SourceInfo(
    id="acme-cloud",
    name="Acme Cloud",
    kind=Kind.API,
    provider="acme",
    docs="https://docs.acme.example/billing",
    key="Any API key (acme-…); one with the scope billing:read suffices.",
    key_page="https://acme.example/keys",
    tells="The prepaid balance of the account, in dollars.",
    silent="No tokens, no models and no history.",
    base_url="https://api.acme.example",
)
WORDS: Final = Words(
    provider="Acme",
    refused="Make a new key at acme.example and enter it under Accounts.",
    scope="Use a key with the scope billing:read.",
    missing="Look at the address of this account.",
)


def balance(told: Told) -> Iterator[Balance]:
    yield from left(told, told.data.get("credit"), "USD")


fetch, parse, check = account(INFO, WORDS, Call("balance", "/v1/balance", "the balance", balance))
__all__ = ["INFO", "State", "check", "fetch", "parse"]
'''
PROVIDER = '''"""A balance."""

from typing import Any

from tests.provider_asking import Asked, Refusal

KEY = "acme-made-up-0001"
SAMPLES = {"balance": "/v1/balance"}


def answer(asked: Asked) -> Any:
    if asked.bearer() != KEY:
        raise Refusal(401, "unknown key")
    if asked.path != "/v1/balance":
        raise Refusal(404, "not found")
    return {"credit": "12.50"}
'''
SAMPLE = '{"credit": "7.25"}\n'


def test_the_smallest_provider(tmp_path: Path) -> None:
    for name in ("tokenpal", "tests", "resources", "pyproject.toml"):
        origin = ROOT / name
        if origin.is_dir():
            left_out = shutil.ignore_patterns("__pycache__", "benchmarks", "shots", "screenshots", "ui", "team", "share", "attack")
            shutil.copytree(origin, tmp_path / name, ignore=left_out if name == "tests" else shutil.ignore_patterns("__pycache__", "screenshots"))
        else:
            shutil.copy(origin, tmp_path / name)
    (tmp_path / "tokenpal" / "sources" / "acme_cloud.py").write_text(SOURCE)
    (tmp_path / "tests" / "providers" / "acme_cloud.py").write_text(PROVIDER)
    (tmp_path / "tests" / "data" / "acme-cloud").mkdir()
    (tmp_path / "tests" / "data" / "acme-cloud" / "balance.json").write_text(SAMPLE)
    with (tmp_path / "resources" / "sources.md").open("a", encoding="utf-8") as lines:
        lines.write("| Acme Cloud | any key | balance |\n")
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "TOKENPAL_HOME": str(tmp_path / "home"), "TOKENPAL_SPECS": ""}

    def run(*words: str) -> str:
        done = subprocess.run([sys.executable, *words], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
        return done.stdout

    assert "billing:read" in run("-m", "tokenpal", "accounts", "providers", "acme-cloud")
    files = ("test_everyone.py", "test_specs.py", "test_fuzz_reports.py", "test_contract.py")
    told = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "acme", *(f"tests/sources/{name}" for name in files))
    assert "failed" not in told
    assert int(told.rsplit(" passed", 1)[0].rsplit(None, 1)[-1]) > 30, told[-500:]
