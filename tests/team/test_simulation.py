"""Whole quarters of real clients against one real endpoint on PostgreSQL over TLS: what is released is the sum of what was sent.

Twenty-five people for thirteen weeks: they come, vanish and come back, their programs die in the middle of sending, one of
them lies, two weeks go wrong. The same for the smallest team there may be.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest import mock

import pytest

from tests.team.endpoint import Endpoint
from tests.team.postgres import Postgres
from tests.team.profiles import truth
from tests.team.sim import Client, Sim
from tokenpal.engine.sharing import views
from tokenpal.share.consent import State
from tokenpal.share.protocol import epochs, estimate
from tokenpal.share.report import Answer, Draw, kept
from tokenpal.store.facts import keep_draw

FIRST = "2026-W30"
ROOM = 1 << 29
pytestmark = pytest.mark.timeout(900)


@contextmanager
def team(postgres: Postgres, *, seed: int, clients: int, weeks: int) -> Iterator[tuple[Sim, list[str]]]:
    """Profiles lie in memory where there is such a place: no test here is about power cuts of a member's machine."""
    found = [epochs.shifted(FIRST, number) for number in range(weeks)]
    memory = Path("/dev/shm")
    fast = memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM else None
    absent = {name: None for name in ("sniffio", "trio") if name not in sys.modules}  # looked for anew with each request, and not there
    with tempfile.TemporaryDirectory(dir=fast, prefix="tp-sim-") as folder, mock.patch.dict(sys.modules, absent):
        endpoint = Endpoint(Path(folder), database=postgres.url(postgres.create()), clock=epochs.start(found[0]))
        endpoint.start()
        try:
            with closing(Sim(Path(folder), endpoint, seed=seed, clients=clients, weeks=found)) as sim:
                yield sim, found
            assert "Traceback" not in endpoint.log, endpoint.log
        finally:
            endpoint.stop()


def released(client: Client) -> dict[str, estimate.Week]:
    return {one.epoch: estimate.Week(one.epoch, one.n, tuple(one.bins)) for one in client.known.releases}


def check_sums(sim: Sim) -> None:
    """Every released sum is the sum of what the people in its manifest sent, and everybody has the same."""
    by_id = {client.known.record.member: client for client in sim.clients if client.state is State.SHARING}
    reference = max((client for client in sim.awake if client.state is State.SHARING), key=lambda client: len(client.known.releases))
    manifests = {one.epoch: one for one in reference.known.manifests}
    for epoch, week in released(reference).items():
        sent = [by_id[member].sent(epoch) for member in manifests[epoch].reporters if member in by_id]
        gone = week.n - len(sent)
        total = tuple(map(sum, zip(*sent, strict=True)))
        assert gone <= 1
        assert (total == week.bins) if not gone else all(0 <= b - a <= gone for a, b in zip(total, week.bins, strict=True)), epoch
    for client in by_id.values():
        if not client.off:
            assert client.known.releases == reference.known.releases
            assert not client.known.record.doubted


def check_logs(sim: Sim, besides: tuple[Client, ...] = ()) -> None:
    """Everybody's log is whole, and each envelope in it can be made again."""
    for client in sim.clients:
        if client not in besides:
            found = views.verify(client.store)
            assert found.ok, (client.number, found.lines)


def lie(client: Client, team: str, epoch: str) -> None:
    """Three days and more, and waste, without any coin."""
    answers = (Answer("label", 4, 7, 2, 2), Answer("use", 3, 7, 2, 2))
    with client.store.transaction():
        keep_draw(client.store, epoch, kept(Draw(epoch, answers, any_session=True, team=team)), team)


def test_five_members_from_the_invitation_to_the_first_result(postgres: Postgres) -> None:
    """The smallest team: everybody must report and four of five answer; after four weeks there is a first result."""
    with team(postgres, seed=5, clients=5, weeks=6) as (sim, weeks):

        async def run() -> None:
            assert {client.view().state for client in sim.clients} == {"never asked"}
            await sim.found()
            assert {client.view().state for client in sim.clients} == {"sharing"}
            assert sim.clients[4].view().members == 5
            for number, epoch in enumerate(weeks[:4]):
                shown = [client.view().result for client in sim.clients]
                assert not any(result and result.questions for result in shown), "no single week is shown, nor two or three"
                assert not number or all(f"after {4 - number} more" in result.title or "after one more" in result.title for result in shown)
                await sim.week(epoch)
                for client in sim.clients:
                    await client.member.fetch()
                assert list(released(sim.clients[0])) == weeks[: number + 1]
            check_sums(sim)
            check_logs(sim)
            results = [client.view().result for client in sim.clients]
            assert results[0] is not None
            assert all(result == results[0] for result in results), "all members see the same"
            assert results[0].weeks == tuple(weeks[:4])
            assert not results[0].missing
            page = await sim.page(sim.clients[4])
            for question in results[0].questions:
                for bar in question.bars:
                    assert f"{bar.share}" in page
            # With four of five reports there is no sum: the team says so instead of showing less.
            sim.clients[3].off = True
            await sim.week(weeks[4])
            await sim.clients[0].member.fetch()
            assert weeks[4] not in released(sim.clients[0])
            assert any("Week 34 has no result" in sentence for sentence in sim.clients[0].view().result.missing)
            assert weeks[4].removeprefix("2026-") in await sim.page(sim.clients[0])

        asyncio.run(run())


