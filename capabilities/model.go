package capabilities

import "agentrisk/internal/source"

// Document is one capability document. A file may hold several, and a broken
// file still gives one, with what could be read and a Problem at the fault.
//
// Slices keep the order of the text. A zero source.Node stands where the text
// has no such part. Nodes of imported parts lie in the file they come from.
type Document struct {
	File  *source.File
	Root  source.Node // Missing where nothing could be parsed
	Index int         // place among the documents of its file, from 0

	Dialect Dialect
	Reason  string // what the dialect was recognised by
	Version string // of the specification, as the document states it

	Identity Identity
	Tags     []string
	Inputs   []*Parameter // of the document as a whole
	Imports  []*Import    // files it asks for, found or not
	Binds    []*Bind      // where its secrets and settings come from
	Consumes []*Consumed  // upstream services, imported ones among them
	Exposes  []*Adapter
	// Functions are the aggregates' functions, which entries refer to.
	Functions []*Exposed
	Flows     []*Flow
	Outputs   []*Output // of the document as a whole

	// Incomplete is true where part of the text could not be read, so that
	// nothing may be concluded from what is absent.
	Incomplete bool
	Unknown    []Unknown       // fields that the dialect's reader does not know
	Problems   []*source.Error // faults, in order of their place

	imported []*Flow // flows of other documents, which steps may run
}

// Identity is what the document calls itself.
type Identity struct {
	At          source.Node // the name, or the first key where there is none
	ID          string
	Name        string
	Description string
	Provider    string
	API         string
	Kind        string // the kind a Kubernetes style document states
	Created     string // as written
	Modified    string // as written
}

// Part is a piece of a document and its place. At is what a message points at:
// the name of the part, its key, or else its first field. Node is all of it.
type Part struct {
	At   source.Node
	Node source.Node
}

// Location returns the place of what a message about the part points at.
func (p Part) Location() source.Location { return p.At.Location() }

// Parameter is an input of a document, an operation, a tool or a flow.
type Parameter struct {
	Part
	Name        string
	In          string // path, query, header, cookie, body, environment; "" where not stated
	Type        string // as written; for a list of items "array"
	Description string
	Required    *bool    // nil where not stated
	Value       string   // the constant, default or template given
	Format      string   // format or pattern, whichever is given
	Enum        []string // the values allowed
	Bounded     bool     // an enumeration, pattern, format, maximum or maximal length is given
}

// Output is a value that a document, a flow or a step hands on.
type Output struct {
	Part
	Name   string
	Type   string
	Source string // the expression or step path it comes from, "" where not stated
}

// Import is a file that a document asks for.
type Import struct {
	Part
	Location string // as written
	Name     string // what is imported from it, "" for all
	As       string // the local name, "" where it keeps its own
	Kind     string // consumes, exposes, aggregates, binds, registry, openapi, arazzo, …
	File     string // the name of the file found, "" where none was
	Reason   string // why nothing was read, "" where it was

	found bool // something was taken from the file
}

// Bind names a place that secrets and settings come from.
type Bind struct {
	Part
	Namespace   string
	Location    string // a URI such as file:///… or vault://…; "" means the process environment
	Description string
	Keys        []BindKey
	Import      *Import // the import it came by, nil for one of the document's own
}

// BindKey is one variable of a Bind.
type BindKey struct {
	Part
	Name string // the variable as expressions write it
	Key  string // its name in the place it comes from
}

// Authentication is how a caller proves who it is: the capability to an upstream
// service, or a caller to an exposed adapter.
type Authentication struct {
	Part
	Type   string     // basic, apikey, bearer, digest, oauth2, none; any other as written, in lower case
	Scopes []string   // OAuth scopes
	Fields []*Binding // everything else it states: token, key, value, placement, audience, …
}

// Consumed is an upstream service.
type Consumed struct {
	Part
	Namespace      string // the name that calls use
	Kind           string // http, or as written
	BaseURI        string
	BaseAt         source.Node // the place of BaseURI
	Description    string
	Authentication *Authentication // nil where not stated
	Inputs         []*Parameter    // sent with every call
	Operations     []*Operation
	Import         *Import // the import it came by, nil for one of the document's own
	Own            bool    // its operations are those that the document itself offers
}

