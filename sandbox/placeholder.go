package sandbox

// group and picture stand here until groups.go and pictures.go bring the real ones.
type (
	group   struct{}
	picture struct{}
)
