package conformance

var many = []written{}
