"""The tables, as plain SQL. Version 1; a change is a new migration, never an edit here once a version is out.

Usage refers to sessions, segments and models by small integers, so that a record stays under 100 bytes. What the person
wrote (journal) refers to sessions by their stable text key, so that re-scans, forks and vanished logs cannot lose it.
"""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x746F6B70  # "tokp"

MEASURES: Final = """
  records INTEGER NOT NULL DEFAULT 0,            -- the row goes when this reaches 0
  requests INTEGER NOT NULL DEFAULT 0,           -- known requests
  uncounted INTEGER NOT NULL DEFAULT 0,          -- records whose source cannot count requests
  unpriced INTEGER NOT NULL DEFAULT 0,           -- requests (or records) with tokens and no known price
  estimated INTEGER NOT NULL DEFAULT 0,          -- records that are neither measured nor reported
  fresh_input INTEGER NOT NULL DEFAULT 0, cache_read INTEGER NOT NULL DEFAULT 0,
  cache_write_5m INTEGER NOT NULL DEFAULT 0, cache_write_1h INTEGER NOT NULL DEFAULT 0,
  cache_write_other INTEGER NOT NULL DEFAULT 0, output INTEGER NOT NULL DEFAULT 0,
  reasoning INTEGER NOT NULL DEFAULT 0,
  list_pico INTEGER NOT NULL DEFAULT 0           -- list price, 10^-12 USD
"""

