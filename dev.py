#!/usr/bin/env python3
"""Make the environment, then run a task of pyproject.toml in it.

    python3 dev.py run [ARGS...]     start tokenpal (without a display: today's report in the terminal)
    python3 dev.py test [ARGS...]    all tests
    python3 dev.py check             lint, types, import contracts
    python3 dev.py bench | shots | translate | self-test | bundle | lock

Needs nothing but Python 3.11 or newer. On Debian and Ubuntu missing system packages are installed as root or with
password-less sudo; otherwise the one command to run is printed. Nothing is done twice: .venv-dev carries a stamp of
requirements.lock and pyproject.toml.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv-dev"
STAMP = VENV / ".stamp"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
TASKS = ("run", "test", "check", "bench", "shots", "translate", "self-test", "bundle", "lock")

# ---------------------------------------------------------------------------------------------- system packages (Linux)


class Need(NamedTuple):
    """A Debian package and what shows that it is there: a program, a library's file name, a Python module, or a file."""

    package: str
    kind: str
    probe: str


VENV_NEEDS = (Need("python3-venv", "module", "ensurepip"),)
# Enough to import PySide6.QtWidgets and to paint without a display.
OFFSCREEN = (
    Need("libegl1", "library", "libEGL.so.1"),
    Need("libgl1", "library", "libGL.so.1"),
    Need("libglib2.0-0", "library", "libglib-2.0.so.0"),
    Need("libfontconfig1", "library", "libfontconfig.so.1"),
    Need("libxkbcommon0", "library", "libxkbcommon.so.0"),
    Need("libdbus-1-3", "library", "libdbus-1.so.3"),
)
X11 = (
    Need("libxcb-cursor0", "library", "libxcb-cursor.so.0"),
    Need("libxcb-icccm4", "library", "libxcb-icccm.so.4"),
    Need("libxcb-keysyms1", "library", "libxcb-keysyms.so.1"),
    Need("libxcb-shape0", "library", "libxcb-shape.so.0"),
    Need("libxkbcommon-x11-0", "library", "libxkbcommon-x11.so.0"),
)
WAYLAND = (
    Need("libwayland-cursor0", "library", "libwayland-cursor.so.0"),
    Need("libwayland-egl1", "library", "libwayland-egl.so.1"),
)
DISPLAY_TOOLS = (  # a display, a bus and a tray of our own
    Need("xvfb", "program", "Xvfb"),
    Need("dbus-daemon", "program", "dbus-daemon"),
    Need("trayer", "program", "trayer"),
)
TEST_TOOLS = (
    Need("xdotool", "program", "xdotool"),
    Need("weston", "program", "weston"),  # Wayland without a screen
    Need("openbox", "program", "openbox"),  # gives dialogs the keyboard, as every desktop does
    Need("dunst", "program", "dunst"),  # a notification daemon people use
    Need("at-spi2-core", "file", "/usr/libexec/at-spi-bus-launcher"),  # what a screen reader hears
    Need("libxss1", "library", "libXss.so.1"),  # how long nobody has touched the display
    Need("gnome-keyring", "program", "gnome-keyring-daemon"),
    Need("at-spi2-core", "program", "/usr/libexec/at-spi-bus-launcher"),  # what screen readers hear
    Need("gir1.2-atspi-2.0", "library", "girepository-1.0/Atspi-2.0.typelib"),
    Need("python3-gi", "library", "python3/dist-packages/gi/__init__.py"),
    Need("git", "program", "git"),  # makes the repositories that projects are told apart by
    Need("victoria-metrics", "program", "victoria-metrics"),  # takes what a team endpoint exports
    Need("iproute2", "program", "ip"),  # a network namespace without a network, to show silence
)
# PyInstaller copies Python's own library into the bundle; Debian's python3 runs without it.
LIBPYTHON = Need("libpython{}.{}".format(*sys.version_info), "library", "libpython{}.{}.so.1.0".format(*sys.version_info))
BUNDLE_TOOLS = (LIBPYTHON, Need("binutils", "program", "objdump"))

NEW_NAMES = {"libglib2.0-0": "libglib2.0-0t64"}  # since Debian 13 and Ubuntu 24.04


