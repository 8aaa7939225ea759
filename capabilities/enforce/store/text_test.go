package store_test

import (
	"testing"

	"agentrisk/capabilities/enforce/store"
)

func TestClip(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "short": "short", "ten bytes!": "ten bytes!", "eleven byte": "eleven byt…",
		"aaaaaaaaaä": "aaaaaaaaa…", "a\x00b": "a\uFFFDb", "a\xffb": "a\uFFFDb", "line\nline": "line\nline",
	} {
		if got := store.Clip(in, 10); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestIsName(t *testing.T) {
	for in, want := range map[string]bool{"a": true, "ä b": true, "ten bytes!": true, "": false, "eleven byte": false, "a\x00": false, "a\n": false, "\xff": false, "\x7f": false} {
		if got := store.IsName(in, 10); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}
