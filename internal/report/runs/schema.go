package runs

import _ "embed"

// JSONSchema is the published schema of a run, agentrisk.run/v1.
//
//go:embed schema/run.schema.json
var JSONSchema []byte

// PlanSchema is the published schema of a plan, agentrisk.plan/v1.
//
//go:embed schema/plan.schema.json
var PlanSchema []byte
