// Package source is text with positions: files read within bounds, YAML and
// JSON as nodes that know their range, and errors that point at a place.
//
// It is the only package that imports a YAML library. What it hands out speaks
// of files, ranges and nodes, so that the library can be replaced.
//
// A reader that accepts what another reader of the same file would take
// differently is an attack, so the checks the library leaves out are made here:
// duplicate keys, alias cycles, alias expansion, depth, size, encoding.
package source
