// Package capabilities reads capability documents of every dialect into one
// model, with the place in the text of every part.
//
// A Reader finds the dialect, reads tolerantly and keeps what it did not
// understand as Unknown. What the document's own version does not allow is told
// by Conform, apart from everything that says what the capability may do.
package capabilities
