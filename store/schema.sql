-- The results store of weir, version 2: one SQLite file in WAL mode. docs/storage.md explains it with
-- examples; this file says what every column is. Each version adds its part at the end.
--
-- Rules that hold everywhere
--   run        runs.id. Deleting a run deletes everything of it.
--   label      labels.id, or 0 for all labels together (in hits and errors: for none).
--   *_us       microseconds: a duration, or an instant since 1970-01-01 UTC.
--   text       is never NULL; '' is none.
--   NULL       a figure, time or result for which there is no data. It is never 0 instead.
--   sketch     the histogram that all other figures of the row come from, and that merges with others.

PRAGMA application_id = 0x77656972;  -- 'weir'

CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,    -- the run's number, never used again
  run_id TEXT NOT NULL UNIQUE,             -- the name its workers use; run-<number> if they gave none
  name TEXT NOT NULL DEFAULT '',           -- given by startTestRun
  project TEXT NOT NULL DEFAULT '',        -- given by startTestRun
  scenario TEXT NOT NULL DEFAULT '',       -- given by startTestRun
  source TEXT NOT NULL DEFAULT 'loads',    -- who sent it: loads, k6, jtl, http, import
  state TEXT NOT NULL DEFAULT 'running',   -- created, validated, queued, initializing, running, finished,
                                           -- timed_out, aborted_by_user, aborted_by_system,
                                           -- aborted_by_script_error, aborted_by_threshold,
                                           -- aborted_by_limit, archived
  result TEXT,                             -- passed, failed, or NULL: nothing was judged
  started_us INTEGER NOT NULL,             -- first message
  ended_us INTEGER,                        -- NULL while it runs
  users_max INTEGER,                       -- the most concurrent users reported at one moment
  workers INTEGER NOT NULL DEFAULT 0,      -- how many sent messages
  tags TEXT NOT NULL DEFAULT '{}',         -- JSON object of strings
  note TEXT NOT NULL DEFAULT '',           -- written by people
  baseline INTEGER NOT NULL DEFAULT 0,     -- 1: people chose it to compare others with
  hits_not_kept INTEGER NOT NULL DEFAULT 0,  -- counted in every figure, but without a row in hits
  skewed INTEGER NOT NULL DEFAULT 0,       -- hits whose time was implausible: counted at arrival
  urls_distinct INTEGER NOT NULL DEFAULT 0,  -- different raw URLs; estimated beyond 1,000
  broker_version TEXT NOT NULL DEFAULT '',   -- of the weir that wrote it last
  -- response times of all hits
  count INTEGER NOT NULL DEFAULT 0,        -- hits
  failed INTEGER NOT NULL DEFAULT 0,       -- of them, not successful
  sum_us INTEGER,                          -- stops at 9223372036854775807
  min_us INTEGER,                          -- exact
  max_us INTEGER,                          -- exact
  mean_us REAL,                            -- exact
  sd_us REAL,                              -- population; NULL too if a source sent histograms only
  p50_us INTEGER,                          -- nearest rank, at most 0.1 % high, like all percentiles
  p90_us INTEGER,
  p95_us INTEGER,
  p99_us INTEGER,
  p999_us INTEGER,                         -- 99.9 %
  bytes_sent INTEGER,                      -- NULL unless reported
  bytes_received INTEGER,                  -- NULL unless reported
  sketch BLOB
) STRICT;
CREATE INDEX runs_by_project ON runs (project, id);

