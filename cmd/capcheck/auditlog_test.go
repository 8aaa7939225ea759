package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/capabilities/enforce/decision"
)

// called is what a run of the program in this process gave.
type called struct {
	code        int
	out, errors string
}

// call runs the program in a folder.
func call(t *testing.T, dir string, args ...string) called {
	t.Helper()
	var out, errors bytes.Buffer
	c := &command{ctx: t.Context(), stdin: strings.NewReader(""), stdout: &out, stderr: &errors, dir: dir, now: time.Now, getenv: func(string) string { return "" }}
	code := c.main(args)
	return called{code, out.String(), errors.String()}
}

func (c called) want(t *testing.T, code int, texts ...string) called {
	t.Helper()
	if c.code != code {
		t.Fatalf("exit code %d, want %d\n%s%s", c.code, code, c.out, c.errors)
	}
	for _, text := range texts {
		if !strings.Contains(c.out+c.errors, text) {
			t.Errorf("%q is not in\n%s%s", text, c.out, c.errors)
		}
	}
	return c
}

// exampleLog writes a log of two tenants into the usual place below a folder.
func exampleLog(t *testing.T) (dir, log string) {
	t.Helper()
	dir = t.TempDir()
	log = filepath.Join(dir, filepath.FromSlash(homeFolder), "audit")
	l, err := audit.Open(t.Context(), log, audit.Options{Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	for tenant, run := range map[string]string{"lakeside": "run_a", "harbour": "run_b"} {
		trail, err := l.Begin(run)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []audit.Kind{audit.KindAuthentication, audit.KindDenial} {
			_, err := trail.Append(t.Context(), audit.Event{Kind: kind, At: time.Unix(1_900_000_000, 0).UTC(), Tenant: tenant, Step: "look", Operation: "look", Effect: "read",
				Chain: []decision.Actor{{Kind: "user", ID: "user_of_" + tenant}}, Decisions: []decision.Decision{decision.Denied("scope", "not granted")}})
			if err != nil {
				t.Fatal(err)
			}
		}
		trail.Close()
	}
	if err := l.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	return dir, log
}

func keep(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAuditVerify(t *testing.T) {
	dir, log := exampleLog(t)
	call(t, dir, "audit", "verify").want(t, exitOK, "Nothing is wrong, as far as could be checked", "Not shown by this verification")
	kept := call(t, dir, "audit", "checkpoint").want(t, exitOK)
	if lines := strings.Split(kept.out, "\n"); len(lines) < 3 || lines[1] != "4" {
		t.Errorf("the checkpoint is %q", kept.out)
	}
	keep(t, dir, "kept", kept.out)
	keep(t, dir, ".capcheck.yaml", "no checkpoint\n")
	var report audit.Report
	out := call(t, dir, "audit", "verify", "--checkpoint", "kept", "--log-key", filepath.Join(log, "log.pub"), "-f", "json").want(t, exitOK)
	if err := json.Unmarshal([]byte(out.out), &report); err != nil || report.Anchored != 4 {
		t.Errorf("%v, anchored %d", err, report.Anchored)
	}

	call(t, dir, "audit", "verify", "--checkpoint", "none").want(t, exitIncomplete, "kept checkpoint cannot be read")
	call(t, dir, "audit", "verify", "--log-key", "wrong").want(t, exitUsage, "neither a file nor a public key")
	call(t, dir, "audit", "verify", "--log-key", "kept").want(t, exitUsage, "log key: expected a note verifier key")
	call(t, dir, "audit", "verify", "--witness", "a+b+c").want(t, exitUsage, "witness key: expected a note verifier key")
	call(t, dir, "audit", "verify", "--checkpoint", ".capcheck.yaml").want(t, exitIncomplete, "the kept checkpoint at byte 14: expected an empty line")
	call(t, t.TempDir(), "audit", "verify").want(t, exitIncomplete, "there is no audit log")
	call(t, dir, "audit", "verify", "--audit", "elsewhere").want(t, exitIncomplete, "there is no audit log in elsewhere")

	// A byte of an entry is changed.
	bundle := filepath.Join(log, "log", "tile", "entries", "000.p", "4")
	text, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	keep(t, filepath.Dir(bundle), "4", strings.Replace(string(text), "not granted", "now granted", 1))
	call(t, dir, "audit", "verify").want(t, exitFailed, "The log is not what was written", "Faults")
}

func TestAuditRead(t *testing.T) {
	dir, log := exampleLog(t)
	call(t, dir, "audit", "show").want(t, exitUsage, "whose entries?")
	call(t, dir, "audit", "show", "--tenant", "lakeside", "--all-tenants").want(t, exitUsage, "exclude each other")
	call(t, dir, "audit", "show", "--tenant", "lakeside", "--kind", "denail").want(t, exitUsage, `did you mean "denial"`)
	own := call(t, dir, "audit", "show", "--tenant", "lakeside").want(t, exitOK, "run_a, entry 2 of it", "not granted")
	if strings.Contains(own.out, "run_b") {
		t.Errorf("another tenant's entries are shown:\n%s", own.out)
	}
	all := call(t, dir, "audit", "show", "--all-tenants", "--kind", "denial", "-f", "json").want(t, exitOK)
	if n := strings.Count(all.out, "\n"); n != 2 {
		t.Errorf("%d lines:\n%s", n, all.out)
	}
	for _, format := range audit.Formats() {
		lines := call(t, dir, "audit", "export", "--tenant", "lakeside", "--format", string(format)).want(t, exitOK)
		for line := range strings.Lines(lines.out) {
			if !json.Valid([]byte(line)) {
				t.Errorf("%s: %s", format, line)
			}
		}
		if n := strings.Count(lines.out, "\n"); n != 2 {
			t.Errorf("%s has %d lines", format, n)
		}
	}

	call(t, dir, "audit", "show", "run_c", "--all-tenants").want(t, exitUsage, "no such entry")
	call(t, dir, "audit", "export", "run_b", "--tenant", "lakeside", "--format", "ocsf").want(t, exitUsage, "no such entry")
	call(t, dir, "audit", "show", "run_a", "--tenant", "lakeside", "--step", "loook").want(t, exitUsage, "no such entry")
	call(t, dir, "audit", "show", "--tenant", "lakesid").want(t, exitOK, "the log has no entry in this scope")

	// A proof verifies offline, with the key alone, and not after a change.
	proof := call(t, dir, "audit", "prove", "run_a", "look", "--tenant", "lakeside").want(t, exitOK)
	call(t, dir, "audit", "prove", "run_a", "--tenant", "harbour").want(t, exitUsage, "no such entry")
	keep(t, dir, "proof.json", proof.out)
	key := filepath.Join(log, "log.pub")
	call(t, dir, "audit", "check-proof", "proof.json", "--log-key", key).want(t, exitOK, "The proof holds: 2 records", "run_a")
	call(t, dir, "audit", "check-proof", "proof.json").want(t, exitUsage, "whose log?")
	keep(t, dir, "proof.json", strings.Replace(proof.out, "not granted", "now granted", 1))
	call(t, dir, "audit", "check-proof", "proof.json", "--log-key", key).want(t, exitFailed, "the proof does not hold: its entry 1: what it says does not lead to the signed root of 4 entries")
	call(t, dir, "audit", "check-proof", "proof.json", "--log-key", "proof.json").want(t, exitUsage, "log key")
	keep(t, dir, "proof.json", proof.out[:200])
	call(t, dir, "audit", "check-proof", "proof.json", "--log-key", key).want(t, exitIncomplete, "cannot be checked")
}

// A witness in a folder of its own makes the log's past stand, also against who
// holds its key.
func TestAuditWitness(t *testing.T) {
	dir, log := exampleLog(t)
	far, key := t.TempDir(), filepath.Join(log, "log.pub")
	call(t, dir, "audit", "witness", far).want(t, exitUsage, "whose log?")
	call(t, dir, "audit", "witness", far, "--log-key", "a+b+c").want(t, exitUsage, "log key")
	call(t, dir, "audit", "witness", filepath.Join(key, "below"), "--log-key", key).want(t, exitIncomplete, "cannot be opened")
	cosigned := call(t, dir, "audit", "witness", far, "--log-key", key).want(t, exitOK, "witness.pub")
	if strings.Count(cosigned.out, "\u2014 ") != 2 {
		t.Errorf("not signed by two:\n%s", cosigned.out)
	}
	pub := filepath.Join(far, "witness.pub")
	call(t, dir, "audit", "verify", "--witness", pub, "--log-key", key).want(t, exitOK, "the first 4 are held by something outside the log")

	other, _ := exampleLog(t) // another log is one that the key did not sign
	call(t, other, "audit", "witness", far, "--log-key", key).want(t, exitFailed, "not signed by the log's key")
}
