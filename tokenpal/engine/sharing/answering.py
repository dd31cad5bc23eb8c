"""The answer to a manifest, if rules A1 to A8 all hold; then the week's private key is deleted (sharing-protocol 5.5)."""

from __future__ import annotations

import msgspec

from tokenpal.engine.sharing import known as state, results
from tokenpal.engine.sharing.catchup import alarmed
from tokenpal.engine.sharing.keys import Keys
from tokenpal.engine.sharing.known import Known
from tokenpal.engine.sharing.mailbox import Mailbox
from tokenpal.engine.sharing.plan import Week
from tokenpal.engine.sharing.world import World
from tokenpal.share import audit, rules
from tokenpal.share.consent import may_send
from tokenpal.share.protocol import epochs, sealing
from tokenpal.share.protocol.manifest import answer_body
from tokenpal.share.protocol.policy import parse
from tokenpal.share.protocol.shamir import Misbehaved
from tokenpal.share.protocol.wire import Signed, decode, digest, encode, hash_of, sign, unb64

Replaced = msgspec.structs.replace


async def answer(world: World, mailbox: Mailbox, known: Known, keys: Keys, week: Week) -> tuple[Known, Week]:
    """Look for the manifest of a week whose report was sent, and answer it. Raises NetError and MailboxError."""
    if week.state == "sent":
        known, week = await _sum(world, mailbox, known, keys, week)
    if week.state == "summed":
        await mailbox.post("answers", decode(week.answer.encode()), "answer")
        week = Replaced(week, state="answered")
        await world.do(state.keep_week, known.team, week)
    return known, week


async def tidy(world: World, known: Known, keys: Keys) -> Keys:
    """Delete the private keys of weeks that are over or answered. Raises KeysUnavailable: then the next visit does it."""
    now = world.now()
    due = epochs.due(now)
    week = known.week(due)
    over = due if week is not None and week.state in {"answered", "summed", "refused", "released"} else epochs.shifted(due, -1)
    fewer = keys.without(over)
    if fewer.weeks != keys.weeks:
        await world.keep_keys(known.team, fewer)
    return fewer


async def _sum(world: World, mailbox: Mailbox, known: Known, keys: Keys, week: Week) -> tuple[Known, Week]:
    """Check the manifest and add the shares up; the answer is stored before it leaves."""
    shown = await mailbox.asked("manifest", keys, epoch=week.epoch)
    if not shown:
        return known, week
    name = hash_of(shown[0])
    if not week.manifest:
        week = Replaced(week, manifest=next((one.hash for one in known.manifests if one.epoch == week.epoch), name))
        await world.do(state.keep_week, known.team, week)
    envelopes = await mailbox.asked("envelopes", keys, epoch=week.epoch)
    if not envelopes:
        known = await results.releases_now(world, mailbox, known, keys)
    if not envelopes and any(one.epoch == week.epoch for one in known.releases):
        return await _done(world, known, week, "released")  # others were enough; there is nothing left to add up
    try:
        manifest = rules.check(_situation(world, known, week, shown[0], tuple(envelopes)))
        key = keys.week(week.epoch)
        if key is None:
            raise Misbehaved("The key of this week is not here any more.")
        numbers = sealing.answer_sum(manifest.reports, envelopes, keys.member, key, manifest.place(keys.member))
    except rules.Refused as refused:
        return await _refuse(world, known, week, refused.rule, refused.sentence)
    except Misbehaved as problem:
        return await _refuse(world, known, week, "sum", problem.sentence)
    made = sign(answer_body(manifest, keys.member, numbers), keys.private)
    week = Replaced(week, state="summed", answer=encode(made).decode())
    await world.do(state.keep_week, known.team, week)
    return known, week


def _situation(world: World, known: Known, week: Week, manifest: Signed, envelopes: tuple[Signed, ...]) -> rules.Situation:
    membership = known.record.membership
    consent = membership.consent
    return rules.Situation(
        now=world.now(), sharing=may_send(membership, world.managed(), world.now()), manifest=manifest, endpoint=unb64(known.record.key, 32),
        envelopes=envelopes, roster=known.roster, head=week.head, policy=parse(consent.policy.encode()) if consent is not None else known.policy,
        my_report=digest(week.envelope.encode()), published=known.manifests, releases=known.releases,
        seen={one.epoch: one.manifest for one in known.weeks if one.manifest} | {week.epoch: week.manifest},
    )  # fmt: skip


async def _refuse(world: World, known: Known, week: Week, rule: str, sentence: str) -> tuple[Known, Week]:
    """Said to the person, and in the log with the rule's number. No answer is given to this week any more."""
    await world.log(audit.Kind.REFUSAL, audit.refusal_body(rule, sentence, epoch=week.epoch, team=known.team, manifest=week.manifest))
    record = alarmed(known.record, f"Week {week.epoch} was not answered: {sentence}", world.now())
    await world.do(state.keep, record)
    return await _done(world, Replaced(known, record=record), week, "refused")


async def _done(world: World, known: Known, week: Week, how: str) -> tuple[Known, Week]:
    week = Replaced(week, state=how)
    await world.do(state.keep_week, known.team, week)
    return known, week
