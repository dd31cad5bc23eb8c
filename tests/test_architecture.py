"""The house holds: import contracts are kept, and each is shown to catch what it forbids.

A contract that nobody has seen fail proves nothing. So every contract is broken on purpose in a temporary copy of the
package: every pair that a `forbidden` contract names, every upward import, a circle, a source that imports another, and a
room without a place.
"""

from __future__ import annotations

import ast
import itertools
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tokenpal"
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {c["name"]: c for c in CONFIG["tool"]["importlinter"]["contracts"]}
FORBIDDEN = [name for name, c in CONTRACTS.items() if c["type"] == "forbidden"]
LAYERS = [[name.strip("() ") for name in re.split(r"[|:]", layer)] for layer in CONTRACTS["One way down"]["layers"]]


def lint(folder: Path) -> tuple[dict[str, bool], str]:
    """Run the contracts on the package in FOLDER: name -> kept, and all that was said."""
    program = Path(sys.executable).with_name("lint-imports")
    env = {**os.environ, "COLUMNS": "400", "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [program, "--no-logo", "--cache-dir", str(folder.parent / "cache"), "--config", str(folder / "pyproject.toml")],
        cwd=folder, env=env, capture_output=True, text=True, check=False,
    )
    said = done.stdout + done.stderr
    found = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", said, re.MULTILINE))
    assert found.keys() == CONTRACTS.keys(), said
    assert (done.returncode == 0) == ("BROKEN" not in found.values()), said
    return {name: verdict == "KEPT" for name, verdict in found.items()}, said


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that a test may spoil."""
    folder = tmp_path / "copy"
    shutil.copytree(PACKAGE, folder / "tokenpal", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def add_import(folder: Path, module: str, imported: str, number: int) -> str:
    """Make MODULE import IMPORTED; the name of the module that does it now."""
    place = folder / Path(*module.split("."))
    if place.is_dir():
        (place / f"spoilt_{number}.py").write_text(f'"""Spoilt."""\n\nimport {imported}\n', encoding="utf-8")
        return f"{module}.spoilt_{number}"
    with place.with_suffix(".py").open("a", encoding="utf-8") as file:
        file.write(f"\nimport {imported}\n")
    return module


def spoil_pairs(folder: Path, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(add_import(folder, module, imported, n), imported) for n, (module, imported) in enumerate(pairs)]


def test_contracts_are_kept() -> None:
    kept, said = lint(ROOT)
    assert all(kept.values()), said


@pytest.mark.parametrize("name", FORBIDDEN)
def test_forbidden_import_is_caught(name: str, copy: Path) -> None:
    contract = CONTRACTS[name]
    pairs = [
        (source, forbidden)
        for source in contract["source_modules"]
        for forbidden in contract["forbidden_modules"]
        # one chain is told per pair, the shortest: where the tree holds no direct import, ours is that one
    ]
    spoilt = spoil_pairs(copy, pairs)
    kept, said = lint(copy)
    assert not kept[name], said
    part = said[said.index(f"\n{name}\n---") :]  # the explanation of this contract
    part = re.split(r"\n\n\n(?=\S.*\n-+\n)", part)[0]
    silent = [f"{module} -> {imported}" for module, imported in spoilt if f"{module} -> {imported}" not in part]
    assert not silent, f"not caught: {silent}\n{part}"


def test_every_upward_import_is_caught(copy: Path) -> None:
    exists = [[m for m in layer if (PACKAGE / m).exists() or (PACKAGE / f"{m}.py").exists()] for layer in LAYERS]
    pairs = [
        (f"tokenpal.{lower}", f"tokenpal.{upper}")
        for above, below in itertools.combinations(exists, 2)
        for upper in above
        for lower in below
    ]
    pairs += [(f"tokenpal.{a}", f"tokenpal.{b}") for layer in exists for a, b in itertools.permutations(layer, 2)]
    spoilt = spoil_pairs(copy, pairs)
    kept, said = lint(copy)
    assert not kept["One way down"]
    silent = [f"{module} -> {imported}" for module, imported in spoilt if f"{module} -> {imported}" not in said]
    assert not silent, said


def room_without_place(copy: Path) -> str:
    (copy / "tokenpal" / "attic").mkdir()
    (copy / "tokenpal" / "attic" / "__init__.py").write_text('"""Nobody said where this belongs."""\n', encoding="utf-8")
    return "attic"


def circle(copy: Path) -> str:
    for one, other in (("heads", "tails"), ("tails", "heads")):
        (copy / "tokenpal" / "model" / f"{one}.py").write_text(f'"""One side."""\n\nimport tokenpal.model.{other}\n', encoding="utf-8")
    return "tokenpal.model"


def source_that_imports_another(copy: Path) -> str:
    folder = copy / "tokenpal" / "sources"
    (folder / "yours.py").write_text('"""A source."""\n', encoding="utf-8")
    (folder / "mine.py").write_text('"""Another."""\n\nimport tokenpal.sources.yours\n', encoding="utf-8")
    return "tokenpal.sources.mine"


OTHERS: dict[str, Callable[[Path], str]] = {
    "One way down": room_without_place,
    "No circles": circle,
    "A source knows no other source": source_that_imports_another,
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_breach_is_caught(name: str, copy: Path) -> None:
    culprit = OTHERS[name](copy)
    kept, said = lint(copy)
    assert not kept[name]
    assert [n for n, ok in kept.items() if not ok] == [name], said
    assert culprit in said


def test_every_contract_has_been_seen_to_fail() -> None:
    assert {*FORBIDDEN, *OTHERS} == CONTRACTS.keys()


def test_what_sources_share_is_named_and_there() -> None:
    """Every other module in sources/ is a source, and under the contract by its wildcard."""
    ignored = [line.partition(" -> ") for line in CONTRACTS["A source knows no other source"]["ignore_imports"]]
    assert {left for left, _, _ in ignored} == {"tokenpal.sources.**", "tokenpal.sources.registry"}
    shared = {right.rpartition(".")[2] for left, _, right in ignored if left == "tokenpal.sources.**"}
    folder = PACKAGE / "sources"
    modules = {p.stem: p for p in folder.glob("*.py")} | {p.parent.name: p for p in folder.glob("*/__init__.py")}
    assert shared <= modules.keys()
    for name, path in modules.items():
        has_info = re.search(r"^(INFO\b|from .* import .*\bINFO\b)", path.read_text(encoding="utf-8"), re.MULTILINE) is not None
        assert has_info != (name in {*shared, "registry", "__init__"}), f"{name}: a source has INFO, anything else is named in the contract"


def test_every_room_of_share_but_the_protocol_is_closed_to_the_endpoint() -> None:
    """The contract names them one by one, since it cannot say "all but"."""
    folder = PACKAGE / "share"
    rooms = {p.stem for p in folder.glob("*.py")} | {p.parent.name for p in folder.glob("*/__init__.py")}
    named = {m.removeprefix("tokenpal.share.") for m in CONTRACTS["The endpoint knows the protocol only"]["forbidden_modules"] if ".share." in m}
    assert named == rooms - {"__init__", "protocol"}


def test_every_package_of_the_extra_is_the_endpoints_alone() -> None:
    forbidden = CONTRACTS["Only the endpoint serves"]["forbidden_modules"]
    names = {"markdown-it-py": "markdown_it"}  # the others are imported by the first word of their name
    packages = [re.split(r"[<>=\[]", d, maxsplit=1)[0] for d in CONFIG["project"]["optional-dependencies"]["team"]]
    assert {names.get(one, one.partition("-")[0]) for one in packages} == set(forbidden)


# ---------------------------------------------------------------------------------------------- what else the house promises


def python_files() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "__pycache__" not in p.parts)


def test_every_package_says_what_it_is_for() -> None:
    packages = [PACKAGE, *(p for p in PACKAGE.rglob("*") if p.is_dir() and any(p.glob("*.py")))]
    for package in packages:
        init = package / "__init__.py"
        assert init.exists(), f"{package.relative_to(ROOT)} has no __init__.py"
        doc = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
        assert len(doc) > 20, f"{init.relative_to(ROOT)} does not say what the package is for"
        if package.parent == PACKAGE:
            assert re.search(r"may import", doc, re.IGNORECASE), f"{init.relative_to(ROOT)} does not say what it may import"
            assert re.search(r"(may not|not import|never|nothing else)", doc, re.IGNORECASE), f"{init.relative_to(ROOT)} does not say what it may not"


def test_every_module_has_a_first_line() -> None:
    silent = [str(p.relative_to(ROOT)) for p in python_files() if not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))]
    assert not silent


ENDPOINT_SQL = {("team", "database.py"), ("team", "storage.py"), ("sources", "livedb.py")}  # the last: agents' databases, read-only


def test_sql_is_written_in_store_only() -> None:
    """The contract on sqlite3 cannot see a query that is handed to an open store; the self-test asks SQLite what it can."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files()
        if path.relative_to(PACKAGE).parts[0] not in {"store", "selftest"} and path.relative_to(PACKAGE).parts[:2] not in ENDPOINT_SQL
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"execute", "executemany", "many"}
    ]
    assert not found


