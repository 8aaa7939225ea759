//go:build !linux

package early

// advise does nothing: other systems take large pages by themselves, or not at all.
func advise() {}
