package plan

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// operand is one side of a comparison, and whether there is a value at all.
func (n *node) operand(env *Env) (v any, there bool, err error) {
	switch n.kind {
	case kLiteral:
		return n.literal, true, nil
	case kQuery:
		found, err := n.found(env)
		if err != nil || len(found) == 0 {
			return nil, false, err
		}
		return found[0], true, nil
	case kCount:
		found, err := n.parts[0].found(env)
		return json.Number(strconv.Itoa(len(found))), err == nil, err
	case kLength:
		v, there, err := n.parts[0].operand(env)
		if err != nil || !there {
			return nil, false, err
		}
		v, there = length(v)
		return v, there, nil
	}
	return n.outside(env)
}

// outside is the context, or a value from outside of it, worked out once for all
// items of a filter. Whether such a value is null or absent cannot be told, and a
// query tells the two apart: neither decides anything.
func (n *node) outside(env *Env) (v any, there bool, err error) {
	if v, ok := env.once[n]; ok {
		return v, true, nil
	}
	if v, err = n.eval(env); err == nil && v == nil {
		err = n.fail("is null or absent: nothing is looked for in it or compared with it", nil)
	}
	if err != nil {
		return nil, false, err
	}
	if env.once != nil {
		env.once[n] = v
	}
	return v, true, nil
}

// compareTyped compares as RFC 9535, 2.3.5.2.2 says: values of two types are
// different and have no order, and what is absent is equal to what is absent.
func (n *node) compareTyped(env *Env) (bool, error) {
	a, hasA, err := n.parts[0].operand(env)
	if err != nil {
		return false, err
	}
	b, hasB, err := n.parts[1].operand(env)
	if err != nil {
		return false, err
	}
	if !hasA || !hasB {
		return hasA == hasB && n.kind != kLess, nil
	}
	if n.kind != kLess {
		equal, err := n.identical(a, b)
		if equal || err != nil || n.kind == kEqual {
			return equal, err
		}
	}
	x, y, ok := n.numbers(a, b)
	if ok {
		return x.Cmp(y) < 0, nil
	}
	s, isText := a.(string)
	t, also := b.(string)
	if isText && also {
		return strings.Compare(s, t) < 0, nil
	}
	return false, n.weighed(a, b)
}

// identical compares two values of any type. The error is that of a number beyond
// what is compared.
func (n *node) identical(a, b any) (bool, error) {
	if err := n.weighed(a, b); err != nil {
		return false, err
	}
	switch a := a.(type) {
	case nil, bool, string:
		return a == b, nil
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false, nil
		}
		for i := range a {
			if equal, err := n.identical(a[i], b[i]); err != nil || !equal {
				return false, err
			}
		}
		return true, nil
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false, nil
		}
		for _, name := range slices.Sorted(maps.Keys(a)) {
			v, ok := b[name]
			if !ok {
				return false, nil
			}
			if equal, err := n.identical(a[name], v); err != nil || !equal {
				return false, err
			}
		}
		return true, nil
	}
	x, y, ok := n.numbers(a, b)
	return ok && x.Cmp(y) == 0, nil
}

// weighed reports what is of no type that can be told.
func (n *node) weighed(values ...any) error {
	for _, v := range values {
		if kind := describe(v); kind == "of an unknown type" {
			return n.fail("compares what is no value of JSON, or a number beyond what is compared", nil)
		}
	}
	return nil
}
