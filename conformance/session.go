package conformance

// A Session is one run's view of the program under test, shared by its checks.
type Session struct{}
