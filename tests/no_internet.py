"""Runs a module in a process that the kernel kills the moment it asks for an internet socket, whichever library does.

    python -m tests.no_internet tokenpal scan

A seccomp filter, inherited by every child: Python's audit hooks would not see what Qt or another C library opens.
Needs Linux on x86-64 or ARM64, no tool and no right. Sockets of this machine (AF_UNIX) and netlink stay free.
"""

from __future__ import annotations

import ctypes
import platform
import runpy
import struct
import sys
from typing import Final

ARCHITECTURES: Final = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}  # AUDIT_ARCH, number of socket(2)
AVAILABLE: Final = sys.platform == "linux" and platform.machine() in ARCHITECTURES
AF_INET, AF_INET6 = 2, 10
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET|BPF_K
ALLOW, KILL = 0x7FFF0000, 0x80000000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER_MODE = 38, 22, 2


def forbid() -> None:
    """From now on asking for an internet socket is the end (SIGSYS) of this process and its children."""
    machine, socket = ARCHITECTURES[platform.machine()]
    steps = (
        (LOAD, 0, 0, 4), (EQUAL, 0, 5, machine),
        (LOAD, 0, 0, 0), (EQUAL, 0, 3, socket),
        (LOAD, 0, 0, 16), (EQUAL, 2, 0, AF_INET), (EQUAL, 1, 0, AF_INET6),
        (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, KILL),
    )  # fmt: skip
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, FILTER_MODE, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "no seccomp filter")


if __name__ == "__main__":
    forbid()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
