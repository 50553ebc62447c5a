package handlers

import "slices"

func extraMethods() []Method {
	return slices.Concat(
		groupExtras(),
	)
}
