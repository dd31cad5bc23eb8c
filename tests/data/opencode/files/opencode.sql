BEGIN TRANSACTION;
CREATE TABLE message(id TEXT PRIMARY KEY, session_id TEXT NOT NULL, time_created INTEGER, time_updated INTEGER, data TEXT NOT NULL);
INSERT INTO "message" VALUES('msg_2','ses_9',1772359201000,1772359200000,'{"role": "assistant", "providerID": "anthropic", "modelID": "claude-sonnet-5", "agent": "build", "path": {"cwd": "/home/me/shop", "root": "/home/me/shop"}, "time": {"created": 1772359201000, "completed": 1772359205000}, "cost": 0.03, "tokens": {"input": 120, "output": 60, "reasoning": 0, "cache": {"read": 0, "write": 0}}}');
CREATE INDEX message_session_idx ON message(session_id);
COMMIT;
