"""The endpoint as a process of its own with a clock that a test sets: the real application, served by the real code over TLS.

    python -m tests.team.endpoint_process DATABASE KEY_FILE CLOCK_FILE CERTIFICATE PRIVATE_KEY PORT [METRICS_TOKEN [OTLP]]

Prints its address once it listens. CLOCK_FILE holds epoch seconds.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tokenpal.team import serve
from tokenpal.team.app import make_app
from tokenpal.team.founding import check_teams
from tokenpal.team.secret import endpoint_key, public_of
from tokenpal.team.storage import open_storage


def main(database: str, key_file: str, clock_file: str, certificate: str, private_key: str, port: str, token: str = "", otlp: str = "") -> None:
    clock = Path(clock_file)
    key = endpoint_key(Path(key_file), make=False)
    storage = open_storage(database)
    check_teams(storage, public_of(key))
    app = make_app(storage, key, lambda: int(clock.read_text()), metrics_token=token, otlp=otlp, per_second=5000)
    place = serve.Place("127.0.0.1", int(port), Path(certificate), Path(private_key))
    serve.serve(app, place, lambda address: print(address, flush=True))
    storage.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
