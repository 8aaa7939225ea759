-- One text for SQLite and Postgres. Times are nanoseconds since 1970, UTC.
-- Columns named sealed_* hold text encrypted for exactly that row.

CREATE TABLE clock (
  one  BIGINT PRIMARY KEY CHECK (one = 1),
  mark BIGINT NOT NULL
);

CREATE TABLE runs (
  id           TEXT PRIMARY KEY,
  tenant       TEXT NOT NULL,
  capability   TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('pending', 'running', 'waiting', 'completed', 'denied', 'failed', 'compensating', 'compensated')),
  reason       TEXT NOT NULL,
  sealed_input TEXT NOT NULL,
  input_sha256 TEXT NOT NULL,
  owner        TEXT NOT NULL,
  fence        BIGINT NOT NULL,
  ready_at     BIGINT, -- from when anyone may claim the run; null: ended
  waiting_on   TEXT NOT NULL,
  cancelled_by TEXT NOT NULL,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  CHECK ((ready_at IS NULL) = (state IN ('completed', 'denied', 'failed', 'compensated')))
);
CREATE INDEX runs_ready ON runs (ready_at, id) WHERE ready_at IS NOT NULL;
CREATE INDEX runs_listed ON runs (tenant, created_at, id);
CREATE INDEX runs_by_state ON runs (tenant, state, created_at, id);
CREATE INDEX runs_waiting ON runs (waiting_on) WHERE waiting_on <> '';

CREATE TABLE steps (
  run              TEXT NOT NULL REFERENCES runs (id),
  seq              BIGINT NOT NULL,
  step             TEXT NOT NULL,
  attempt          BIGINT NOT NULL,
  operation        TEXT NOT NULL,
  effect           TEXT NOT NULL,
  idempotency_key  TEXT NOT NULL UNIQUE,
  arguments_sha256 TEXT NOT NULL,
  state            TEXT NOT NULL CHECK (state IN ('intended', 'done', 'failed', 'undoing', 'undone', 'stuck')),
  reason           TEXT NOT NULL,
  sealed_result    TEXT NOT NULL,
  result_sha256    TEXT NOT NULL,
  undo             TEXT NOT NULL CHECK (undo IN ('', 'none', 'possible', 'impossible')),
  undo_operation   TEXT NOT NULL,
  sealed_undo      TEXT NOT NULL,
  undo_key         TEXT NOT NULL,
  fence            BIGINT NOT NULL,
  intent_at        BIGINT NOT NULL,
  outcome_at       BIGINT,
  undone_at        BIGINT,
  PRIMARY KEY (run, seq),
  UNIQUE (run, step)
);

CREATE TABLE notes (
  run         TEXT NOT NULL REFERENCES runs (id),
  seq         BIGINT NOT NULL,
  step        TEXT NOT NULL,
  kind        TEXT NOT NULL,
  sealed_body TEXT NOT NULL,
  at          BIGINT NOT NULL,
  PRIMARY KEY (run, seq)
);
