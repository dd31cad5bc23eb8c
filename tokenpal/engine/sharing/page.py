"""The Sharing page from the data file alone: what holds now, in words. Opens no connection and asks for no key."""

from __future__ import annotations

from typing import Any, Final

from tokenpal.engine.sharing import known as state, logbook, reporting, wording
from tokenpal.engine.sharing.known import Known, Record
from tokenpal.engine.sharing.plan import Week
from tokenpal.engine.sharing.preview import ShareLine, SharePreview, share_preview
from tokenpal.engine.sharing.shapes import Asking, LearningView, ResultView, SharingView
from tokenpal.engine.sharing.world import forced_off
from tokenpal.model.errors import TokenpalError
from tokenpal.share import preview as shown
from tokenpal.share.consent import State
from tokenpal.share.protocol import epochs, estimate
from tokenpal.share.protocol.entries import four_words
from tokenpal.share.protocol.roster import FOUNDERS, threshold
from tokenpal.share.protocol.wire import decode, unb64
from tokenpal.store import sharing as rows
from tokenpal.store.database import Store
from tokenpal.translation import WordBook, mark, tr, trn

OFF: Final = {
    "never asked": (mark("You share nothing"), "off", mark("You are in no team. Nothing is fetched or sent before you paste an invitation and press a button.")),
    "declined": (mark("You said no to sharing"), "off", mark("tokenpal does not ask again. Paste an invitation if you ever change your mind.")),
    "left": (mark("You left the team"), "left", mark("Nothing is sent. Your keys for the team are deleted; the list below holds everything that was ever sent.")),
    "forced off": (
        mark("Sharing is switched off on this machine"), "off",
        mark("Whoever manages this machine has switched it off; nothing here can switch it on, and nothing is sent."),
    ),
}  # fmt: skip
CHIPS: Final = WordBook("state of sharing", {
    "off": "off", "left": "left", "paused": "paused", "waiting": "waiting", "not sent": "not sent", "asks you again": "asks you again", "joined": "joined",
    "waits to be sent": "waits to be sent", "sent": "sent", "answered": "answered", "not answered": "not answered", "withdrawn": "withdrawn",
    "nothing sent": "nothing sent",
})  # fmt: skip
SHOWN_ALARMS: Final = 5 * 7 * 86_400
SENT: Final = frozenset({"sent", "summed", "answered", "refused", "released"})


def sharing_view(store: Store) -> SharingView:
    """The whole page."""
    record = state.current(store)
    name = "forced off" if forced_off() else record.membership.state.value if record is not None else "never asked"
    if record is None or name in OFF:
        return _off(store, name, record)
    found = state.known(store)
    if found is None:
        return _off(store, "never asked", record)
    return _team(store, found, store.now())


def team_line(store: Store) -> str:
    """See ``line.sharing_line``."""
    record = state.current(store)
    if record is None or record.membership.state in state.OVER or forced_off():
        return tr("Sharing: off")
    membership = record.membership
    match membership.state:
        case State.PREVIEW:
            return tr("Sharing: preview, nothing is sent")
        case State.STALE:
            return tr("Sharing: stopped, the team's rules changed")
        case State.PAUSED:
            return tr("Sharing: paused until {day}", day=wording.day(membership.paused_until)) if membership.paused_until else tr("Sharing: paused")
        case _:
            pass
    if not record.joined:
        return tr("Sharing: waiting to join")
    now = store.now()
    week = next((one for one in state.weeks(store, record.team) if one.epoch == epochs.due(now)), None)
    if now in epochs.report_window(epochs.due(now)) and (week is None or week.state == "planned"):
        return tr("Sharing: on, next report by Wednesday")
    return tr("Sharing: on, next report from Monday on")


# ---------------------------------------------------------------------------------------------- inside


def _off(store: Store, name: str, record: Record | None) -> SharingView:
    headline, chip, sentence = tr(OFF[name][0]), CHIPS[OFF[name][1]], tr(OFF[name][2])
    report = share_preview(store)
    log = logbook.lines(store) if record is not None else ()
    seen = record.membership.seen if record is not None else None
    if name == "left" and seen is not None and seen.name:
        headline = tr("You left {name}", name=seen.name)
    return SharingView(
        state=name, headline=headline, chip=chip, sentence=sentence, report=report, week=report.week,
        log=log, log_size=logbook.size(store) if log else 0, log_ok=logbook.whole(store) if log else True,
    )  # fmt: skip


