"""``tokenpal share`` as processes, against a real endpoint with the clock of this machine (sharing-protocol 5.2)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.runner import Machine
from tests.team.endpoint import Endpoint


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    found = Endpoint(tmp_path / "endpoint", clock=int(time.time()))
    found.start()
    yield found
    found.stop()


def machine(tmp_path: Path, endpoint: Endpoint, name: str = "one") -> Machine:
    """A profile that trusts the endpoint's authority."""
    home = tmp_path / name
    profile = home / "profile"
    profile.mkdir(parents=True)
    (profile / "settings.toml").write_text(f'[sharing]\nca_file = "{endpoint.ca_file}"\n')
    return Machine(home, profile)


def test_off_says_so_and_asks_nobody(tmp_path: Path, endpoint: Endpoint) -> None:
    one = machine(tmp_path, endpoint)
    assert one.json("share", "status")["state"] == "never asked"
    assert "Nothing ever left" in one.run("share", "log").out
    assert one.run("share", "verify").code == 0
    assert "nothing is sent" in one.run("share", "visit").out
    assert one.run("share", "pause").code == 2
    assert one.run("share", "export", str(tmp_path / "log")).code == 2
    done = one.run("share", "look", "not an invitation")
    assert (done.code, done.err.startswith("tokenpal: This is not an invitation")) == (2, True)


def test_a_founder_and_an_invited_member(tmp_path: Path, endpoint: Endpoint) -> None:
    one, two = machine(tmp_path, endpoint), machine(tmp_path, endpoint, "two")
    line = endpoint.found_team("The makers")
    looked = one.run("share", "look", "-", stdin=f"{line}\n")
    assert looked.code == 0, looked.err
    assert "A week of preview with The makers" in looked.out
    envelope = json.loads(one.run("share", "preview", "--envelope").out)
    assert envelope["body"]["kind"] == "report"
    report = json.loads(one.run("share", "preview").out)
    assert report["team"] == envelope["body"]["team"]
    assert one.run("share", "start").code == 2
    early = one.run("share", "start", "--tick", "label", "--tick", "use")
    assert (early.code, "preview" in early.err) == (2, True)
    started = one.run("share", "start", "--tick", "label", "--tick", "use", "--skip-preview")
    assert started.code == 0, started.err
    status = one.json("share", "status")
    assert (status["state"], status["members"], status["may_invite"]) == ("sharing", 1, True)

    invited = one.run("share", "invite").out.strip()
    assert invited.startswith("tokenpal-team:")
    assert two.run("share", "look", invited).code == 0
    assert two.run("share", "start", "--tick", "label", "--tick", "use", "--skip-preview").code == 0
    assert two.json("share", "status")["members"] == 2
    used = machine(tmp_path, endpoint, "three").run("share", "look", invited)
    assert "used already" in used.err

    assert "publish it all the same" in one.run("share", "publish", "tried", "It cost $4,000 on PAY-123").err
    assert one.run("share", "publish", "learned", "Small steps go through.", "--name", "Mira").code == 0
    found = one.json("share", "learnings")
    assert [item["text"] for item in found] == ["Small steps go through."]
    assert one.run("share", "retract", found[0]["id"]).code == 0
    assert one.json("share", "learnings") == []

    assert "results?pass=" in one.run("share", "results-link").out
    assert "There is no result yet" in one.run("share", "results").out
    assert "Nothing is due before" in two.run("share", "visit").out or two.run("share", "visit").code == 0
    assert one.run("share", "pause", "--weeks", "1").out.startswith("Sharing: paused until")
    assert one.run("share", "resume").out.startswith("Sharing: on")
    log = one.json("share", "log")
    joined = next(entry for entry in log if entry["what"] == "Joined the list of members")
    entry = one.json("share", "log", str(joined["n"]))
    assert entry["request"].startswith(f"POST {endpoint.url}/v1/teams/")
    assert one.run("share", "verify").code == 0
    assert one.run("share", "export", str(tmp_path / "log.jsonl")).code == 0
    left = one.run("share", "leave")
    assert left.out.startswith("You have left the team")
    assert one.json("share", "status")["state"] == "left"
    assert one.profile.with_name("test-keys.json").read_text() == "{}"


def test_an_address_without_a_trusted_certificate_is_not_talked_to(tmp_path: Path, endpoint: Endpoint) -> None:
    one = machine(tmp_path, endpoint)
    (one.profile / "settings.toml").unlink()
    done = one.run("share", "look", endpoint.found_team())
    assert done.code == 1
    assert "certificate" in done.err
    assert one.json("share", "status")["state"] == "never asked"
