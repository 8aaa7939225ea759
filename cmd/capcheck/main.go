package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"time"

	"golang.org/x/term"

	"agentrisk/capabilities/enforce/audit"
	"agentrisk/cmd/capcheck/internal/early"
)

// gcPercent lets the heap grow to two and a half times of what is in use before garbage
// is collected, where GOGC says nothing else: runs are short, and the corpus of 728
// files then takes 126 MB at most, on four cores. With 250 it is faster by a tenth and
// takes 154 MB at times.
const gcPercent = 150

func main() {
	percent := early.Before
	if os.Getenv("GOGC") == "" {
		percent = gcPercent
	}
	debug.SetGCPercent(percent)
	audit.SetDriverLog(slog.New(slog.DiscardHandler)) // what matters comes back as an error
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	c := &command{
		ctx: ctx, stdin: &interruptible{ctx, os.Stdin}, stdout: os.Stdout, stderr: os.Stderr, now: time.Now,
		getenv:  os.Getenv,
		asks:    term.IsTerminal(int(os.Stdin.Fd())),
		noColor: os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb",
	}
	if fd := int(os.Stdout.Fd()); term.IsTerminal(fd) {
		c.terminal = true
		if width, _, err := term.GetSize(fd); err == nil {
			c.width = width
		}
	}
	if term.IsTerminal(int(os.Stderr.Fd())) && !c.noColor {
		c.progress = func(text string) { fmt.Fprint(os.Stderr, text) }
	}
	var err error
	if c.dir, err = os.Getwd(); err != nil {
		fmt.Fprintf(os.Stderr, "capcheck: %v\n", err)
		os.Exit(exitIncomplete)
	}
	code := c.main(os.Args[1:])
	stop()
	os.Exit(code)
}
