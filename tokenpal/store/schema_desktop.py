"""The tables that version 4 adds: budgets, what was notified and silenced, pins and templates of check-ins.

Once it is out, a change is a new migration, never an edit here.
"""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE budget(                              -- amount: tokens, or 10^-12 of the currency; of: id of the account or task of the scope
  id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, measure TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL DEFAULT '',
  period TEXT NOT NULL, scope TEXT NOT NULL DEFAULT 'all', "of" INTEGER, changed_at INTEGER NOT NULL);
CREATE TABLE told(key TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;          -- crossings that were shown, once each
CREATE TABLE silenced(session TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;  -- sessions whose unusual burn is known
CREATE TABLE dismissed(key TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;     -- suggested tasks that the person does not want: "ticket PAY-142"
CREATE TABLE checkin_pin(                         -- field: tried, worked, failed, learned; position: the line's, from 0
  week TEXT NOT NULL, field TEXT NOT NULL, position INTEGER NOT NULL, session TEXT NOT NULL,
  PRIMARY KEY(week, field, position)) WITHOUT ROWID;
CREATE TABLE template(
  name TEXT PRIMARY KEY, tried TEXT NOT NULL DEFAULT '', worked TEXT NOT NULL DEFAULT '', failed TEXT NOT NULL DEFAULT '',
  learned TEXT NOT NULL DEFAULT '', changed_at INTEGER NOT NULL) WITHOUT ROWID;
"""
