"""The log of everything that ever left this machine, for reading, checking and exporting (sharing-protocol 5.8)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tokenpal.engine.sharing.known import current
from tokenpal.engine.sharing.shapes import LogEntry, LogLine, VerifyResult
from tokenpal.model.audit import AuditRow
from tokenpal.model.errors import UsageError
from tokenpal.share import audit, preview
from tokenpal.share.audit import Kind
from tokenpal.share.protocol.wire import unb64
from tokenpal.store import sharing_audit
from tokenpal.store.database import Store
from tokenpal.translation import tr

SHOWN: Final = 200
WORDS: Final = {"label": preview.LABEL_WORDS, "use": preview.USE_WORDS}


def lines(store: Store, search: str = "", limit: int = SHOWN) -> tuple[LogLine, ...]:
    """The newest rows, each request with what came of it."""
    rows = sharing_audit.audit_rows(store, search, limit * 2)
    answers = {_fields(row).get("request"): row for row in rows if row.kind == Kind.ANSWER}
    found = [_line(row, answers.get(row.n)) for row in rows if row.kind != Kind.ANSWER]
    return tuple(found[:limit])


def size(store: Store) -> int:
    """Bytes of all bodies that ever left."""
    return sharing_audit.audit_sent_bytes(store)


def whole(store: Store) -> bool:
    """Whether the chain is as it was written; looked at again only when a row was added."""
    many = sharing_audit.audit_size(store)
    if store.memory.get("share log") != (many, True):
        store.memory["share log"] = (many, sharing_audit.audit_broken_at(store) is None)
    return bool(store.memory["share log"][1])


def entry(store: Store, n: int) -> LogEntry:
    """One row with everything that is known of it. Raises UsageError for a number that is not there."""
    row = sharing_audit.audit_row(store, n)
    if row is None:
        raise UsageError(tr("There is no entry {n} in the log.", n=n), tr("Look at the list again."))
    answer = sharing_audit.audit_answer(store, n)
    body = _fields(row)
    if row.kind != Kind.REQUEST or not body:
        return LogEntry(_line(row, answer), audit.what(row), (), row.body, "", "", "")
    headers = tuple(f"{name}: {value}" for name, value in body.get("headers", []))
    truth, sent = _answers(body.get("draw"))
    return LogEntry(
        _line(row, answer), f"{body.get('method', '')} {body.get('url', '')}", headers, str(body.get("body", "")),
        str(body.get("made", {}).get("seed", "")), truth, sent,
    )  # fmt: skip


def verify(store: Store) -> VerifyResult:
    """Check the chain, and make every report in the log again from its answers and seed."""
    chain = audit.check_chain(sharing_audit.audit_chain(store))
    found, good = [chain.sentence], chain.ok
    record = current(store)
    identities = {record.member: unb64(record.identity, 32)} if record is not None and record.identity else {}
    for row in sharing_audit.audit_chain(store):
        try:
            if audit.made_of(row) is None:
                continue
            made = audit.remake(row, identities)
            same, said = made.same, made.sentence
        except ValueError:
            same, said = False, tr("It cannot be read.")
        good = good and same
        found.append(tr("Report in row {n}: {said}", n=row.n, said=f"{said[:1].lower()}{said[1:]}"))
    return VerifyResult(good, tuple(found))


def export(store: Store, path: Path) -> None:
    """Write the whole log as JSON lines to a new file, for the person only to read. Raises UsageError."""
    try:
        with path.open("x", encoding="utf-8") as file:
            path.chmod(0o600)
            for row in sharing_audit.audit_chain(store):
                body = _fields(row)
                file.write(json.dumps({"n": row.n, "at": row.at, "kind": row.kind, "body": body or row.body, "prev": row.prev, "hash": row.hash}, ensure_ascii=False) + "\n")
    except FileExistsError:
        raise UsageError(tr("{name} is there already.", name=path.name), tr("Choose another name.")) from None
    except OSError as problem:
        raise UsageError(tr("The log could not be written: {strerror}.", strerror=problem.strerror), tr("Choose another folder.")) from None


# ---------------------------------------------------------------------------------------------- inside


def _line(row: AuditRow, answer: AuditRow | None) -> LogLine:
    body = _fields(row)
    mark = str(body.get("sha256", "")) or row.hash
    outcome = audit.outcome(answer) if answer is not None else audit.outcome(row)
    if row.kind == Kind.REQUEST and answer is None:
        outcome = tr("no answer noted")
    return LogLine(row.n, row.at, audit.what(row), int(body.get("size", 0)), f"{mark[:4]} {mark[4:8]} … {mark[-4:]}", outcome, row.kind == Kind.REQUEST)


def _fields(row: AuditRow) -> dict[str, Any]:
    try:
        return row.fields
    except ValueError:
        return {}


def _answers(draw: Any) -> tuple[str, str]:
    """The truth and what the coin made of it, in words; "" for other requests."""
    if not isinstance(draw, dict):
        return "", ""
    asked = [(one["id"], one["true"], one["sent"]) for one in draw.get("answers", [])]
    return tuple("; ".join(f"{id_}: {WORDS[id_][answer[place]]}" for id_, *answer in asked) for place in (0, 1))  # type: ignore[return-value]  # two of them
