"""``tokenpal statusline``: one line for Claude Code's status line, and the official limits it is handed are kept (agent-logs 3.4).

It runs after every answer of the agent, so it imports almost nothing, waits for nobody, prints something in any case and
ends with 0. Its figures are written as ``insight.numbers`` and ``insight.moments`` write them; a test compares them.
"""

# ruff: noqa: PTH111, PTH115 - importing pathlib would cost more than all the rest
from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False  # that of typing is too slow to import
if TYPE_CHECKING:
    from tokenpal.store.quick import Quick

MOST_INPUT = 1 << 20
INPUT_SECONDS = 1.0
THEN_SECONDS = 2.0
MOST_OUTPUT = 1 << 16
SPOOL = "statusline.jsonl"
MOST_SPOOL = 1 << 16
COMMANDS = frozenset({"install", "remove", "show", "-h", "--help"})
Reading = tuple[str, int, float, "int | None"]


def main(arguments: list[str]) -> int:
    """Print the line. Never fails: the agent shows whatever comes, and nothing of ours is worth its trouble."""
    line, theirs = "tokenpal", b""
    with suppressed():
        then, instead = _options(arguments)
        handed = _stdin()
        own = Own(then, handed) if then else None
        with suppressed():
            line = told(handed, int(time.time()), dict(os.environ))
        if own is not None:
            theirs = own.output()
            if instead and theirs.strip():
                line = ""
    with suppressed():
        _print(line, theirs)
    return 0


class suppressed:  # noqa: N801 - contextlib costs 5 ms
    """Whatever goes wrong inside is let go, a closed pipe and Ctrl+C too."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> bool:
        return True


def _options(arguments: list[str]) -> tuple[str, bool]:
    """``--then COMMAND`` and ``--instead``; what is unknown is left alone."""
    then = ""
    for place, word in enumerate(arguments):
        if word == "--then" and place + 1 < len(arguments):
            then = arguments[place + 1]
        elif word.startswith("--then="):
            then = word[7:]
    return then, "--instead" in arguments


def told(handed: bytes, now: int, env: dict[str, str]) -> str:
    """The line for what was handed; keeps its limits on the way."""
    from tokenpal.store.quick import WINDOWS, Quick
    from tokenpal.system.where import folders

    data = folders(env)[1]
    quick = Quick(os.path.join(data, "tokenpal.db"))
    found = quick.read(handed.decode("utf-8", "replace")) if 0 < len(handed) < MOST_INPUT else {}
    readings: list[Reading] = []
    for short_name, name, minutes in WINDOWS:
        used, resets = _number(found.get(f"{short_name}_used")), _number(found.get(f"{short_name}_resets"))
        if used is not None and 0 <= used < 1e6:
            readings.append((name, minutes, float(used), int(resets) if resets is not None and 0 < resets < 4e9 else None))
    root = root_of(str(found.get("transcript") or ""), env)
    account = quick.account(root)
    if readings and (account is None or not account[1]) and (account is None or not quick.keep(account[0], readings, now)):
        _spool(data, quick.note(root, now, readings))
    shown = {name: (used, resets) for name, _, used, resets in readings}
    if not shown and account is not None:
        shown = quick.known(account[0], now)
    return " · ".join(_parts(found, shown, _today(quick, now, env), now)) or "tokenpal"


def root_of(transcript: str, env: dict[str, str]) -> str:
    """The folder of Claude Code that a transcript lies in; else the one that the environment or the home folder names."""
    parts = transcript.replace("\\", "/").split("/")
    if "projects" in parts[1:-1]:
        at = len(parts) - 1 - parts[::-1].index("projects")
        return os.path.normpath("/".join(parts[:at]) or "/")
    said = env.get("CLAUDE_CONFIG_DIR", "").split(",")[0].strip()
    home = env.get("HOME") or os.path.expanduser("~")
    return os.path.normpath(os.path.join(home, said) if said else os.path.join(home, ".claude"))


def _parts(found: dict[str, object], shown: dict[str, tuple[float, int | None]], today: int | None, now: int) -> list[str]:
    parts = []
    model = "".join(c for c in str(found.get("model") or found.get("model_id") or "")[:60] if c.isprintable()).strip()
    if model:
        parts.append(model)
    tokens = [count for name in ("input", "output") if (count := _number(found.get(name))) is not None and 0 <= count < 1e15]
    if tokens:
        parts.append(f"{short(int(sum(tokens)))} tokens")
    cost = _number(found.get("cost"))
    if cost is not None and 0 < cost < 1e9:
        parts.append(f"{'< $0.01' if cost < 0.01 else f'${cost:,.2f}'} at list price")
    for name, word in (("5 hours", "5 h"), ("week", "week")):
        if name in shown:
            used, resets = shown[name]
            parts.append(f"{word} {percent(used)}{f', resets {until(resets, now)}' if resets is not None and resets > now else ''}")
    if today:
        parts.append(f"today {short(today)}")
    return parts


def _today(quick: Quick, now: int, env: dict[str, str]) -> int | None:
    """Today's tokens; the day is the data file's, which may be another than this machine's."""
    zone = quick.zone()
    if not zone:
        return None
    here = env.get("TZ") or _link("/etc/localtime")
    if here == zone or here.endswith(f"/{zone}"):
        moment = time.localtime(now)
        day = (now + moment.tm_gmtoff) // 86_400
    else:
        from datetime import datetime
        from zoneinfo import ZoneInfo

        day = datetime.fromtimestamp(now, ZoneInfo(zone)).toordinal() - 719_163
    return quick.tokens(day)


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except (OSError, ValueError):
        return ""


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124  # "nan" is a float too
        return None
    return float(value) if abs(value) < 1e18 else None


