package handlers

func statusMethods() []Method {
	return []Method{}
}
