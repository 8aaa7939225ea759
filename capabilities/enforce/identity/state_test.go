package identity

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/secrets"
)

func openState(t testing.TB, path string) *File {
	t.Helper()
	s, err := OpenFile(path)
	must(t, err)
	return s
}

// TestStates runs the same cases over both kinds of state.
func TestStates(t *testing.T) {
	for name, s := range map[string]State{"memory": NewMemory(), "file": openState(t, filepath.Join(t.TempDir(), "state"))} {
		t.Run(name, func(t *testing.T) {
			ctx, now := t.Context(), time.Unix(1000, 0)
			target := Target{"acme", TargetAgent, "a"}
			for range 2 {
				must(t, s.Revoke(ctx, target, now))
			}
			hit, revoked, err := s.Revoked(ctx, []Target{{"acme", TargetUser, "a"}, {"globex", TargetAgent, "a"}, target})
			if err != nil || !revoked || hit != target {
				t.Errorf("%v %v %v", hit, revoked, err)
			}
			if _, revoked, _ := s.Revoked(ctx, []Target{{"globex", TargetAgent, "a"}}); revoked {
				t.Error("another tenant's agent is revoked")
			}
			for i, want := range []bool{true, false, false} {
				if fresh, err := s.Spend(ctx, "id", now.Add(time.Duration(i)*time.Second), now.Add(2*time.Second)); err != nil || fresh != want {
					t.Errorf("use %d: %v %v", i+1, fresh, err)
				}
			}
			if fresh, err := s.Spend(ctx, "id", now.Add(3*time.Second), now.Add(9*time.Second)); err != nil || !fresh {
				t.Errorf("after its end: %v %v", fresh, err)
			}
		})
	}
}

func TestMemoryForgetsUsedIDs(t *testing.T) {
	m := NewMemory()
	for i := range 1000 {
		now := time.Unix(int64(i), 0)
		if fresh, err := m.Spend(t.Context(), fmt.Sprint(i), now, now.Add(10*time.Second)); err != nil || !fresh {
			t.Fatal(err)
		}
	}
	if n := len(m.spent); n > 100 {
		t.Errorf("%d ids are kept", n)
	}
}

// TestStateIsShared: what one holder of the file writes, another knows at once, and
// after a restart.
func TestStateIsShared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	a, b := openState(t, path), openState(t, path)
	f, g := setup(t, a), setup(t, b)
	token := f.user(t, ada)
	_, err := g.Verify(t.Context(), token.Token.Expose(), Expect{Tenant: "acme"})
	must(t, err) // the keys are equal, as the tests' randomness is
	must(t, f.RevokeToken(t.Context(), "acme", token.Token))
	for name, s := range map[string]fixture{"other process": g, "restarted": setup(t, openState(t, path))} {
		_, err := s.Verify(t.Context(), token.Token.Expose(), Expect{Tenant: "acme"})
		wantCode(t, name, err, CodeRevoked)
	}
	var fresh atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		s := []*File{a, b}[i%2]
		wg.Go(func() {
			ok, err := s.Spend(t.Context(), "once", time.Unix(0, 0), time.Unix(60, 0))
			if err != nil {
				t.Error(err)
			}
			if ok {
				fresh.Add(1)
			}
		})
	}
	wg.Wait()
	if fresh.Load() != 1 {
		t.Errorf("a single-use id was used %d times", fresh.Load())
	}
}

