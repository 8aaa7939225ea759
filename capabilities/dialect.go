package capabilities

// Dialect is a way of writing capabilities down.
type Dialect string

// The dialects.
const (
	Composition Dialect = "composition" // specification: Naftiko Capability Composition
	Registry    Dialect = "registry"    // specification: Naftiko Capabilities
	Naftiko     Dialect = "naftiko"     // naftiko: 0.5 to 1.0.0-alpha3, lists
	Ikanos      Dialect = "ikanos"      // ikanos: 1.0.0-alpha3 to 1.0.0-beta5, keyed maps
	Kubernetes  Dialect = "kubernetes"  // apiVersion and kind
	AdHoc       Dialect = "ad-hoc"      // lists of steps, tools or operations without a version
	Arazzo      Dialect = "arazzo"      // arazzo: 1.0.x
	Unspecified Dialect = "unknown"     // none of these: nothing was read
)

// Dialects lists the dialects that can be read, in the order above.
func Dialects() []Dialect {
	return []Dialect{Composition, Registry, Naftiko, Ikanos, Kubernetes, AdHoc, Arazzo}
}
