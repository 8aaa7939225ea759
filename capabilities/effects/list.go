package effects

import (
	"encoding/json"
	"io"

	"agentrisk/internal/source"
)

// Listed is an operation of a list, under the id that the list gives it.
type Listed struct {
	Key       string
	Operation Operation
}

// ReadList reads a JSON list of operations, [{id, provider, method, path, name,
// description}], or of MCP tools: {"tools": […]}, […], or one tool. The readOnlyHint
// and destructiveHint of a tool's annotations are taken for the document's own
// hints. Fields it does not know are passed over. The error is a *source.Error.
func ReadList(f *source.File, limits source.Limits) ([]Listed, error) {
	doc, err := source.ParseOne(f, limits)
	if err != nil {
		return nil, err
	}
	list := listOf(doc.Root)
	if list.Kind() != source.Sequence {
		if doc.Root.Kind() != source.Mapping {
			return nil, doc.Root.Wrong("the file", `a list of operations, a list of MCP tools, or one tool`)
		}
		one, err := readItem(doc.Root)
		if err != nil {
			return nil, err
		}
		return []Listed{one}, nil
	}
	all := make([]Listed, 0, list.Len())
	for _, item := range list.Items() {
		one, err := readItem(item)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// listOf finds the list in what servers and registries wrap it in.
func listOf(root source.Node) source.Node {
	for _, n := range [...]source.Node{root, root.Get("tools"), root.Get("operations"), root.Get("result").Get("tools")} {
		if n.Kind() == source.Sequence {
			return n
		}
	}
	return source.Node{}
}

func readItem(n source.Node) (Listed, error) {
	var one Listed
	if n.Kind() != source.Mapping {
		return one, n.Wrong("an entry of the list", "an operation with a name, an id or a path")
	}
	op := &one.Operation
	op.At = n.Location()
	var key string
	fields := [...]struct {
		name string
		to   *string
	}{{"id", &key}, {"provider", &op.Provider}, {"method", &op.Method}, {"path", &op.Path}, {"name", &op.ID}, {"description", &op.Description}}
	for _, field := range fields {
		value := n.Get(field.name)
		if value.IsNull() {
			continue
		}
		if value.Kind() != source.Scalar {
			return one, value.Wrong(field.name, "text")
		}
		*field.to = value.Text()
	}
	if key == "" && op.ID == "" && op.Path == "" {
		return one, &source.Error{At: op.At, ID: "no-name", Message: "an entry of the list names no operation", Expected: "a name, an id or a path",
			Hint: "an MCP tool has a name, an operation an id and a method and path"}
	}
	if op.Method != "" && methodClass(op.Method) == "" {
		value := n.Get("method")
		return one, &source.Error{At: value.Location(), ID: "unknown-method", Message: "method " + op.Method + " is no HTTP method",
			Expected: "GET, HEAD, OPTIONS, POST, PUT, PATCH or DELETE"}
	}
	if one.Key = key; key == "" {
		one.Key = op.identifier()
	}
	if op.ID == "" && op.Path == "" {
		op.ID = key
	} else {
		op.Name = key
	}
	return one, readHints(n, op)
}

func readHints(n source.Node, op *Operation) error {
	annotations := n.Get("annotations")
	if annotations.IsNull() {
		return nil
	}
	op.Hints.At = annotations.Location()
	fields := [...]struct {
		name string
		to   **bool
	}{{"readOnlyHint", &op.Hints.ReadOnly}, {"destructiveHint", &op.Hints.Destructive}}
	for _, field := range fields {
		value := annotations.Get(field.name)
		if value.IsNull() {
			continue
		}
		b, ok := value.Bool()
		if !ok {
			return value.Wrong(field.name, "true or false")
		}
		*field.to = &b
	}
	return nil
}

// line is what one operation prints as.
type line struct {
	ID string `json:"id"`
	Result
}

// WriteLine prints a result as one line of NDJSON: {id, effect, control, basis,
// confidence, evidence, …}.
func WriteLine(w io.Writer, id string, r Result) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if r.Evidence == nil {
		r.Evidence = []source.Evidence{}
	}
	return enc.Encode(line{ID: id, Result: r})
}
