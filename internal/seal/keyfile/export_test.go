package keyfile

// ParseAndWrite is what stands in a file once it was read and written, for the fuzz test.
func ParseAndWrite(text []byte) ([]byte, error) {
	keys, err := parse(text)
	if err != nil {
		return nil, err
	}
	return keys.text(), nil
}
