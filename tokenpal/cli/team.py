"""``tokenpal team``: run a team's endpoint, make a team, change its rules, close it, hand released figures on.

Needs the extra ``tokenpal[team]``; its modules are imported by the parts that use them, so that ``--help`` works without.
"""

from __future__ import annotations

import argparse
import os
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tokenpal.cli import output
from tokenpal.model.errors import UsageError
from tokenpal.share import invitation
from tokenpal.share.protocol import policy as policies
from tokenpal.share.protocol.wire import b64
from tokenpal.system import paths

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from tokenpal.team.storage import Storage

DATABASE: Final = "TOKENPAL_TEAM_DATABASE"
KEY_FILE: Final = "TOKENPAL_TEAM_KEY_FILE"
NEEDED: Final = ("starlette", "uvicorn", "sqlalchemy", "psycopg", "jinja2", "opentelemetry")

PLACES: Final = f"""where things lie:
  The database is a SQLite file in tokenpal's data folder, or what {DATABASE} or --database-file
  says: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE. An address is never taken from the
  command line, where everybody on the machine could read its password.
  The endpoint's key is endpoint.key beside it, or the file that {KEY_FILE} names. It is not in the
  database: keep a copy, since members refuse an endpoint with another key.

"""


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(name, help=help_line, description="The mailbox that adds up a team's sealed reports.", epilog=PLACES + output.EXIT_CODES)
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    _add_serve(_part(parts, "serve", "run the endpoint", serve))

    new = _part(parts, "new", "make a team and print its founder's invitation, once", make_team)
    new.add_argument("name", help="name of the team, as its members will see it")
    new.add_argument("--contact", required=True, help="whom members may ask; they see it before they decide")
    new.add_argument("--url", required=True, help="https address at which members reach this endpoint")

    teams = _part(parts, "list", "teams of this endpoint", list_teams)
    teams.add_argument("--json", action="store_true", help="as JSON")

    policy = _part(parts, "policy", "show a team's rules, or change them: members are then asked again", show_policy)
    policy.add_argument("team", type=str.strip, help="name or number of a team")
    policy.add_argument("--name", help="another name of the team")
    policy.add_argument("--contact", help="whom members may ask")
    policy.add_argument("--least", type=int, metavar="K", help="fewest reports in a published sum (5 or more)")
    policy.add_argument("--retention-days", type=int, metavar="DAYS", help="how long sealed reports are kept at most (7 to 14)")
    policy.add_argument("--exports", metavar="KINDS", help="where released sums may go: openmetrics,otlp or none")

    retire = _part(parts, "retire", "close a team for good", retire_team)
    retire.add_argument("team", type=str.strip, help="name or number of a team")

    export = _part(parts, "export", "hand released figures to the team's own metrics engine", export_figures)
    export.add_argument("team", type=str.strip, nargs="?", default="", help="name or number of a team (default: all whose policy allows it)")
    where = export.add_mutually_exclusive_group(required=True)
    where.add_argument("--openmetrics", action="store_true", help="as OpenMetrics text with the times of the weeks, on standard output")
    where.add_argument("--victoria", metavar="URL", help="to VictoriaMetrics, all weeks")
    where.add_argument("--otlp", metavar="URL", help="to a collector, all weeks; the address of its metrics path")


def _part(parts: Any, name: str, help_line: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = parts.add_parser(name, help=help_line, epilog=PLACES + output.EXIT_CODES)
    parser.add_argument("--database-file", metavar="FILE", type=Path, help="a file that holds the database's address")
    parser.add_argument("--database", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)
    return parser


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: this machine only)")
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain, PEM")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key, PEM")
    parser.add_argument("--behind-proxy", action="store_true", help="a proxy in front of it ends TLS")
    parser.add_argument("--metrics-token-file", type=Path, metavar="FILE", help="opens /metrics to whoever sends this token")
    parser.add_argument("--otlp", metavar="URL", default="", help="hand each released window to this collector")


# ---------------------------------------------------------------------------------------------- the parts


def serve(options: argparse.Namespace) -> int | None:
    _check_extra()
    from tokenpal.team import founding, serve as serving
    from tokenpal.team.app import make_app
    from tokenpal.team.secret import public_of

    place = serving.Place(options.host, options.port, options.tls_cert, options.tls_key, options.behind_proxy)
    serving.check(place)
    token = _secret_in(options.metrics_token_file, "token") if options.metrics_token_file else ""
    storage = _storage(options)
    try:
        key = _key(make=True)
        founding.check_teams(storage, public_of(key))
        app = make_app(storage, key, lambda: int(time.time()), metrics_token=token, otlp=options.otlp)
        serving.serve(app, place, lambda address: output.say(f"Listening at {address}. No request is logged. Stop with Ctrl+C."))
    finally:
        storage.close()
    return None


