package conformance

var registration = []written{}
