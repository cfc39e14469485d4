package presets

// Source is the text of a preset that comes with Caretaker.
func Source(name string) ([]byte, error) { return files.ReadFile(name + ".yaml") }