LEDGER: Final = f"""
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE account(
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, name TEXT NOT NULL, provider TEXT NOT NULL, kind TEXT NOT NULL,
  root TEXT NOT NULL DEFAULT '', counts TEXT NOT NULL DEFAULT 'remainder', mirror_of INTEGER REFERENCES account(id),
  secret TEXT NOT NULL DEFAULT '', options TEXT NOT NULL DEFAULT '{{}}', added_at INTEGER NOT NULL, removed_at INTEGER,
  state TEXT NOT NULL DEFAULT 'new', sentence TEXT NOT NULL DEFAULT '', next_step TEXT NOT NULL DEFAULT '',
  last_success INTEGER, next_try INTEGER, failures INTEGER NOT NULL DEFAULT 0,
  UNIQUE(source, root, name));

CREATE TABLE cursor(
  account INTEGER NOT NULL REFERENCES account(id), name TEXT NOT NULL, device INTEGER NOT NULL, inode INTEGER NOT NULL,
  size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, offset INTEGER NOT NULL, head BLOB NOT NULL, tail BLOB NOT NULL,
  state BLOB NOT NULL, PRIMARY KEY(account, name)) WITHOUT ROWID;

CREATE TABLE model(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, base TEXT NOT NULL, alias TEXT NOT NULL DEFAULT '');
CREATE TABLE project(id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);

-- first_at, last_at: of the records that count, 0 = none does; total, list_pico: what its roll-ups add up to (for sorting);
-- label: a copy of the annotation's, or of that of a part, kept by triggers
CREATE TABLE session(
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, account INTEGER NOT NULL,
  parent TEXT NOT NULL DEFAULT '', version TEXT NOT NULL DEFAULT '', grain TEXT NOT NULL DEFAULT 'request',
  first_at INTEGER NOT NULL DEFAULT 0, last_at INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL DEFAULT 0, list_pico INTEGER NOT NULL DEFAULT 0, label TEXT NOT NULL DEFAULT '');
CREATE INDEX session_by_label ON session(label, first_at);
CREATE INDEX session_by_time ON session(first_at);
CREATE TABLE session_part(part TEXT PRIMARY KEY, session TEXT NOT NULL) WITHOUT ROWID;  -- former ids of merged sessions
CREATE INDEX session_part_by_session ON session_part(session);

CREATE TABLE segment(
  id INTEGER PRIMARY KEY, session INTEGER NOT NULL, account INTEGER NOT NULL, project INTEGER,
  branch TEXT NOT NULL DEFAULT '', cut INTEGER NOT NULL DEFAULT 0,
  first_at INTEGER NOT NULL DEFAULT 0, last_at INTEGER NOT NULL DEFAULT 0,
  reach INTEGER NOT NULL DEFAULT 0,               -- no record is later, whether it counts or not
  task INTEGER, via TEXT NOT NULL DEFAULT 'unassigned');
CREATE UNIQUE INDEX segment_identity ON segment(session, IFNULL(project, 0), branch, cut);

CREATE TABLE trait(                               -- what few records differ in, said once
  id INTEGER PRIMARY KEY, grain TEXT NOT NULL, tier TEXT NOT NULL, sub_agent INTEGER NOT NULL, origin TEXT NOT NULL,
  quality TEXT NOT NULL, endpoint TEXT NOT NULL, UNIQUE(grain, tier, sub_agent, origin, quality, endpoint));

CREATE TABLE rate(                                -- the price ledger: rates used, with origin and date
  id INTEGER PRIMARY KEY, provider TEXT NOT NULL, model TEXT NOT NULL, tier TEXT NOT NULL DEFAULT '',
  since INTEGER NOT NULL DEFAULT 0, until INTEGER, origin TEXT NOT NULL, noted_at INTEGER NOT NULL, prices TEXT NOT NULL,
  UNIQUE(provider, model, tier, since, origin, prices));

-- The 12 bytes of a key are two signed integers: family (8, indexed; copies lie together) and variant (4, or 0 when empty).
-- counted: 1 = counts, 0 = a copy of another record of its family, -1 = its source said so (superseded).
-- No foreign keys here: four checks a row would cost a third of a first scan; apply() makes the parents first.
CREATE TABLE usage(
  id INTEGER PRIMARY KEY, family INTEGER NOT NULL, variant INTEGER NOT NULL, segment INTEGER NOT NULL,
  at INTEGER NOT NULL, model INTEGER NOT NULL, trait INTEGER NOT NULL,
  counted INTEGER NOT NULL, requests INTEGER, fresh_input INTEGER NOT NULL, cache_read INTEGER NOT NULL,
  cache_write_5m INTEGER NOT NULL, cache_write_1h INTEGER NOT NULL, cache_write_other INTEGER NOT NULL,
  output INTEGER NOT NULL, reasoning INTEGER NOT NULL, list_pico INTEGER, rate INTEGER,
  precedence INTEGER NOT NULL DEFAULT 0, home INTEGER NOT NULL DEFAULT 0);
CREATE INDEX usage_by_family ON usage(family);
CREATE INDEX usage_by_segment ON usage(segment);
CREATE TABLE superseded(family INTEGER NOT NULL, variant INTEGER NOT NULL, PRIMARY KEY(family, variant)) WITHOUT ROWID;
CREATE TABLE reported(                            -- where the records of provider reports lie: windows, remainders
  account INTEGER NOT NULL, at INTEGER NOT NULL, endpoint TEXT NOT NULL, usage INTEGER NOT NULL,
  PRIMARY KEY(account, at, endpoint, usage)) WITHOUT ROWID;
CREATE TABLE amount(                              -- money that a source itself states
  usage INTEGER NOT NULL REFERENCES usage(id) ON DELETE CASCADE, kind TEXT NOT NULL, currency TEXT NOT NULL,
  pico INTEGER NOT NULL, PRIMARY KEY(usage, kind, currency)) WITHOUT ROWID;
-- The part of a report record that logs already count (decisions 3); list_pico: list price of the rest.
CREATE TABLE covered(
  usage INTEGER PRIMARY KEY REFERENCES usage(id) ON DELETE CASCADE, fresh_input INTEGER NOT NULL,
  cache_read INTEGER NOT NULL, cache_write_5m INTEGER NOT NULL, cache_write_1h INTEGER NOT NULL,
  cache_write_other INTEGER NOT NULL, output INTEGER NOT NULL, reasoning INTEGER NOT NULL, requests INTEGER NOT NULL,
  list_pico INTEGER);

-- Roll-ups hold what counts: counted = 1, less what is covered.
CREATE TABLE by_segment(segment INTEGER NOT NULL, model INTEGER NOT NULL, {MEASURES}, utc_day INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(segment, model)) WITHOUT ROWID;        -- utc_day: tokens that came as buckets of a UTC day
CREATE INDEX by_segment_by_model ON by_segment(model);
CREATE TABLE by_day(day INTEGER NOT NULL, segment INTEGER NOT NULL, model INTEGER NOT NULL, {MEASURES},
  PRIMARY KEY(day, segment, model)) WITHOUT ROWID;   -- day: days since 1970 in the person's zone
CREATE TABLE by_hour(slot INTEGER NOT NULL, segment INTEGER NOT NULL, model INTEGER NOT NULL, {MEASURES},
  PRIMARY KEY(slot, segment, model)) WITHOUT ROWID;  -- slot: start / 900, on the grain of the zone
CREATE TABLE by_utc_day(day INTEGER NOT NULL, segment INTEGER NOT NULL, model INTEGER NOT NULL, {MEASURES},
  PRIMARY KEY(day, segment, model)) WITHOUT ROWID;   -- only records of grain day; these are in neither of the two above
CREATE TABLE money(                                -- stated money by quarter hour; utc = 1: of a UTC day
  slot INTEGER NOT NULL, utc INTEGER NOT NULL, segment INTEGER NOT NULL, model INTEGER NOT NULL, kind TEXT NOT NULL,
  currency TEXT NOT NULL, pico INTEGER NOT NULL, records INTEGER NOT NULL,
  PRIMARY KEY(slot, utc, segment, model, kind, currency)) WITHOUT ROWID;
CREATE INDEX money_by_segment ON money(segment);

-- Sums by group, remade from by_day when asked for (see months): dim says of what, axis is a month, or from dim 10 on a day, from 20 on a week's first.
CREATE TABLE by_group(dim INTEGER NOT NULL, axis INTEGER NOT NULL, key NOT NULL, {MEASURES}, PRIMARY KEY(dim, axis, key)) WITHOUT ROWID;
CREATE TABLE group_ready(dim INTEGER NOT NULL, month INTEGER NOT NULL, PRIMARY KEY(month, dim)) WITHOUT ROWID;
CREATE TABLE group_stale(session TEXT PRIMARY KEY) WITHOUT ROWID;  -- their label or tags changed since

CREATE TABLE limit_reading(
  account INTEGER NOT NULL REFERENCES account(id), name TEXT NOT NULL, at INTEGER NOT NULL, used_percent REAL NOT NULL,
  resets_at INTEGER, window_minutes INTEGER, origin TEXT NOT NULL, used TEXT, "limit" TEXT,
  PRIMARY KEY(account, name)) WITHOUT ROWID;
CREATE TABLE balance(
  account INTEGER NOT NULL REFERENCES account(id), name TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
  currency TEXT NOT NULL, pico INTEGER NOT NULL, PRIMARY KEY(account, name)) WITHOUT ROWID;
CREATE TABLE problem(
  account INTEGER NOT NULL REFERENCES account(id), source TEXT NOT NULL, position TEXT NOT NULL, reason TEXT NOT NULL,
  count INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY(account, source, position, reason)) WITHOUT ROWID;
"""

