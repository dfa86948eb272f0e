package conformance

import (
	"testing"

	"paycheck/conformance/play"
	"paycheck/spec/edition"
)

// stageOf gives a stage whose program is never started.
func stageOf(e edition.Edition) *play.Stage {
	return play.NewStage(&play.Env{
		Profile: play.Profile{Edition: e},
		Prefix:  func() string { return "abc" },
		Port:    func() int { return 5001 },
	})
}

func TestCutsCoverEveryByte(t *testing.T) {
	for _, e := range edition.All {
		st := stageOf(e)
		requests := talk(st, "s00")
		want, telling := 1, 0
		for _, request := range requests {
			want += len(request)
		}
		all := cuts(st)
		if len(all) != want {
			t.Errorf("edition %s: %d cuts, want %d", e.Name, len(all), want)
		}
		ends := map[int]bool{}
		for _, c := range all {
			if c.of != 0 && (c.of != len(requests[c.request]) || c.at < 1 || c.at > c.of) {
				t.Errorf("edition %s: %+v of %q", e.Name, c, requests[c.request])
			}
			if c.telling() {
				telling++
				ends[c.request] = ends[c.request] || c.at == c.of
			}
		}
		if len(ends) != len(requests) || telling > 5*len(requests) {
			t.Errorf("edition %s: %d telling cuts, in %d requests", e.Name, telling, len(ends))
		}
	}
}

func TestEveryWayToGoIsNamed(t *testing.T) {
	for _, way := range append(sudden(), politely...) {
		if way.what == "" || way.end.by == nil || way.end.survived == "" {
			t.Errorf("%+v", way)
		}
	}
	if len(sudden()) != len(suddenly)+len(politely)-1 {
		t.Errorf("%d sudden ways", len(sudden()))
	}
}
