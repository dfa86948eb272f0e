package target

// Listens gives the ports that the program, and what it has started, listens on, as it
// was when it was last looked at. Where that can't be seen there are none.
func (p *Program) Listens() []int { return p.listening() }
