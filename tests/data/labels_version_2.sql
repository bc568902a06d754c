PRAGMA application_id = 1112496215;
BEGIN TRANSACTION;
CREATE TABLE batches (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        model TEXT NOT NULL,
        strategy TEXT NOT NULL,
        classes TEXT NOT NULL,
        after_seq BIGINT NOT NULL
    );
INSERT INTO "batches" VALUES(1,'2026-11-29T11:07:23.015+00:00','abc','margin','["checked", "other", "unchecked"]',0);
CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        session TEXT NOT NULL,
        annotator TEXT NOT NULL,
        item TEXT NOT NULL REFERENCES items (id),
        action TEXT NOT NULL CHECK (action IN ('label', 'skip', 'discard', 'flag', 'unflag', 'note', 'undo')),
        label TEXT CHECK ((label IS NOT NULL) = (action = 'label')),
        note TEXT CHECK ((note IS NOT NULL) = (action = 'note')),
        hinted INTEGER NOT NULL DEFAULT 0,
        settles INTEGER NOT NULL DEFAULT 0,
        imported INTEGER NOT NULL DEFAULT 0,
        undoes BIGINT UNIQUE REFERENCES events (seq) CHECK ((undoes IS NOT NULL) = (action = 'undo'))
    );
INSERT INTO "events" VALUES(1,'2026-11-29T11:07:23.081+00:00','one','ann','a','label','checked',NULL,0,0,0,NULL);
INSERT INTO "events" VALUES(2,'2026-11-29T11:07:23.094+00:00','one','ann','b','skip',NULL,NULL,0,0,0,NULL);
INSERT INTO "events" VALUES(3,'2026-11-29T11:07:23.101+00:00','one','ann','c','discard',NULL,NULL,0,0,0,NULL);
INSERT INTO "events" VALUES(4,'2026-11-29T11:07:23.113+00:00','one','ann','d','label','other',NULL,0,0,0,NULL);
INSERT INTO "events" VALUES(5,'2026-11-29T11:07:23.118+00:00','one','ann','d','undo',NULL,NULL,0,0,0,4);
INSERT INTO "events" VALUES(6,'2026-11-29T11:07:23.123+00:00','one','ann','e','note',NULL,'odd',0,0,0,NULL);
INSERT INTO "events" VALUES(7,'2026-11-29T11:07:23.144+00:00','one','ann','e','flag',NULL,NULL,0,0,0,NULL);
CREATE TABLE items (id TEXT PRIMARY KEY, path BLOB NOT NULL);
INSERT INTO "items" VALUES('a',X'2F706F6F6C2F612E706E67');
INSERT INTO "items" VALUES('b',X'2F706F6F6C2F622E706E67');
INSERT INTO "items" VALUES('c',X'2F706F6F6C2F632E706E67');
INSERT INTO "items" VALUES('d',X'2F706F6F6C2F642E706E67');
INSERT INTO "items" VALUES('e',X'2F706F6F6C2F652E706E67');
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "meta" VALUES('version','2');
CREATE TABLE queue_items (
        batch BIGINT NOT NULL REFERENCES batches (id),
        rank INTEGER NOT NULL,
        item TEXT NOT NULL REFERENCES items (id),
        score DOUBLE PRECISION NOT NULL,
        reason TEXT NOT NULL,
        predicted TEXT NOT NULL,
        probabilities TEXT NOT NULL,
        PRIMARY KEY (batch, item)
    );
INSERT INTO "queue_items" VALUES(1,1,'a',0.8,'margin 0.20','checked','{"checked": 0.5, "other": 0.2, "unchecked": 0.3}');
INSERT INTO "queue_items" VALUES(1,2,'b',0.8,'margin 0.20','checked','{"checked": 0.5, "other": 0.2, "unchecked": 0.3}');
INSERT INTO "queue_items" VALUES(1,3,'c',0.8,'margin 0.20','checked','{"checked": 0.5, "other": 0.2, "unchecked": 0.3}');
INSERT INTO "queue_items" VALUES(1,4,'d',0.8,'margin 0.20','checked','{"checked": 0.5, "other": 0.2, "unchecked": 0.3}');
INSERT INTO "queue_items" VALUES(1,5,'e',0.8,'margin 0.20','checked','{"checked": 0.5, "other": 0.2, "unchecked": 0.3}');
CREATE TABLE tasks (
        item TEXT PRIMARY KEY REFERENCES items (id),
        batch BIGINT NOT NULL,
        rank INTEGER NOT NULL,
        reopened_seq BIGINT NOT NULL DEFAULT 0,
        open INTEGER NOT NULL DEFAULT 1,
        deferred_seq BIGINT NOT NULL DEFAULT 0,
        disputed INTEGER NOT NULL DEFAULT 0,
        decision_seq BIGINT,
        holder TEXT,
        held_until DOUBLE PRECISION,
        FOREIGN KEY (batch, item) REFERENCES queue_items (batch, item)
    );
INSERT INTO "tasks" VALUES('a',1,1,0,0,0,0,1,NULL,NULL);
INSERT INTO "tasks" VALUES('b',1,2,0,1,2,0,NULL,NULL,NULL);
INSERT INTO "tasks" VALUES('c',1,3,0,0,0,0,3,NULL,NULL);
INSERT INTO "tasks" VALUES('d',1,4,0,1,0,0,NULL,NULL,NULL);
INSERT INTO "tasks" VALUES('e',1,5,0,1,0,0,NULL,NULL,NULL);
CREATE INDEX events_by_item ON events (item, seq);
CREATE INDEX events_by_annotator ON events (annotator, seq);
CREATE INDEX tasks_in_order ON tasks (open, deferred_seq, batch DESC, rank);
CREATE INDEX tasks_by_holder ON tasks (holder) WHERE holder IS NOT NULL;
CREATE INDEX tasks_by_decision ON tasks (decision_seq) WHERE decision_seq IS NOT NULL;
CREATE VIEW live_events AS
        SELECT * FROM events AS event
        WHERE action <> 'undo' AND NOT EXISTS (SELECT 1 FROM events WHERE undoes = event.seq);
CREATE TRIGGER events_refuse_UPDATE BEFORE UPDATE ON events
            BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_refuse_DELETE BEFORE DELETE ON events
            BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('batches',1);
INSERT INTO "sqlite_sequence" VALUES('events',7);
COMMIT;
