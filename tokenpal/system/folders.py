"""Whether a data folder lies where a database does not belong: on a network, or in a folder that something copies about.

SQLite's write-ahead log needs shared memory, which network file systems lack, and a sync program that copies the
database while it is written damages it (architecture 2.9).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb3", "smbfs", "afs", "ncpfs", "9p", "davfs", "ceph", "glusterfs", "lustre", "beegfs", "virtiofs"}
    | {"fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.gcsfuse", "fuse.davfs2", "fuse.gvfsd-fuse", "fuse.glusterfs", "fuse.onedriver"}
)
SYNCED: Final = {
    "dropbox": "Dropbox",
    "onedrive": "OneDrive",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "cloudstorage": "a cloud drive",
    "mobile documents": "iCloud Drive",
    "icloud drive": "iCloud Drive",
    "iclouddrive": "iCloud Drive",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "seafile": "Seafile",
    "pcloud": "pCloud",
    "pclouddrive": "pCloud",
    "mega": "MEGA",
    "syncthing": "Syncthing",
    "box sync": "Box",
}
MARKERS: Final = {".stfolder": "Syncthing", ".dropbox": "Dropbox", ".nextcloudsync.log": "Nextcloud", ".sync": "Resilio Sync"}


def warning(folder: Path, mounts: str | None = None) -> str:
    """One sentence with a next step for the person, or "" when the folder is fine. ``mounts`` is for tests."""
    place = str(folder.absolute())
    if kind := _network(place, mounts):
        return f"The data folder is on a network drive ({kind}), where the database can be damaged. Move it to a local disk."
    if name := _synced(Path(place)):
        return f"The data folder is inside {name}, which copies the database while it is written. Move it out of there."
    return ""


def _synced(folder: Path) -> str:
    for part in (folder, *folder.parents):
        name = part.name.lower()
        if found := SYNCED.get(name):
            return found
        if name.startswith(("onedrive -", "dropbox (")):
            return SYNCED[name.split(" ")[0]]
        for marker, program in MARKERS.items():
            if part.parent != part and os.path.lexists(part / marker):
                return program
    return ""


def _network(place: str, mounts: str | None) -> str:
    if place.startswith(("\\\\", "//")):
        return "network share"
    if sys.platform == "win32":
        import ctypes

        return "network share" if ctypes.windll.kernel32.GetDriveTypeW(place[:3]) == 4 else ""  # 4 = DRIVE_REMOTE
    best, kind = "", ""
    for point, type_ in _mounts(mounts):
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, type_
    return kind if kind in NETWORK else ""


def network_mounts(mounts: str | None = None) -> tuple[str, ...]:
    """Where network drives are mounted on Linux: a look into them may take for ever."""
    return tuple(point for point, kind in _mounts(mounts) if kind in NETWORK or kind == "autofs")


def _mounts(text: str | None) -> list[tuple[str, str]]:
    if text is None:
        try:
            text = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        words = line.split(" ")
        if len(words) >= 3:
            # The kernel writes a space in a mount point as \040.
            point = words[1].encode().decode("unicode_escape").encode("latin-1", "replace").decode("utf-8", "replace")
            found.append((point, words[2]))
    return found
