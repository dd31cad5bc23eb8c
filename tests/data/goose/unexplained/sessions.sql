BEGIN TRANSACTION;
CREATE TABLE messages(id INTEGER PRIMARY KEY, session_id TEXT, content_json TEXT);
INSERT INTO "messages" VALUES(1,'s-1','a made up question');
CREATE TABLE sessions(id TEXT PRIMARY KEY, name TEXT, description TEXT, session_type TEXT, working_dir TEXT, created_at TEXT, updated_at TEXT, total_tokens INTEGER, input_tokens INTEGER, output_tokens INTEGER, accumulated_total_tokens INTEGER, accumulated_input_tokens INTEGER, accumulated_output_tokens INTEGER, accumulated_cache_read_tokens INTEGER, accumulated_cache_write_tokens INTEGER, accumulated_cost REAL, provider_name TEXT, model_config_json TEXT, parent_session_id TEXT);
INSERT INTO "sessions" VALUES('s-1',NULL,'a made up title',NULL,'/home/me/shop','2026-03-01 10:00:00','2026-03-01 12:00:00',NULL,NULL,NULL,180,100,50,NULL,NULL,NULL,'anthropic','{"model_name": "claude-sonnet-5"}',NULL);
COMMIT;
