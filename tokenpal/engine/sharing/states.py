"""Changes of state that need nothing but the data file: pause, resume, decline."""

from __future__ import annotations

import msgspec

from tokenpal.engine.sharing import known as state
from tokenpal.engine.sharing.known import Record
from tokenpal.engine.sharing.world import forced_off
from tokenpal.share import audit, consent
from tokenpal.share.consent import Membership, Refused, State
from tokenpal.store import sharing_audit
from tokenpal.store.database import Store
from tokenpal.translation import tr


def apply(store: Store, event: consent.Event) -> Record:
    """The record after the event, stored, with an entry in the log. Raises Refused."""
    with store.transaction():
        record = state.current(store) or Record(Membership())
        before = record.membership
        if isinstance(event, consent.Declined) and before.state in {State.SHARING, State.PAUSED, State.STALE}:
            raise Refused(tr("You share with a team."), tr("Leave it, or pause."))
        after = consent.step(before, event, managed=forced_off())
        record = msgspec.structs.replace(record, membership=after)
        if after.state is not before.state:
            sharing_audit.append_audit(store, store.now(), audit.Kind.CONSENT, audit.consent_body(before.state, after.state))
        state.put(store, record)
    return record
