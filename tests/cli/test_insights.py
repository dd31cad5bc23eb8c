"""``tokenpal insights``: nothing of nothing, the arithmetic as text and JSON, another model's price."""

from __future__ import annotations

import json

from tests.cli.runner import Machine


def test_nothing_unusual(machine: Machine) -> None:
    done = machine.run("insights", "--since", "2026-11-01", "--until", "2026-12-01")
    assert (done.code, done.out) == (0, "Nothing unusual from 2026-11-01 to 2026-11-30.\n")


def test_the_cache_with_its_arithmetic(filled: Machine) -> None:
    days = ("--since", "2026-11-01", "--until", "2026-12-01", "--tz", "UTC")
    done = filled.run("insights", *days, "--json")
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert (answer["from"], answer["to"], answer["tz"]) == ("2026-11-01", "2026-12-01", "UTC")
    (cache,) = (one for one in answer["insights"] if one["kind"] == "cache")
    read = sum(int(step["note"].partition(" × ")[0].replace(",", "")) for step in cache["arithmetic"] if " × " in step["note"])
    report = json.loads(filled.run("report", "--by", "model", *days, "--json").out)
    priced = [row for row in report["rows"] if not row["unpriced_requests"]]
    assert read == sum(row["cache_read"] for row in priced) > 0
    text = filled.run("insights", *days)
    assert " ".join(cache["sentence"].split()) in " ".join(text.out.split())
    assert "Together" in text.out


def test_another_model(filled: Machine) -> None:
    days = ("--since", "2026-11-01", "--until", "2026-12-01", "--tz", "UTC")
    report = json.loads(filled.run("report", "--by", "model", *days, "--json").out)
    first, second = [row["key"] for row in report["rows"] if row["money"]][:2]
    done = filled.run("insights", *days, "--switch", first, first, "--json")
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert answer["was"] == answer["would"]
    assert sum(row["tokens"] for row in answer["classes"]) == next(row["total"] for row in report["rows"] if row["key"] == first)
    shown = filled.run("insights", *days, "--switch", first, second)
    assert "Another model may use more or fewer tokens" in " ".join(shown.out.split())
    refused = filled.run("insights", *days, "--switch", first, "made-up-model")
    assert refused.code == 2
    assert "price of made-up-model is not known" in refused.err
