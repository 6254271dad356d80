-- A database of the first release (schema 0002), as `.dump` shows it, with what a bot had in it. FILE_ID stands for a photo
-- that the Bot API server knows. Times are ten minutes ago, for what is old is forgotten.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE allowances (
	"key" TEXT NOT NULL,
	times JSON NOT NULL,
	PRIMARY KEY ("key")
);
CREATE TABLE corrections (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	reading BIGINT NOT NULL,
	n INTEGER NOT NULL,
	person BIGINT NOT NULL,
	label INTEGER NOT NULL,
	said INTEGER NOT NULL,
	confidence DOUBLE NOT NULL,
	pixels BLOB NOT NULL,
	model TEXT NOT NULL,
	status TEXT NOT NULL,
	at DOUBLE NOT NULL,
	decided_by BIGINT,
	UNIQUE (reading, n)
);
CREATE TABLE inbox (
	serial INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	update_id BIGINT NOT NULL,
	chat BIGINT NOT NULL,
	photo BOOLEAN NOT NULL,
	run TEXT,
	body TEXT NOT NULL,
	arrived DOUBLE NOT NULL,
	ready DOUBLE NOT NULL,
	claimed BOOLEAN DEFAULT 0 NOT NULL,
	UNIQUE (update_id)
);
CREATE TABLE people (
	person BIGINT NOT NULL,
	agreed DOUBLE NOT NULL,
	PRIMARY KEY (person)
);
CREATE TABLE readings (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	chat BIGINT NOT NULL,
	answer BIGINT,
	person BIGINT NOT NULL,
	photos JSON NOT NULL,
	model TEXT NOT NULL,
	verdict BOOLEAN,
	at DOUBLE NOT NULL
);
CREATE TABLE seen (
	update_id BIGINT NOT NULL,
	at DOUBLE NOT NULL,
	starts INTEGER DEFAULT '0' NOT NULL,
	PRIMARY KEY (update_id)
);
CREATE TABLE sheets (
	chat BIGINT NOT NULL,
	message BIGINT NOT NULL,
	corrections JSON NOT NULL,
	at DOUBLE NOT NULL,
	PRIMARY KEY (chat, message)
);
CREATE INDEX inbox_by_chat ON inbox (chat, serial);
CREATE INDEX seen_by_age ON seen (at);
CREATE INDEX readings_by_answer ON readings (chat, answer);
CREATE INDEX readings_by_person ON readings (person);
CREATE INDEX readings_by_age ON readings (at);
CREATE INDEX corrections_by_person ON corrections (person);
CREATE INDEX corrections_by_status ON corrections (status);
-- Ann agreed and corrected a reading; of what she sent later nothing is answered: the bot was killed with a photo in work.
INSERT INTO people VALUES (700000001, strftime('%s', 'now') - 600.5);
INSERT INTO readings (chat, answer, person, photos, model, verdict, at) VALUES (700000001, 6, 700000001,
    '[{"message": 5, "file_id": "FILE_ID", "size": [320, 320], "digits": [{"digit": 1, "confidence": 0.61, "box": [90, 70, 140, 190]}]}]',
    '2026.11-4', FALSE, strftime('%s', 'now') - 600.5);
INSERT INTO readings (chat, answer, person, photos, model, verdict, at) VALUES (700000001, 8, 700000001,
    '[{"message": 7, "file_id": "FILE_ID", "size": [320, 320], "digits": [{"digit": 1, "confidence": 0.61, "box": [90, 70, 140, 190]}]}]',
    '2026.11-4', NULL, strftime('%s', 'now') - 600.5);
INSERT INTO corrections (reading, n, person, label, said, confidence, pixels, model, status, at, decided_by) VALUES
    (1, 0, 700000001, 7, 1, 0.61, zeroblob(784), '2026.11-4', 'waiting', strftime('%s', 'now') - 600.5, NULL),
    (2, 0, 700000001, 7, 1, 0.61, zeroblob(784), '2026.11-4', 'accepted', strftime('%s', 'now') - 600.5, 700000002);
INSERT INTO sheets VALUES (700000002, 9, '[1]', strftime('%s', 'now') - 600.5);
INSERT INTO seen VALUES (4999, strftime('%s', 'now') - 600.5, 1), (5000, strftime('%s', 'now') - 600.5, 1), (5001, strftime('%s', 'now') - 600.5, 0);
INSERT INTO inbox (update_id, chat, photo, run, body, arrived, ready, claimed) VALUES
    (5000, 700000001, TRUE, NULL, '{"update_id": 5000, "message": {"message_id": 10, "date": 1764000000, "from": {"id": 700000001, "is_bot": false, "first_name": "Ann", "language_code": "en"}, "chat": {"id": 700000001, "first_name": "Ann", "type": "private"}, "photo": [{"file_id": "FILE_ID", "file_unique_id": "AQAD", "width": 320, "height": 320, "file_size": 5000}]}}',
    strftime('%s', 'now') - 600.5, strftime('%s', 'now') - 600.5, TRUE),
    (5001, 700000001, FALSE, NULL, '{"update_id": 5001, "message": {"message_id": 11, "date": 1764000000, "from": {"id": 700000001, "is_bot": false, "first_name": "Ann", "language_code": "en"}, "chat": {"id": 700000001, "first_name": "Ann", "type": "private"}, "text": "/privacy", "entities": [{"type": "bot_command", "offset": 0, "length": 8}]}}',
    strftime('%s', 'now') - 600.5, strftime('%s', 'now') - 600.5, FALSE);
INSERT INTO allowances VALUES ('all', '[]');
COMMIT;
