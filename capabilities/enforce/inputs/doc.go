// Package inputs looks for signs that text which reaches an agent was written to
// steer it: instructions to a model, hidden characters, encoded payloads, markup
// that loads from elsewhere, credentials.
//
// A sign is a signal and never a guarantee: text without one may still be an
// attack, and text with one may be harmless. docs/runtime/inputs.md says what is
// not seen. The rules are data, in rules.yaml.
//
// [Scan] is a plain function of its argument. It takes time and memory linear in
// the size of what it looks at, and looks at one mebibyte; of more it says so.
package inputs
