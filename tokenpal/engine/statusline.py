"""Puts ``tokenpal statusline`` into Claude Code's settings and takes it out again, when the person asks for it.

Only the value of "statusLine" is touched, in the text of the file: everything else keeps its bytes, so that taking it out
gives back exactly the file that was there. A line the person had goes on by ``--then``. A copy of the file as it was lies in
tokenpal's own folder (agent-logs 3.4; product 8: agents' folders are written only for this, only when asked).
"""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import sys
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.model.errors import UsageError
from tokenpal.store.database import Store

KEY: Final = "statusLine"
WORD: Final = "statusline"
LARGEST: Final = 4 << 20
SPACE: Final = re.compile(r"[ \t\n\r]*")


class Kept(msgspec.Struct):
    """What was there before, to be put back."""

    path: str
    existed: bool
    former: str | None  # the text of the former value; None = there was none
    written: str  # digest of the file as we left it
    before: bytes  # the whole file as it was


class Standing(msgspec.Struct, frozen=True):
    """How a settings file stands."""

    path: Path
    installed: bool
    command: str  # of the status line, ours or theirs; "" = none
    former: str  # the command that ours chains to; "" = none


def default_settings(env: dict[str, str] | os._Environ[str], home: Path) -> Path:
    """The person's own settings file of Claude Code."""
    said = env.get("CLAUDE_CONFIG_DIR", "").split(",")[0].strip()
    return (Path(said).expanduser() if said else home / ".claude") / "settings.json"


def show(path: Path) -> Standing:
    """How it stands. Raises UsageError for a file that cannot be understood."""
    text, _ = _text(path)
    command = _command(text, path)
    return Standing(path, _is_ours(command), command, _chained(command))


def install(path: Path, folder: Path, own: str) -> tuple[Standing, bool]:
    """Let the status line be ``own`` (a shell command). (how it stands, whether anything was written); twice is as once.

    ``folder`` is where the copy of the old file is kept. Raises UsageError; nothing is written then.
    """
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Start Claude Code once, or name its settings file with --settings PATH.")
    text, existed = _text(path)
    command = _command(text, path)
    if _is_ours(command):
        wanted = _with_then(own, _chained(command))
        if wanted == command:
            return show(path), False
        kept, found = _kept(folder, path), _digest(path)
        _write(path, _set(text, _changed_command(text, wanted)))
        if kept is not None and kept.written == found:  # else the person changed something since, which taking it out keeps
            _keep(folder, msgspec.structs.replace(kept, written=_digest(path)))
        return show(path), True
    span = _value(text)
    former = text[span[0] : span[1]] if span else None
    value = _changed_command(text, _with_then(own, command))
    before = text.encode("utf-8")  # not read again: another process may install at the same moment
    _keep(folder, Kept(str(_real(path)), existed, former, "", before))  # first: what cannot be put back is not changed
    _write(path, _set(text, value))
    _keep(folder, Kept(str(_real(path)), existed, former, _digest(path), before))
    return show(path), True


def remove(path: Path, folder: Path) -> tuple[Standing, bool]:
    """Put back what was there. When nothing else changed since, the file is byte for byte what it was. Raises UsageError."""
    text, existed = _text(path)
    command = _command(text, path)
    if not existed or not _is_ours(command):
        return show(path), False
    kept = _kept(folder, path)
    if kept is not None and kept.written == _digest(path):
        if kept.existed:
            _write_bytes(path, kept.before)
        else:
            _real(path).unlink(missing_ok=True)
    else:
        former = kept.former if kept is not None else None
        chained = _chained(command)
        if former is None and chained:
            former = _changed_command(text, chained)
        _write(path, _set(text, former) if former is not None else _without(text))
    _place(folder, path).unlink(missing_ok=True)
    return show(path), True


def change(store: Store, path: Path, do: str) -> Standing:
    """``install`` or ``remove`` for the window, whose profile is the store's. Raises UsageError."""
    folder = store.path.parent
    return install(path, folder, own_command(os.environ))[0] if do == "install" else remove(path, folder)[0]


def own_command(env: dict[str, str] | os._Environ[str]) -> str:
    """How this tokenpal is called from a shell; a profile of its own goes along."""
    program = Path(sys.executable)
    if getattr(sys, "frozen", False):
        console = program.with_name("tokenpal-cli.exe")  # on Windows the other one has no output
        words = [str(console if console.exists() else program)]
    else:
        script = program.with_name("tokenpal.exe" if sys.platform == "win32" else "tokenpal")
        words = [str(script)] if script.exists() else [sys.executable, "-m", "tokenpal"]
    home = env.get("TOKENPAL_HOME", "")
    if sys.platform == "win32":
        return " ".join(f'"{word}"' if " " in word else word for word in (word.replace("\\", "/") for word in words)) + f" {WORD}"
    start = f"TOKENPAL_HOME={shlex.quote(str(Path(home).expanduser().absolute()))} " if home else ""
    return start + shlex.join([*words, WORD])


# ---------------------------------------------------------------------------------------------- commands


def _with_then(own: str, theirs: str) -> str:
    return f"{own} --then {shlex.quote(theirs)}" if theirs else own


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []


def _is_ours(command: str) -> bool:
    """A call of tokenpal's status line, however it is spelt."""
    words = _words(command)
    return any(word == WORD and place and "tokenpal" in words[place - 1].replace("\\", "/").rsplit("/", 1)[-1] for place, word in enumerate(words))


def _chained(command: str) -> str:
    words = _words(command)
    if not _is_ours(command):
        return ""
    joined = next((word[7:] for word in words if word.startswith("--then=")), "")
    return words[words.index("--then") + 1] if "--then" in words[:-1] else joined


# ---------------------------------------------------------------------------------------------- the text of the file


