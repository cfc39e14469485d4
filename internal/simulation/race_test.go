//go:build race

package simulation_test

// raceDetector tells that every step takes many times as long.
const raceDetector = true
