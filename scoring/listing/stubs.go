package listing

import "agentrisk/internal/source"

func loadNDJSON(file *source.File, opts Options) ([]*Agent, error)       { return nil, nil }
func loadCSV(file *source.File, opts Options) ([]*Agent, error)          { return nil, nil }
func looksLikeHeader(line []byte) bool                                   { return false }
