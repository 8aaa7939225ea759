-- What the local stand-ins for services keep. It is theirs, not the runtime's: it
-- lies in the same database so that a small world needs one file.

CREATE TABLE provider_rows (
  tenant   TEXT NOT NULL,
  provider TEXT NOT NULL,
  scratch  TEXT NOT NULL, -- empty: the state itself; else the copy it is a part of
  kind     TEXT NOT NULL,
  id       TEXT NOT NULL,
  parent   TEXT NOT NULL, -- what it is listed under
  at       BIGINT NOT NULL,
  gone     BIGINT NOT NULL, -- 1: deleted in the copy, whatever the state itself holds
  sealed   TEXT NOT NULL,
  PRIMARY KEY (tenant, provider, scratch, kind, id)
);
CREATE INDEX provider_rows_listed ON provider_rows (tenant, provider, kind, parent, at, id);

CREATE TABLE provider_calls (
  tenant           TEXT NOT NULL,
  provider         TEXT NOT NULL,
  scratch          TEXT NOT NULL,
  key              TEXT NOT NULL,
  operation        TEXT NOT NULL,
  arguments_sha256 TEXT NOT NULL,
  at               BIGINT NOT NULL,
  sealed           TEXT NOT NULL, -- the answer
  PRIMARY KEY (tenant, provider, scratch, key)
);

CREATE TABLE provider_keys (
  tenant   TEXT NOT NULL,
  provider TEXT NOT NULL,
  scratch  TEXT NOT NULL,
  key      TEXT NOT NULL,
  fence    BIGINT NOT NULL, -- of the newest worker that asked; older ones are refused
  effects  BIGINT NOT NULL, -- how often it took effect: never more than once
  PRIMARY KEY (tenant, provider, scratch, key)
);
