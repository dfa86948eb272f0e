package main

import (
	"math"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageTemplate is the second half of every help: what to type, then the flags.
const usageTemplate = `Usage:
{{if .HasAvailableSubCommands}}  {{.CommandPath}} COMMAND{{else}}  {{.UseLine}}{{end}}
{{if .HasExample}}
Examples:
{{.Example}}
{{end}}{{if .HasAvailableSubCommands}}
Commands:
{{range .Commands}}{{if .IsAvailableCommand}}  {{rpad .Name .NamePadding}} {{.Short}}
{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}
Flags:
{{flagLines .LocalFlags}}{{end}}{{if .HasAvailableSubCommands}}
{{.CommandPath}} COMMAND --help says more about one.
{{end}}`

func useOwnTemplate(root *cobra.Command) {
	cobra.AddTemplateFunc("flagLines", flagLines)
	root.SetUsageTemplate(usageTemplate)
}

// flagLines lists flags without the values of those that take none, and without the
// columns that those values would take.
func flagLines(f *pflag.FlagSet) string {
	lines := strings.Split(strings.ReplaceAll(f.FlagUsages(), "[=true|false]", "             "), "\n")
	text, used := math.MaxInt, 0 // where the texts begin, and what the flags take of that
	for _, line := range lines {
		if indent := len(line) - len(strings.TrimLeft(line, " ")); indent > len("  -x, ") {
			text = min(text, indent)
		}
	}
	if text == math.MaxInt {
		return strings.Join(lines, "\n") // there is no second line to tell by
	}
	for _, line := range lines {
		used = max(used, len(strings.TrimRight(line[:min(text, len(line))], " ")))
	}
	spare := strings.Repeat(" ", max(0, text-used-3))
	for i, line := range lines {
		if len(line) > text {
			lines[i] = strings.TrimSuffix(line[:text], spare) + line[text:]
		}
	}
	return strings.Join(lines, "\n")
}