func TestStateFileThatIsWrong(t *testing.T) {
	now := time.Unix(0, 0)
	target := Target{"acme", TargetUser, "ada"}
	fill := func(t *testing.T) (string, *File) {
		path := filepath.Join(t.TempDir(), "state")
		s := openState(t, path)
		must(t, s.Revoke(t.Context(), target, now))
		return path, s
	}
	for name, spoil := range map[string]func(t *testing.T, path string){
		"cut":  func(t *testing.T, path string) { must(t, os.Truncate(path, 0)) },
		"gone": func(t *testing.T, path string) { must(t, os.Remove(path)) },
		"replaced": func(t *testing.T, path string) {
			must(t, os.Rename(path, path+"2"))
			must(t, os.WriteFile(path, nil, 0o600))
		},
		"readable":   func(t *testing.T, path string) { must(t, os.Chmod(path, 0o644)) },
		"garbage":    func(t *testing.T, path string) { appendTo(t, path, "hello\n") },
		"empty fact": func(t *testing.T, path string) { appendTo(t, path, `{"at":"2026-01-01T00:00:00Z"}`+"\n") },
		"endless":    func(t *testing.T, path string) { appendTo(t, path, strings.Repeat("x", 2*maxLine)) },
		"other field": func(t *testing.T, path string) {
			appendTo(t, path, `{"spent":"x","at":"2026-01-01T00:00:00Z","y":1}`+"\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			path, s := fill(t)
			spoil(t, path)
			if _, _, err := s.Revoked(t.Context(), []Target{target}); err == nil {
				t.Error("the state answered")
			}
			if err := s.Revoke(t.Context(), target, now); err == nil {
				t.Error("the state took a revocation")
			}
			if fresh, err := s.Spend(t.Context(), "x", now, now); err == nil || fresh {
				t.Error("the state used an id up")
			}
		})
	}
	// A line that a killed process left unfinished is overwritten by the next.
	path, s := fill(t)
	appendTo(t, path, `{"revoked":{"ten`)
	if _, revoked, err := s.Revoked(t.Context(), []Target{target}); err != nil || !revoked {
		t.Errorf("with half a line: %v %v", revoked, err)
	}
	must(t, s.Revoke(t.Context(), Target{"acme", TargetUser, "bob"}, now))
	if _, revoked, err := openState(t, path).Revoked(t.Context(), []Target{{"acme", TargetUser, "bob"}}); err != nil || !revoked {
		t.Errorf("after half a line: %v %v", revoked, err)
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(text)
	must(t, errors.Join(err, f.Close()))
}

// TestThumbprint is the example of RFC 8037, appendix A.3.
func TestThumbprint(t *testing.T) {
	raw := []byte{0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
		0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a}
	if got := thumbprint(raw); got != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Errorf("got %s", got)
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.pem")
	key, err := LoadKey(path, rand.Reader)
	must(t, err)
	again, err := LoadKey(path, nil)
	must(t, err)
	if key.ID() != again.ID() {
		t.Error("another key came back")
	}
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %04o", info.Mode().Perm())
	}
	must(t, os.Chmod(path, 0o604))
	if _, err := LoadKey(path, nil); err == nil {
		t.Error("a key that others can read was taken")
	}
	must(t, os.WriteFile(path, []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), 0o600))
	must(t, os.Chmod(path, 0o600))
	if _, err := LoadKey(path, nil); err == nil {
		t.Error("a broken key was taken")
	}
	if raw, err := key.JWKS(); err != nil || !strings.Contains(string(raw), key.ID()) {
		t.Errorf("%s %v", raw, err)
	}
	var wg sync.WaitGroup
	shared := filepath.Join(t.TempDir(), "key.pem")
	ids := make([]string, 8)
	for i := range ids {
		wg.Go(func() {
			if k, err := LoadKey(shared, rand.Reader); err != nil {
				t.Error(err)
			} else {
				ids[i] = k.ID()
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("keys %v", ids)
			break
		}
	}
}

func TestSecretHash(t *testing.T) {
	secret, err := NewSecret(rand.Reader)
	must(t, err)
	hash, err := HashSecret(rand.Reader, secret)
	must(t, err)
	if ok, err := checkSecret(hash, secret); err != nil || !ok {
		t.Errorf("%v %v", ok, err)
	}
	if ok, err := checkSecret(hash, secrets.New(secret.Expose()+"x")); err != nil || ok {
		t.Errorf("%v %v", ok, err)
	}
	for _, bad := range []string{"", "plain", strings.Replace(hash, "argon2id", "argon2i", 1), strings.Replace(hash, "m=19456", "m=9999999", 1),
		strings.Replace(hash, "t=2", "t=999", 1), strings.Replace(hash, "p=1", "p=0", 1), hash + "$", strings.Replace(hash, "m=19456", "m=1", 1)} {
		if ok, err := checkSecret(bad, secret); err == nil || ok {
			t.Errorf("%q was taken", bad)
		}
	}
}