def needs(task: str, env: Mapping[str, str], arguments: Sequence[str] = ()) -> tuple[Need, ...]:
    """What TASK wants from the system, the environment's own needs first. A command in a terminal wants no window."""
    if task == "run":
        display, wayland = env.get("DISPLAY"), env.get("WAYLAND_DISPLAY")
        if arguments and (not arguments[0].startswith("-") or arguments[0] in {"-h", "--help", "--version"}):
            display = wayland = None
        window = OFFSCREEN if display or wayland or "self-test" in arguments else ()
        return (*VENV_NEEDS, *window, *(X11 if display else ()), *(WAYLAND if wayland else ()))
    if task == "test":
        return (*VENV_NEEDS, *OFFSCREEN, *X11, *WAYLAND, *DISPLAY_TOOLS, *TEST_TOOLS)
    if task == "bench":
        return (*VENV_NEEDS, *OFFSCREEN, *X11, *DISPLAY_TOOLS, Need("ripgrep", "program", "rg"))  # a yardstick for reading logs
    if task == "bundle":
        return (*VENV_NEEDS, *OFFSCREEN, *X11, *WAYLAND, *DISPLAY_TOOLS, *BUNDLE_TOOLS)
    if task in {"shots", "self-test"}:
        return (*VENV_NEEDS, *OFFSCREEN)
    return VENV_NEEDS


def missing(wanted: Iterable[Need], present: Callable[[Need], bool]) -> list[str]:
    """The packages whose proof is not there, in order, each once."""
    return list(dict.fromkeys(n.package for n in wanted if not present(n)))


def library_folders() -> list[Path]:
    """Where the loader finds a library on Debian and its relatives, and on the others."""
    arch = sysconfig.get_config_var("MULTIARCH") or f"{os.uname().machine}-linux-gnu"
    own = sysconfig.get_config_var("LIBDIR") or "/usr/lib"
    return [Path("/usr/lib", arch), Path("/lib", arch), Path("/usr/lib64"), Path("/usr/lib"), Path("/usr/local/lib"), Path(own)]


def present(need: Need) -> bool:
    """Look for a need's proof on this machine. Files only: quicker than asking dpkg, and true on every distribution."""
    if need.kind == "module":
        import importlib.util

        return importlib.util.find_spec(need.probe) is not None
    if need.kind == "file":
        return Path(need.probe).exists()
    if need.kind == "program":
        return shutil.which(need.probe) is not None or Path("/usr/sbin", need.probe).exists()
    return any((folder / need.probe).exists() for folder in library_folders())


def parse_os_release(text: str) -> dict[str, str]:
    """The KEY=value lines of /etc/os-release, unquoted."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}


def package_names(packages: Iterable[str], release: Mapping[str, str]) -> list[str]:
    """The names PACKAGES have on this release of Debian or Ubuntu."""
    try:
        version = float(release.get("VERSION_ID", ""))
    except ValueError:
        version = 99.0  # testing and unstable name no version
    new = version >= 24.04 if release.get("ID") == "ubuntu" else version >= 13
    return [NEW_NAMES.get(p, p) if new else p for p in packages]


def is_debian(release: Mapping[str, str]) -> bool:
    """Tell whether apt-get is the way here: Debian, Ubuntu, and what says that it is like them."""
    return bool({"debian", "ubuntu"} & {release.get("ID", ""), *release.get("ID_LIKE", "").split()})


def install_command(packages: Iterable[str]) -> str:
    """The one command a person can type to install PACKAGES."""
    return f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {' '.join(packages)}"


def apt_prefix(*, root: bool, sudo: bool) -> list[str] | None:
    """How to become root without being asked: nothing, sudo, or None for not at all."""
    if root:
        return []
    return ["sudo", "-n"] if sudo else None


def release_info() -> dict[str, str]:
    """What this Linux calls itself; empty where the file is absent."""
    try:
        return parse_os_release(Path("/etc/os-release").read_text(encoding="utf-8"))
    except OSError:
        return {}


def passwordless_sudo() -> bool:
    """Tell whether sudo would work now, without asking and without a word."""
    if not shutil.which("sudo"):
        return False
    return subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0


def system_packages(task: str, env: Mapping[str, str], arguments: Sequence[str] = ()) -> None:
    """Install what TASK lacks, or say how and stop."""
    if not sys.platform.startswith("linux"):
        return
    wanted = needs(task, env, arguments)
    lacking = missing(wanted, present)
    if not lacking:
        return
    release = release_info()
    names = package_names(lacking, release)
    if not is_debian(release):
        proofs = sorted({n.probe for n in wanted if n.package in lacking})
        stop(f"This system lacks {', '.join(proofs)}. On Debian the packages are: {' '.join(names)}. Install their equivalents and try again.")
    prefix = apt_prefix(root=os.geteuid() == 0, sudo=passwordless_sudo())
    if prefix is None:
        stop(f"Missing system packages. Please run this once, then try again:\n\n  {install_command(names)}\n")
    with only_one():
        if missing(wanted, present):  # a run beside this one may have done it
            apt_install(prefix, names)


def apt_install(prefix: list[str], names: list[str]) -> None:
    """Install the Debian packages NAMES, or stop. What apt-get says of success is not shown, its errors are."""
    say(f"Installing system packages: {' '.join(names)}")
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    steps = (["update"], ["install", "-y", "--no-install-recommends", *names])
    ended = [subprocess.run([*apt, *s], check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode for s in steps]
    if ended[-1]:
        stop(f"The packages could not be installed (apt-get ended with {ended[-1]}). Please run:\n\n  {install_command(names)}\n")


# ---------------------------------------------------------------------------------------------- the environment


def wanted_stamp() -> str:
    """A fingerprint of all that decides what is in the environment."""
    parts = [(ROOT / name).read_bytes() for name in ("requirements.lock", "pyproject.toml")]
    return hashlib.sha256(b"\0".join([*parts, sys.version.encode(), sys.base_prefix.encode(), str(ROOT).encode()])).hexdigest()


def is_ready(stamp: str) -> bool:
    """Tell whether the environment is the one STAMP describes."""
    try:
        return STAMP.read_text(encoding="ascii") == stamp and PYTHON.exists()
    except OSError:
        return False


def install_commands(uv: str | None, python: str) -> list[list[str]]:
    """The commands that make the environment, in order: with uv where it is, else with venv and pip."""
    lock = ["--require-hashes", "-r", str(ROOT / "requirements.lock")]
    itself = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]  # the build backend is in the lock
    if uv:
        pip = [uv, "pip", "install", "-q", "--python", str(PYTHON)]
        return [[uv, "venv", "-q", "--allow-existing", "--python", python, str(VENV)], [*pip, *lock], [*pip, *itself]]
    pip = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-warn-script-location"]
    return [[python, "-m", "venv", str(VENV)], [*pip, *lock], [*pip, *itself]]


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold a lock: of two runs at once the second waits, and then finds the work done."""
    with (ROOT / ".venv-dev.lock").open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file lets go


