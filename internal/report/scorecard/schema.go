package scorecard

import _ "embed"

// JSONSchema is the published schema of a Card's JSON form.
//
//go:embed schema/score.v1.json
var JSONSchema []byte
