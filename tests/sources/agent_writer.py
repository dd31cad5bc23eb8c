"""An agent at work, as a process of its own: adds messages to a live database and fills them in while they stream.

``python -m tests.sources.agent_writer DATABASE MESSAGES SEED``: prints one line when the first message is there, and at the
end the totals that a correct reader finds. It has no patience: a write that a reader holds up ends it with an error.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys

CREATED = 1_772_359_200_000


def data(number: int, step: int, given: int, made: int) -> str:
    """A message: empty, half way, and complete."""
    times = {"created": CREATED + number} | ({"completed": CREATED + number + 5000} if step == 2 else {})
    tokens = [(0, 0), (given, made // 2), (given, made)][step]
    return json.dumps({
        "role": "assistant", "modelID": "claude-sonnet-5", "providerID": "anthropic", "time": times, "cost": 0,
        "tokens": {"input": tokens[0], "output": tokens[1], "reasoning": 0, "cache": {"read": 0, "write": 0}}, "padding": "x" * 2000,
    })  # fmt: skip


def main(path: str, messages: int, seed: int) -> None:
    chance = random.Random(seed)
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")  # nobody pulls the plug on a test
    connection.execute("CREATE TABLE IF NOT EXISTS message(id TEXT PRIMARY KEY, session_id TEXT NOT NULL, time_created INTEGER, data TEXT NOT NULL)")
    open_: dict[int, tuple[int, int, int]] = {}
    given_total = made_total = number = 0
    while number < messages or open_:
        if number < messages and (not open_ or chance.random() < 0.5):
            given, made = chance.randrange(1, 5000), chance.randrange(2, 500)
            connection.execute("INSERT INTO message VALUES(?, ?, ?, ?)", (f"msg_{number}", f"ses_{number % 7}", CREATED, data(number, 0, given, made)))
            open_[number] = (0, given, made)
            given_total, made_total, number = given_total + given, made_total + made, number + 1
        else:
            # The very first is filled in last: a message whose tool runs for long.
            which = chance.choice([each for each in open_ if each] or list(open_))
            if which == 0 and number < messages:
                continue
            step, given, made = open_[which]
            connection.execute("UPDATE message SET data = ? WHERE id = ?", (data(which, step + 1, given, made), f"msg_{which}"))
            open_[which] = (step + 1, given, made)
            if step + 1 == 2:
                del open_[which]
        if number == 1:
            print("started", flush=True)
    print(json.dumps({"events": messages, "fresh_input": given_total, "output": made_total}), flush=True)
    sys.stdin.read()  # it stays open, as an agent does, until it is told to end
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
