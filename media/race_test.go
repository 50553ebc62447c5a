//go:build race

package media

func init() { raceDetector = true }
