package target

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// callNames says what a waiting system call is called in C.
var callNames = map[uint64]string{
	unix.SYS_READ: "read()", unix.SYS_RECVFROM: "recv()", unix.SYS_RECVMSG: "recvmsg()", unix.SYS_ACCEPT: "accept()",
	unix.SYS_ACCEPT4: "accept()", unix.SYS_FUTEX: "a lock or a condition", unix.SYS_NANOSLEEP: "sleep()",
	unix.SYS_CLOCK_NANOSLEEP: "sleep()", unix.SYS_WRITE: "write()", unix.SYS_SENDTO: "send()", unix.SYS_FSYNC: "fsync()",
	unix.SYS_FDATASYNC: "fdatasync()", unix.SYS_PSELECT6: "select()", unix.SYS_PPOLL: "poll()",
	unix.SYS_EPOLL_PWAIT: "epoll_wait()", unix.SYS_WAIT4: "wait()",
}

// Doing says in a few words what the program's threads do at this moment, such as
// "1 thread in accept(), 2 in recv()".
func (p *Program) Doing() string {
	threads, err := p.scanner.scan(p.PID())
	if err != nil || len(threads) == 0 {
		return ""
	}
	counts := map[string]int{}
	for _, t := range threads {
		where := "running"
		if !t.running {
			where = "another system call"
			if name, ok := callNames[t.call]; ok {
				where = name
			} else if name, ok := oldCallNames[t.call]; ok {
				where = name
			}
		}
		counts[where]++
	}
	var parts []string
	for where, n := range counts {
		verb := "in " + where
		if where == "running" {
			verb = where
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, verb))
	}
	slices.Sort(parts)
	return "threads: " + strings.Join(parts, ", ")
}