def test_no_file_is_longer_than_400_lines() -> None:
    files = [*python_files(), ROOT / "dev.py", ROOT / "build.spec"]
    long = {str(p.relative_to(ROOT)): n for p in files if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400}
    assert not long


def test_silenced_checks_carry_a_reason() -> None:
    bare = []
    for path in [*python_files(), ROOT / "dev.py"]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(r"#\s*(noqa(:\s*[A-Z0-9, ]+)?|type:\s*ignore(\[[^\]]*\])?)\s*$", line):
                bare.append(f"{path.relative_to(ROOT)}:{number}")
    assert not bare


def test_lock_file_has_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    pins = re.findall(r"^[a-zA-Z0-9._-]+==", lock, re.MULTILINE)
    assert len(pins) > 40
    for block in re.split(r"\n(?=[a-zA-Z0-9._-]+==)", lock.strip()):
        assert "--hash=sha256:" in block, block


def test_lock_file_covers_every_dependency_and_the_build_backend() -> None:
    lock = {name.lower().replace("_", "-") for name in re.findall(r"^([a-zA-Z0-9._-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)}
    named = [*CONFIG["project"]["dependencies"], *CONFIG["dependency-groups"]["dev"], *CONFIG["build-system"]["requires"]]
    assert {re.split(r"[<>=!;\s\[]", d, maxsplit=1)[0].lower() for d in named} <= lock


def test_top_level_is_the_agreed_one() -> None:
    git = shutil.which("git")
    if not git or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so what belongs to the project cannot be told from what tools made")
    listed = subprocess.run([git, "-c", "safe.directory=*", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    allowed = {"tokenpal", "resources", "tests", "pyproject.toml", "build.spec", "README.md", "dev.py", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "requirements.lock"}
    assert {t for t in top if not t.startswith(".")} <= allowed
