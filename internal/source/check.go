package source

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// checker makes the checks that the YAML library leaves out.
type checker struct {
	doc    *Document
	limits Limits
	below  map[*yaml.Node]extent // what an anchor stands for; open while it is being counted
}

// extent is what a node stands for once every alias in it is expanded.
type extent struct {
	nodes  int
	height int // levels, its own among them
	open   bool
}

// check walks n, which lies below depth levels, and returns its extent.
func (c *checker) check(n *yaml.Node, depth int) (extent, error) {
	if n.Kind == yaml.AliasNode {
		return c.checkAlias(n, depth)
	}
	if depth >= c.limits.Depth {
		return extent{}, c.tooDeep(n)
	}
	if n.Anchor != "" {
		if c.below == nil {
			c.below = map[*yaml.Node]extent{}
		}
		c.below[n] = extent{open: true}
	}
	whole := extent{nodes: 1, height: 1}
	for _, child := range n.Content {
		c.doc.merges = c.doc.merges || isMerge(child)
		part, err := c.check(child, depth+1)
		if err != nil {
			return extent{}, err
		}
		whole.height = max(whole.height, part.height+1)
		if whole.nodes += part.nodes; whole.nodes > c.limits.Nodes {
			return extent{}, c.fail(n, "too-large", fmt.Sprintf("stands for more than %d values", c.limits.Nodes))
		}
	}
	if n.Kind == yaml.MappingNode {
		before := len(c.doc.Problems)
		if c.checkKeys(n); len(c.doc.Problems) > before {
			c.shadow(n)
		}
	}
	if n.Anchor != "" {
		c.below[n] = whole
	}
	return whole, nil
}

// An alias counts as much as its anchor: that bounds what a reader who expands
// aliases has to do. An anchor that is still open contains its own alias.
func (c *checker) checkAlias(n *yaml.Node, depth int) (extent, error) {
	named, seen := c.below[n.Alias]
	if !seen || named.open {
		return extent{}, c.fail(n, "alias-cycle", fmt.Sprintf("alias *%s stands inside what it names", n.Value))
	}
	if depth+named.height > c.limits.Depth {
		return extent{}, c.tooDeep(n)
	}
	return named, nil
}

func (c *checker) tooDeep(n *yaml.Node) error {
	return c.fail(n, "too-deep", fmt.Sprintf("nested more than %d levels deep", c.limits.Depth))
}

// Few keys are compared pairwise: no allocation. Many go through a map.
func (c *checker) checkKeys(n *yaml.Node) {
	const few = 24
	if len(n.Content)/2 > few {
		c.checkManyKeys(n)
		return
	}
	for i := 2; i < len(n.Content); i += 2 {
		for j := 0; j < i; j += 2 {
			if sameKey(n.Content[i], n.Content[j]) {
				c.duplicate(n.Content[i], n.Content[j])
				break
			}
		}
	}
}

func (c *checker) checkManyKeys(n *yaml.Node) {
	seen := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			continue
		}
		if first, again := seen[key.Value]; again {
			c.duplicate(key, first)
			continue
		}
		seen[key.Value] = key
	}
}

// shadow marks the keys of a map that stand again further down.
func (c *checker) shadow(n *yaml.Node) {
	if c.doc.shadowed == nil {
		c.doc.shadowed = map[*yaml.Node]bool{}
	}
	seen := make(map[string]bool, len(n.Content)/2)
	for i := len(n.Content) - 2; i >= 0; i -= 2 {
		if key := n.Content[i]; key.Kind == yaml.ScalarNode {
			c.doc.shadowed[key] = seen[key.Value]
			seen[key.Value] = true
		}
	}
}

func sameKey(a, b *yaml.Node) bool {
	return a.Kind == yaml.ScalarNode && b.Kind == yaml.ScalarNode && a.Value == b.Value
}

func (c *checker) duplicate(key, first *yaml.Node) {
	c.doc.Problems = append(c.doc.Problems, &Error{
		At: Node{doc: c.doc, y: key}.Location(), ID: "duplicate-key",
		Message: fmt.Sprintf("key %q stands here again, first in line %d", key.Value, first.Line),
		Hint:    "readers differ on which one counts: keep one"})
}

func (c *checker) fail(n *yaml.Node, id, message string) error {
	return &Error{At: Node{doc: c.doc, y: n}.begin(), ID: id, Message: message}
}
