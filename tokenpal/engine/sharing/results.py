"""What the team publishes, taken over only after checking: manifests, released sums, learnings (sharing-protocol 5.5).

Every released sum is recomputed from the answers. One that is another sum stays out of the result, and the person is told.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import msgspec

from tokenpal.engine.sharing import known as state
from tokenpal.engine.sharing.catchup import alarmed
from tokenpal.engine.sharing.keys import Keys
from tokenpal.engine.sharing.known import Known
from tokenpal.engine.sharing.mailbox import Mailbox
from tokenpal.engine.sharing.plan import Week
from tokenpal.engine.sharing.world import World
from tokenpal.model.errors import TokenpalError
from tokenpal.model.ranges import DAY_SECONDS
from tokenpal.share import audit, rules
from tokenpal.share.protocol import epochs, learning, manifest as manifests
from tokenpal.share.protocol.manifest import Manifest, Release
from tokenpal.share.protocol.wire import Signed, digest, encode, hash_of, sign, unb64
from tokenpal.store import sharing as rows
from tokenpal.store.database import Store
from tokenpal.translation import mark, tr

Replaced = msgspec.structs.replace
MOST_GAPS: Final = 60
SECOND: Final = mark("The team's mailbox showed two different lists of reports for one week. Nothing of that week is answered twice.")


async def manifests_now(world: World, mailbox: Mailbox, known: Known, keys: Keys) -> Known:
    """The manifests since the last known one, verified as one history. A second one for a week is an alarm (rule A1)."""
    last = known.manifests[-1] if known.manifests else None
    shown = await mailbox.asked("manifests", keys, since=last.epoch if last else "")
    record = known.record
    if last is not None and shown and shown[0].body.get("epoch") == last.epoch:
        if hash_of(shown[0]) != last.hash:
            record = await _alarm(world, known, "A1", tr(SECOND), last.epoch)
        shown = shown[1:]
    try:
        history = manifests.history(shown, known.roster, unb64(known.record.key, 32), known.manifests)
    except ValueError as problem:
        record = await _alarm(world, known, "A7", tr("The team's mailbox shows a list of reports that cannot be: {problem}.", problem=problem), "")
        return Replaced(known, record=record)
    by_epoch = {one.body["epoch"]: one for one in shown}
    for one in history[len(known.manifests) :]:
        week = known.week(one.epoch)
        said = left_out(known, week, by_epoch[one.epoch]) if week is not None else ""
        record = alarmed(record, said, world.now()) if said else record
    await world.do(_keep, record, [(one.body["epoch"], encode(one)) for one in shown], [])
    return Replaced(known, record=record, manifests=history)


async def releases_now(world: World, mailbox: Mailbox, known: Known, keys: Keys) -> Known:
    """The releases since the last known one; each is recomputed from the answers of its week."""
    last = known.releases[-1] if known.releases else None
    found = await mailbox.query("releases", keys, since=epochs.shifted(last.epoch, 1) if last else "")
    shown = mailbox.signed_in(found, "releases")
    record = Replaced(known.record, gaps=_gaps(found.get("missing"), known.record.gaps))
    try:
        history = manifests.release_history(shown, known.team, unb64(known.record.key, 32), known.releases)
    except (ValueError, TokenpalError) as problem:
        sentence = tr("The team's mailbox shows a result that cannot be: {problem}", problem=getattr(problem, 'sentence', problem))
        record = await _alarm(world, Replaced(known, record=record), "release", sentence, "")
        return Replaced(known, record=record)
    for signed, release in zip(shown, history[len(known.releases) :], strict=True):
        wrong = await _wrong(world, mailbox, known, keys, signed, release)
        if wrong:
            record = await _alarm(world, Replaced(known, record=record), "release", tr("The result of week {epoch} does not add up: {wrong}", epoch=release.epoch, wrong=wrong), release.epoch)
            record = Replaced(record, doubted=(*record.doubted, release.epoch))
    await world.do(_keep, record, [], [(one.body["epoch"], encode(one)) for one in shown])
    return Replaced(known, record=record, releases=history)


async def learnings_now(world: World, mailbox: Mailbox, known: Known, keys: Keys) -> None:
    """What members published and did not take back, as far as the signatures hold."""
    found = []
    for one in await mailbox.asked("learnings", keys):
        author = known.roster.members.get(str(one.body.get("member")))
        with suppress(ValueError):
            found.append((learning.learning_of(one, author.identity if author else b"").id, encode(one)))
    await world.do(rows.set_learnings, known.team, found)


async def publish(world: World, mailbox: Mailbox, known: Known, keys: Keys, part: str, text: str, name: str) -> None:
    """Publish a learning under a chosen name."""
    body = learning.learning_body(known.team, keys.member, world.entropy(16), epochs.epoch_of(world.now()), part, text, name)
    await mailbox.post("learnings", sign(body, keys.private), "learning")


async def retract(mailbox: Mailbox, known: Known, keys: Keys, number: str) -> None:
    """Take a learning back for good."""
    await mailbox.post("retract", sign(learning.retract_body(known.team, keys.member, number), keys.private), "retract")


def left_out(known: Known, week: Week, manifest: Signed) -> str:
    """The alarm when the report was sent but is not in the manifest."""
    if week.state not in {"sent", "summed", "answered", "refused", "released"}:
        return ""
    return rules.left_out(manifests.manifest_of(manifest, unb64(known.record.key, 32)), digest(week.envelope.encode()))


# ---------------------------------------------------------------------------------------------- inside


async def _wrong(world: World, mailbox: Mailbox, known: Known, keys: Keys, signed: Signed, release: Release) -> str:
    """Why the sum is not right; "" when it is, or when its answers are deleted by now (before this member's time, or while it was away)."""
    of_week: Manifest | None = next((one for one in known.manifests if one.epoch == release.epoch), None)
    if of_week is None:
        return tr("its list of reports is not known.")
    answers = await mailbox.asked("answers", keys, epoch=release.epoch)
    if not answers:
        week = known.week(release.epoch)
        deleted = epochs.epoch_of(world.now() - known.policy.retention_days * DAY_SECONDS) > release.epoch
        return tr("the answers it was made from are not shown.") if week is not None and week.state == "answered" and not deleted else ""
    try:
        manifests.verify_release(signed, of_week, answers, known.roster.at(release.epoch).members, unb64(known.record.key, 32))
    except TokenpalError as problem:
        return problem.sentence
    except ValueError as problem:
        return f"{problem}."
    return ""


async def _alarm(world: World, known: Known, rule: str, sentence: str, epoch: str) -> state.Record:
    record = alarmed(known.record, sentence, world.now())
    if record != known.record:
        await world.log(audit.Kind.REFUSAL, audit.refusal_body(rule, sentence, epoch=epoch, team=known.team))
        await world.do(state.keep, record)
    return record


def _gaps(found: Any, old: dict[str, str]) -> dict[str, str]:
    """Weeks without a release. The reason is the mailbox's own text: short, one line."""
    new = dict(old)
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict) and isinstance(one.get("epoch"), str) and isinstance(one.get("reason"), str):
            with suppress(ValueError):
                epochs.monday(one["epoch"])
                new[one["epoch"]] = "".join(c if c.isprintable() else " " for c in one["reason"])[:200]
    return dict(sorted(new.items())[-MOST_GAPS:])


def _keep(store: Store, record: state.Record, new_manifests: list[tuple[str, bytes]], new_releases: list[tuple[str, bytes]]) -> None:
    with store.transaction():
        for epoch, body in new_manifests:
            rows.keep_manifest(store, record.team, epoch, body)
        for epoch, body in new_releases:
            rows.keep_release(store, record.team, epoch, body)
        state.keep(store, record)
