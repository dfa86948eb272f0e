//go:build !linux

package target

import (
	"context"
	"time"
)

// Usage can't look at the program here.
func (p *Program) Usage() (Usage, error) { return Usage{}, errHidden }

// Busy can't look at the program here.
func (p *Program) Busy(context.Context, float64) (time.Duration, error) { return 0, errHidden }

// Spinning can't look at the program here.
func (p *Program) Spinning() int { return 0 }
