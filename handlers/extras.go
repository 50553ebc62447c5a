package handlers

import "slices"

func extraMethods() []Method {
	return slices.Concat(
		reactionMethods(), blocklistMethods(), labelMethods(), pictureExtras(), groupExtras(), proxyMethods(),
	)
}