def _team(store: Store, known: Known, now: int) -> SharingView:
    record, policy = known.record, known.policy
    membership = record.membership
    epoch, present = epochs.due(now), epochs.epoch_of(now)
    week = known.week(epoch)
    me = known.roster.members.get(record.member)
    counted = len(known.active(present))
    counts_from = me.counts_from if me is not None and epochs.distance(present, me.counts_from) > 0 else ""
    first = membership.since and epochs.distance(membership.since, present) >= 1
    envelope = week.envelope if week is not None else ""
    sharing = membership.state is State.SHARING
    planned = week is not None and week.state == "planned" and now in epochs.report_window(epoch) and record.joined
    lacking = me is None or epochs.distance(me.counts_from, epoch) < 0
    preview = membership.state is State.PREVIEW
    return SharingView(
        state=membership.state.value,
        **_words(known, week, now),
        team=known.card.name, host=_host(record.url), url=record.url, members=len(known.roster.present), counted=counted,
        needed=threshold(counted), counts_from=counts_from, waiting=_waiting(record, sharing=sharing),
        words=four_words(unb64(record.identity, 32)) if record.identity and not preview else "",
        paused_until=membership.paused_until, can_start=preview and bool(first),
        start_note=tr("The week of preview ends on {day}.", day=wording.day(epochs.start(epochs.shifted(present, 1)))) if preview and not first else "",
        report=_report(store, known, week, epoch, now), envelope=envelope, envelope_note=_envelope_note(week),
        sends_at=week.report_at if week is not None and sharing and planned and not lacking else None,
        answers_at=week.answer_at if week is not None and sharing and week.state == "sent" else None,
        sent=week is not None and week.state in SENT, week=epoch,
        can_withdraw=sharing and week is not None and week.state == "sent" and now in epochs.report_window(epoch),
        rules=wording.rules(policy), changes=wording.changes((*membership.changes, *(() if sharing else membership.notices))),
        ticks=wording.ticks(policy, membership.consent), result=_result(known, now), log=logbook.lines(store), log_size=logbook.size(store),
        log_ok=logbook.whole(store),
        asking=tuple(Asking(one.member, four_words(unb64(one.identity, 32)), len(one.vouched), record.member in one.vouched) for one in record.asking),
        may_invite=sharing and record.joined and (known.roster.founder == record.member or len(known.roster.members) >= FOUNDERS),
        learnings=_learnings(store, record), alarms=tuple(said for at, said in reversed(record.alarms) if now - at < SHOWN_ALARMS),
    )  # fmt: skip


def _words(known: Known, week: Week | None, now: int) -> dict[str, Any]:
    """Headline, sentence and chip."""
    record, name = known.record, known.card.name
    membership = record.membership
    match membership.state:
        case State.PREVIEW:
            headline, chip = tr("A week of preview with {name}", name=name), CHIPS["not sent"]
            sentence = tr("Each report is made and shown here, and none is sent. Nothing starts by itself: press Start after a week of it, or sooner, or leave.")
        case State.PAUSED:
            headline, chip = tr("Sharing with {name} is paused", name=name), CHIPS["paused"]
            until = tr("until {day}", day=wording.day(membership.paused_until)) if membership.paused_until else tr("until you resume")
            sentence = tr("Nothing is sent {until}, and no week is made up for.", until=until)
        case State.STALE:
            headline, chip = tr("The team's rules have changed: nothing is sent"), CHIPS["asks you again"]
            sentence = tr("What you agreed to would widen. Look at each field, then agree and go on, or stay out.")
        case _ if not record.joined:
            headline, chip = tr("Waiting to join {name}", name=name), CHIPS["waiting"]
            sentence = tr("Members have to vouch for you before your first report goes out. Read your four made-up words aloud to two of them.")
            if record.way != "vouched":
                sentence = tr("Your entry in the team's list is posted as soon as the mailbox can be reached.")
        case _:
            headline, (chip, sentence) = tr("Sharing with {name}, once a week", name=name), _sharing(known, week, now)
    said = record.trouble[0]
    return {"headline": headline, "chip": chip, "sentence": tr("{sentence} The last try failed: {said}", sentence=sentence, said=said) if said else sentence}


