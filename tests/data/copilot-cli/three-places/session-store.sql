BEGIN TRANSACTION;
CREATE TABLE assistant_usage_events(id INTEGER PRIMARY KEY, session_id TEXT, turn_index INTEGER, model TEXT, created_at TEXT, input_tokens INTEGER, output_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER, reasoning_tokens INTEGER, total_nano_aiu INTEGER, request_multiplier REAL, initiator TEXT, parent_tool_call_id TEXT);
INSERT INTO "assistant_usage_events" VALUES(1,'s-1',NULL,'gpt-5.5','2026-03-01T10:00:01.000Z',100,10,0,0,0,NULL,27.0,NULL,NULL);
CREATE TABLE sessions(id TEXT PRIMARY KEY, cwd TEXT, repository TEXT, branch TEXT, created_at TEXT);
INSERT INTO "sessions" VALUES('s-1','/home/me/shop',NULL,'feature','2026-03-01T10:00:00Z');
CREATE TABLE turns(id INTEGER PRIMARY KEY, session_id TEXT, user_message TEXT);
INSERT INTO "turns" VALUES(1,'s-1','a made up question');
COMMIT;
