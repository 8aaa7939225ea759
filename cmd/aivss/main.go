package main

import (
	"fmt"
	"os"

	"golang.org/x/term"
)

func main() {
	c := &command{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
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
	os.Exit(c.main(os.Args[1:]))
}