def make_team(options: argparse.Namespace) -> int | None:
    _check_extra()
    from tokenpal.team import founding
    from tokenpal.team.secret import public_of

    url = options.url.rstrip("/")
    invitation.check_host(url)
    storage = _storage(options)
    try:
        public = public_of(_key(make=True))
        made = founding.found_team(storage, public, options.name, options.contact)
    finally:
        storage.close()
    output.say(
        f"Team {made.team.name} is made. Its number is {made.team.team}.",
        "This is the founder's invitation. It works once, is kept nowhere, and is not shown again:",
    )
    print(invitation.written(invitation.Invitation(b64(made.seed), "", url, "", public, made.team.team)))
    output.say("The founder invites four more; with exactly five members, expect a sum in half to three quarters of the weeks. Six or more are better.")
    return None


def list_teams(options: argparse.Namespace) -> int | None:
    _check_extra()
    storage = _storage(options)
    try:
        with storage.reading() as rows:
            found = [(team, rows.roster_state(team.team)[0], len(rows.releases(team.team)), rows.last_settled(team.team)) for team in rows.teams()]
    finally:
        storage.close()
    if options.json:
        output.print_json([
            {"name": t.name, "team": t.team, "entries": entries, "releases": released, "last_week": last or None, "closed": t.retired}
            for t, entries, released, last in found
        ])  # fmt: skip
        return None
    titles = [("Team", False), ("Number", False), ("Roster entries", True), ("Weeks released", True), ("Last week", False), ("State", False)]
    columns = [output.Column(title, right, title == "Team") for title, right in titles]
    output.print_table(columns, [(t.name, t.team, str(n), str(sums), last or "none", "closed" if t.retired else "open") for t, n, sums, last in found])
    return None


def show_policy(options: argparse.Namespace) -> int | None:
    _check_extra()
    import msgspec

    from tokenpal.team import founding

    fields: dict[str, Any] = {"team_name": options.name, "contact": options.contact, "k": options.least, "retention_days": options.retention_days}
    if options.exports is not None:
        fields["exports"] = tuple(sorted({one for one in options.exports.split(",") if one not in {"", "none"}}))
    fields = {name: value for name, value in fields.items() if value is not None}
    storage = _storage(options)
    try:
        team = founding.find_team(storage, options.team)
        policy = msgspec.structs.replace(policies.parse(team.policy), **fields)
        changes = founding.change_policy(storage, team, policy, int(time.time())) if fields else ()
    finally:
        storage.close()
    for change in changes:
        output.say(f"{change.field}: {change.before} -> {change.after}")
    if changes:
        output.say("Members are asked again before anything more is sent. Reports of the open week were deleted.")
    output.print_json(policies.body(policy))
    return None


def retire_team(options: argparse.Namespace) -> int | None:
    _check_extra()
    from tokenpal.team import founding

    storage = _storage(options)
    try:
        team = founding.find_team(storage, options.team)
        founding.retire(storage, team)
    finally:
        storage.close()
    output.say(f"{team.name} is closed. Its sums can still be read; everything of single members is deleted.")
    return None


def export_figures(options: argparse.Namespace) -> int | None:
    _check_extra()
    from tokenpal.team import export, founding, otlp
    from tokenpal.team.figures import OPENMETRICS, OTLP

    storage = _storage(options)
    try:
        with storage.reading() as rows:
            teams = [team for team in rows.teams() if not team.retired]
        kind = OTLP if options.otlp else OPENMETRICS
        chosen = [founding.find_team(storage, options.team)] if options.team else [t for t in teams if kind in policies.parse(t.policy).exports]
        with storage.reading() as rows:
            figures = (otlp if options.otlp else export).all_weeks(rows, chosen)
    finally:
        storage.close()
    if options.openmetrics:
        print(export.openmetrics(figures).decode(), end="")
        return None
    if options.otlp:
        otlp.send(options.otlp, figures)
    else:
        import asyncio

        asyncio.run(export.push(options.victoria, figures))
    output.say(f"{len(figures)} figures were handed over.")
    return None


# ---------------------------------------------------------------------------------------------- where things lie


def _check_extra() -> None:
    lacking = [name for name in NEEDED if find_spec(name) is None]
    if lacking:
        raise UsageError("A team's endpoint needs packages that the app does not.", "Run: pip install 'tokenpal[team]'")


def _folder() -> Path:
    own = paths.paths()
    own.make()
    return own.data / "team"


def _storage(options: argparse.Namespace) -> Storage:
    from tokenpal.team.database import sqlite_url
    from tokenpal.team.storage import open_storage

    if options.database is not None:  # not repeated: it may hold a password
        raise UsageError("The database's address is not taken from the command line: everybody on this machine could read it.", f"Put it into {DATABASE} or a file for --database-file.")
    if options.database_file:
        address = _secret_in(options.database_file, "address")
    else:
        address = os.environ.get(DATABASE, "") or sqlite_url(_folder() / "team.db")
    return open_storage(address)


def _key(*, make: bool) -> Ed25519PrivateKey:
    from tokenpal.team.secret import endpoint_key

    return endpoint_key(Path(os.environ.get(KEY_FILE, "") or _folder() / "endpoint.key"), make=make)


def _secret_in(file: Path, what: str) -> str:
    """One line of a file. The file's name may be said, what it holds never."""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The {what} file {file} cannot be read ({type(error).__name__}).", "Check its name and who may read it.") from None
    if not text or len(text.split()) != 1:
        raise UsageError(f"The {what} file {file} does not hold one {what}.", "Write it on one line.")
    return text
