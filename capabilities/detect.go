package capabilities

import (
	"strings"

	"agentrisk/internal/source"
)

// Detect tells the dialect of a document by the keys at its root, and what it
// was recognised by.
func Detect(root source.Node) (Dialect, string) {
	if root.Kind() != source.Mapping {
		return Unspecified, "the document is " + root.Describe() + ", not a map"
	}
	if spec := root.Get("specification").Text(); spec != "" {
		if dialect, ok := specifications[spec]; ok {
			return dialect, "specification: " + spec
		}
	}
	if root.Get("arazzo").Exists() {
		return Arazzo, "key arazzo"
	}
	if version := root.Get("ikanos"); version.Kind() == source.Scalar {
		return Ikanos, "ikanos: " + version.Text()
	}
	if version := root.Get("naftiko"); version.Kind() == source.Scalar {
		return Naftiko, "naftiko: " + version.Text()
	}
	if api, kind := root.Get("apiVersion"), root.Get("kind"); api.Exists() && kind.Exists() {
		return kubernetesDialect(api.Text(), kind.Text())
	}
	// naftiko: with a map behind it names no version, and so no specification.
	for key := range root.Pairs() {
		if adHocRoot[key.Text()] {
			return AdHoc, "key " + key.Text() + ", and none that names a specification"
		}
	}
	return Unspecified, "no key at the root that a capability has"
}

var specifications = map[string]Dialect{
	"Naftiko Capability Composition": Composition,
	"Naftiko Capabilities":           Registry,
}

func kubernetesDialect(api, kind string) (Dialect, string) {
	group, _, _ := strings.Cut(api, "/")
	by := "apiVersion: " + api + ", kind: " + kind
	if strings.Contains(group, "naftiko") || strings.Contains(group, "ikanos") ||
		strings.Contains(group, "capabilit") || strings.Contains(kind, "Capability") {
		return Kubernetes, by
	}
	return Unspecified, by + " is no capability"
}

// adHocRoot holds the keys under which documents without a version keep steps,
// tools, operations or adapters.
var adHocRoot = map[string]bool{
	"steps": true, "workflow": true, "workflows": true, "flow": true, "flows": true, "orchestration": true,
	"tools": true, "mcp_tools": true, "mcpTools": true, "mcp": true, "operations": true, "actions": true,
	"capability": true, "capabilities": true, "exposes": true, "expose": true, "consumes": true,
	"skills": true, "functions": true, "aggregates": true, "binds": true,
}
