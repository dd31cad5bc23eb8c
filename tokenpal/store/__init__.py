"""The one file that holds everything: usage ledger, roll-ups, accounts, and the person's journal.

Two halves. The ledger (``ledger``, ``upsert``, ``rollups``, ``remainder``, ``segments``, ``report``, ``sessions``, ``reconcile``,
``accounts``, ``readings``, ``freshness``) is what sources say and can be read again from them; how it was before (``history``,
``corrections``) cannot. The journal (``journal``, ``tasks``, ``checkins``, ``outcomes``, ``counting``, ``reprice``, ``exchange``,
``edits``) is what the person wrote and exists nowhere else; it names sessions by their stable key.
``bounds`` keeps sums possible, ``trial`` tries a batch and takes it back, ``quick`` is the status line's look, within milliseconds.
Beside them lies what the client keeps of sharing (``sharing``, ``sharing_audit``): what was seen first stands, the log only grows.

May import: the standard library, msgspec and tokenpal.model. It is the only room that writes SQL. It must not import
sources, engine, pricing, insight, settings, system or Qt; what it needs from them (which copies count, prices, projects,
tasks) comes in as functions (``ledger.Rules``).
"""
