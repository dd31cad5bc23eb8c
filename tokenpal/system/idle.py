"""Seconds since the last key or mouse movement, where the system tells; None where it does not. No Qt.

Linux: the desktop's own service over D-Bus (GNOME's idle monitor, the screen saver's session idle time), which is all there is
under Wayland, else the X server's screen saver extension. Windows and macOS have one call. Asked at most once a minute, and
never on the GUI thread: a service may be slow.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any, Final

from tokenpal.translation import tr

TIMEOUT_S: Final = 1.0
ANY_INPUT: Final = 0xFFFFFFFF  # kCGAnyInputEventType
COMBINED: Final = 0  # kCGEventSourceStateCombinedSessionState


_told = True


def why_not() -> str:
    """A sentence once the system has not told; "" before it was asked, and where it tells."""
    return "" if _told else tr("This desktop does not tell how long nobody was there, so only sleep of the machine counts as a break.")


def seconds() -> float | None:
    """How long nobody has touched keyboard or mouse."""
    global _told
    found = _ask()
    _told = found is not None
    return found


def _ask() -> float | None:
    try:
        if sys.platform == "win32":
            return _windows()
        if sys.platform == "darwin":
            return _macos()
        on_x = bool(os.environ.get("DISPLAY")) and not os.environ.get("WAYLAND_DISPLAY")
        return _x11() if on_x and (_libraries() is not None) else _bus()
    except (OSError, AttributeError, ValueError):
        return None


class _Info(ctypes.Structure):
    _fields_ = (
        ("window", ctypes.c_ulong), ("state", ctypes.c_int), ("kind", ctypes.c_int), ("til_or_since", ctypes.c_ulong),
        ("idle", ctypes.c_ulong), ("event_mask", ctypes.c_ulong),
    )  # fmt: skip


def _libraries() -> tuple[Any, Any] | None:
    """(libX11, libXss), or None where one is missing."""
    try:
        return ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXss.so.1")
    except OSError:
        return None


def _x11() -> float | None:
    found = _libraries()
    if found is None:
        return None
    x, saver = found
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XDefaultRootWindow.restype = ctypes.c_ulong
    x.XDefaultRootWindow.argtypes = x.XCloseDisplay.argtypes = (ctypes.c_void_p,)
    saver.XScreenSaverAllocInfo.restype = ctypes.POINTER(_Info)
    saver.XScreenSaverQueryInfo.argtypes = (ctypes.c_void_p, ctypes.c_ulong, ctypes.POINTER(_Info))
    saver.XScreenSaverQueryExtension.argtypes = (ctypes.c_void_p, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
    display = x.XOpenDisplay(None)
    if not display:
        return None
    try:
        event, error = ctypes.c_int(), ctypes.c_int()
        if not saver.XScreenSaverQueryExtension(display, ctypes.byref(event), ctypes.byref(error)):
            return None
        info = saver.XScreenSaverAllocInfo()
        try:
            told = saver.XScreenSaverQueryInfo(display, x.XDefaultRootWindow(display), info)
            return info.contents.idle / 1000 if told else None
        finally:
            x.XFree.argtypes = (ctypes.c_void_p,)
            x.XFree(info)
    finally:
        x.XCloseDisplay(display)


MOST: Final = 366 * 86_400  # seconds; nobody is away for longer and comes back to the same process
_SERVICES: Final = (  # name, path, interface, method, how many of its units are a second
    ("org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core", "org.gnome.Mutter.IdleMonitor", "GetIdletime", 1000),
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver", "GetSessionIdleTime", 1000),
    ("org.kde.screensaver", "/ScreenSaver", "org.freedesktop.ScreenSaver", "GetSessionIdleTime", 1000),
)


def _bus() -> float | None:
    try:
        from jeepney import DBusAddress, MessageType, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        with open_dbus_connection("SESSION") as bus:
            for name, path, interface, method, units in _SERVICES:
                reply = bus.send_and_get_reply(new_method_call(DBusAddress(path, bus_name=name, interface=interface), method), timeout=TIMEOUT_S)
                if reply.header.message_type != MessageType.error and isinstance(reply.body[0], int) and 0 <= reply.body[0] < MOST * units:
                    return float(reply.body[0]) / units
    except Exception:  # no bus, or one that answers nonsense: it cannot be known
        return None
    return None


def _windows() -> float | None:  # pragma: no cover - only there
    class Last(ctypes.Structure):
        _fields_ = (("size", ctypes.c_uint), ("tick", ctypes.c_uint))

    last = Last(ctypes.sizeof(Last), 0)
    windll = ctypes.windll  # type: ignore[attr-defined,unused-ignore]  # only there
    if not windll.user32.GetLastInputInfo(ctypes.byref(last)):
        return None
    since = (int(windll.kernel32.GetTickCount()) - int(last.tick)) & 0xFFFFFFFF  # it starts anew after 49 days
    return float(since) / 1000


def _macos() -> float | None:  # pragma: no cover - only there
    services = ctypes.CDLL("/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices")
    ask = services.CGEventSourceSecondsSinceLastEventType
    ask.restype, ask.argtypes = ctypes.c_double, (ctypes.c_int, ctypes.c_uint32)
    told = float(ask(COMBINED, ANY_INPUT))
    return told if told >= 0 else None
