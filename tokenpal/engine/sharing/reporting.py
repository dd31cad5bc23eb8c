"""A week's report: drawn once, sealed to the active members, posted byte for byte the same until it arrives (sharing-protocol 5.4, 5.5, 5.8)."""

from __future__ import annotations

import secrets as chance
from typing import Final

import msgspec

from tokenpal.engine.sharing import known as state, plan
from tokenpal.engine.sharing.keys import Keys
from tokenpal.engine.sharing.known import Known
from tokenpal.engine.sharing.mailbox import Mailbox, MailboxError
from tokenpal.engine.sharing.plan import Week
from tokenpal.engine.sharing.world import World
from tokenpal.model.errors import UsageError
from tokenpal.model.ranges import day_number
from tokenpal.share import audit, report as reports
from tokenpal.share.coin import Random
from tokenpal.share.protocol import epochs, sealing
from tokenpal.share.protocol.roster import threshold
from tokenpal.share.protocol.wire import b64, decode, encode, sign, unb64
from tokenpal.share.report import Draw
from tokenpal.store import facts, sharing_audit
from tokenpal.store.database import Store
from tokenpal.translation import mark, tr

SMALLEST: Final = 5
GONE: Final = mark("A sealed report of yours is at the mailbox already, and it is not the one that this machine made.")
Replaced = msgspec.structs.replace


def week_of(store: Store, team: str, epoch: str, world: World) -> Week:
    """The plan of an epoch, its minutes drawn when it is looked at first."""
    found = next((week for week in state.weeks(store, team) if week.epoch == epoch), None)
    if found is None:
        found = plan.drawn(epoch, world.now(), world.random)
        with sharing_audit.durable(store):
            state.keep_week(store, team, found)
            for what, at in (("report", found.report_at), ("answer", found.answer_at), ("result", found.result_at)):
                sharing_audit.append_audit(store, world.now(), audit.Kind.PLAN, audit.plan_body(team, epoch, what, at))
    return found


def drawn(store: Store, known: Known, epoch: str, now: int, random: Random = chance.randbelow) -> Draw:
    """The draw of a week for this team, on the disk before anything can leave. It is never drawn twice."""
    monday = day_number(epochs.monday(epoch))
    with sharing_audit.durable(store):
        kept = facts.draw_of(store, epoch, known.team)
        if kept:
            return reports.read_back(kept, epoch)
        found = facts.week_facts(store, monday)
        draw = reports.draw(epoch, found.days_used, found.labels, random, known.team, known.policy.odds)
        facts.keep_draw(store, epoch, reports.kept(draw), known.team)
        sharing_audit.append_audit(store, now, audit.Kind.DRAW, audit.draw_body(draw))
    return draw


def sealed(store: Store, known: Known, keys: Keys, epoch: str, world: World) -> Week:
    """The week with the envelope that would be sent now. Made again, from the same draw and seed, only when the roster, the rules
    or the active members are others. While this member is not in the roster its own share is sealed too, as it would be.
    """
    draw = drawn(store, known, epoch, world.now(), world.random)
    week = week_of(store, known.team, epoch, world)
    view = known.roster.at(epoch)
    policy = sealed_policy(known)
    own = keys.week(epoch)
    recipients = {member: view.keys[member] for member in known.active(epoch)}
    if keys.member not in recipients and own is not None:
        recipients[keys.member] = keys.public(epoch)
    named = tuple((member, b64(key)) for member, key in sorted(recipients.items()))
    if not named or (week.envelope and (week.head, week.policy, week.recipients) == (view.head, policy, named)):
        return week
    t = min(threshold(len(named)), len(named))
    seed = unb64(week.seed, 32) if week.seed else world.entropy(32)
    answers = {answer.id: answer.sent for answer in draw.answers}
    made = sealing.envelope(
        answers, list(recipients.items()), t, seed, keys.private, team=known.team, epoch=epoch, head=view.head, policy=policy
    )
    text = encode(made).decode()
    week = Replaced(week, seed=b64(seed), head=view.head, policy=policy, recipients=named, threshold=t, envelope=text)
    with sharing_audit.durable(store):
        state.keep_week(store, known.team, week)
    return week


def sealed_policy(known: Known) -> str:
    """Hash of the rules that a report is made under: those agreed to, in a preview those last seen."""
    membership = known.record.membership
    if membership.consent is not None:
        return membership.consent.policy_hash
    return membership.seen.policy_hash if membership.seen is not None else ""


def lacking(known: Known, keys: Keys, epoch: str) -> str:
    """Why no report of this epoch can be sent by this member; "" when it can."""
    me = known.roster.present.get(keys.member)
    members = known.active(epoch)
    if me is None:
        return tr("You are not in the team's list yet.")
    if epochs.distance(me.counts_from, epoch) < 0:
        return tr("Your first report is of week {counts_from}.", counts_from=me.counts_from)
    if keys.member not in members:
        return tr("You were away for some weeks: your reports count again from next week.")
    if len(members) < SMALLEST:
        return tr("{count} of {least} members are there. Nothing is sent to fewer.", count=len(members), least=SMALLEST)
    return ""


async def send(world: World, mailbox: Mailbox, known: Known, keys: Keys, epoch: str) -> Week:
    """Post the report of the epoch. Raises NetError and MailboxError: the same bytes are posted again then."""
    draw = await world.do(drawn, known, epoch, world.now(), world.random)
    week: Week = await world.do(sealed, known, keys, epoch, world)
    made = audit.Made({answer.id: answer.sent for answer in draw.answers}, week.recipients, week.threshold, week.seed)
    try:
        await mailbox.post("reports", decode(week.envelope.encode()), "report", made, draw)
    except MailboxError as problem:
        if problem.rule == "other":  # a backup was restored: a week is not sent twice
            await world.do(state.keep_week, known.team, Replaced(week, state="missed"))
            await world.log(audit.Kind.REFUSAL, audit.refusal_body("once", GONE, epoch=epoch, team=known.team))
            raise MailboxError(problem.status, tr(GONE), problem.rule) from None
        raise
    week = Replaced(week, state="sent")
    await world.do(state.keep_week, known.team, week)
    return week


async def withdraw(world: World, mailbox: Mailbox, known: Known, keys: Keys, epoch: str) -> Week:
    """Take the report back; only before Thursday. Raises UsageError, NetError, MailboxError."""
    week: Week = await world.do(week_of, known.team, epoch, world)
    if week.state not in {"sent", "planned"} or world.now() not in epochs.report_window(epoch):
        raise UsageError(tr("There is no report that could be taken back now."), tr("A report can be withdrawn until Wednesday night, UTC."))
    await mailbox.post("withdraw", sign({"kind": "withdraw", "team": known.team, "epoch": epoch, "member": keys.member}, keys.private), "withdraw")
    week = Replaced(week, state="withdrawn")
    await world.do(state.keep_week, known.team, week)
    return week
