package audit

// modesMatter: on Windows the folder's access list decides, not the mode bits.
const modesMatter = false

// syncFolder does nothing: Windows keeps names in its own journal.
func syncFolder(string) error { return nil }
