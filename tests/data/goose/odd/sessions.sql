BEGIN TRANSACTION;
CREATE TABLE sessions(id, accumulated_input_tokens, accumulated_output_tokens, model_config_json, created_at);
INSERT INTO "sessions" VALUES('a','12',-4,'not JSON','never');
INSERT INTO "sessions" VALUES(NULL,1,NULL,NULL,NULL);
INSERT INTO "sessions" VALUES(7,1000000000000000,NULL,NULL,NULL);
CREATE TABLE usage_ledger(session_id, input_tokens, output_tokens);
INSERT INTO "usage_ledger" VALUES('b',3,'x');
INSERT INTO "usage_ledger" VALUES(NULL,3,NULL);
COMMIT;
