package identity

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"agentrisk/capabilities/enforce/safefile"
)

// maxLine bounds a line of the state file.
const maxLine = 4 << 10

// File is a State in a file that several processes may share. Each line is one
// fact; lines are only added. What one process writes, the others read before their
// next answer.
type File struct {
	path string

	mu    sync.Mutex
	seen  os.FileInfo // the file as last read
	read  int64       // bytes of it that are in memory
	facts *Memory
}

// line is one fact: a revocation or a used id.
type line struct {
	Revoked *Target   `json:"revoked,omitempty"`
	Spent   string    `json:"spent,omitempty"`
	At      time.Time `json:"at"` // of the revocation, or when the used id ends
}

// OpenFile opens the state in a file and makes the file on first use.
func OpenFile(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	s := &File{path: path}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s, s.refresh()
}

// refresh reads what was added since the last look. A file that is another one, or
// has become shorter, is read from its beginning only once: at the start. Later it
// is an error, because revocations would be lost with it.
func (s *File) refresh() error {
	info, err := safefile.Check(s.path)
	if err != nil {
		return err
	}
	if s.seen != nil && (!os.SameFile(s.seen, info) || info.Size() < s.read) {
		return fmt.Errorf("%s: the file was replaced or cut while in use: revocations may be lost; restore it and start again", s.path)
	}
	if s.seen == nil {
		s.facts = NewMemory()
	}
	s.seen = info
	if info.Size() == s.read {
		return nil
	}
	return s.load()
}

// load reads whole lines from where it stopped.
func (s *File) load() error {
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Seek(s.read, io.SeekStart); err != nil {
		return err
	}
	in := bufio.NewReaderSize(f, maxLine)
	for {
		raw, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			// A line without its end was being written when a process was killed, or
			// is being written now; it counts once it is whole.
			return nil
		}
		if err == nil {
			err = s.take(raw)
		}
		if err != nil {
			return fmt.Errorf("%s at byte %d: expected one fact a line: %w", s.path, s.read, err)
		}
		s.read += int64(len(raw))
	}
}

func (s *File) take(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var l line
	if err := dec.Decode(&l); err != nil {
		return err
	}
	switch {
	case l.Revoked != nil && l.Spent == "":
		s.facts.revoked[*l.Revoked] = l.At
	case l.Revoked == nil && l.Spent != "":
		s.facts.spent[l.Spent] = l.At
	default:
		return errors.New("neither a revocation nor a used id")
	}
	return nil
}

// update runs a change with the file locked and everybody's facts read, and adds a
// line where the change gives one.
func (s *File) update(ctx context.Context, change func() *line) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := safefile.Lock(ctx, s.path+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.refresh(); err != nil {
		return err
	}
	l := change()
	if l == nil {
		return nil
	}
	raw, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if raw = append(raw, '\n'); len(raw) > maxLine {
		return fmt.Errorf("an id of more than %d bytes", maxLine)
	}
	return s.add(raw)
}

// add writes a line behind the last whole one and syncs it. What a killed process
// left of a line is overwritten.
func (s *File) add(raw []byte) error {
	f, err := os.OpenFile(s.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	err = f.Truncate(s.read)
	if err == nil {
		_, err = f.WriteAt(raw, s.read)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return s.refresh()
}

// Revoke makes a revocation durable.
func (s *File) Revoke(ctx context.Context, target Target, at time.Time) error {
	return s.update(ctx, func() *line {
		if _, ok := s.facts.revoked[target]; ok {
			return nil
		}
		return &line{Revoked: &target, At: at.UTC()}
	})
}

// Revoked looks some targets up, after reading what others added.
func (s *File) Revoked(ctx context.Context, targets []Target) (Target, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refresh(); err != nil {
		return Target{}, false, err
	}
	return s.facts.Revoked(ctx, targets)
}

// Spend uses an id up, for all processes.
func (s *File) Spend(ctx context.Context, id string, now, until time.Time) (fresh bool, err error) {
	err = s.update(ctx, func() *line {
		if end, ok := s.facts.spent[id]; ok && !now.After(end) {
			return nil
		}
		fresh = true
		return &line{Spent: id, At: until.UTC()}
	})
	return fresh && err == nil, err
}
