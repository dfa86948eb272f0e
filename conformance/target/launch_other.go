//go:build !linux

package target

// What a program waits for, and what it listens on by itself, can't be seen here: it is
// told its port by its arguments, or by a recipe.

func (thread) readsInput() bool       { return false }
func (thread) awaitsConnection() bool { return false }

func (*Program) listening() []int { return nil }
