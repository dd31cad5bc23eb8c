"""A credential store in a file, for child processes of tests: PYTHON_KEYRING_BACKEND=tests.file_keyring.FileKeyring.

The file is named by TOKENPAL_TEST_KEYRING and holds {"service/user": "made-up key"}.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class FileKeyring(KeyringBackend):
    """Only for made-up keys."""

    priority = 1  # type: ignore[assignment]  # keyring declares a class property

    def _load(self) -> dict[str, str]:
        path = Path(os.environ["TOKENPAL_TEST_KEYRING"])
        return json.loads(path.read_text()) if path.exists() else {}

    def _save(self, keys: dict[str, str]) -> None:
        Path(os.environ["TOKENPAL_TEST_KEYRING"]).write_text(json.dumps(keys))

    def get_password(self, service: str, username: str) -> str | None:
        return self._load().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._save({**self._load(), f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        keys = self._load()
        if keys.pop(f"{service}/{username}", None) is None:
            raise PasswordDeleteError("not found")
        self._save(keys)