def _text(path: Path) -> tuple[str, bool]:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # a pipe would wait for a writer, a device never end
            raise UsageError(f"{path} is no file; nothing was changed.")
        if about.st_size > LARGEST:
            raise UsageError(f"{path} is too large for a settings file; nothing was changed.")
        return path.read_bytes().decode("utf-8"), True
    except FileNotFoundError:
        return "", False
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8; nothing was changed.", "Mend the file, then try again.") from None
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}.", "Look at its permissions.") from problem


def _members(text: str) -> Iterator[tuple[str, int, int, int]]:
    """(name, start of the member, start and end of its value) of the outermost object. Raises ValueError."""
    decoder = json.JSONDecoder()
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        raise ValueError
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        start = at
        name, at = decoder.raw_decode(text, at)
        at = _skip(text, at)
        if not isinstance(name, str) or text[at : at + 1] != ":":
            raise ValueError
        value = _skip(text, at + 1)
        _, end = decoder.raw_decode(text, value)
        yield name, start, value, end
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "}":
            raise ValueError


def _skip(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def _value(text: str) -> tuple[int, int] | None:
    return next(((value, end) for name, _, value, end in _members(text) if name == KEY), None) if text.strip() else None


def _command(text: str, path: Path) -> str:
    """The command of the status line. Raises UsageError when the file is no JSON object."""
    if not text.strip():
        return ""
    try:
        whole = json.loads(text)
        span = _value(text)
    except (ValueError, RecursionError):
        raise UsageError(f"{path} is no JSON object, so nothing was changed.", "Mend the file, then try again.") from None
    if sum(name == KEY for name, *_ in _members(text)) > 1:
        raise UsageError(f"{path} names {KEY} more than once, so nothing was changed.", "Leave only one of them in it, then try again.")
    command: Any = fields.get("command") if span and isinstance(fields := whole.get(KEY), dict) else None
    return command if isinstance(command, str) else ""


def _changed_command(text: str, command: str) -> str:
    """The value with this command; whatever else it holds (padding, interval) stays."""
    span = _value(text)
    value: Any = json.loads(text[span[0] : span[1]]) if span else None
    new = {**value, "type": "command", "command": command} if isinstance(value, dict) else {"type": "command", "command": command}
    indent = _indent(text)
    if indent is None:
        return json.dumps(new, ensure_ascii=False)
    return json.dumps(new, ensure_ascii=False, indent=indent).replace("\n", f"{_newline(text)}{indent}")


def _set(text: str, value: str) -> str:
    """The text with another value, or with one more member at the end."""
    if not text.strip():
        return f'{{\n  "{KEY}": {value}\n}}\n'
    span = _value(text)
    if span:
        return text[: span[0]] + value + text[span[1] :]
    last = max((end for *_, end in _members(text)), default=None)
    indent = _indent(text)
    gap = f"{_newline(text)}{indent}" if indent is not None else " "
    if last is None:
        at = text.index("{") + 1
        closing = _newline(text) if indent is not None else ""
        return f'{text[:at]}{gap if indent is not None else ""}"{KEY}": {value}{closing}{text[_skip(text, at) :]}'
    return f'{text[:last]},{gap}"{KEY}": {value}{text[last:]}'


def _without(text: str) -> str:
    """The text without the member, and without the comma that it came with."""
    members = list(_members(text))
    place = next(n for n, (name, *_) in enumerate(members) if name == KEY)
    _, start, _, end = members[place]
    if place:
        return text[: members[place - 1][3]] + text[end:]
    if len(members) > 1:
        return text[:start] + text[members[1][1] :]
    return text[: text.index("{") + 1] + text[_skip(text, end) :]


def _indent(text: str) -> str | None:
    """What a line of the outermost object begins with; None when all is on one line."""
    if not text.strip():
        return "  "
    found = re.match(r"\s*\{[ \t]*\r?\n([ \t]+)", text)
    return found.group(1) if found else ("  " if re.match(r"\s*\{\s*\}", text) else None)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


# ---------------------------------------------------------------------------------------------- files


def _real(path: Path) -> Path:
    """Where the file itself lies: settings are often a link into a folder of dotfiles."""
    return Path(os.path.realpath(path))


def _write(path: Path, text: str) -> None:
    json.loads(text)  # what we made is JSON, or nothing is written
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell
        raise UsageError(f"The status line in {path} holds half a character, so nothing was changed.", "Mend the file, then try again.") from None
    _write_bytes(path, content)


def _write_bytes(path: Path, content: bytes) -> None:
    """All of it or nothing, with the rights the file had."""
    real = _real(path)
    temporary = real.with_name(f"{real.name}.{os.getpid()}.partial")
    try:
        mode = real.stat().st_mode & 0o777 if real.exists() else 0o600
        with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(real)
    except OSError as problem:
        temporary.unlink(missing_ok=True)
        raise UsageError(f"{path} could not be written: {problem.strerror}.", "Nothing was changed; look at the folder's permissions.") from problem


def _place(folder: Path, path: Path) -> Path:
    return folder / WORD / f"{blake2b(os.fsencode(_real(path)), digest_size=8).hexdigest()}.json"


def _keep(folder: Path, kept: Kept) -> None:
    place = _place(folder, Path(kept.path))
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(place, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(msgspec.json.encode(kept))
    except OSError as problem:
        raise UsageError(f"A copy of the settings could not be kept: {problem.strerror}.", "Nothing was changed.") from problem


def _kept(folder: Path, path: Path) -> Kept | None:
    try:
        return msgspec.json.decode(_place(folder, path).read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError):
        return None


def _digest(path: Path) -> str:
    return blake2b(path.read_bytes(), digest_size=16).hexdigest()
