package conformance

var limit = []written{}