def ensure_environment(task: str) -> None:
    """Make .venv-dev if it is not there or not right."""
    stamp = wanted_stamp()
    if is_ready(stamp):
        return
    with only_one():
        if is_ready(stamp):
            return
        say("Making the environment in .venv-dev (once; a minute or two)")
        STAMP.unlink(missing_ok=True)
        if VENV.exists() and not PYTHON.exists():
            shutil.rmtree(VENV)  # half made, or its Python is gone
        for command in install_commands(shutil.which("uv"), sys.executable):
            if subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode:
                stop(f"This step failed, its reason is above: {' '.join(command)}\nFor `{task}` again: python3 dev.py {task}")
        STAMP.write_text(stamp, encoding="ascii")


# ---------------------------------------------------------------------------------------------- run


def say(text: str) -> None:
    """Tell the person, away from the program's own output."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def stop(text: str) -> NoReturn:
    """End with a sentence."""
    say(text)
    raise SystemExit(1)


def task_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The environment a task sees: the virtual one first on PATH, no foreign Python settings."""
    own = {k: v for k, v in env.items() if k not in {"PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"}}
    return {**own, "VIRTUAL_ENV": str(VENV), "PATH": os.pathsep.join([str(PYTHON.parent), env.get("PATH", "")])}


def main(arguments: list[str]) -> int:
    """Run one task; its exit code is ours."""
    task, rest = (arguments[0], arguments[1:]) if arguments else ("run", [])
    if task in {"-h", "--help", "help"}:
        print(__doc__)
        return 0
    if task not in TASKS:
        say(f"unknown task {task!r}; there are: {', '.join(TASKS)}")
        return 2
    if sys.version_info < (3, 11):  # noqa: UP036  # dev.py is started by whatever python3 is
        say(f"tokenpal needs Python 3.11 or newer, this is {sys.version.split()[0]}. Start dev.py with a newer one.")
        return 2
    system_packages(task, os.environ, rest)
    ensure_environment(task)
    command = [str(PYTHON), "-m", "poethepoet", "-C", str(ROOT), task, *rest]
    if os.name == "posix":  # become the task: signals and exit codes need no passing on
        sys.stdout.flush()
        os.execve(PYTHON, command, task_environment(os.environ))  # noqa: S606  # no shell is the point
    return subprocess.run(command, check=False, env=task_environment(os.environ)).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
