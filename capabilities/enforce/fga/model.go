package fga

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/oklog/ulid/v2"
	openfgav1 "github.com/openfga/api/proto/openfga/v1"
	"github.com/openfga/language/pkg/go/transformer"
	"github.com/openfga/openfga/pkg/typesystem"

	"agentrisk/internal/pattern"
	"agentrisk/internal/source"
)

// maxModel bounds the text of a model, in bytes.
const maxModel = 64 << 10

// Policy is an authorization model: the types of things, and who is related to
// them how. It never changes.
type Policy struct {
	id    string
	types map[string][]string // relations by type
	proto *openfgav1.AuthorizationModel
}

// ParseModel reads a model in OpenFGA's language, schema 1.1
// (https://openfga.dev/docs/configuration-language). A model that lets everybody
// in, by a public wildcard such as user:*, is refused.
func ParseModel(text string) (*Policy, error) {
	p, err := parseModel(text)
	if err != nil {
		return nil, err
	}
	if at := wildcard(p.proto); at != "" {
		return nil, &Error{Kind: Public, Op: "model", What: at, Hint: "name the users, or a group of them, instead of type:*"}
	}
	return p, nil
}

// parseModel reads any valid model.
func parseModel(text string) (p *Policy, err error) {
	// The language's parser and validator are generated and large; what they do on
	// odd input must stay an error.
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, &Error{Kind: Model, Op: "model", Err: fmt.Errorf("cannot be parsed: %v", r)}
		}
	}()
	if len(text) > maxModel {
		return nil, &Error{Kind: Model, Op: "model", Err: fmt.Errorf("it has %d bytes, more than %d", len(text), maxModel)}
	}
	m, err := transformer.TransformDSLToProto(text)
	if err != nil {
		return nil, syntaxError(err)
	}
	m.Id = id("model", text)
	if _, err := typesystem.NewAndValidate(context.Background(), m); err != nil {
		return nil, &Error{Kind: Model, Op: "model", Err: err}
	}
	p = &Policy{id: m.GetId(), types: map[string][]string{}, proto: m}
	for _, t := range m.GetTypeDefinitions() {
		p.types[t.GetType()] = sortedKeys(t.GetRelations())
	}
	return p, nil
}

// ID names the model by its contents: another text has another id.
func (p *Policy) ID() string { return p.id }

// Types lists the types of the model.
func (p *Policy) Types() []string { return sortedKeys(p.types) }

// Relations lists the relations of a type, none where there is no such type.
func (p *Policy) Relations(kind string) []string { return slices.Clone(p.types[kind]) }

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// id derives an identifier in the form OpenFGA demands from what it names, so that
// the same thing has the same one in every process and nothing has to be looked
// up.
func id(kind, of string) string {
	sum := sha256.Sum256([]byte("agentrisk/fga/" + kind + "\x00" + of))
	return ulid.ULID(sum[:16]).String()
}

// wildcard names a relation of the model that a public wildcard may stand in.
func wildcard(m *openfgav1.AuthorizationModel) string {
	for _, t := range m.GetTypeDefinitions() {
		relations := t.GetMetadata().GetRelations()
		for _, name := range sortedKeys(relations) {
			for _, who := range relations[name].GetDirectlyRelatedUserTypes() {
				if who.GetWildcard() != nil {
					return t.GetType() + "#" + name
				}
			}
		}
	}
	return ""
}

var syntaxPlace = pattern.Lazy(`^syntax error at line=(\d+), column=(\d+): (.*)`)

// syntaxError gives the first fault its place in the text of the model, counted
// from 1.
func syntaxError(err error) error {
	var several *transformer.OpenFgaDslSyntaxMultipleError
	if !errors.As(err, &several) || len(several.Errors) == 0 {
		return &Error{Kind: Model, Op: "model", Err: err}
	}
	m := syntaxPlace().FindStringSubmatch(several.Errors[0].Error())
	if m == nil {
		return &Error{Kind: Model, Op: "model", Err: several.Errors[0]}
	}
	line, lineErr := strconv.Atoi(m[1])
	column, columnErr := strconv.Atoi(m[2])
	if lineErr != nil || columnErr != nil {
		return &Error{Kind: Model, Op: "model", Err: several.Errors[0]}
	}
	at := source.Position{Line: line + 1, Column: column + 1}
	return &Error{Kind: Model, Op: "model", Err: &source.Error{
		At: source.Location{Range: source.Range{Start: at, End: at}}, ID: "model",
		Message: fmt.Sprintf("line %d, column %d: %s", at.Line, at.Column, m[3])}}
}
