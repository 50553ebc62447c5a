package sandbox

// Fault is one thing that goes wrong on purpose.
type Fault struct{}
