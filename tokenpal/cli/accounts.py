"""``tokenpal accounts``: add, set, list, test and remove. Keys come from a prompt or standard input and go to the credential store."""

from __future__ import annotations

import argparse
import getpass
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tokenpal.cli import output, providers as catalogue, roots
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, poll_minutes, utc_time
from tokenpal.cli.report import correction_json
from tokenpal.engine import commands as edits, enrol, options as answers, providers, queries
from tokenpal.insight.corrections import corrections_words
from tokenpal.insight.moments import age
from tokenpal.model.errors import AccountError, UsageError
from tokenpal.model.report import AccountRow, Correction
from tokenpal.system.secrets import FOR_SESSION, Failure, Secret, Secrets, entry_name

if TYPE_CHECKING:
    from tokenpal.sources.base import SourceInfo
    from tokenpal.store.database import Store

EPILOG: Final = f"""A key is read from a prompt, or from standard input when that is no terminal: never from the command line.
It is kept in the credential store of this system and nowhere else.

{output.EXIT_CODES}"""

NEW_KEY: Final = frozenset({"key missing", "key refused", "not allowed"})


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(name, help=help_line, description="Provider accounts, and the agents whose logs are read.", epilog=EPILOG)
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    new = parts.add_parser("add", help="Add a provider account.", add_help=False)
    new.add_argument("-h", "--help", action=_Help)
    new.add_argument("provider", metavar="PROVIDER")
    new.add_argument("--name", metavar="N", help="what to call it (default: the provider's name)")
    new.add_argument("--base-url", metavar="URL", default="", help="another address than the provider's own")
    new.add_argument("--option", metavar="NAME=VALUE", action="append", default=[], help="what this provider needs besides, such as a team id, or \"only mine\"")
    new.add_argument("--i-agree", action="store_true", help="you read what is unofficial about this provider, and agree")
    new.add_argument("--no-test", action="store_true", help="do not ask the provider whether the key works")
    new.set_defaults(run=add_account)
    change = parts.add_parser("set", help="Change the key, the name or the options of an account.", epilog=EPILOG)
    change.add_argument("account", metavar="ACCOUNT", help="name or number")
    change.add_argument("--key", action="store_true", help="a new key, from a prompt or standard input")
    change.add_argument("--name", metavar="N", help="what to call it")
    change.add_argument("--option", metavar="NAME=VALUE", action="append", default=[], help="change an option; NAME= takes it away")
    change.add_argument("--no-test", action="store_true", help="do not ask the provider whether it works")
    change.set_defaults(run=set_account)
    catalogue.add(parts, EPILOG)
    roots.add(parts, EPILOG)
    listing = parts.add_parser("list", help="All accounts and agents with their state.", epilog=EPILOG)
    listing.add_argument("--json", action="store_true", help="a JSON array")
    listing.set_defaults(run=list_accounts)
    test = parts.add_parser("test", help="Ask the provider whether the key works.", epilog=EPILOG)
    test.add_argument("account", metavar="ACCOUNT", help="name or number")
    test.set_defaults(run=test_account)
    gone = parts.add_parser("remove", help="Remove an account and its key.", epilog=EPILOG)
    gone.add_argument("account", metavar="ACCOUNT", help="name or number")
    history = gone.add_mutually_exclusive_group()
    history.add_argument("--keep-history", action="store_true", help="keep its usage (the default)")
    history.add_argument("--forget", action="store_true", help="delete its usage too; what you wrote of its sessions stays")
    gone.set_defaults(run=remove_account)


