package client

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// What each command does, its answers being checked.

func registers(ctx context.Context, c *Console, answers []string) error {
	var deposit int64
	if len(answers) > 1 {
		deposit = whole(answers[1])
	}
	if err := c.client.Register(ctx, answers[0], deposit); err != nil {
		return err
	}
	c.screen.Print("Registered %s.", answers[0])
	return nil
}

func logsIn(ctx context.Context, c *Console, answers []string) error {
	reply, port, err := c.client.Login(ctx, answers[0], int(whole(answers[1])))
	if err != nil {
		return err
	}
	c.screen.Print("Logged in as %s, listening on port %d.\n%s", answers[0], port, showList(reply, answers[0]))
	return nil
}

func lists(ctx context.Context, c *Console, _ []string) error {
	reply, err := c.client.List(ctx)
	if err != nil {
		return err
	}
	c.screen.Print("%s", showList(reply, c.client.Name()))
	return nil
}

func pays(ctx context.Context, c *Console, answers []string) error {
	payee, amount := answers[0], whole(answers[1])
	address, err := c.client.Pay(ctx, payee, amount)
	if err != nil {
		return err
	}
	c.screen.Print("Sent %d to %s at %s.", amount, payee, address)
	return nil
}

func exits(context.Context, *Console, []string) error { return errEnd }

// waits is for scripts: it uses up one payment or notice, which may have come
// already, or waits for it.
func waits(ctx context.Context, c *Console, answers []string) error {
	bound := time.Duration(whole(answers[0])) * time.Second
	late := time.NewTimer(bound)
	defer late.Stop()
	select {
	case e := <-c.news:
		c.screen.Print("Waited for: %s", showEvent(e))
		return nil
	case <-c.client.Gone():
		return c.client.Err()
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-late.C:
		return fmt.Errorf("nothing came in %v", bound)
	}
}

func helps(_ context.Context, c *Console, _ []string) error {
	for _, each := range c.commands {
		c.screen.Print("%1s  %s", each.number, each.usage())
	}
	return nil
}

// whole is the number in an answer that was checked to be one.
func whole(answer string) int64 {
	n, _ := strconv.ParseInt(answer, 10, 64)
	return n
}
