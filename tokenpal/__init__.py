"""tokenpal: one person's AI use, charted against their own tasks.

Data runs one way: sources read, store keeps, insight adds up, engine tells, ui shows. Rooms import downwards only
(the contracts are in pyproject.toml). May import: nothing. This file holds the version and is imported by every room.
"""

__version__ = "0.1.0"
