-- What people were asked, and what they answered. The proof of a row binds all
-- its columns: a row that was altered does not open.

CREATE TABLE approvals (
  id               TEXT PRIMARY KEY,
  tenant           TEXT NOT NULL,
  run              TEXT NOT NULL,
  step             TEXT NOT NULL,
  operation        TEXT NOT NULL,
  effect           TEXT NOT NULL,
  resource         TEXT NOT NULL,
  purpose          TEXT NOT NULL,
  arguments_sha256 TEXT NOT NULL,
  policy_version   TEXT NOT NULL,
  requesters       TEXT NOT NULL, -- the delegation chain, as JSON
  sealed_arguments TEXT NOT NULL,
  state            TEXT NOT NULL CHECK (state IN ('open', 'approved', 'denied', 'expired', 'used', 'void')),
  decided_by       TEXT NOT NULL,
  reason           TEXT NOT NULL,
  created_at       BIGINT NOT NULL,
  expires_at       BIGINT NOT NULL,
  decided_at       BIGINT NOT NULL, -- 0: not decided
  used_at          BIGINT NOT NULL, -- 0: not used
  proof            TEXT NOT NULL,
  UNIQUE (tenant, run, step, arguments_sha256, policy_version)
);
CREATE INDEX approvals_listed ON approvals (tenant, created_at, id);
CREATE INDEX approvals_open ON approvals (tenant, state, created_at, id);
CREATE INDEX approvals_due ON approvals (expires_at) WHERE state = 'open' OR state = 'approved';
