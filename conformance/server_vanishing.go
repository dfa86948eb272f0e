package conformance

var vanishing = []written{}
