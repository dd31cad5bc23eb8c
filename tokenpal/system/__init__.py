"""The machine: folders, secrets, lock, autostart, HTTP client, logs, sleep.

May import: settings, model; keyring in secrets only, httpx in net only.
May not import: Qt, sqlite3, the rooms above.
"""
