BEGIN TRANSACTION;
CREATE TABLE message(id TEXT PRIMARY KEY, session_id TEXT NOT NULL, time_created INTEGER, time_updated INTEGER, data TEXT NOT NULL);
INSERT INTO "message" VALUES('z4','s',1772359200008,1772359200000,'{"role": "assistant", "providerID": "anthropic", "modelID": "claude-sonnet-5", "agent": "build", "path": {"cwd": "/home/me/shop", "root": "/home/me/shop"}, "time": {"created": 1772359200008, "completed": 1772359204008}, "cost": 0, "tokens": {"input": 900, "output": 40, "reasoning": 0, "cache": {"read": 0, "write": 0}}}');
CREATE INDEX message_session_idx ON message(session_id);
COMMIT;