CREATE TABLE workers (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  worker_id TEXT NOT NULL,
  region TEXT NOT NULL DEFAULT '',
  first_us INTEGER NOT NULL,               -- arrival of its first message
  last_us INTEGER NOT NULL,                -- arrival of its last message
  messages INTEGER NOT NULL DEFAULT 0,     -- applied
  missing INTEGER NOT NULL DEFAULT 0,      -- gaps in its seq: lost on the way
  duplicate INTEGER NOT NULL DEFAULT 0,    -- seq seen before: not counted again
  late INTEGER NOT NULL DEFAULT 0,         -- arrived after the run had ended
  PRIMARY KEY (run, worker_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE labels (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  region TEXT NOT NULL DEFAULT '',         -- '' unless the test has regions
  label TEXT NOT NULL,                     -- what is shown: GET http://h/items/{id}
  name TEXT NOT NULL DEFAULT '',           -- the label the script gave; '' if it gave none
  method TEXT NOT NULL DEFAULT '',         -- GET; of a label the script gave, that of its first hit
  url TEXT NOT NULL DEFAULT '',            -- templated: http://h/items/{id}; likewise
  -- response times of its hits: as in runs
  count INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  sum_us INTEGER,
  min_us INTEGER,
  max_us INTEGER,
  mean_us REAL,
  sd_us REAL,
  p50_us INTEGER,
  p90_us INTEGER,
  p95_us INTEGER,
  p99_us INTEGER,
  p999_us INTEGER,
  bytes_sent INTEGER,
  bytes_received INTEGER,
  sketch BLOB,
  UNIQUE (run, region, label)
) STRICT;

-- Each second of a run (label 0), and each ten seconds of each label.
CREATE TABLE intervals (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  label INTEGER NOT NULL,                  -- labels.id, 0 = all
  region TEXT NOT NULL DEFAULT '',
  start_us INTEGER NOT NULL,               -- a hit belongs to the interval in which it ended
  length_us INTEGER NOT NULL,              -- 1000000 or 10000000
  users INTEGER,                           -- concurrent users reported
  -- response times of its hits: as in runs
  count INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  sum_us INTEGER,
  min_us INTEGER,
  max_us INTEGER,
  mean_us REAL,
  sd_us REAL,
  p50_us INTEGER,
  p90_us INTEGER,
  p95_us INTEGER,
  p99_us INTEGER,
  p999_us INTEGER,
  bytes_sent INTEGER,
  bytes_received INTEGER,
  sketch BLOB,
  UNIQUE (run, label, region, start_us)
) STRICT;

CREATE TABLE status_counts (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  label INTEGER NOT NULL,                  -- labels.id
  status INTEGER NOT NULL,                 -- HTTP status; 0: no answer
  count INTEGER NOT NULL,
  PRIMARY KEY (run, label, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE tests (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  test TEXT NOT NULL,                      -- its name
  started INTEGER NOT NULL DEFAULT 0,      -- startTest
  finished INTEGER NOT NULL DEFAULT 0,     -- stopTest
  success INTEGER NOT NULL DEFAULT 0,      -- addSuccess
  failure INTEGER NOT NULL DEFAULT 0,      -- addFailure
  error INTEGER NOT NULL DEFAULT 0,        -- addError
  -- times from startTest to stopTest: as in runs, except
  count INTEGER NOT NULL DEFAULT 0,        -- tests whose time was measured
  failed INTEGER NOT NULL DEFAULT 0,       -- failure + error
  sum_us INTEGER,
  min_us INTEGER,
  max_us INTEGER,
  mean_us REAL,
  sd_us REAL,
  p50_us INTEGER,
  p90_us INTEGER,
  p95_us INTEGER,
  p99_us INTEGER,
  p999_us INTEGER,
  sketch BLOB,
  PRIMARY KEY (run, test)
) STRICT;

CREATE TABLE methods (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  method TEXT NOT NULL,                    -- GET
  count INTEGER NOT NULL,                  -- hits
  PRIMARY KEY (run, method)
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,                      -- incr_counter, or a data_type of the script's own
  count INTEGER NOT NULL,
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE metrics (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,                      -- counter, gauge, rate, trend
  unit TEXT NOT NULL DEFAULT '',           -- ms, bytes, …
  value REAL,                              -- gauge: the last; rate: the share that was not zero
  count INTEGER NOT NULL DEFAULT 0,        -- samples
  sum REAL,
  min REAL,
  max REAL,
  sketch BLOB,                             -- trend: in 1/1,000 of the unit
  PRIMARY KEY (run, name)
) STRICT;

CREATE TABLE monitors (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  host TEXT NOT NULL,
  time_us INTEGER NOT NULL,
  cpu REAL,                                -- as reported
  memory REAL,                             -- as reported
  PRIMARY KEY (run, host, time_us)
) STRICT, WITHOUT ROWID;

CREATE TABLE thresholds (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  source TEXT NOT NULL,                    -- what it is about, for example response_ms
  expression TEXT NOT NULL,                -- p(95)<200
  value REAL,                              -- the latest, in the unit of the expression
  threshold REAL,                          -- the limit in the expression
  state TEXT NOT NULL DEFAULT '',          -- passed, failed; '' not judged yet
  since_us INTEGER,                        -- when it came into this state
  PRIMARY KEY (run, source, expression)
) STRICT, WITHOUT ROWID;

CREATE TABLE sockets (
  run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  opened INTEGER NOT NULL DEFAULT 0,
  closed INTEGER NOT NULL DEFAULT 0,
  messages INTEGER NOT NULL DEFAULT 0,     -- received on them
  bytes_received INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE errors (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,                      -- failure and error of a test, hit
  class TEXT NOT NULL,                     -- AssertionError
  message TEXT NOT NULL,
  traceback TEXT NOT NULL DEFAULT '',
  label INTEGER NOT NULL DEFAULT 0,        -- of the first such hit
  test TEXT NOT NULL DEFAULT '',           -- of the first such failure or error
  count INTEGER NOT NULL DEFAULT 0,
  first_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL,
  PRIMARY KEY (run, kind, class, message, traceback)
) STRICT, WITHOUT ROWID;

-- Up to store.hits_max_per_run successes and as many failures of a run; runs.hits_not_kept counts
-- the others.
CREATE TABLE hits (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  label INTEGER NOT NULL,                  -- labels.id
  worker TEXT NOT NULL,                    -- workers.worker_id
  started_us INTEGER NOT NULL,
  elapsed_us INTEGER NOT NULL,
  status INTEGER NOT NULL,                 -- HTTP status; 0: no answer
  success INTEGER NOT NULL,                -- 1 or 0
  url TEXT NOT NULL DEFAULT '',            -- as requested, without its query
  bytes_sent INTEGER,
  bytes_received INTEGER,
  dns_us INTEGER,                          -- name lookup; these four NULL unless reported
  connect_us INTEGER,                      -- TCP connect
  tls_us INTEGER,                          -- TLS handshake
  first_byte_us INTEGER,                   -- until the first byte of the answer
  error TEXT NOT NULL DEFAULT ''           -- why it failed, if that was said
) STRICT;
CREATE INDEX hits_by_run ON hits (run, started_us);

CREATE TABLE rejects (
  run INTEGER NOT NULL,                    -- 0: the run is not known
  reason TEXT NOT NULL,                    -- not_json, missing_field, … (docs/protocol.md)
  count INTEGER NOT NULL,
  PRIMARY KEY (run, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE reject_samples (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,                    -- 0: the run is not known
  reason TEXT NOT NULL,
  time_us INTEGER NOT NULL,                -- arrival
  detail TEXT NOT NULL DEFAULT '',         -- what exactly was wrong
  sample ANY NOT NULL                      -- the first bytes of the message: text, BLOB if not UTF-8
) STRICT;
CREATE INDEX reject_samples_by_run ON reject_samples (run, reason);

CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  time_us INTEGER NOT NULL,
  kind TEXT NOT NULL,                      -- started, worker_joined, worker_lost, finished, …
  detail TEXT NOT NULL DEFAULT ''          -- JSON object
) STRICT;
CREATE INDEX events_by_run ON events (run, time_us);

-- The tables whose run may be 0 cannot have a foreign key.
CREATE TRIGGER runs_deleted AFTER DELETE ON runs BEGIN
  DELETE FROM rejects WHERE run = OLD.id;
  DELETE FROM reject_samples WHERE run = OLD.id;
  DELETE FROM events WHERE run = OLD.id;
END;

-- What people open first: milliseconds (*_ms), seconds (*_s), ISO 8601 UTC.

-- One row per run. elapsed_s of a run that goes on is up to its latest message.
CREATE VIEW run_summary AS
SELECT
  r.id AS run, r.run_id, r.name, r.project, r.scenario, r.state, r.result,
  strftime('%Y-%m-%dT%H:%M:%S', r.started_us / 1000000, 'unixepoch')
    || printf('.%06dZ', r.started_us % 1000000) AS started,
  strftime('%Y-%m-%dT%H:%M:%S', r.ended_us / 1000000, 'unixepoch')
    || printf('.%06dZ', r.ended_us % 1000000) AS ended,
  r.elapsed_s, r.workers, r.users_max,
  r.count AS hits, r.failed,
  (r.count - r.failed) * 1.0 / nullif(r.count, 0) AS success_rate,
  r.count / nullif(r.elapsed_s, 0) AS rate,
  round(r.mean_us / 1000.0, 3) AS mean_ms, round(r.sd_us / 1000.0, 3) AS sd_ms,
  r.min_us / 1000.0 AS min_ms, r.max_us / 1000.0 AS max_ms,
  r.p50_us / 1000.0 AS p50_ms, r.p90_us / 1000.0 AS p90_ms, r.p95_us / 1000.0 AS p95_ms,
  r.p99_us / 1000.0 AS p99_ms, r.p999_us / 1000.0 AS p999_ms,
  r.bytes_sent, r.bytes_received,
  (SELECT count(*) FROM labels WHERE run = r.id) AS labels,
  (SELECT sum(finished) FROM tests WHERE run = r.id) AS tests_finished,
  (SELECT sum(failed) FROM tests WHERE run = r.id) AS tests_failed,
  (SELECT count(*) FROM errors WHERE run = r.id) AS errors_distinct,
  (SELECT sum(missing) FROM workers WHERE run = r.id) AS missing,
  (SELECT sum(duplicate) FROM workers WHERE run = r.id) AS duplicate,
  (SELECT sum(late) FROM workers WHERE run = r.id) AS late,
  r.skewed, r.hits_not_kept, r.source, r.tags, r.note, r.baseline, r.broker_version
FROM (
  SELECT *, (coalesce(ended_us, (SELECT max(last_us) FROM workers WHERE run = runs.id))
             - started_us) / 1e6 AS elapsed_s
  FROM runs
) AS r;

-- One row per run and label.
CREATE VIEW label_summary AS
SELECT
  l.run, r.run_id, l.region, l.label, l.name, l.method, l.url,
  l.count AS hits, l.failed,
  (l.count - l.failed) * 1.0 / nullif(l.count, 0) AS success_rate,
  l.count / nullif(r.elapsed_s, 0) AS rate,
  round(l.mean_us / 1000.0, 3) AS mean_ms, round(l.sd_us / 1000.0, 3) AS sd_ms,
  l.min_us / 1000.0 AS min_ms, l.max_us / 1000.0 AS max_ms,
  l.p50_us / 1000.0 AS p50_ms, l.p90_us / 1000.0 AS p90_ms, l.p95_us / 1000.0 AS p95_ms,
  l.p99_us / 1000.0 AS p99_ms, l.p999_us / 1000.0 AS p999_ms,
  l.bytes_sent, l.bytes_received, l.id AS label_id
FROM labels AS l JOIN run_summary AS r ON r.run = l.run;

-- One row per run and second. rate is hits per second, failed is a number of hits.
CREATE VIEW timeline AS
SELECT
  i.run, r.run_id,
  strftime('%Y-%m-%dT%H:%M:%S', i.start_us / 1000000, 'unixepoch')
    || printf('.%06dZ', i.start_us % 1000000) AS time,
  (i.start_us - r.started_us) / 1e6 AS elapsed_s,
  i.count / (i.length_us / 1e6) AS rate, i.failed,
  round(i.mean_us / 1000.0, 3) AS mean_ms, i.min_us / 1000.0 AS min_ms, i.max_us / 1000.0 AS max_ms,
  i.p50_us / 1000.0 AS p50_ms, i.p90_us / 1000.0 AS p90_ms, i.p95_us / 1000.0 AS p95_ms,
  i.p99_us / 1000.0 AS p99_ms, i.p999_us / 1000.0 AS p999_ms,
  i.users, i.bytes_sent, i.bytes_received, i.region
FROM intervals AS i JOIN runs AS r ON r.id = i.run
WHERE i.label = 0;

-- One row per run and distinct error, with the text of the label.
CREATE VIEW error_summary AS
SELECT
  e.run, r.run_id, e.kind, e.class, e.message, e.count,
  strftime('%Y-%m-%dT%H:%M:%S', e.first_us / 1000000, 'unixepoch')
    || printf('.%06dZ', e.first_us % 1000000) AS first,
  strftime('%Y-%m-%dT%H:%M:%S', e.last_us / 1000000, 'unixepoch')
    || printf('.%06dZ', e.last_us % 1000000) AS last,
  l.label, e.test, e.traceback
FROM errors AS e JOIN runs AS r ON r.id = e.run
LEFT JOIN labels AS l ON l.id = e.label;

-- version 2
-- What the broker needs to go on where it was after a crash. Not for analysts: what is in here changes
-- with the broker.

-- One row. Everything before `position` in the journal is in this file.
CREATE TABLE checkpoint (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  store_id BLOB NOT NULL,                  -- 16 random bytes: journals name the store they belong to
  position INTEGER NOT NULL DEFAULT 0,     -- of the first record that is not in this file; 0: none yet
  next_run INTEGER NOT NULL DEFAULT 1,     -- the number of the next run
  anonymous_run INTEGER NOT NULL DEFAULT 0,  -- the run of messages that name none; 0: none
  time_us INTEGER NOT NULL DEFAULT 0,      -- when it was made
  stopped INTEGER NOT NULL DEFAULT 0       -- 1: by a broker that was stopped, not killed, after it
) STRICT;
INSERT INTO checkpoint (id, store_id) VALUES (1, randomblob(16));

-- The whole state of each run that is open or still takes late messages.
CREATE TABLE run_states (
  run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  state BLOB NOT NULL                      -- a form of the broker's own, which changes with its version
) STRICT;

-- How far each sender of acknowledged batches has come.
CREATE TABLE marks (
  worker_id TEXT PRIMARY KEY,
  epoch INTEGER NOT NULL,                  -- when the sender started, as it says
  next_seq INTEGER NOT NULL,               -- the batch expected next
  last_us INTEGER NOT NULL                 -- when it last sent one
) STRICT, WITHOUT ROWID;

-- Runs that are being deleted: what is left of them is not whole. Whoever opens the file to write goes
-- on with them.
CREATE TABLE deletions (
  run INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  reason TEXT NOT NULL                     -- asked, retention_days, max_bytes
) STRICT;
CREATE INDEX runs_by_end ON runs (ended_us);
-- version 3
-- What became of requests over HTTP with an Idempotency-Key: each counts once.
CREATE TABLE idempotency_keys (
  key TEXT PRIMARY KEY, fingerprint INTEGER NOT NULL,     -- of the body that came with it
  accepted INTEGER NOT NULL, duplicate INTEGER NOT NULL,  -- messages; those known by their seq
  rejected TEXT NOT NULL DEFAULT '{}',     -- JSON: by reason
  time_us INTEGER NOT NULL                 -- arrival
) STRICT, WITHOUT ROWID;
