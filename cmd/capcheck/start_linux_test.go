package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkRunDry measures capcheck run from the start of the process to its end where
// nothing is done: every part is opened, every step is checked, nothing is written.
func BenchmarkRunDry(b *testing.B) {
	name, home := program(b), filepath.Join(b.TempDir(), "home")
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		if out, code := run(b, name, nil, "run", "--home", home, "--mode", "dry-run", "../../testdata/capabilities/composition/agent-key.yaml"); code != exitOK {
			b.Fatalf("exit code %d\n%s", code, out)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(took[0].Microseconds())/1000, "ms-least")
}

// BenchmarkRunStart measures capcheck run from the start of the process to the end of
// its first step, with what that writes, which a person sees on a terminal: with a home
// that is not there yet, and with one that is.
func BenchmarkRunStart(b *testing.B) {
	name := program(b)
	file, err := filepath.Abs("../../testdata/capabilities/composition/agent-key.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for _, home := range []string{"new", "used"} {
		b.Run(home, func(b *testing.B) {
			dir := b.TempDir()
			if home == "used" {
				untilFirstStep(b, name, file, filepath.Join(dir, "0"))
			}
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				at := strconv.Itoa(i)
				if home == "used" {
					at = "0"
				}
				took = append(took, untilFirstStep(b, name, file, filepath.Join(dir, at)))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
			b.ReportMetric(float64(took[0].Microseconds())/1000, "ms-least")
		})
	}
}

// untilFirstStep runs the program to its end and says when it told of its first step.
func untilFirstStep(b *testing.B, name, file, home string) time.Duration {
	b.Helper()
	master, slave := terminal(b)
	defer master.Close()
	cmd := exec.Command(name, "run", "--home", home, file)
	cmd.Stderr = slave
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	if err := slave.Close(); err != nil {
		b.Fatal(err)
	}
	var told time.Duration
	var all []byte
	for buf := make([]byte, 4096); ; {
		n, err := master.Read(buf)
		all = append(all, buf[:n]...)
		if told == 0 && bytes.Contains(all, []byte("session: ")) {
			told = time.Since(start)
		}
		if err != nil { // EIO once the other end is closed
			break
		}
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitWaiting || told == 0 {
		b.Fatalf("exit code %d\n%s", code, all)
	}
	return told
}

// terminal is a pseudo terminal: what is written to the second file is read from the
// first.
func terminal(b *testing.B) (master, slave *os.File) {
	b.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		b.Skip(err)
	}
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		b.Fatal(err)
	}
	return master, slave
}
