"""The endpoint of a team (``tokenpal[team]``): a mailbox for sealed reports that publishes sums and nothing else.

May import: share.protocol, model, system.paths; ``export`` alone system.net, for the team's own metrics engine. SQL lives in
``database``, ``storage`` and ``tables``. May not import: the rest of share, store, sources, engine, ui: it knows no person's
data, only what members sealed.

``mailbox`` and the modules ``joining``, ``reports``, ``learnings``, ``asked`` say what happens with a message; ``weekly`` what
time brings; ``app``, ``limits`` and ``serve`` carry it over HTTP. Where sharing-protocol leaves room, this is what was chosen:

- A manifest is made from Thursday to Sunday or never. A week without one has its reason in the answer about releases.
- Answers are kept for the 14 days and not deleted at the release, so that every member can add them up again; envelopes go at
  the release, or when the week can no longer have one.
- Answers that fit no sum do not end the week at once: when all but one fit, those are summed. One member who lies costs a team
  its week only when no more than the needed number answer.
- A withdrawn report cannot be sent again, and a retracted learning neither: somebody might have kept the signed bytes.
- A team has 50 members at most, and 20 people may ask to join at once.
"""
