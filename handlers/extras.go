package handlers

import "slices"

func extraMethods() []Method {
	return slices.Concat(
		reactionMethods(), blocklistMethods(), labelMethods(), []Method{deleteProfilePictureMethod()}, groupExtras(), proxyMethods(),
	)
}
