package canonical

// BothWays reads a JSON text at once and token by token, for tests to compare.
func BothWays(data []byte) (whole, tokens any, sound bool, err error) {
	whole, sound = decodeWhole(data)
	tokens, err = decodeTokens(data)
	return whole, tokens, sound, err
}
