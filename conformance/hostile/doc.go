// Package hostile holds programs that attack whoever runs them, and the tests that
// they come to nothing: each is judged or refused in bounded time, and leaves no
// process, no file and no port. It is data and tests; nothing imports it.
//
// The programs bound themselves too (programs/hostile.h), name one process and one
// file that the test owns, and touch no address but loopback, so that a hole in the
// containment harms nobody.
package hostile
