package secrets

import "io"

// Writer masks a stream on its way to w. It holds back no more than could be the
// beginning of a secret, so values are found across the borders of writes. Close
// writes what is held back; it does not close w.
func (m *Masker) Writer(w io.Writer) io.WriteCloser {
	return &maskWriter{masker: m, out: w, auto: m.current.Load()}
}

// maskWriter keeps the bytes that it has read and not written yet in held. The
// first of them that still counts is at start; what lies before is gone.
type maskWriter struct {
	masker *Masker
	out    io.Writer
	auto   *automaton
	state  int32
	held   []byte
	hidden []bool // for each held byte, whether it belongs to a secret
	start  int
	run    int   // where the hidden bytes at the end of held begin
	inside bool  // the last byte written out belonged to a secret
	err    error // of an earlier write: the stream has a gap, so it ends there
}

func (w *maskWriter) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	w.refresh()
	ready := make([]byte, 0, len(p))
	for _, b := range p {
		if w.state == 0 && w.auto.root[b] == 0 && w.start == len(w.held) {
			ready, w.inside = append(ready, b), false // most bytes begin nothing
			continue
		}
		w.advance(b)
		ready = w.release(ready, len(w.held)-w.auto.nodes[w.state].depth)
	}
	w.compact()
	if w.err = w.send(ready); w.err != nil {
		return 0, w.err
	}
	return len(p), nil
}

// Close writes what is held back.
func (w *maskWriter) Close() error {
	if w.err != nil {
		return w.err
	}
	w.err = w.send(w.release(nil, len(w.held)))
	w.compact()
	w.state, w.inside = 0, false
	return w.err
}

// refresh takes up values that became known since the last write, and looks at the
// held bytes with them.
func (w *maskWriter) refresh() {
	now := w.masker.current.Load()
	if now == w.auto {
		return
	}
	held, hidden := w.held[w.start:], w.hidden[w.start:]
	w.auto, w.state, w.held, w.hidden, w.start, w.run = now, 0, nil, nil, 0, 0
	for i, b := range held {
		w.advance(b)
		if hidden[i] && !w.hidden[i] {
			w.hide(1)
		}
	}
}

// advance reads one byte and hides the longest needle that it ends.
func (w *maskWriter) advance(b byte) {
	w.state = w.auto.step(w.state, b)
	w.held = append(w.held, b)
	w.hidden = append(w.hidden, false)
	if n := w.auto.nodes[w.state].match; n > 0 {
		w.hide(n)
	}
}

// hide hides the last n held bytes. Bytes that are hidden already are not touched
// again, so that the time stays linear where needles overlap.
func (w *maskWriter) hide(n int) {
	last := len(w.held) - 1
	if last == 0 || !w.hidden[last-1] {
		w.run = last
	}
	for i := len(w.held) - n; i < w.run; i++ {
		w.hidden[i] = true
	}
	w.hidden[last] = true
	w.run = min(w.run, len(w.held)-n)
}

// release gives out the held bytes before end. A run of hidden bytes becomes one
// mask.
func (w *maskWriter) release(ready []byte, end int) []byte {
	for ; w.start < end; w.start++ {
		if !w.hidden[w.start] {
			ready = append(ready, w.held[w.start])
		} else if !w.inside {
			ready = append(ready, Mask...)
		}
		w.inside = w.hidden[w.start]
	}
	return ready
}

// compact drops what was released, once a write.
func (w *maskWriter) compact() {
	w.held = append(w.held[:0], w.held[w.start:]...)
	w.hidden = append(w.hidden[:0], w.hidden[w.start:]...)
	w.run = max(w.run-w.start, 0)
	w.start = 0
}

func (w *maskWriter) send(ready []byte) error {
	if len(ready) == 0 {
		return nil
	}
	n, err := w.out.Write(ready)
	if err == nil && n < len(ready) {
		err = io.ErrShortWrite
	}
	return err
}
