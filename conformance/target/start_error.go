package target

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"syscall"
)

// A StartError says why a program never served anybody.
type StartError struct {
	Recipe Recipe
	Why    string
	Tail   []string // the last lines that it printed
	Err    error    // of exec; nil if it ran

	slow     bool // it neither listened nor ended nor came to rest
	asks     bool // it waits for input
	listened bool // and ended
	crashed  bool // it died of a signal
}

// Asks reports whether the program waits for input that it was not given.
func (e *StartError) Asks() bool { return e.asks }

// lastWords is how many characters of a line are shown.
const lastWords = 100

// missing is what the dynamic loader says of a library that is not there (ld.so(8)).
var missing = regexp.MustCompile(`error while loading shared libraries: ([^:]+):`)

func (e *StartError) Error() string {
	if library := e.missing(); library != "" {
		return fmt.Sprintf("%s: it needs the library %s, which is not installed here", e.Recipe.Path, library)
	}
	text := fmt.Sprintf("%s: %s", e.Recipe.Path, e.Why)
	if len(e.Tail) > 0 {
		words := []rune(e.Tail[len(e.Tail)-1])
		if cut := len(words) - lastWords; cut > 0 {
			words = append([]rune("..."), words[cut:]...)
		}
		text += fmt.Sprintf("; its last words: %q", string(words))
	}
	return text
}

// missing is the library without which the program did not even begin.
func (e *StartError) missing() string {
	for _, line := range e.Tail {
		if m := missing.FindStringSubmatch(line); m != nil {
			return m[1]
		}
	}
	return ""
}

// Unwrap returns the error of exec, if there is one.
func (e *StartError) Unwrap() error { return e.Err }

func startFailure(err error) string {
	switch {
	case errors.Is(err, syscall.ENOEXEC):
		return "it is no program for this machine"
	case errors.Is(err, os.ErrPermission):
		return "it may not be executed; try chmod +x"
	case errors.Is(err, os.ErrNotExist):
		return "it is not there, or the loader it names is not"
	}
	return "it could not be started"
}
