// Package browsertest lets Go tests drive a real browser: it runs the scripts of infra/browser with the Chromium and the
// playwright-core that `make browser` has made ready, and gives their results back. It knows nothing of Caretaker but
// that its API is called as a page would call it; what a scenario means is the test's.
package browsertest
