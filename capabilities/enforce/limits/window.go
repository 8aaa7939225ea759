package limits

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// slots is in how many parts a window is counted. What falls out of a window does
// so at most one part late: the count is never too small.
const slots = 32

// window is what was used lately, in slots of equal size since 1970.
type window struct {
	size time.Duration
	used []slot // ascending, without zeros
}

type slot struct{ number, used int64 }

// sizeOf is the size of the slots for a window of some length.
func sizeOf(length time.Duration) time.Duration {
	return max(1, (length+slots-1)/slots)
}

// within forgets what a window that ends now no longer holds. What was counted in
// slots of another size moves to where its last use may have been.
func (w window) within(now time.Time, length time.Duration) window {
	size := sizeOf(length)
	out := window{size: size}
	first := number(now.Add(-length), size)
	for _, s := range w.used {
		n := s.number
		if w.size != size {
			n = number(time.Unix(0, 0).Add(time.Duration(saturated(s.number+1, int64(w.size)))-1), size)
		}
		if n >= first {
			out = out.add(n, s.used)
		}
	}
	return out
}

func number(at time.Time, size time.Duration) int64 {
	n := at.UnixNano()
	if n < 0 {
		return 0
	}
	return n / int64(size)
}

func saturated(a, b int64) int64 {
	if b != 0 && a > math.MaxInt64/b {
		return math.MaxInt64
	}
	return a * b
}

// add counts a use in a slot that is not before the last.
func (w window) add(number, used int64) window {
	if used == 0 {
		return w
	}
	last := len(w.used) - 1
	if last >= 0 && w.used[last].number >= number {
		w.used[last].used = sum(w.used[last].used, used)
		return w
	}
	w.used = append(w.used, slot{number, used})
	return w
}

func (w window) total() int64 {
	var all int64
	for _, s := range w.used {
		all = sum(all, s.used)
	}
	return all
}

// sum adds numbers that are not negative and stops at the largest there is.
func sum(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// roomAt is when so much fits under a limit, if nothing else is used.
func (w window) roomAt(length time.Duration, limit, amount int64) time.Time {
	left := w.total()
	for _, s := range w.used {
		left -= s.used
		if left <= limit-amount {
			return time.Unix(0, saturated(s.number+1, int64(w.size))).Add(length).UTC()
		}
	}
	return time.Time{}
}

type windowText struct {
	Size  int64      `json:"size"`
	Slots [][2]int64 `json:"slots"`
}

func (w window) encode() (string, error) {
	text := windowText{Size: int64(w.size), Slots: [][2]int64{}}
	for _, s := range w.used {
		text.Slots = append(text.Slots, [2]int64{s.number, s.used})
	}
	out, err := json.Marshal(text)
	return string(out), err
}

func decodeWindow(text string) (window, error) {
	var in windowText
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return window{}, fmt.Errorf("limits: a count in the database cannot be read: %w", err)
	}
	w := window{size: time.Duration(in.Size)}
	last := int64(-1)
	for _, s := range in.Slots {
		if in.Size < 1 || s[0] <= last || s[1] < 1 {
			return window{}, fmt.Errorf("limits: a count in the database cannot be read: %s", text)
		}
		last = s[0]
		w.used = append(w.used, slot{s[0], s[1]})
	}
	return w, nil
}
