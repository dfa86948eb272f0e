package driver

// Builtin gives the drivers that every client may be tried with: that of the reference
// client, and the menu of the manual, 1 to 5, with the questions that it has to ask.
func Builtin() []Driver {
	menu := func(number string) Step { return Step{Type: number} }
	return []Driver{
		{
			Name: "reference", Args: "{host} {port}",
			Ops: map[Op][]Step{
				Register: {
					{Wait: `> $`, Type: "1"},
					{Wait: `Name: $`, Type: "{name}"},
					{Wait: `Deposit: $`, Type: "{deposit}", Optional: true},
				},
				Login: {{Wait: `> $`, Type: "login {name} {lport}"}},
				List:  {{Wait: `> $`, Type: "list"}},
				Pay:   {{Wait: `> $`, Type: "pay {payee} {amount}"}},
				Exit:  {{Wait: `> $`, Type: "exit"}},
			},
			Fatal: []Op{Exit},
		},
		{
			Name: "manual", Args: "{host} {port}",
			Ops: map[Op][]Step{
				Register: {menu("1"), {Type: "{name}"}},
				Login:    {menu("2"), {Type: "{name}"}, {Type: "{lport}"}},
				List:     {menu("3")},
				Pay:      {menu("4"), {Type: "{payee}"}, {Type: "{amount}"}},
				Exit:     {menu("5")},
			},
			Fatal: []Op{Exit},
		},
	}
}
