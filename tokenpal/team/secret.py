"""The endpoint's own key: an Ed25519 seed in a file of its own, never in the database and so in no dump of it."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from tokenpal.model.errors import StoreError
from tokenpal.share.protocol.keys import KEY_BYTES, signing_key
from tokenpal.share.protocol.wire import b64, unb64

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def endpoint_key(file: Path, *, make: bool) -> Ed25519PrivateKey:
    """The key in ``file``. With ``make`` it is made when there is none, readable by its owner only.

    Raises StoreError when there is none, when it holds something else, or when others may read it.
    """
    if make and not file.exists():
        _make(file)
    try:
        mode = file.stat().st_mode
        seed = unb64(file.read_text(encoding="ascii").strip(), KEY_BYTES)
    except FileNotFoundError:
        raise StoreError(
            f"The endpoint's key {file} does not exist.", "Make a first team with `tokenpal team new`, or copy the key of the other processes there."
        ) from None
    except (OSError, ValueError) as error:
        raise StoreError(f"The endpoint's key {file} cannot be used ({type(error).__name__}).", "Put back a copy of it.") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StoreError(f"The endpoint's key {file} can be read by others on this machine.", f"Run: chmod 600 {file}")
    return signing_key(seed)


def public_of(key: Ed25519PrivateKey) -> str:
    """base64url of the public half."""
    return b64(key.public_key().public_bytes_raw())


def _make(file: Path) -> None:
    """Whole or not at all, and never over another: two processes may start at once."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as out:
        out.write(b64(secrets.token_bytes(KEY_BYTES)) + "\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        draft.replace(file)
        return
    draft.unlink()
