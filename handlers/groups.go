package handlers

func groupMethods() []Method {
	return []Method{}
}
