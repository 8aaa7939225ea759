package capabilities

import (
	"embed"
	"strings"
)

//go:embed schema/*.json
var schemaFiles embed.FS

// SchemaNames lists the JSON Schemas that this package publishes: those of
// dialects whose specification has none of its own.
func SchemaNames() []string {
	entries, _ := schemaFiles.ReadDir("schema") // embedded: it is there
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".json"))
	}
	return out
}

// Schema returns the JSON Schema called name, and whether there is one.
func Schema(name string) ([]byte, bool) {
	text, err := schemaFiles.ReadFile("schema/" + name + ".json")
	return text, err == nil
}
