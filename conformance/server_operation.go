package conformance

var operation = []written{}
