// Package effects tells what an operation does to the world and which control
// it gives a flow, with the evidence for it.
//
// The order of reading is fixed: what the document itself says, the operation
// catalogue, the HTTP method and path, the verb and nouns of the name, unknown.
// Unknown counts as write. A hint never lowers what method or verb contradict:
// the contradiction is reported instead.
//
// What words mean and which operations are known is data: lexicon.yaml,
// rules.yaml and the files under catalogue. The code only reads them.
package effects
