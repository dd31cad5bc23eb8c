"""The tables that version 3 adds: whose model it was, histories of limits and balances, corrections, exchange rates.

Once it is out, a change is a new migration, never an edit here.
"""

from __future__ import annotations

from typing import Final

MODELS: Final = """
CREATE TABLE model_3(                             -- provider: "" = the account's own
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, provider TEXT NOT NULL DEFAULT '', base TEXT NOT NULL, alias TEXT NOT NULL DEFAULT '',
  UNIQUE(name, provider));
INSERT INTO model_3(id, name, base, alias) SELECT id, name, base, alias FROM model;
DROP TABLE model;
ALTER TABLE model_3 RENAME TO model;
"""
"""An agent that talks to several providers names the provider of each record; records know their model by its number."""

TABLES: Final = """
CREATE TABLE limit_history(
  account INTEGER NOT NULL REFERENCES account(id), name TEXT NOT NULL, at INTEGER NOT NULL, used_percent REAL NOT NULL,
  resets_at INTEGER, PRIMARY KEY(account, name, at)) WITHOUT ROWID;
CREATE TABLE balance_history(
  account INTEGER NOT NULL REFERENCES account(id), name TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
  currency TEXT NOT NULL, pico INTEGER NOT NULL, PRIMARY KEY(account, name, at)) WITHOUT ROWID;
INSERT INTO limit_history SELECT account, name, at, used_percent, resets_at FROM limit_reading;
INSERT INTO balance_history SELECT account, name, at, kind, currency, pico FROM balance;

CREATE TABLE complete(                            -- UTC days that a report told whole after they had ended; at: when last
  account INTEGER NOT NULL REFERENCES account(id), endpoint TEXT NOT NULL, day INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(account, endpoint, day)) WITHOUT ROWID;
CREATE TABLE correction(                          -- what a provider said otherwise later of such a day; before, after: see corrections
  account INTEGER NOT NULL REFERENCES account(id), endpoint TEXT NOT NULL, day INTEGER NOT NULL, model INTEGER NOT NULL,
  noted_at INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
  PRIMARY KEY(account, endpoint, day, model, noted_at)) WITHOUT ROWID;
CREATE INDEX correction_by_day ON correction(day);

CREATE TABLE exchange_rate(                       -- usd: what one unit was worth that day, as a decimal; origin "person" goes first
  currency TEXT NOT NULL, day INTEGER NOT NULL, origin TEXT NOT NULL, usd TEXT NOT NULL, noted_at INTEGER NOT NULL,
  PRIMARY KEY(currency, day, origin)) WITHOUT ROWID;

CREATE TABLE reprice(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, records INTEGER NOT NULL);
CREATE TABLE repriced(                            -- what it changed, for undo and redo; rest: of what no log covers
  reprice INTEGER NOT NULL, usage INTEGER NOT NULL, old_pico INTEGER, old_rate INTEGER, old_rest INTEGER,
  new_pico INTEGER, new_rate INTEGER, new_rest INTEGER, PRIMARY KEY(reprice, usage)) WITHOUT ROWID;
"""
