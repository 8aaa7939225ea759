package secrets

// automaton finds all needles in one pass over a text, after Aho and Corasick
// (Efficient string matching, CACM 18(6), 1975). The time is linear in the text,
// whatever the number of needles.
type automaton struct {
	nodes []node
	root  [256]int32 // where each byte leads from the beginning, 0 for nowhere
}

type node struct {
	next  map[byte]int32
	fail  int32
	depth int // bytes of needle that lead here
	match int // length of the longest needle that ends here, 0 for none
}

func build(needles []string) *automaton {
	a := &automaton{nodes: []node{{next: map[byte]int32{}}}}
	for _, needle := range needles {
		at := int32(0)
		for i := range len(needle) {
			to, ok := a.nodes[at].next[needle[i]]
			if !ok {
				to = int32(len(a.nodes))
				a.nodes = append(a.nodes, node{next: map[byte]int32{}, depth: i + 1})
				a.nodes[at].next[needle[i]] = to
			}
			at = to
		}
		a.nodes[at].match = len(needle)
	}
	a.link()
	return a
}

// link sets where to go on after a mismatch: to the longest end of the text read so
// far that begins a needle. Breadth first, so that shorter ends are linked before.
func (a *automaton) link() {
	queue := make([]int32, 0, len(a.nodes))
	for b, to := range a.nodes[0].next {
		a.root[b] = to
		queue = append(queue, to)
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for b, to := range a.nodes[at].next {
			a.nodes[to].fail = a.step(a.nodes[at].fail, b)
			queue = append(queue, to)
		}
		a.nodes[at].match = max(a.nodes[at].match, a.nodes[a.nodes[at].fail].match)
	}
}

// step reads one byte.
func (a *automaton) step(at int32, b byte) int32 {
	for at != 0 {
		if to, ok := a.nodes[at].next[b]; ok {
			return to
		}
		at = a.nodes[at].fail
	}
	return a.root[b]
}

// finds says whether a needle is in a text.
func (a *automaton) finds(text string) bool {
	at := int32(0)
	for i := range len(text) {
		if at = a.step(at, text[i]); a.nodes[at].match > 0 {
			return true
		}
	}
	return false
}
