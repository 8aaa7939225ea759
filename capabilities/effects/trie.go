package effects

// trie holds the words that squashed names are parted into.
type trie struct{ nodes []trieNode }

type trieNode struct {
	next [26]int16
	end  bool
	// rare words of few letters (or, as, id) are found inside of others by
	// chance, so they cost more.
	penalty int8
}

func (t *trie) insert(text string) {
	if t.nodes == nil {
		t.nodes = make([]trieNode, 1, 4096)
	}
	at := int16(0)
	for i := 0; i < len(text); i++ {
		if !lower(text[i]) {
			return
		}
		next := &t.nodes[at].next[text[i]-'a']
		if *next == 0 {
			*next = int16(len(t.nodes))
			t.nodes = append(t.nodes, trieNode{})
			next = &t.nodes[at].next[text[i]-'a']
		}
		at = *next
	}
	t.nodes[at].end = true
	switch len(text) {
	case 1:
		t.nodes[at].penalty = 30
	case 2:
		t.nodes[at].penalty = 16
	case 3:
		t.nodes[at].penalty = 4
	}
}

// prefixes calls found with the length of each word that text begins with.
func (t *trie) prefixes(text string, found func(n, penalty int)) {
	at := int16(0)
	for i := 0; i < len(text); i++ {
		if !lower(text[i]) {
			return
		}
		if at = t.nodes[at].next[text[i]-'a']; at == 0 {
			return
		}
		if t.nodes[at].end {
			found(i+1, int(t.nodes[at].penalty))
		}
	}
}
