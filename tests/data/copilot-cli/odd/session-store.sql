BEGIN TRANSACTION;
CREATE TABLE assistant_usage_events(session_id, model, input_tokens, output_tokens);
INSERT INTO "assistant_usage_events" VALUES('z',5,'many',4);
INSERT INTO "assistant_usage_events" VALUES(NULL,'m',1,4);
COMMIT;
