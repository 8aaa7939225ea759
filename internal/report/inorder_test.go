package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

func TestInOrder(t *testing.T) {
	line := func(b *bytes.Buffer, at int, some []int) error {
		for i, n := range some {
			if n != at+i {
				return fmt.Errorf("element %d is called number %d", n, at+i)
			}
			if n%7 == 0 {
				runtime.Gosched() // others come in between
			}
			fmt.Fprintln(b, n)
		}
		return nil
	}
	for _, count := range []int{0, 1, 31, 32, 33, 1000} {
		list, want := make([]int, count), new(strings.Builder)
		for i := range list {
			list[i] = i
			fmt.Fprintln(want, i)
		}
		for range 3 { // buffers are used again
			var got strings.Builder
			if err := InOrder(&got, list, line); err != nil || got.String() != want.String() {
				t.Errorf("%d elements: %v\n%s", count, err, got.String())
			}
		}
	}
}

func TestInOrderEndsAtTheFirstFault(t *testing.T) {
	list := make([]int, 1000)
	broken := errors.New("broken")
	var got strings.Builder
	err := InOrder(&got, list, func(b *bytes.Buffer, at int, some []int) error {
		if at >= 320 {
			return fmt.Errorf("at %d: %w", at, broken)
		}
		fmt.Fprintln(b, at)
		return nil
	})
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "at 320") || strings.Count(got.String(), "\n") != 10 {
		t.Errorf("%v after\n%s", err, got.String())
	}
	full := writer(func([]byte) (int, error) { return 0, io.ErrShortWrite })
	err = InOrder(full, list, func(b *bytes.Buffer, at int, _ []int) error { fmt.Fprintln(b, at); return nil })
	if !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a full disk: %v", err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

// A report longer than a page comes out as it was written.
func TestPages(t *testing.T) {
	text := strings.Repeat("0123456789\n", pageSize/4)
	for _, size := range []int{1, 1000, pageSize - 1, pageSize, pageSize + 1, len(text)} {
		var p pages
		for rest := text; rest != ""; {
			n, err := p.Write([]byte(rest[:min(size, len(rest))]))
			if err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
			if size == 1 && len(text)-len(rest) > 2*pageSize {
				break
			}
		}
		var got strings.Builder
		if err := p.writeTo(&got); err != nil || !strings.HasPrefix(text, got.String()) || size > 1 && got.String() != text {
			t.Errorf("in pieces of %d: %d bytes of %d, %v", size, got.Len(), len(text), err)
		}
	}
}
