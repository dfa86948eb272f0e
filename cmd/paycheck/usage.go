package main

import (
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

// flagLines lists flags without the values of those that take none.
func flagLines(f *pflag.FlagSet) string {
	return strings.ReplaceAll(f.FlagUsages(), "[=true|false]", "             ")
}
