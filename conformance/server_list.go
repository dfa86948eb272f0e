package conformance

var list = []written{}
