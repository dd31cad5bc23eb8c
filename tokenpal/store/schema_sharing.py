"""The tables of sharing with a team, added by version 2. Once it is out, a change is a new migration, never an edit here.

What travels is kept as the canonical JSON text that was signed. No key is here: those are in the credential store only.
"""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE share_team(team TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE share_roster(team TEXT NOT NULL, n INTEGER NOT NULL, entry TEXT NOT NULL, PRIMARY KEY(team, n)) WITHOUT ROWID;
CREATE TABLE share_manifest(team TEXT NOT NULL, epoch TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY(team, epoch)) WITHOUT ROWID;
CREATE TABLE share_release(team TEXT NOT NULL, epoch TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY(team, epoch)) WITHOUT ROWID;
CREATE TABLE share_plan(team TEXT NOT NULL, epoch TEXT NOT NULL, "plan" TEXT NOT NULL, PRIMARY KEY(team, epoch)) WITHOUT ROWID;
CREATE TABLE share_learning(team TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY(team, id)) WITHOUT ROWID;
CREATE TABLE share_audit(                         -- everything that ever left this machine, chained by hashes
  n INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL);
"""

DRAWS: Final = """
CREATE TABLE share_draw_2(week TEXT NOT NULL, team TEXT NOT NULL, draw TEXT NOT NULL, PRIMARY KEY(week, team)) WITHOUT ROWID;
INSERT INTO share_draw_2(week, team, draw) SELECT week, team, draw FROM share_draw;
DROP TABLE share_draw;
ALTER TABLE share_draw_2 RENAME TO share_draw;
"""
"""A week is drawn once for each team, and once more for the example before there is one (decisions 7)."""

GUARDS: Final = """
CREATE TRIGGER share_audit_stays BEFORE UPDATE ON share_audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER share_audit_keeps BEFORE DELETE ON share_audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER share_audit_chain BEFORE INSERT ON share_audit
WHEN NEW.n IS NOT (SELECT IFNULL(MAX(n), 0) + 1 FROM share_audit)
  OR NEW.prev IS NOT IFNULL((SELECT hash FROM share_audit ORDER BY n DESC LIMIT 1), printf('%064d', 0))
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
"""
"""REPLACE would go round the trigger on DELETE, hence the one on INSERT. Whoever owns the file can drop them all: then the hashes tell."""
