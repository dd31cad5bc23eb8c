"""One visit to the mailbox, from the card to what is due now, and when the next one is (sharing-protocol 5.5).

Whatever fails is kept for the next try; nothing is lost and nothing is sent in another form.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tokenpal.engine.sharing import answering, catchup, known as state, membership, plan, reporting, results
from tokenpal.engine.sharing.keys import Keys, KeysUnavailable
from tokenpal.engine.sharing.known import Known, Record
from tokenpal.engine.sharing.mailbox import Mailbox
from tokenpal.engine.sharing.plan import Week
from tokenpal.engine.sharing.world import World
from tokenpal.model.errors import TokenpalError
from tokenpal.share.consent import Refused, State, Tick, may_send
from tokenpal.share.protocol import epochs
from tokenpal.share.protocol.roster import RosterError
from tokenpal.store.database import Store
from tokenpal.translation import tr

DAY: Final = 86_400
Replaced = msgspec.structs.replace


async def ticked(world: World) -> Record | None:
    """The record after time has passed: a pause ends, a consent grows old. No network."""
    record: Record | None = await world.do(state.current)
    if record is None:
        return None
    after = await catchup.stepped(world, record, Tick(world.now()))
    if after != record:
        after = await world.do(state.keep, after, record.membership)
    return after


async def visit(world: World, *, everything: bool = False) -> tuple[str, ...]:
    """Do what is due; sentences on what was done. ``everything``: the person asked, so no drawn minute is waited for.

    Raises TokenpalError with what stopped it; it is kept in the record too, and the next try is planned.
    """
    record = await ticked(world)
    if record is None or not may_send(record.membership, world.managed(), world.now()):
        return ()
    try:
        done = await _visit(world, everything)
    except (TokenpalError, RosterError) as problem:
        raise await failed(world, problem) from problem
    after = await world.do(state.current)
    await world.do(state.keep, Replaced(after, trouble=("", ""), failures=0, next_try=_later(world, after), visited_at=world.now()))
    return done


async def _visit(world: World, everything: bool) -> tuple[str, ...]:
    done: list[str] = []
    known: Known = await world.do(state.known)
    keys = await world.keys(known.team)
    mailbox = Mailbox(world, known.record.url, known.team, known.record.membership)
    known = await membership.caught_up(world, mailbox, known)
    if known.record.membership.state is not State.SHARING:
        return (tr("Something of the team widened, so nothing is sent until you agree."),)
    if not known.record.joined or keys.member not in known.roster.members:
        known = await membership.enter(world, mailbox, known, keys)
        if not known.record.joined:
            return (tr("{count} of 2 members have vouched for you.", count=len(known.record.vouched)),)
        done.append(tr("You are in the team's list now."))
        keys = await world.keys(known.team)
    known = await results.manifests_now(world, mailbox, known, keys)
    known = await results.releases_now(world, mailbox, known, keys)
    keys = await answering.tidy(world, known, keys)
    known, keys = await membership.stay(world, mailbox, known, keys)
    known = await _week(world, mailbox, known, keys, everything, done)
    await results.learnings_now(world, mailbox, known, keys)
    asking = await membership.pending(mailbox, known, keys)
    await world.do(state.keep, Replaced(known.record, asking=asking))
    await answering.tidy(world, await world.do(state.known), keys)
    return tuple(done)


async def _week(world: World, mailbox: Mailbox, known: Known, keys: Keys, everything: bool, done: list[str]) -> Known:
    """The report, the answer and the result of the week that ended last, whichever is due."""
    now = world.now()
    epoch = epochs.due(now)
    week: Week = await world.do(reporting.week_of, known.team, epoch, world)
    if now in epochs.report_window(epoch):
        if week.state == "planned" and (everything or now >= week.report_at):
            if lacking := reporting.lacking(known, keys, epoch):  # the list of members of an ended week changes no more
                await world.do(state.keep_week, known.team, Replaced(week, state="missed"))
                done.append(lacking)
            else:
                await reporting.send(world, mailbox, known, keys, epoch)
                done.append(tr("The sealed report of week {epoch} was sent.", epoch=epoch))
        return known
    if week.state == "planned":
        week = Replaced(week, state="missed")
        await world.do(state.keep_week, known.team, week)
    if week.state in {"sent", "summed"} and (everything or now >= week.answer_at):
        known, week = await answering.answer(world, mailbox, known, keys, week)
        if week.state == "answered":
            done.append(tr("The sum of your shares of week {epoch} was sent.", epoch=epoch))
            known = await results.releases_now(world, mailbox, known, keys)
        elif week.state == "sent":  # there is no manifest: never, or not yet
            never = epoch in known.record.gaps
            week = Replaced(week, state="missed") if never else Replaced(week, answer_at=now + DAY // 4 + world.random(DAY // 4))
            await world.do(state.keep_week, known.team, week)
    if now >= week.result_at and not week.looked:
        week = Replaced(week, looked=True)
        await world.do(state.keep_week, known.team, week)
    if any(one.epoch == epoch for one in known.releases):
        done.append(tr("The team's sum of week {epoch} is here.", epoch=epoch))
    return known


async def failed(world: World, problem: TokenpalError | RosterError) -> TokenpalError:
    """Keep what went wrong as one sentence, and plan the next try; the error for the person."""
    if isinstance(problem, TokenpalError):
        error = problem
    else:
        error = TokenpalError(
            tr("The team's mailbox shows a list of members that breaks rule {rule}: {sentence}", rule=problem.rule, sentence=problem.sentence), tr("Ask whoever runs the team's address.")
        )
    record: Record | None = await world.do(state.current)
    if record is not None and not isinstance(problem, Refused):
        wait = plan.backoff(record.failures, world.now(), world.random)
        record = Replaced(record, trouble=(error.sentence, error.next_step), failures=record.failures + 1, next_try=world.now() + wait)
        await world.do(state.keep, record)
    return error


async def next_at(world: World) -> int | None:
    """When the machine should look again, without any network until then; None = never by itself."""
    record = await ticked(world)
    if record is None or record.membership.state in state.OVER or world.managed():
        return None
    now = world.now()
    match record.membership.state:
        case State.PAUSED:
            return record.membership.paused_until
        case State.STALE:
            return None
        case State.PREVIEW:
            return epochs.start(epochs.shifted(epochs.epoch_of(now), 1))
        case _:
            pass
    if not record.joined:
        return max(now, record.next_try)
    week: Week = await world.do(reporting.week_of, record.team, epochs.due(now), world)
    at = plan.next_at(week, now)
    return max(at, record.next_try) if record.failures else at


async def prepared(world: World) -> None:
    """In a preview, make the week's real report and envelope; nothing is sent, and no connection is opened."""
    known: Known | None = await world.do(state.known)
    if known is None or known.record.membership.state not in {State.PREVIEW, State.SHARING} or world.managed():
        return
    try:
        keys = await world.keys(known.team)
    except KeysUnavailable:
        return  # the page says so; the envelope is made when they are there
    epoch = epochs.due(world.now())
    if known.record.membership.state is State.PREVIEW and keys.week(epoch) is None:
        keys = keys.extended(epoch, world.entropy)
        await world.keep_keys(known.team, keys)
    week = known.week(epoch)
    if week is None or week.state == "planned":
        await world.do(reporting.sealed, known, keys, epoch, world)


def plan_late(store: Store, team: str, epoch: str, world: World) -> None:
    """The machine was off at a drawn minute: draw another within the next hour, so that a switched-on office does not call at once."""
    week = reporting.week_of(store, team, epoch, world)
    later = plan.late(week, world.now(), world.random)
    if later != week:
        state.keep_week(store, team, later)


def _later(world: World, record: Record) -> int:
    """Whoever waits for vouchers looks about once a day."""
    return 0 if record.joined else world.now() + DAY // 2 + world.random(DAY // 2)
