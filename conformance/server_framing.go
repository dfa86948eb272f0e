package conformance

var framing = []written{}
