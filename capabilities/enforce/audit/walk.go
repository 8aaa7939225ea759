package audit

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api/layout"
)

// walker rebuilds the tree from the entries and compares every tile with what it
// should hold. It keeps one unfinished tile a level, whatever the log's size.
type walker struct {
	v      *verification
	tree   *compact.Range
	tiles  map[tileID][]byte // unfinished
	chains *chains
	bad    int // entries that could not be read
}

type tileID struct{ level, index uint64 }

// walk goes through all entries once.
func (v *verification) walk() {
	w := &walker{
		v: v, tiles: map[tileID][]byte{}, chains: newChains(v.report),
		tree: (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0),
	}
	if v.anchor != nil && v.anchor.Size > v.size {
		v.report.fault(Fault{Check: CheckKept, Detail: fmt.Sprintf("the checkpoint kept elsewhere has %d entries, the log %d: the log was cut", v.anchor.Size, v.size)})
	}
	w.stop(0)
	for w.tree.End() < v.size {
		if !w.bundle() {
			w.chains.finish()
			return
		}
	}
	w.chains.finish()
	v.report.set(CheckTiles, Passed, "every tile holds the hashes of the entries")
	if w.bad == 0 {
		v.report.set(CheckEntries, Passed, "%s there and well formed", counted(v.size, "entry is", "entries are"))
		v.report.set(CheckChain, Passed, "the entries of %s follow one another without a gap", counted(uint64(v.report.Runs), "run", "runs"))
	}
}

// bundle takes in the next bundle of entries.
func (w *walker) bundle() bool {
	index := w.tree.End() / layout.EntryBundleWidth
	entries, file, err := w.v.tree.bundle(index, w.v.size)
	if err != nil {
		w.v.report.fault(missing(CheckEntries, file, err))
		return false
	}
	for _, raw := range entries {
		at := w.tree.End()
		if err := w.tree.Append(leafHash(raw), w.visit); err != nil {
			w.v.report.fault(Fault{Check: CheckEntries, File: file, Index: &at, Detail: err.Error()})
			return false
		}
		e, err := ParseEntry(raw)
		if err != nil {
			w.bad++
			w.v.report.fault(Fault{Check: CheckEntries, File: file, Index: &at, Detail: err.Error()})
		} else {
			w.chains.meet(at, file, raw, e)
		}
		w.stop(w.tree.End())
	}
	return true
}

// visit collects the hashes that tiles store: those of every eighth level.
func (w *walker) visit(id compact.NodeID, hash []byte) {
	if id.Level%layout.TileHeight != 0 {
		return
	}
	tile := tileID{uint64(id.Level / layout.TileHeight), id.Index / layout.TileWidth}
	w.tiles[tile] = append(w.tiles[tile], hash...)
	if len(w.tiles[tile]) == maxTile {
		w.compareTile(tile, 0)
		delete(w.tiles, tile)
	}
}

// stop looks at the tree where somebody vouched for it: at the size of the signed
// checkpoint, of the driver's state and of the kept checkpoint. At the first two,
// files for that size must be there as well.
func (w *walker) stop(size uint64) {
	v := w.v
	atSigned := v.signed != nil && size == v.signed.Size
	atAnchor := v.anchor != nil && size == v.anchor.Size
	if !atSigned && !atAnchor && size != v.size {
		return
	}
	root, err := w.root(size)
	if err != nil {
		v.report.fault(Fault{Check: CheckRoot, Detail: err.Error()})
		return
	}
	v.compare(size, root)
	if !atSigned && size != v.size {
		return
	}
	for _, tile := range slices.SortedFunc(maps.Keys(w.tiles), func(a, b tileID) int { return int(a.level) - int(b.level) }) {
		w.compareTile(tile, uint8(len(w.tiles[tile])/hashSize))
	}
	if atSigned && size != v.size {
		w.compareBundle(size)
	}
}

func (w *walker) root(size uint64) ([]byte, error) {
	if size == 0 {
		return emptyRoot(), nil
	}
	return w.tree.GetRootHash(nil)
}

// compareTile holds a tile against the hashes that the entries gave.
func (w *walker) compareTile(tile tileID, p uint8) {
	path := layout.TilePath(tile.level, tile.index, p)
	data, err := w.v.tree.tile(context.Background(), tile.level, tile.index, p)
	if err != nil {
		w.v.report.fault(missing(CheckTiles, path, err))
		return
	}
	if want := w.tiles[tile]; !bytes.Equal(data, want) {
		w.v.report.fault(Fault{Check: CheckTiles, File: path, Detail: fmt.Sprintf("hash %d is not the one of the entries", firstDifference(data, want)/hashSize)})
	}
}

// compareBundle holds the last bundle of the signed size, which readers who go by
// the checkpoint use, against the one that was walked.
func (w *walker) compareBundle(size uint64) {
	if size%layout.EntryBundleWidth == 0 {
		return
	}
	index := size / layout.EntryBundleWidth
	then, file, err := w.v.tree.bundle(index, size)
	if err != nil {
		w.v.report.fault(missing(CheckEntries, file, err))
		return
	}
	now, _, err := w.v.tree.bundle(index, w.v.size)
	if err != nil {
		return // already reported by the walk
	}
	for i := range then {
		if !bytes.Equal(then[i], now[i]) {
			at := index*layout.EntryBundleWidth + uint64(i)
			w.v.report.fault(Fault{Check: CheckEntries, File: file, Index: &at, Detail: "two copies of the entry differ"})
		}
	}
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// counted is a number and its noun.
func counted(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
