package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Console is the user's side of a [Client]: it reads commands, one a line, and
// shows on its [Screen] what comes of them.
//
// At a terminal it shows a menu, asks for what a command needs and was not given,
// and asks again when an answer is no good. Without one it shows no questions, and
// a command that lacks something is refused.
type Console struct {
	client   *Client
	screen   *Screen
	terminal bool
	commands []command
	lines    chan string // what the user types; closed at the end of input
	news     chan Event  // payments and notices that no wait command has used
}

// errEnd ends the session: the user says so, or the input has ended.
var errEnd = errors.New("end")

// Connect makes a client of a server and the console for it. It sets
// [Config.Tell].
func Connect(ctx context.Context, config Config, in io.Reader, out io.Writer, terminal bool) (*Console, error) {
	c := &Console{
		screen: NewScreen(out), terminal: terminal, commands: commands(config.Edition),
		lines: make(chan string), news: make(chan Event, 1000),
	}
	config.Tell = c.tell
	client, err := Dial(ctx, config)
	if err != nil {
		return nil, err
	}
	c.client = client
	c.screen.Print("Connected to %s.%s", config.Address, showKeys(client))
	go c.read(in)
	return c, nil
}

// tell shows an event, and keeps it for a wait command.
func (c *Console) tell(e Event) {
	c.screen.Print("%s", showEvent(e))
	if e.Kind == Paid || e.Kind == Notice {
		select {
		case c.news <- e:
		default: // nobody will wait so often
		}
	}
}

// read passes on what the user types, until the end of input or of the client.
func (c *Console) read(in io.Reader) {
	defer close(c.lines)
	scanner := bufio.NewScanner(in) // a line too long for it ends the input
	for scanner.Scan() {
		select {
		case c.lines <- scanner.Text():
		case <-c.client.ctx.Done():
			return
		}
	}
}

// Run obeys the user until the end of input, the exit command, the end of ctx
// (Ctrl-C), or that of the server, which alone is an error, an [ErrLost].
func (c *Console) Run(ctx context.Context) error {
	defer func() { c.screen.Print("%s", showTraffic(c.client)) }()
	defer c.client.Close()
	for {
		err := c.step(ctx)
		switch {
		case ctx.Err() != nil || errors.Is(err, errEnd):
			return c.leave(context.WithoutCancel(ctx))
		case errors.Is(err, ErrLost):
			c.screen.Print("Lost: %v.", err)
			return err
		}
	}
}

// step reads one command and obeys it.
func (c *Console) step(ctx context.Context) error {
	if c.terminal {
		c.screen.Print("\n%s", menu(c.commands))
	}
	line, err := c.line(ctx, "> ")
	fields := strings.Fields(line)
	if err != nil || len(fields) == 0 || strings.HasPrefix(line, "#") {
		return err
	}
	chosen, ok := find(c.commands, fields[0])
	if !ok {
		c.screen.Print("There is no command %q. Try help.", clean(fields[0]))
		return nil
	}
	answers, err := c.answers(ctx, chosen, fields[1:])
	if err == nil {
		err = chosen.run(ctx, c, answers)
	}
	if c.terminal && ctx.Err() != nil {
		c.screen.Print("") // the terminal has written ^C
	}
	if err != nil && !errors.Is(err, errEnd) && !errors.Is(err, ErrLost) {
		c.screen.Print("%s failed: %s.", chosen.word, showError(err))
	}
	return err
}

// answers completes what a command needs, and checks it.
func (c *Console) answers(ctx context.Context, chosen command, given []string) ([]string, error) {
	if len(given) > len(chosen.questions) || !c.terminal && len(given) < len(chosen.questions) {
		return nil, fmt.Errorf("usage: %s", chosen.usage())
	}
	for i, question := range chosen.questions {
		if i < len(given) {
			if err := question.check(given[i]); err != nil {
				return nil, err
			}
			continue
		}
		answer, err := c.ask(ctx, question)
		if err != nil {
			return nil, err
		}
		given = append(given, answer)
	}
	return given, nil
}

// ask asks until the answer is good.
func (c *Console) ask(ctx context.Context, question question) (string, error) {
	for {
		answer, err := c.line(ctx, question.prompt+": ")
		answer = strings.TrimSpace(answer)
		if err != nil {
			return "", err
		}
		if answer == "" {
			return "", errors.New("nothing entered")
		}
		if err = question.check(answer); err == nil {
			return answer, nil
		}
		c.screen.Print("Not so: %v.", err)
	}
}

// line reads one line, at a terminal behind a prompt.
func (c *Console) line(ctx context.Context, prompt string) (string, error) {
	if c.terminal {
		c.screen.Ask(prompt)
	}
	select {
	case line, more := <-c.lines:
		if more {
			c.screen.Answered()
			return line, nil
		}
		c.screen.Dropped()
		return "", errEnd
	case <-c.client.Gone():
		c.screen.Dropped()
		return "", c.client.Err()
	case <-ctx.Done():
		c.screen.Dropped()
		return "", errEnd
	}
}

// leave says goodbye to the server. That it does not answer is no failure.
func (c *Console) leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, ByeWait, fmt.Errorf("waited %v", ByeWait))
	defer cancel()
	reply, err := c.client.Exit(ctx)
	if err != nil {
		c.screen.Print("No goodbye: %v.", err)
	} else {
		c.screen.Print("The server says: %s", clean(reply.Line))
	}
	return nil
}