JOURNAL: Final = """
CREATE TABLE task(                                -- uid: the same task on another machine (export, import)
  id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, ticket TEXT NOT NULL DEFAULT '', link TEXT NOT NULL DEFAULT '',
  done INTEGER NOT NULL DEFAULT 0, archived INTEGER NOT NULL DEFAULT 0, color INTEGER NOT NULL, changed_at INTEGER NOT NULL);
CREATE TABLE task_tag(task INTEGER NOT NULL REFERENCES task(id) ON DELETE CASCADE, tag TEXT NOT NULL,
  PRIMARY KEY(task, tag)) WITHOUT ROWID;
CREATE TABLE rule(
  id INTEGER PRIMARY KEY, position INTEGER NOT NULL, kind TEXT NOT NULL, pattern TEXT NOT NULL,
  task INTEGER NOT NULL REFERENCES task(id) ON DELETE CASCADE);
CREATE TABLE timer(id INTEGER PRIMARY KEY, task INTEGER NOT NULL REFERENCES task(id) ON DELETE CASCADE,
  start INTEGER NOT NULL, "end" INTEGER);
CREATE TABLE annotation(                          -- what the person said of a session; each part has its own age for merging
  session TEXT PRIMARY KEY, label TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', label_at INTEGER NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT '', link TEXT NOT NULL DEFAULT '', minutes_saved INTEGER, note_at INTEGER NOT NULL DEFAULT 0,
  tags_at INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE session_tag(session TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY(session, tag)) WITHOUT ROWID;
CREATE TABLE hand(session TEXT PRIMARY KEY, task INTEGER REFERENCES task(id) ON DELETE CASCADE, changed_at INTEGER NOT NULL)
  WITHOUT ROWID;                                  -- task NULL: the person said "no task"
CREATE TABLE split(session TEXT NOT NULL, at INTEGER NOT NULL, task INTEGER REFERENCES task(id) ON DELETE SET NULL,
  PRIMARY KEY(session, at)) WITHOUT ROWID;
CREATE TABLE project_default(project TEXT PRIMARY KEY, task INTEGER NOT NULL REFERENCES task(id) ON DELETE CASCADE)
  WITHOUT ROWID;
CREATE TABLE checkin(
  week TEXT PRIMARY KEY, tried TEXT NOT NULL DEFAULT '', worked TEXT NOT NULL DEFAULT '', failed TEXT NOT NULL DEFAULT '',
  learned TEXT NOT NULL DEFAULT '', evidence TEXT NOT NULL DEFAULT '', changed_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE edit(                                -- undo and redo; the newest 200 are kept
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, title TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0);
CREATE TABLE share_draw(week TEXT PRIMARY KEY, team TEXT NOT NULL, draw TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE search_ref(                          -- what a row of the search index (same id) speaks of
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, ref TEXT NOT NULL, UNIQUE(kind, ref));
CREATE VIRTUAL TABLE search USING fts5(body, tokenize='unicode61 remove_diacritics 2');
"""

