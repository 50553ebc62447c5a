package handlers

func extraMethods() []Method {
	return []Method{}
}
