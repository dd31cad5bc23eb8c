"""The endpoint of a team (``tokenpal[team]``): a mailbox for sealed reports that publishes sums and nothing else.

May import: share.protocol, model, system.paths. SQL lives in ``storage`` and ``tables`` only.
May not import: the rest of share, store, sources, engine, ui: it knows no person's data, only what members sealed.
"""
