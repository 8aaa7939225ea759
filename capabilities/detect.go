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
	for _, key := range [...]string{"ikanos", "naftiko"} {
		if version := root.Get(key); version.Exists() && version.Kind() == source.Scalar {
			return versioned(key, version.Text()), key + ": " + version.Text()
		}
	}
	if api, kind := root.Get("apiVersion"), root.Get("kind"); api.Exists() && kind.Exists() {
		return kubernetesDialect(api.Text(), kind.Text())
	}
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

// versioned tells lists from keyed maps: the specification changed from one to
// the other with 1.0.0-alpha3, and renamed itself on the way.
func versioned(key, version string) Dialect {
	if key == "ikanos" {
		return Ikanos
	}
	switch strings.TrimPrefix(version, "v") {
	case "0.4", "0.5", "0.6", "1.0.0-alpha1", "1.0.0-alpha2", "1.0.0":
		return Naftiko
	}
	if strings.Contains(version, "alpha3") || strings.Contains(version, "beta") {
		return Ikanos
	}
	return Naftiko
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
