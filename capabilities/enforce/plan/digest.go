package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"agentrisk/internal/source"
)

// Digest names what the plan would do: the SHA-256 of its content, in lower-case
// hex. Where its file lies, and what is said about it, do not count. A run goes on
// with the same plan alone.
func (p *Plan) Digest() string { return p.digest }

// sum makes the digest; "" where a part of the plan is no plain value.
func (p *Plan) sum() string {
	content := *p
	content.File, content.Doc, content.Warnings = "", nil, nil
	content.Steps = make([]*Step, len(p.Steps))
	for i, s := range p.Steps {
		one := *s
		one.At = source.Location{}
		content.Steps[i] = &one
	}
	text, err := json.Marshal(content)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
