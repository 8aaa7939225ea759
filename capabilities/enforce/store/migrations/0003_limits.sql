-- What was used, denied and seen: budgets and habits outlive a restart.

CREATE TABLE limit_windows (
  budget TEXT NOT NULL,
  tenant TEXT NOT NULL,
  agent  TEXT NOT NULL, -- empty: all agents of the tenant together
  slots  TEXT NOT NULL, -- {"size":ns,"slots":[[number,used],…]}
  PRIMARY KEY (tenant, budget, agent)
);

CREATE TABLE limit_breakers (
  tenant    TEXT NOT NULL,
  agent     TEXT NOT NULL,
  denials   BIGINT NOT NULL, -- in a row
  opened_at BIGINT NOT NULL, -- 0: closed
  reset_by  TEXT NOT NULL,
  reset_at  BIGINT NOT NULL,
  PRIMARY KEY (tenant, agent)
);

CREATE TABLE limit_operations (
  tenant    TEXT NOT NULL,
  agent     TEXT NOT NULL,
  operation TEXT NOT NULL,
  first_at  BIGINT NOT NULL,
  uses      BIGINT NOT NULL,
  PRIMARY KEY (tenant, agent, operation)
);

CREATE TABLE limit_hours (
  tenant TEXT NOT NULL,
  agent  TEXT NOT NULL,
  hour   BIGINT NOT NULL, -- hours since 1970
  uses   BIGINT NOT NULL,
  PRIMARY KEY (tenant, agent, hour)
);

CREATE TABLE limit_agents (
  agent  TEXT NOT NULL,
  tenant TEXT NOT NULL,
  at     BIGINT NOT NULL, -- when it acted for the tenant last
  PRIMARY KEY (agent, tenant)
);