def short(n: int) -> str:
    """``842``, ``9.84 k``, ``1.24 M``: three figures."""
    if n < 1000:
        return str(n)
    step = 1000
    for unit in "kMBTP":
        places = 2 if n * 1000 < 9995 * step else 1 if n * 100 < 9995 * step else 0
        if n * 10 < 9995 * step or unit == "P":
            rounded = str((2 * n * 10**places + step) // (2 * step))
            return f"{rounded[:-places]}.{rounded[-places:]} {unit}" if places else f"{rounded} {unit}"
        step *= 1000
    return str(n)


def percent(used: float) -> str:
    """``23 %``, ``< 1 %``, ``> 99 %``."""
    if used / 100 <= 0:
        return "0 %"
    if used < 1:
        return "< 1 %"
    return "> 99 %" if 99.5 <= used < 100 else f"{int(used + 0.5):,} %"


def until(at: int, now: int) -> str:
    """``in 1 h 48 min``, beyond a day ``Mon 09:00``."""
    left = at - now
    if left >= 86_400:
        moment = time.localtime(at)
        day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.tm_wday]
        month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[moment.tm_mon - 1]
        return f"{day if left < 6 * 86_400 else f'{moment.tm_mday} {month}'} {moment.tm_hour:02}:{moment.tm_min:02}"
    minutes = left // 60
    if left < 60:
        return f"in {left} s"
    return f"in {minutes} min" if minutes < 60 else f"in {minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")


# ---------------------------------------------------------------------------------------------- input, output, the person's own line


def _stdin() -> bytes:
    """What the agent hands over, at most a megabyte and a second."""
    if sys.stdin is None or sys.stdin.isatty():
        return b""
    if sys.platform == "win32":
        return _stdin_in_thread()
    from select import select

    found, end = b"", time.monotonic() + INPUT_SECONDS
    while len(found) <= MOST_INPUT:
        ready, _, _ = select([0], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            break
        part = os.read(0, 1 << 16)
        if not part:
            break
        found += part
    return found


def _stdin_in_thread() -> bytes:
    """Windows cannot wait for a pipe with a limit of time."""
    import threading

    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(sys.stdin.buffer.read(MOST_INPUT + 1)), daemon=True)
    reader.start()
    reader.join(INPUT_SECONDS)
    return found[0] if found else b""


class Own:
    """The person's own line, run as the agent's shell would run it; it works while ours is made."""

    def __init__(self, command: str, handed: bytes) -> None:
        import subprocess
        import threading

        # A status line is a line for a shell, and was the person's own before it was ours to chain to.
        self._child = subprocess.Popen(  # noqa: S602 - as said
            command, shell=True, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=sys.platform != "win32",
        )  # fmt: skip
        self._said: list[bytes] = []
        self._talk = threading.Thread(target=self._exchange, args=(handed,), daemon=True)
        self._talk.start()

    def _exchange(self, handed: bytes) -> None:
        child = self._child
        if child.stdin is not None and child.stdout is not None:
            with suppressed():  # it may not want it
                while handed:
                    handed = handed[child.stdin.write(handed) :]
            child.stdin.close()
            said = b""
            while len(said) < MOST_OUTPUT and (part := child.stdout.read(MOST_OUTPUT)):
                said += part
            self._said.append(said[:MOST_OUTPUT])

    def output(self) -> bytes:
        """What it printed, if it was quick enough; a slow one is ended with all it started."""
        self._talk.join(THEN_SECONDS)
        said = self._said[0] if self._said else b""
        with suppressed():
            if self._child.poll() is None:
                if sys.platform == "win32":
                    self._child.kill()
                else:
                    os.killpg(self._child.pid, 9)
        with suppressed():
            self._child.wait(0.5)
            self._talk.join(0.5)
            if self._child.stdout is not None:
                self._child.stdout.close()
        return said


def _spool(data: str, lines: str) -> None:
    """The next scan picks it up; a folder that is not there yet is not made, and the file never grows large."""
    path = os.path.join(data, SPOOL)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        if os.path.exists(path) and os.path.getsize(path) > MOST_SPOOL:
            flags = os.O_WRONLY | os.O_TRUNC  # only the newest word counts
        file = os.open(path, flags, 0o600)
        try:
            os.write(file, lines.encode("utf-8", "replace"))
        finally:
            os.close(file)
    except OSError:
        pass


def _print(line: str, theirs: bytes) -> None:
    text = line.encode("utf-8", "replace") + (b"\n" if line else b"") + theirs
    while text:
        text = text[os.write(1, text) :]
