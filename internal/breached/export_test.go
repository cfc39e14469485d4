package breached

// RoundTrip writes the numbers as codes and reads them again.
func RoundTrip(numbers []uint64) []uint64 {
	var w codeWriter
	for _, n := range numbers {
		w.write(n)
	}
	r := codeReader{data: append(w.data, make([]byte, codePadding)...)}
	var read []uint64
	for r.at < w.at {
		read = append(read, r.next())
	}
	return read
}