// Operation is a call that an upstream service offers.
type Operation struct {
	Part
	ID          string // what calls name it by
	Name        string // a second, readable name
	Method      string // upper case; "" where not stated
	Path        string
	Description string
	Tags        []string
	Inputs      []*Parameter
	Outputs     []*Output
	Hints       Hints
	Semantics   Semantics
	Service     *Consumed // never nil
}

// Semantics are what a document says of an operation's effect. nil: not said.
type Semantics struct {
	At                          source.Node
	Safe, Idempotent, Cacheable *bool
}

// Hints are what a document tells the callers of a tool. nil: not said.
type Hints struct {
	At                                           source.Node
	ReadOnly, Destructive, Idempotent, OpenWorld *bool
}

// AdapterKind is the way in which a capability is exposed.
type AdapterKind string

// The kinds of adapters.
const (
	REST    AdapterKind = "rest"
	MCP     AdapterKind = "mcp"
	Skill   AdapterKind = "skill"
	Control AdapterKind = "control"
	Other   AdapterKind = "other" // one that this package does not know
)

// Adapter is one way in which the capability is exposed.
type Adapter struct {
	Part
	Kind           AdapterKind
	Name           string // its namespace
	Description    string
	Transport      string // http, stdio; "" where not stated
	Address        string
	Port           string          // as written
	Authentication *Authentication // of its callers; nil where not stated
	Entries        []*Exposed
	Import         *Import // the import it came by, nil for one of the document's own
}

// EntryKind is what an exposed entry is to its callers.
type EntryKind string

// The kinds of entries.
const (
	Tool          EntryKind = "tool"      // of an MCP server
	RESTOperation EntryKind = "operation" // of a REST adapter
	Resource      EntryKind = "resource"  // of an MCP server
	Prompt        EntryKind = "prompt"    // of an MCP server
	SkillEntry    EntryKind = "skill"
	Forward       EntryKind = "forward"  // whatever the caller asks of one upstream service
	Function      EntryKind = "function" // of an aggregate: what tools and operations refer to
)

// Exposed is one thing that a caller may ask of an adapter.
type Exposed struct {
	Part
	Kind        EntryKind
	Name        string
	Method      string // upper case; "" where not stated
	Path        string
	Description string
	Tags        []string
	Inputs      []*Parameter
	Outputs     []*Output
	Hints       Hints
	Semantics   Semantics
	Call        Target // the operation, function or flow it stands for; State None where it has steps or a constant answer
	Bindings    []*Binding
	Flow        *Flow    // its steps, or those of the function it refers to; nil where it has none
	Tools       []string // of a skill: the tools it may use
	Namespace   string   // of a function: its aggregate's
	Adapter     *Adapter // nil for a function
}

// Resolution says what became of a reference to an operation.
type Resolution string

// The resolutions. Only Missing is a fault that the document shows by itself.
const (
	Resolved   Resolution = "resolved"   // Operation, Entry or Flow is set
	External   Resolution = "external"   // it lies in a description that is not part of the tree
	Unread     Resolution = "unread"     // its file could not be found or read
	Unmatched  Resolution = "missing"    // everything it could lie in was read, and it is not there
	None       Resolution = "none"       // nothing is named
	Builtin    Resolution = "builtin"    // the runtime itself offers it
	Undeclared Resolution = "undeclared" // the document declares no operations or imports to look it up in
)

// Target is a reference to something that can be called.
type Target struct {
	At        source.Node // the reference; Missing where nothing is named
	Text      string      // as written
	Namespace string      // the service, registry entry, import or source named; "" where none is
	Name      string      // the operation, without its namespace
	Method    string      // where the reference itself states method and path
	Path      string
	State     Resolution
	Reason    string // why it is not resolved, "" where it is
	Operation *Operation
	Entry     *Exposed
	Flow      *Flow
}

// Unknown is a field that was not understood. It is kept, counted and told.
type Unknown struct {
	Part
	Key   string
	Where string // the kind of part it stands in, such as "step"
}