LABEL: Final = """IFNULL((SELECT a.label FROM annotation a WHERE a.session = session.key AND a.label <> ''),
  IFNULL((SELECT a.label FROM session_part p JOIN annotation a ON a.session = p.part WHERE p.session = session.key AND a.label <> ''
    ORDER BY p.part LIMIT 1), ''))"""
"""A session's label: its own, or that of a part it was merged from."""


def _stale(word: str) -> str:
    # Not INSERT OR IGNORE: the outer statement's way with conflicts would take its place.
    return f"INSERT INTO group_stale SELECT {word} WHERE NOT EXISTS (SELECT 1 FROM group_stale WHERE session = {word});"


def _relabel(word: str) -> str:
    return (
        f"{_stale(word)} UPDATE session SET label = {LABEL}"
        f" WHERE key = {word} OR key IN (SELECT session FROM session_part WHERE part = {word});"
    )


WORDS: Final = f"""
CREATE TRIGGER label_new AFTER INSERT ON annotation WHEN NEW.label <> '' BEGIN {_relabel("NEW.session")} END;
CREATE TRIGGER label_changed AFTER UPDATE ON annotation WHEN NEW.label <> OLD.label BEGIN {_relabel("NEW.session")} END;
CREATE TRIGGER label_gone AFTER DELETE ON annotation WHEN OLD.label <> '' BEGIN {_relabel("OLD.session")} END;
CREATE TRIGGER part_new AFTER INSERT ON session_part BEGIN {_relabel("NEW.session")} END;
CREATE TRIGGER part_changed AFTER UPDATE ON session_part BEGIN {_relabel("NEW.session")} {_relabel("OLD.session")} END;
CREATE TRIGGER session_new AFTER INSERT ON session BEGIN UPDATE session SET label = {LABEL} WHERE id = NEW.id; END;
CREATE TRIGGER tag_new AFTER INSERT ON session_tag BEGIN {_stale("NEW.session")} END;
CREATE TRIGGER tag_gone AFTER DELETE ON session_tag BEGIN {_stale("OLD.session")} END;
CREATE TRIGGER task_tag_new AFTER INSERT ON task_tag BEGIN DELETE FROM group_ready WHERE dim % 10 = 7; END;
CREATE TRIGGER task_tag_gone AFTER DELETE ON task_tag BEGIN DELETE FROM group_ready WHERE dim % 10 = 7; END;
"""
"""What the person says reaches the ledger's copies in the same statement, whichever process or function says it."""
