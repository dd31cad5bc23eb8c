BEGIN TRANSACTION;
CREATE TABLE responses(id TEXT PRIMARY KEY, model TEXT, resolved_model TEXT, prompt TEXT, system TEXT, response TEXT, conversation_id TEXT, duration_ms INTEGER, datetime_utc TEXT, input_tokens INTEGER, output_tokens INTEGER, token_details TEXT);
INSERT INTO "responses" VALUES('01a','gpt-5.5','gpt-5.5-2026-01-01','a made up question',NULL,'a made up answer','c-1',NULL,'2026-03-01T10:00:00.123456+00:00',100,50,'{"prompt_tokens_details": {"cached_tokens": 30}, "completion_tokens_details": {"reasoning_tokens": 20}}');
INSERT INTO "responses" VALUES('01b','local',NULL,'a made up question',NULL,'a made up answer',NULL,NULL,'2026-03-01T10:00:00.123456+00:00',NULL,NULL,NULL);
INSERT INTO "responses" VALUES('01c','openrouter/qwen/qwen3',NULL,'a made up question',NULL,'a made up answer','c-1',NULL,'2026-03-01T10:00:00.123456+00:00',10,5,NULL);
COMMIT;
