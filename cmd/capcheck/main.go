package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"golang.org/x/term"

	"agentrisk/capabilities/enforce/audit"
	_ "agentrisk/cmd/capcheck/internal/early" // before all other packages
)

func main() {
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
