package report

import (
	"fmt"
	"time"
)

// duration says how long something took, to a tenth of a second.
func duration(d time.Duration) string {
	if d >= time.Minute {
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
