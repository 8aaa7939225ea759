package tree

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
)

// folders is the file system below a root. It keeps the folders open that files were
// opened in lately: a root walks each path from its beginning, folder by folder, which
// takes longer than to read a small file. An open folder is a root itself, through
// which nothing outside of it is reached; what it refuses is asked of the whole, which
// allows links that stay inside of the tree.
type folders struct {
	root  *os.Root
	whole fs.FS // of the root

	mutex  sync.Mutex
	open   map[string]*os.Root
	oldest []string // names of those open, in the order in which they were opened
}

// maxFolders bounds the folders that are open at once: a few for each core.
const maxFolders = 16

func newFolders(root *os.Root) *folders {
	return &folders{root: root, whole: root.FS(), open: map[string]*os.Root{}}
}

// Open opens the file or folder of that name.
func (f *folders) Open(name string) (fs.File, error) {
	dir, base := path.Split(name)
	if dir == "" || !fs.ValidPath(name) {
		return f.whole.Open(name)
	}
	if folder := f.folder(path.Clean(dir)); folder != nil {
		if file, err := folder.Open(base); err == nil {
			return file, nil
		}
	}
	return f.whole.Open(name)
}

// Stat describes the file or folder of that name.
func (f *folders) Stat(name string) (fs.FileInfo, error) { return fs.Stat(f.whole, name) }

// ReadDir lists a folder.
func (f *folders) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(f.whole, name) }

// folder returns the open folder of that name, nil where it cannot be opened. Who
// still uses one that is closed to make room is refused, and asks the whole.
func (f *folders) folder(name string) *os.Root {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if known := f.open[name]; known != nil {
		return known
	}
	folder, err := f.root.OpenRoot(filepath.FromSlash(name))
	if err != nil {
		return nil
	}
	if len(f.oldest) == maxFolders {
		_ = f.open[f.oldest[0]].Close() // nothing was written through it
		delete(f.open, f.oldest[0])
		f.oldest = f.oldest[1:]
	}
	f.open[name], f.oldest = folder, append(f.oldest, name)
	return folder
}

// Close closes the root and its folders.
func (f *folders) Close() error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, folder := range f.open {
		_ = folder.Close() // nothing was written through it
	}
	f.open, f.oldest = nil, nil
	return f.root.Close()
}
