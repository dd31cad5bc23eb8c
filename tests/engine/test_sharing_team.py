"""Five real members and a real endpoint, from the invitation to what the team sees (sharing-protocol 5)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.engine.sharing_team import DAY, FIRST, TICKS, Team, known, record, requests, run, team
from tokenpal.engine.sharing import views
from tokenpal.model.errors import TokenpalError
from tokenpal.share.consent import State
from tokenpal.share.protocol import epochs, policy as policies
from tokenpal.store.sharing_audit import audit_chain
from tokenpal.team import founding

NEXT = epochs.shifted(FIRST, 1)


@pytest.fixture
def five(tmp_path: Path) -> Iterator[Team]:
    """Five founders in their first week."""
    with team(tmp_path) as found:
        yield found.founded()


def change_policy(found: Team, **fields: object) -> None:
    """The operator changes the rules."""
    storage = found.endpoint.storage()
    with storage.reading() as rows:
        one = rows.teams()[0]
    founding.change_policy(storage, one, replace(policies.parse(one.policy), **fields), found.at)
    storage.close()


def test_from_the_invitation_to_the_first_release(five: Team) -> None:
    five.week(FIRST)
    for member in five.members:
        found = known(member)
        assert [one.epoch for one in found.releases] == [FIRST]
        assert found.releases[0].n == 5
        assert not found.record.alarms
        assert found.record.doubted == ()
        week = found.week(FIRST)
        assert week is not None
        assert week.state in {"answered", "released"}, "whoever comes last finds the sum there already"
        keys = run(member.world.keys(found.team))
        assert keys.week(FIRST) is None, "the key of an answered week is deleted"
        assert keys.week(NEXT) is not None


def test_what_left_is_what_the_log_says_and_can_be_made_again(five: Team) -> None:
    five.week(FIRST)
    member = five.members[2]
    found = views.verify(member.store)
    assert found.ok, found.lines
    assert any("made again" in line and "signature is under it" in line for line in found.lines)
    five.person(2)  # after a restart
    assert views.verify(five.members[2].store) == found
    view = views.sharing_view(five.members[2].store)
    report = next(line for line in view.log if line.what == "Sent the sealed report")
    entry = views.log_entry(five.members[2].store, report.n)
    assert {header.partition(":")[0] for header in entry.headers} == {"host", "content-type", "content-length"}
    assert entry.truth.startswith("label: ")
    assert entry.seed
    assert view.log_ok


def test_a_restart_in_the_middle_of_sending_posts_the_same_bytes(five: Team) -> None:
    five.go(epochs.start(NEXT) + DAY)
    member = five.members[1]
    five.endpoint.kill()
    with pytest.raises(TokenpalError):
        run(member.visit(everything=True))
    assert "The last try failed" in views.sharing_view(member.store).sentence
    five.endpoint.start()
    run(member.visit(everything=True))
    before = [one["body"] for one in requests(member) if one["why"] == "report"]
    week = known(member).week(FIRST)
    assert week is not None
    member = five.person(1)  # the answer was lost, and so was all that was in memory
    from tokenpal.engine.sharing import known as state

    state.keep_week(member.store, known(member).team, replace(week, state="planned"))
    run(member.visit(everything=True))
    after = [one["body"] for one in requests(member) if one["why"] == "report"]
    assert len(after) == len(before) + 1
    assert set(after) == set(before), "drawn and sealed once"


def test_a_paused_member_sends_nothing_and_goes_on_afterwards(five: Team, internet_sockets: list[str]) -> None:
    member = five.members[3]
    views.pause(member.store, 2)
    assert views.sharing_line(member.store).startswith("Sharing: paused until")
    five.go(epochs.start(NEXT) + DAY)
    internet_sockets.clear()
    run(member.visit(everything=True))
    assert internet_sockets == []
    assert run(member.next_at()) == record(member).membership.paused_until
    views.resume(member.store)
    run(member.visit(everything=True))
    assert internet_sockets
    assert known(member).week(FIRST).state == "sent"  # type: ignore[union-attr]  # it is there


def test_who_leaves_is_gone_and_the_others_go_on(five: Team, memory_keyring: dict[tuple[str, str], str]) -> None:
    founder = five.members[0]
    sixth = five.person()
    run(sixth.look(run(founder.invite())))
    run(sixth.start(TICKS, skip=True))
    assert not record(sixth).joined
    assert views.sharing_view(sixth.store).waiting == "2 members must vouch for you."
    words = views.sharing_view(sixth.store).words
    for voucher in five.members[:2]:
        run(voucher.visit())
        asking = views.sharing_view(voucher.store).asking
        assert [one.words for one in asking] == [words]
        run(voucher.vouch(asking[0].member))
        assert views.sharing_view(voucher.store).asking[0].mine
    run(sixth.join())
    assert record(sixth).joined
    assert views.sharing_view(sixth.store).counts_from == epochs.shifted(FIRST, 2)
    entries = len(memory_keyring)
    run(sixth.leave())
    assert len(memory_keyring) == entries - 1
    assert record(sixth).membership.state is State.LEFT
    five.members.remove(sixth)
    sixth.store.close()
    five.week(FIRST)
    assert len(known(founder).releases) == 1
    assert len(known(founder).roster.present) == 5


def test_rules_that_widen_stop_everything_until_agreed(five: Team, internet_sockets: list[str]) -> None:
    five.week(FIRST)
    storage = five.endpoint.storage()
    storage.close()
    change_policy(five, windows={"5": 4})
    five.go(epochs.start(epochs.shifted(FIRST, 2)) + DAY)
    member = five.members[0]
    before = len([one for one in requests(member) if one["why"] == "report"])
    run(member.visit(everything=True))
    assert record(member).membership.state is State.STALE
    view = views.sharing_view(member.store)
    assert [(one.field, one.widens) for one in view.changes] == [("Shown over", True)]
    assert len([one for one in requests(member) if one["why"] == "report"]) == before
    internet_sockets.clear()
    run(member.visit(everything=True))
    assert internet_sockets == []
    assert run(member.next_at()) is None
    run(member.agree())
    run(member.visit(everything=True))
    assert len([one for one in requests(member) if one["why"] == "report"]) == before + 1


def test_the_preview_makes_real_weeks_and_opens_no_connection(tmp_path: Path, internet_sockets: list[str]) -> None:
    with team(tmp_path) as found:
        member = found.person()
        internet_sockets.clear()
        views.sharing_view(member.store)
        assert internet_sockets == []
        run(member.look(found.founding))
        assert internet_sockets
        internet_sockets.clear()
        first = views.sharing_view(member.store)
        assert (first.state, first.can_start) == ("preview", False)
        assert first.envelope
        assert first.report is not None
        assert record(member).team in first.report.text
        found.go(found.at + 7 * DAY)
        run(member.visit(everything=True))
        run(member.prepare())
        second = views.sharing_view(member.store)
        assert second.can_start
        assert second.week == epochs.shifted(first.week, 1)
        assert second.envelope
        assert second.envelope != first.envelope
        assert internet_sockets == []
        with pytest.raises(TokenpalError, match="answers every question"):
            run(member.start(("use",)))
        run(member.leave())
        assert internet_sockets == []
        assert views.sharing_view(member.store).state == "never asked"


def test_whoever_manages_the_machine_may_switch_it_off_only(five: Team, internet_sockets: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    member = five.members[0]
    monkeypatch.setenv("TOKENPAL_SHARING", "off")
    internet_sockets.clear()
    assert run(member.visit(everything=True)) == ()
    assert views.sharing_view(member.store).state == "forced off"
    assert views.sharing_line(member.store) == "Sharing: off"
    with pytest.raises(TokenpalError):
        run(member.look(five.founding))
    assert internet_sockets == []
    monkeypatch.setenv("TOKENPAL_SHARING", "on")
    assert views.sharing_view(member.store).state == "sharing"


def test_a_learning_is_published_and_taken_back(five: Team) -> None:
    one, other = five.members[:2]
    run(one.publish("learned", "Small steps go through.", "Mira"))
    run(other.visit())
    found = views.sharing_view(other.store).learnings
    assert [(item.name, item.text, item.mine) for item in found] == [("Mira", "Small steps go through.", False)]
    run(one.retract(found[0].id))
    run(other.visit())
    assert views.sharing_view(other.store).learnings == ()


def test_the_link_opens_the_results_page(five: Team) -> None:
    link = run(five.members[0].results_link())
    assert link.startswith(f"{five.endpoint.url}/t/{record(five.members[0]).team}/results?pass=")
    import http.client
    from urllib.parse import urlsplit

    parts = urlsplit(link)
    connection = http.client.HTTPSConnection(parts.netloc, context=five.endpoint.tls())
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    assert answer.status == 200
    connection.close()


def test_a_withdrawn_report_is_in_no_sum(five: Team) -> None:
    five.go(epochs.start(NEXT) + DAY)
    for member in five.members:
        run(member.visit(everything=True))
    assert views.sharing_view(five.members[4].store).can_withdraw
    run(five.members[4].withdraw())
    five.go(epochs.start(NEXT) + 3 * DAY + 3600)
    for member in five.members:
        run(member.visit(everything=True))
    assert known(five.members[0]).manifests == (), "four reports are not summed"
    assert FIRST in record(five.members[0]).gaps
    assert views.sharing_view(five.members[4].store).chip == "withdrawn"


def test_the_log_can_be_exported_once(five: Team, tmp_path: Path) -> None:
    member = five.members[0]
    views.export_log(member.store, tmp_path / "log.jsonl")
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == len(list(audit_chain(member.store)))
    with pytest.raises(TokenpalError, match="there already"):
        views.export_log(member.store, tmp_path / "log.jsonl")


def test_a_pause_during_a_visit_stops_it_and_stays(five: Team) -> None:
    five.go(epochs.start(NEXT) + DAY)
    member = five.members[0]
    do = member.world.do

    async def paused_meanwhile(function: Callable[..., Any], *args: Any) -> Any:
        answer = await do(function, *args)
        if getattr(function, "__name__", "") == "adopt":  # card and roster are there, nothing signed has left yet
            views.pause(member.store, None)
        return answer

    member.world.do = paused_meanwhile
    before = len(requests(member))
    with pytest.raises(TokenpalError, match="Sharing is not on"):
        run(member.visit(everything=True))
    assert {one["why"] for one in requests(member)[before:]} == {"card", "roster"}
    assert record(member).membership.state is State.PAUSED
    assert "last try failed" not in views.sharing_view(member.store).sentence


def test_a_restored_backup_sends_no_second_report_of_a_week(five: Team) -> None:
    member = five.members[0]
    five.go(epochs.start(NEXT) + DAY)
    with closing(sqlite3.connect(five.folder / "backup.db")) as copy:
        member.store.connection.backup(copy)
    run(member.visit(everything=True))
    sent = [one["sha256"] for one in requests(member) if one["why"] == "report"]
    member.store.close()
    (five.folder / "backup.db").replace(member.store.path)
    for side in ("-wal", "-shm"):
        member.store.path.with_name(member.store.path.name + side).unlink(missing_ok=True)
    member = five.person(0)
    member.store.execute("DELETE FROM share_draw")  # it was made before the week was drawn
    member.store.execute("DELETE FROM share_plan")
    with pytest.raises(TokenpalError, match="not the one that this machine made"):
        run(member.visit(everything=True))
    assert [one["sha256"] for one in requests(member) if one["why"] == "report"] != sent
    assert known(member).week(FIRST).state == "missed"  # type: ignore[union-attr]  # it is there
    run(member.visit(everything=True))
    assert len([one for one in requests(member) if one["why"] == "report"]) == 1, "it is not tried again"
