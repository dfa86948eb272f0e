package driver

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Values fill the holes of templates. A hole is the name of a value in braces, as
// beside each; {payee_index0} is the payee's place counted from 0.
type Values struct {
	Host       string // {host}: the server's
	Port       int    // {port}: the server's
	Name       string // {name}: whom the client acts for
	LoginPort  int    // {lport}: the one that it names at the login
	Payee      string // {payee}
	PayeeIP    string // {payee_ip}: where the list says that the payee is
	PayeePort  int    // {payee_port}
	PayeeIndex int    // {payee_index}: the payee's place in the list, from 1
	Amount     int    // {amount}
	Deposit    int    // {deposit}: in an edition that has one
}

// pairs gives each hole and what fills it.
func (v Values) pairs() []string {
	return []string{
		"{host}", v.Host, "{port}", strconv.Itoa(v.Port), "{name}", v.Name, "{lport}", strconv.Itoa(v.LoginPort),
		"{payee}", v.Payee, "{payee_ip}", v.PayeeIP, "{payee_port}", strconv.Itoa(v.PayeePort),
		"{payee_index}", strconv.Itoa(v.PayeeIndex), "{payee_index0}", strconv.Itoa(v.PayeeIndex - 1),
		"{amount}", strconv.Itoa(v.Amount), "{deposit}", strconv.Itoa(v.Deposit),
	}
}

// fill fills the holes of a template.
func (v Values) fill(template string) string {
	return strings.NewReplacer(v.pairs()...).Replace(template)
}

var hole = regexp.MustCompile(`\{[a-z_0-9]+\}`)

// known says which hole of a template there is not.
func known(template string) error {
	pairs := Values{}.pairs()
	for _, h := range hole.FindAllString(template, -1) {
		if i := slices.Index(pairs, h); i < 0 || i%2 != 0 {
			return fmt.Errorf("%q has the hole %s; there are %s", template, h, holes(pairs))
		}
	}
	return nil
}

func holes(pairs []string) string {
	var names []string
	for i := 0; i < len(pairs); i += 2 {
		names = append(names, pairs[i])
	}
	return strings.Join(names, " ")
}
