PRAGMA application_id = 1112496215;
BEGIN TRANSACTION;
CREATE TABLE batches (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        model TEXT NOT NULL,
        strategy TEXT NOT NULL,
        classes TEXT NOT NULL CHECK (json_type(classes) = 'array'),
        after_seq INTEGER NOT NULL
    );
INSERT INTO "batches" VALUES(1,'2026-11-20T15:03:28.214+00:00','m','margin','["checked", "other"]',0);
INSERT INTO "batches" VALUES(2,'2026-11-20T15:03:28.370+00:00','m','margin','["checked", "other"]',6);
CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        session TEXT NOT NULL,
        annotator TEXT NOT NULL,
        item TEXT NOT NULL REFERENCES items (id),
        action TEXT NOT NULL CHECK (action IN ('label', 'skip', 'discard', 'undo')),
        label TEXT CHECK ((label IS NOT NULL) = (action = 'label')),
        hinted INTEGER NOT NULL DEFAULT 0,
        undoes INTEGER UNIQUE REFERENCES events (seq) CHECK ((undoes IS NOT NULL) = (action = 'undo'))
    );
INSERT INTO "events" VALUES(1,'2026-11-20T15:03:28.262+00:00','one','ann','a','label','other',0,NULL);
INSERT INTO "events" VALUES(2,'2026-11-20T15:03:28.304+00:00','one','ann','a','label','checked',0,NULL);
INSERT INTO "events" VALUES(3,'2026-11-20T15:03:28.308+00:00','one','ann','b','label','other',0,NULL);
INSERT INTO "events" VALUES(4,'2026-11-20T15:03:28.333+00:00','one','ann','b','undo',NULL,0,3);
INSERT INTO "events" VALUES(5,'2026-11-20T15:03:28.341+00:00','one','ann','c','discard',NULL,0,NULL);
INSERT INTO "events" VALUES(6,'2026-11-20T15:03:28.370+00:00','one','ann','d','skip',NULL,0,NULL);
CREATE TABLE items (id TEXT PRIMARY KEY, path BLOB NOT NULL);
INSERT INTO "items" VALUES('a',X'2F706F6F6C2F612E706E67');
INSERT INTO "items" VALUES('b',X'2F706F6F6C2F622E706E67');
INSERT INTO "items" VALUES('c',X'2F706F6F6C2F632E706E67');
INSERT INTO "items" VALUES('d',X'2F706F6F6C2F642E706E67');
INSERT INTO "items" VALUES('e',X'2F706F6F6C2F652E706E67');
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "meta" VALUES('version','1');
CREATE TABLE queue_items (
        batch INTEGER NOT NULL REFERENCES batches (id),
        rank INTEGER NOT NULL,
        item TEXT NOT NULL REFERENCES items (id),
        score REAL NOT NULL,
        reason TEXT NOT NULL,
        predicted TEXT NOT NULL,
        probabilities TEXT NOT NULL CHECK (json_type(probabilities) = 'object'),
        PRIMARY KEY (batch, item)
    );
INSERT INTO "queue_items" VALUES(1,1,'a',0.8,'margin 0.20','checked','{"checked": 0.6, "other": 0.4}');
INSERT INTO "queue_items" VALUES(1,2,'b',0.8,'margin 0.20','checked','{"checked": 0.6, "other": 0.4}');
INSERT INTO "queue_items" VALUES(1,3,'c',0.8,'margin 0.20','checked','{"checked": 0.6, "other": 0.4}');
INSERT INTO "queue_items" VALUES(1,4,'d',0.8,'margin 0.20','checked','{"checked": 0.6, "other": 0.4}');
INSERT INTO "queue_items" VALUES(2,1,'e',0.8,'margin 0.20','checked','{"checked": 0.6, "other": 0.4}');
INSERT INTO "queue_items" VALUES(2,2,'b',0.8,'margin 0.20','checked','{"checked": 0.6, "other": 0.4}');
CREATE INDEX queue_items_by_item ON queue_items (item, batch);
CREATE TRIGGER events_refuse_UPDATE BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_refuse_DELETE BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE VIEW live_events AS
        SELECT * FROM events AS event
        WHERE action <> 'undo' AND NOT EXISTS (SELECT 1 FROM events WHERE undoes = event.seq);
CREATE VIEW decisions AS
        SELECT item, max(seq) AS seq, at, annotator, action, label FROM live_events
        WHERE action IN ('label', 'discard') GROUP BY item;
CREATE VIEW current_labels AS
        SELECT item, path, label, at, annotator, seq FROM decisions JOIN items ON items.id = item
        WHERE action = 'label';
CREATE VIEW open_queue AS
        SELECT queued.*, items.path, skips.seq AS skipped_seq
        FROM queue_items AS queued
        JOIN items ON items.id = queued.item
        LEFT JOIN (SELECT item, max(seq) AS seq FROM live_events WHERE action = 'skip' GROUP BY item) AS skips
            ON skips.item = queued.item
        WHERE queued.batch = (SELECT max(batch) FROM queue_items WHERE item = queued.item)
            AND queued.item NOT IN (SELECT item FROM decisions);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',6);
COMMIT;
