package audit

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api/layout"
)

// statePath is where the log's driver keeps the state that it has integrated and
// may not have published yet. It is not signed.
const statePath = ".state/treeState"

const (
	maxBundle = layout.EntryBundleWidth * (2 + MaxEntry)
	maxTile   = layout.TileWidth * hashSize
	hashSize  = 32
)

// tree reads the files of a log (C2SP tlog-tiles) and believes none of them.
type tree struct{ files fs.FS }

// read reads a bounded file. A longer one is as wrong as a missing one.
func (t tree) read(path string, limit int64) ([]byte, error) {
	f, err := t.files.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, &DataError{File: path, Offset: int(limit), Want: fmt.Sprintf("at most %d bytes", limit)}
	}
	return data, nil
}

func (t tree) checkpoint() (*checkpoint, error) {
	raw, err := t.read(layout.CheckpointPath, maxCheckpoint)
	if err != nil {
		return nil, err
	}
	return parseCheckpoint(layout.CheckpointPath, raw)
}

// state is the size and root that the driver integrated.
func (t tree) state() (size uint64, root []byte, err error) {
	raw, err := t.read(statePath, 4<<10)
	if err != nil {
		return 0, nil, err
	}
	var s struct {
		Size uint64 `json:"size"`
		Root []byte `json:"root"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return 0, nil, &DataError{File: statePath, Offset: -1, Want: "the size and root of the tree", Err: err}
	}
	again, err := json.Marshal(s)
	if err != nil || !bytes.Equal(again, raw) || len(s.Root) != hashSize {
		return 0, nil, &DataError{File: statePath, Offset: -1, Want: "the size and root of the tree as the driver writes them"}
	}
	return s.Size, s.Root, nil
}

// resource reads a tile or a bundle of a tree of a given size: the partial one
// where the size implies it, or the full one that has replaced it since.
func (t tree) resource(path func(p uint8) string, p uint8, limit int64) (data []byte, name string, err error) {
	data, err = t.read(path(p), limit)
	if p > 0 && errors.Is(err, fs.ErrNotExist) {
		if full, fullErr := t.read(path(0), limit); fullErr == nil {
			return full, path(0), nil
		}
	}
	return data, path(p), err
}

// bundle reads the entries of the index-th bundle of a tree of a given size, with
// the name of the file they came from.
func (t tree) bundle(index, size uint64) (entries [][]byte, name string, err error) {
	p := layout.PartialTileSize(0, index, size)
	path := func(p uint8) string { return layout.EntriesPath(index, p) }
	data, name, err := t.resource(path, p, maxBundle)
	if err != nil {
		return nil, name, err
	}
	entries, err = splitBundle(name, data)
	if err != nil {
		return nil, name, err
	}
	want := layout.EntryBundleWidth
	if p > 0 {
		want = int(p)
	}
	// A full bundle in place of a partial one holds more than was asked for.
	if len(entries) < want || len(entries) > want && name != path(0) {
		return nil, name, &DataError{File: name, Offset: -1, Want: fmt.Sprintf("%d entries, got %d", want, len(entries))}
	}
	return entries[:want], name, nil
}

// splitBundle takes a bundle apart: each entry after its length in two bytes.
func splitBundle(name string, data []byte) ([][]byte, error) {
	var entries [][]byte
	for at := 0; at < len(data); {
		if at+2 > len(data) {
			return nil, &DataError{File: name, Offset: at, Want: "the two bytes of an entry's length"}
		}
		n := int(binary.BigEndian.Uint16(data[at:]))
		if at+2+n > len(data) {
			return nil, &DataError{File: name, Offset: at, Want: fmt.Sprintf("an entry of %d bytes", n)}
		}
		if len(entries) == layout.EntryBundleWidth {
			return nil, &DataError{File: name, Offset: at, Want: fmt.Sprintf("at most %d entries", layout.EntryBundleWidth)}
		}
		entries = append(entries, data[at+2:at+2+n])
		at += 2 + n
	}
	return entries, nil
}

// tile reads the hashes of a tile, as the library's proof builder asks for them.
func (t tree) tile(_ context.Context, level, index uint64, p uint8) ([]byte, error) {
	path := func(p uint8) string { return layout.TilePath(level, index, p) }
	data, name, err := t.resource(path, p, maxTile)
	if err != nil {
		return nil, err
	}
	want := layout.TileWidth * hashSize
	if p > 0 {
		want = int(p) * hashSize
	}
	if len(data) < want || len(data) > want && name != path(0) {
		return nil, &DataError{File: name, Offset: -1, Want: fmt.Sprintf("%d bytes, got %d", want, len(data))}
	}
	return data[:want], nil
}

func emptyRoot() []byte { return rfc6962.DefaultHasher.EmptyRoot() }