class _Help(argparse.Action):
    """``add --help`` says all there is to know of every provider; put together only when somebody asks for it."""

    def __init__(self, option_strings: Sequence[str], dest: str, **_: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help="show this help message and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        width = output.terminal_width() or catalogue.WIDTH
        parser.epilog = "\n".join([*catalogue.everything(width), "", EPILOG])
        parser.print_help()
        parser.exit()


# ---------------------------------------------------------------------------------------------- add and test


def add_account(options: argparse.Namespace) -> int | None:
    profile, vault = Profile(), Secrets()
    info, address = edits.provider_address(options.provider, options.base_url)
    answers.consent(info, options.i_agree)
    given = answers.checked(info, pairs(options.option))
    name = (options.name or info.name).strip()
    secret = _key(info, name)
    try:
        said = "" if options.no_test else enrol.test(info.id, address, secret, given)
    except AccountError as problem:
        later = "Try again later, or add it untested with --no-test." if problem.state in enrol.NO_ANSWER else problem.next_step
        raise AccountError(f"{problem.sentence} Nothing was added.", later, state=problem.state) from None
    with profile.store() as store:
        account = edits.add_account(store, info.id, name, address, given, options.i_agree)
        if secret is not None:
            entry = entry_name(profile.paths.profile, info.id, account)
            answer = vault.put(entry, secret.reveal())
            if isinstance(answer, Failure):
                edits.remove_account(store, account)
                raise AccountError(answer.sentence, answer.next_step)
            edits.note_key(store, account, entry)
    print(f"Added {name}." + (f" {said}" if said else ""))
    output.say(f"  Read it now with: tokenpal poll --account {name!r}")
    return None


def _key(info: SourceInfo, name: str) -> Secret | None:
    """The key; where none is needed, nobody at a terminal is asked for one, and standard input may be empty."""
    if info.needs_key:
        return Secret(read_key(name, info.key))
    key = "" if sys.stdin.isatty() else sys.stdin.readline().strip()
    return Secret(key) if key else None


def pairs(said: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE of the command line. Raises UsageError."""
    found = {}
    for one in said:
        name, equals, value = one.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{one!r} is no option.", "Write it like --option team_id=1234.")
        found[name.strip()] = value.strip()
    return found


def set_account(options: argparse.Namespace) -> int | None:
    """Key, name and options. What the options change is read again at the next poll, as far back as the provider still tells."""
    said = pairs(options.option)
    if options.name is None and not said and not options.key:
        raise UsageError("There is nothing to change.", "Give --key, --name or --option NAME=VALUE.")
    profile = Profile()
    with profile.store() as store:
        row = queries.find_account(store, options.account)
        if row.kind != "api" and (said or options.key):
            raise UsageError(f"{row.name} is read on this machine: it has no key and no options.", "Give --name.")
        if said or options.key:
            info, _ = edits.provider_address(row.source, row.root)
            wanted = answers.checked(info, {**answers.given(store, row.id), **said})
            secret = Secret(read_key(row.name, info.key)) if options.key else None
            if not options.no_test:
                print(enrol.test(row.source, row.root, secret or _kept_key(row), wanted))
            if secret is not None:
                _keep(store, profile, row, secret)
            if said and edits.set_account_options(store, row.id, said):
                output.say("  The next poll reads anew what the provider still tells; days before that stay as they were.")
        if options.name is not None:
            edits.rename_account(store, row.id, options.name)
    return None


def _keep(store: Store, profile: Profile, row: AccountRow, secret: Secret) -> None:
    """A new key instead of the old one, also of one that was kept for a session only."""
    entry = (row.secret or entry_name(profile.paths.profile, row.source, row.id)).removesuffix(FOR_SESSION)
    answer = Secrets().put(entry, secret.reveal())
    if isinstance(answer, Failure):
        raise AccountError(answer.sentence, answer.next_step)
    edits.note_key(store, row.id, entry)
    output.say(f"  The new key is kept. Read it now with: tokenpal poll --account {row.name!r}")


def read_key(name: str, which: str) -> str:
    """The key, from a hidden prompt or from standard input. Raises UsageError when there is none."""
    if sys.stdin.isatty():
        if which:
            output.say(which)
        key = getpass.getpass(f"Key for {name} (not shown): ")
    else:
        key = sys.stdin.readline()
    if not key.strip():
        raise UsageError("There was no key on standard input.", "Run it in a terminal to be asked, or give the key on standard input.")
    return key.strip()


def _kept_key(row: AccountRow) -> Secret | None:
    info = providers.info(row.source)
    if not row.secret and info is not None and not info.needs_key:
        return None
    answer = Secrets().get(row.secret)
    if isinstance(answer, Failure):
        raise AccountError(answer.sentence, answer.next_step)
    return answer


def test_account(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        row = queries.find_account(store, options.account)
        given = answers.given(store, row.id)
    if row.kind != "api":
        raise UsageError(f"{row.name} is an agent on this machine: there is no key to test.", "Read its logs with: tokenpal scan")
    print(enrol.test(row.source, row.root, _kept_key(row), given))
    return None


# ---------------------------------------------------------------------------------------------- list and remove


def list_accounts(options: argparse.Namespace) -> int | None:
    profile = Profile()
    with profile.store() as store:
        rows = queries.accounts(store, poll_minutes=poll_minutes(profile))
        given = {row.id: answers.given(store, row.id) for row in rows}
        corrected = {row.id: queries.corrections(store, row.id) for row in rows if row.kind == "api"}
    if options.json:
        output.print_json([as_json(row, given[row.id], corrected.get(row.id, ())) for row in rows])
        return None
    if not rows:
        print("No account and no agent yet. Read the agents' logs with: tokenpal scan; add an account with: tokenpal accounts add PROVIDER")
        return None
    now = int(time.time())
    columns = [
        Column("Number", right=True, drop=3),
        Column("Name", flexible=True),
        Column("Source", drop=4),
        Column("Where", flexible=True, drop=2),
        Column("Counts", drop=5),
        Column("State"),
        Column("Last read", drop=1),
        Column("Left out", right=True, drop=6),
    ]
    cells = [
        (
            str(row.id),
            row.name,
            row.source,
            row.root,
            row.counts,
            row.state,
            age(max(0, now - row.last_success)) if row.last_success else "–",
            output.exact(row.problems),
        )
        for row in rows
    ]
    output.print_table(columns, cells)
    for row in rows:
        if row.sentence and row.state != "ok":
            output.say(f"{row.name}: {row.sentence}", *([f"  {row.next_step}"] if row.next_step else []))
            if row.state in NEW_KEY and row.kind == "api":
                output.say(f"  Enter a key with: tokenpal accounts set {row.name!r} --key")
        if corrected.get(row.id):
            output.say(f"{row.name}: {corrections_words(corrected[row.id])}")
    return None


def as_json(row: AccountRow, given: Mapping[str, str], corrected: Sequence[Correction] = ()) -> dict[str, Any]:
    """One account; never its key."""
    return {
        "id": row.id,
        "name": row.name,
        "source": row.source,
        "provider": row.provider,
        "kind": row.kind,
        "root": row.root,
        "options": dict(given),
        "counts": row.counts,
        "mirror_of": row.mirror_of,
        "state": row.state,
        "sentence": row.sentence or None,
        "next_step": row.next_step or None,
        "last_success": utc_time(row.last_success) if row.last_success else None,
        "next_try": utc_time(row.next_try) if row.next_try else None,
        "problems": row.problems,
        "corrections": [correction_json(one, {row.id: row.name}) for one in corrected],
    }


def remove_account(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        row = queries.find_account(store, options.account)
        forget = options.forget or (not options.keep_history and _wants_to_forget(row))
        if row.secret:
            answer = Secrets().delete(row.secret)
            if isinstance(answer, Failure):
                raise AccountError(f"The key could not be deleted, so nothing was removed. {answer.sentence}", answer.next_step)
        edits.remove_account(store, row.id, keep_history=not forget)
    print(f"Removed {row.name}; its usage is {'deleted' if forget else 'kept'}.")
    return None


def _wants_to_forget(row: AccountRow) -> bool:
    if not sys.stdin.isatty():
        return False
    return input(f"Delete the usage of {row.name} too? It is kept otherwise. [y/N] ").strip().lower() in {"y", "yes"}
