package secure

import (
	"crypto/rsa"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// openssl runs the command line tool in a directory.
func openssl(t *testing.T, dir, input string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed here")
	}
	cmd := exec.Command("openssl", args...)
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		t.Fatalf("openssl %s: %v: %s", strings.Join(args, " "), err, exit.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// A sample is an identity that tests share: to make a key takes long.
type sample struct {
	*Identity
	dir string
}

var one, two = sync.OnceValue(newSample), sync.OnceValue(newSample)

func newSample() sample {
	dir, err := os.MkdirTemp("", "secure")
	if err != nil {
		panic(err)
	}
	id, _, err := Load(files(dir))
	if err != nil {
		panic(err)
	}
	return sample{id, dir}
}

func (s sample) key(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(files(s.dir).Key)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(one().dir)
	_ = os.RemoveAll(two().dir)
	os.Exit(code)
}

func files(dir string) Files {
	return Files{Cert: filepath.Join(dir, "x.crt"), Key: filepath.Join(dir, "x.key")}
}

func load(t *testing.T, f Files) *Identity {
	t.Helper()
	id, _, err := Load(f)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A key is made once, is its owner's alone, and stays.
func TestLoadMakes(t *testing.T) {
	f := files(t.TempDir())
	first, made, err := Load(f)
	if err != nil || !made {
		t.Fatalf("made: %v, %v", made, err)
	}
	for file, want := range map[string]os.FileMode{f.Key: 0o600, f.Cert: 0o644} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want mode %o", file, info, err, want)
		}
	}
	second, made, err := Load(f)
	if err != nil || made || !second.Public().Equal(first.Public()) {
		t.Errorf("the second time: made %v, %v", made, err)
	}
	if err := os.Remove(f.Cert); err != nil {
		t.Fatal(err)
	}
	if third := load(t, f); !third.Public().Equal(first.Public()) {
		t.Error("without a certificate another key was made")
	}
	if left, err := os.ReadDir(filepath.Dir(f.Key)); err != nil || len(left) != 2 {
		t.Errorf("in the directory: %v, %v", left, err)
	}
}

// Programs that start side by side end up with one identity.
func TestLoadTogether(t *testing.T) {
	f := files(t.TempDir())
	prints := make([]string, 2)
	var all sync.WaitGroup
	for i := range prints {
		all.Go(func() {
			if id, _, err := Load(f); err == nil {
				prints[i] = Fingerprint(id.Public())
			}
		})
	}
	all.Wait()
	if prints[0] == "" || prints[0] != prints[1] {
		t.Errorf("fingerprints %q", prints)
	}
}

// What is no good is refused with its reason.
func TestLoadRefuses(t *testing.T) {
	good := one().dir
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(good, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, c := range []struct {
		name, key, cert string
		mode            os.FileMode
		want            string
	}{
		{"no PEM", "hello", "", 0o600, "it is not in PEM"},
		{"open to others", read("x.key"), "", 0o640, "try chmod 600"},
		{"short", openssl(t, good, "", "genrsa", "1024"), "", 0o600, "1024 bits"},
		{"no RSA", openssl(t, good, "", "genpkey", "-algorithm", "ed25519"), "", 0o600, "no RSA key"},
		{"of another", two().key(t), read("x.crt"), 0o600, "is not the certificate of"},
		{"no certificate", read("x.key"), read("x.key"), 0o600, "is no certificate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := files(t.TempDir())
			if err := os.WriteFile(f.Key, []byte(c.key), c.mode); err != nil {
				t.Fatal(err)
			}
			if c.cert != "" {
				if err := os.WriteFile(f.Cert, []byte(c.cert), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			_, _, err := Load(f)
			if !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %s", err, c.want)
			}
		})
	}
}

// Keys and certificates that openssl makes are read, in both of its forms.
func TestLoadFromOpenSSL(t *testing.T) {
	for _, args := range [][]string{
		{"genrsa", "-out", "x.key", "2048"},
		{"genrsa", "-traditional", "-out", "x.key", "2048"},
	} {
		dir := t.TempDir()
		openssl(t, dir, "", args...)
		openssl(t, dir, "", "req", "-x509", "-new", "-key", "x.key", "-subj", "/CN=any", "-out", "x.crt")
		id := load(t, files(dir))
		printed := openssl(t, dir, "", "pkey", "-in", "x.key", "-pubout", "-outform", "DER")
		if printed != string(der(id.Public())) {
			t.Errorf("%v: openssl has another public key", args)
		}
	}
}

func TestFits(t *testing.T) {
	for bits, fits := range map[uint]bool{2047: false, 2048: true, 4096: true, 4097: false} {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		if err := Fits(&rsa.PublicKey{N: n, E: 65537}); (err == nil) != fits {
			t.Errorf("%d bits: %v", bits, err)
		}
	}
}
