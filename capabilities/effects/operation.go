package effects

import "agentrisk/internal/source"

// Operation is all that is known of one operation. Every field but one of ID,
// Name and Path may be empty.
type Operation struct {
	ID          string // the operation id as the document names it
	Provider    string // whose operation it is: a product, company or host
	Method      string // HTTP method
	Path        string // path or full address, parameters in braces
	Name        string // a second name, or the only one
	Description string
	Context     string // what stands around it: the service's namespace, the flow's name
	Hints       Hints
	At          source.Location // where the document names it; zero outside a document
}

// Hints are what a document says of an operation's effect. nil means not said.
type Hints struct {
	At          source.Location
	ReadOnly    *bool // readOnly or readOnlyHint; semantics "safe" means the same
	Destructive *bool // destructive or destructiveHint
	Effect      Effect
	Control     Control
}

// identifier returns the name that the operation is best known by.
func (o Operation) identifier() string {
	switch {
	case o.ID != "":
		return o.ID
	case o.Name != "":
		return o.Name
	}
	return o.Path
}