def test_twenty_five_members_for_thirteen_weeks(postgres: Postgres) -> None:
    with team(postgres, seed=25, clients=25, weeks=14) as (sim, weeks):
        asyncio.run(_quarter(sim, weeks))


async def _quarter(sim: Sim, weeks: list[str]) -> None:
    everybody = sim.clients
    liar, leaver, vanished, late = everybody[24], everybody[23], everybody[10:13], everybody[13:23]
    malformed, unanswered = weeks[6], weeks[9]
    await sim.found()
    await sim.vouched(everybody[5:], (everybody[0], everybody[1]))
    assert await sim.agree() > 10, "so many newcomers in one week are asked about"
    for number, epoch in enumerate(weeks[:13]):
        if number >= 2:
            lie(liar, sim.number, epoch)
        if number == 3:
            everybody[3].dies_at, everybody[4].dies_at = ("request", "report"), ("answer", "report")
        if number == 4:
            everybody[5].dies_at, everybody[6].dies_at = ("request", "answer"), ("answer", "answer")
        for client in vanished:
            client.off = 4 <= number <= 7
        liar.malformed = epoch == malformed
        await sim.reports(epoch)
        if epoch == unanswered:
            for client in late:
                client.off = True
        await sim.answers(epoch)
        for client in late:
            client.off = False
        if number == 10:
            await leaver.member.leave()
    assert [client.crashes for client in everybody[3:7]] == [1, 1, 1, 1], "all four programs died on the way"
    sim.at(epochs.answer_window(weeks[12]).end + 60)
    for client in everybody:
        if client is not leaver:
            await client.member.fetch()
    stayed = [client for client in everybody if client is not leaver]
    assert {client.state for client in stayed} == {State.SHARING}
    assert leaver.state is State.LEFT
    assert not leaver.keyring.held, "a member who left has no keys"

    found = released(everybody[0])
    assert list(found) == [epoch for epoch in weeks[:13] if epoch not in {malformed, unanswered}]
    assert [found[epoch].n for epoch in weeks[:2]] == [5, 5], "newcomers wait two weeks"
    assert found[weeks[3]].n == 25
    assert found[weeks[12]].n == 24
    check_sums(sim)
    check_logs(sim, besides=(liar,))

    page = await sim.page(everybody[7])
    for client in stayed:
        gaps = client.known.record.gaps
        assert set(gaps) == {malformed, unanswered}, client.number
        assert "misbehaves" in gaps[malformed]
        assert "answers needed" in gaps[unanswered]
    views_ = [client.view() for client in stayed]
    assert all(view.result == views_[0].result for view in views_)
    result = views_[0].result
    assert result is not None
    missing = [epoch for epoch in (malformed, unanswered) if epoch >= result.weeks[0]]
    assert missing == [unanswered]
    for epoch in missing:
        number = epoch.removeprefix("2026-W")
        assert any(f"Week {number} has no result" in sentence for sentence in result.missing), result.missing
        assert f"W{number}" in page
    assert not any(view.alarms for view in views_ if "left" in " ".join(view.alarms)), [view.alarms for view in views_]

    # One who lies in 24 moves a share by less than the band: the truth of everybody is still inside nearly everywhere.
    lived = [epoch for epoch in found if epoch in result.weeks]
    manifests = {one.epoch: one for one in everybody[0].known.manifests}
    people = {client.known.record.member: client for client in stayed}
    real = [truth(people[member].happened[epoch]) for epoch in lived for member in manifests[epoch].reporters if member in people]
    shares = [100 * sum(column) / len(real) for column in zip(*real, strict=True)]
    bars = [bar for question in sorted(result.questions, key=lambda one: one.id) for bar in question.bars]
    assert sum(bar.low - 1 <= share <= bar.high + 1 for bar, share in zip(bars, shares, strict=True)) >= 5, (bars, shares)