def _sharing(known: Known, week: Week | None, now: int) -> tuple[str, str]:
    epoch, present = epochs.due(now), epochs.epoch_of(now)
    number, me = wording.short(epoch), known.roster.members.get(known.record.member)
    if me is not None and epochs.distance(present, me.counts_from) > 0:
        return CHIPS["joined"], tr("You have joined. Your first report is of week {counts_from}, sent in the week after it.", counts_from=wording.short(me.counts_from))
    if me is not None and epochs.distance(epoch, me.counts_from) > 0:
        return CHIPS["joined"], tr("Your first report is of this week, {present}; it goes out from Monday on, after you have seen it.", present=wording.short(present))
    done = week.state if week is not None else "planned"
    if done == "planned" and now in epochs.report_window(epoch):
        return CHIPS["waits to be sent"], tr("The report for week {number} goes out by Wednesday, at a random minute. You see it first, below, with everything that ever left.", number=number)
    said = {
        "sent": ("sent", tr("The report for week {number} has gone out.", number=number)),
        "summed": ("sent", tr("The report for week {number} has gone out; its sum is posted next.", number=number)),
        "answered": ("answered", tr("The report for week {number} is sent, and its sum answered.", number=number)),
        "refused": ("not answered", tr("The report for week {number} was sent; this machine does not answer its manifest.", number=number)),
        "released": ("sent", tr("The report for week {number} is in the team's sum; enough others had answered.", number=number)),
        "withdrawn": ("withdrawn", tr("The report for week {number} was withdrawn; nothing of it stays at the mailbox.", number=number)),
    }.get(done, ("nothing sent", tr("No report was sent for week {number}.", number=number)))
    return CHIPS[said[0]], tr("{said} The next one goes out from Monday on.", said=said[1])


def _waiting(record: Record, *, sharing: bool) -> str:
    if record.joined or not sharing:
        return ""
    if record.way != "vouched":
        return tr("The mailbox has not taken your entry yet.")
    lack = 2 - len(record.vouched)
    return trn("{n} member must vouch for you.", "{n} members must vouch for you.", lack) if lack > 0 else tr("Enough members have vouched: your entry is posted next.")


def _report(store: Store, known: Known, week: Week | None, epoch: str, now: int) -> SharePreview:
    """The week's real report: what is sent, or would be."""
    draw = reporting.drawn(store, known, epoch, now)
    roster = week.head if week is not None and week.head else known.roster.at(epoch).head
    policy = week.policy if week is not None and week.policy else reporting.sealed_policy(known)
    made = shown.preview(draw, team=known.team, roster=roster, policy=policy)
    lines = tuple(ShareLine(line.text, line.meaning, line.text.startswith('{"id"')) for line in made.lines)
    return SharePreview(epoch, made.report.decode(), lines, made.banner)


def _envelope_note(week: Week | None) -> str:
    if week is None or not week.envelope:
        return tr("The envelope is made when the week's keys are at hand.")
    m = len(week.recipients)
    if m < FOUNDERS:
        return trn(
            "Sealed to {n} member, as the list stood for that week. It is never sent to fewer than {least}.",
            "Sealed to {n} members, as the list stood for that week. It is never sent to fewer than {least}.", m, least=FOUNDERS,
        )  # fmt: skip
    return tr("Cut into {m} shares, one for each member's own machine. Only a sum of at least {threshold} members' shares can be opened.", m=m, threshold=week.threshold)


def _result(known: Known, now: int) -> ResultView | None:
    """The newest window, or how many weeks it still takes; sums that did not add up are left out."""
    weeks = [estimate.Week(one.epoch, one.n, one.bins) for one in known.releases if one.epoch not in known.record.doubted]
    windows, until = known.policy.windows, epochs.shifted(epochs.due(now), -1)
    try:
        found = estimate.result(weeks, windows, known.policy.odds, until) if weeks else None
        lacking = estimate.waiting(weeks, windows, until)
    except (ValueError, TokenpalError):
        return None
    if found is not None:
        return wording.result(found, known.policy, known.record.gaps)
    return wording.so_far(len(weeks), max(1, lacking), known.record.gaps) if weeks or known.record.gaps else None


def _learnings(store: Store, record: Record) -> tuple[LearningView, ...]:
    found = [decode(body).body for _, body in rows.learnings(store, record.team)]
    found.sort(key=lambda one: (one["epoch"], one["id"]), reverse=True)
    return tuple(LearningView(one["id"], one["epoch"], one["name"], one["part"], one["text"], one["member"] == record.member) for one in found)


def _host(url: str) -> str:
    return url.removeprefix("https://").partition("/")[0]
