package target

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// suiteVariable names a root; with it, this test is the suite that is killed.
const suiteVariable = "PAYCHECK_TEST_SUITE"

// The end of the suite, or of its keeper, is the end of all programs.
func TestSuddenEnd(t *testing.T) {
	if root := os.Getenv(suiteVariable); root != "" {
		n, err := Contain(&Kernel{}, root, DefaultLimits(1), nil)
		if err != nil {
			t.Fatal(err)
		}
		n.shell(t, "setsid sleep 300 & sleep 300")
		select {} // until it is killed
	}
	root := ground(t)
	suite := exec.Command("/proc/self/exe", "-test.run=^TestSuddenEnd$")
	suite.Env = append(os.Environ(), suiteVariable+"="+root)
	if err := suite.Start(); err != nil {
		t.Fatal(err)
	}
	running := func() (all []string) {
		dirs, _ := filepath.Glob(filepath.Join(root, "*"))
		for _, dir := range dirs {
			all = append(all, alive(t, dir)...)
		}
		return all
	}
	until(t, "the program", func() bool { return len(running()) == 3 })
	_ = suite.Process.Kill()
	_ = suite.Wait() // it was killed, which is no news
	until(t, "the end of the program", func() bool { return len(running()) == 0 })

	n := contained(t, DefaultLimits(1))
	c := n.shell(t, "sleep 300")
	if err := n.keeper.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if d := c.wait(); d.Exit != unknownExit {
		t.Errorf("it ended as %v", d)
	}
	c.stop()
	if !n.means.Processes {
		t.Skip("without a process namespace, a program outlives a keeper that is killed")
	}
	until(t, "the end of the program", func() bool { return len(alive(t, c.dir)) == 0 })
	if _, err := n.try(t, "/bin/true"); err == nil {
		t.Error("a program starts without a keeper")
	}
	if err := n.Close(); err == nil {
		t.Error("that the keeper was killed is no error")
	}
}

func TestShown(t *testing.T) {
	got := shown([]string{"sh", "/etc/passwd", "--conf=/etc/group", "8888", "/nowhere", "relative"})
	want := []string{"/etc/passwd", "/etc/group"}
	if len(got) != 3 || filepath.Base(got[0]) != "sh" || !slices.Equal(got[1:], want) {
		t.Errorf("%v", got)
	}
}

// What a start costs with a keeper, and without.
func BenchmarkStart(b *testing.B) {
	for _, apart := range []bool{false, true} {
		b.Run(fmt.Sprintf("contained=%v", apart), func(b *testing.B) {
			root, err := os.MkdirTemp("/dev/shm", "paycheck-test-")
			if err != nil {
				b.Fatal(err)
			}
			defer os.RemoveAll(root)
			n := &Namespace{root: root, limits: DefaultLimits(1)}
			if apart {
				if n, err = Contain(&Kernel{}, root, DefaultLimits(1), nil); err != nil {
					b.Fatal(err)
				}
				defer n.Close()
			}
			nothing, err := os.Open(os.DevNull)
			if err != nil {
				b.Fatal(err)
			}
			defer nothing.Close()
			for i := 0; b.Loop(); i++ {
				cmd := exec.Command("/bin/sleep", "60")
				cmd.Dir = filepath.Join(root, strconv.Itoa(i))
				if err := os.Mkdir(cmd.Dir, 0o700); err != nil {
					b.Fatal(err)
				}
				cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = []string{}, nothing, &bytes.Buffer{}, &bytes.Buffer{}
				c, err := n.start(cmd)
				if err != nil {
					b.Fatal(err)
				}
				c.stop()
			}
		})
	}
}
