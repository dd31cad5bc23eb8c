BEGIN TRANSACTION;
CREATE TABLE responses(id, input_tokens, output_tokens, token_details);
INSERT INTO "responses" VALUES('a','12',-3,'not JSON');
INSERT INTO "responses" VALUES(NULL,1,NULL,NULL);
INSERT INTO "responses" VALUES('c',100000000000000,1,NULL);
INSERT INTO "responses" VALUES('d',5,5,'{"cached_tokens":50}');
COMMIT;
