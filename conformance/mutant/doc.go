// Package mutant proves the judge with wrong programs, and with odd ones that are
// right. It is data and tests; nothing imports it.
//
// A mutant is the reference server with one change (mutants.txt, odd.txt) that
// breaks one requirement, which the judge has to find. A quirk is a change that
// breaks none (quirks.txt), and the judge must find nothing. The programs in
// programs/ are servers in C and C++ as people write them, with all that the judge
// has to say of them (programs.txt).
//
// `go test ./conformance/mutant` takes a few of each. All of them, with the table of
// what was found, takes minutes:
//
//	go test ./conformance/mutant -v -full -timeout 2h
//	go test ./conformance/mutant -v -full -run TestMutants/mutants/no-credit
package mutant
