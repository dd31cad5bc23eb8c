BEGIN TRANSACTION;
CREATE TABLE threads(id TEXT, name TEXT);
INSERT INTO "threads" VALUES('t','a made up title');
CREATE TABLE turns(id TEXT PRIMARY KEY, thread_id TEXT, model TEXT, resolved_model TEXT, datetime_utc TEXT, input_tokens INTEGER, output_tokens INTEGER, token_details TEXT, duration_ms INTEGER);
INSERT INTO "turns" VALUES('01a','c-1','anthropic/claude-sonnet-5',NULL,'2026-03-01T10:00:00',10,5,'{"cache_read_input_tokens": 900, "cache_creation_input_tokens": 40}',NULL);
COMMIT;
