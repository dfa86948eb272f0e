package target

// A Usage is what the program takes of the machine at one moment, all the processes
// that it has started included.
type Usage struct {
	Forked      int // processes that run the same file as the one that started them
	Threads     int // of all processes
	Widest      int // the threads of the process that has most
	Descriptors int // open files and sockets of all processes
}
