"""Journals that other tools keep: intervals of Timewarrior and Toggl, entries of jrnl, as plain values.

``timewarrior``, ``toggl`` and ``jrnl`` are pure: bytes and the person's zone in, values and problems out, whatever the bytes are.
``known`` says which of them a file belongs to. What becomes of the values is ``engine.diaries``' part. resources/formats/journals.md
describes the formats and their sources.

May import: the standard library, msgspec, model, translation. May not import: store, sources, files, or each other (``base`` apart).
"""
