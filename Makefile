# make               the three programs, in bin/
# make test          every test, then the conformance run of the reference
# make conformance   judge a server: SERVER=./my/server ARGS="--gate strict"
# make fuzz          look for more in it: SERVER=./my/server FUZZTIME=60s
#                    or a client: CLIENT=./my/client
#
# The rest: server client paycheck clean lint mutants mutants-near proofs soak
#           bench campaign fuzz-codecs darwin

GO ?= go

programs := client server paycheck
wanted   := $(or $(filter $(programs),$(MAKECMDGOALS)),$(programs))

.PHONY: all $(programs) clean test conformance fuzz mutants mutants-near proofs soak bench campaign fuzz-codecs lint darwin need-go need-cc

all: $(programs)

# One more program is done each time a recipe asks; noise says where that is told.
done     =
progress = $(eval done += x)@echo "[$$(( $(words $(done)) * 100 / $(words $(wanted)) ))%] Compiling $@" $(noise)
compile  = @$(env) $(GO) build -o bin/$@ ./cmd/$@

server:   env := CGO_ENABLED=1
client:   env := CGO_ENABLED=0
paycheck: env := CGO_ENABLED=0

server: need-cc
$(programs): need-go
	$(progress)
	$(compile)

clean:
	@rm -rf bin

# The report alone goes to standard output.
conformance: noise := >&2
judged = server '$(or $(SERVER),bin/server)'
ifdef CLIENT
judged = client '$(CLIENT)'
conformance: wanted := paycheck
conformance: paycheck
else ifdef SERVER
conformance: wanted := paycheck
conformance: paycheck
else
conformance: wanted := server paycheck
conformance: server paycheck
endif
	@bin/paycheck $(judged) $(ARGS)

FUZZTIME = 60s
fuzz: noise := >&2
fuzzed = server '$(or $(SERVER),bin/server)'
ifdef CLIENT
fuzzed = client '$(CLIENT)'
fuzz: wanted := paycheck
fuzz: paycheck
else ifdef SERVER
fuzz: wanted := paycheck
fuzz: paycheck
else
fuzz: wanted := server paycheck
fuzz: server paycheck
endif
	@bin/paycheck fuzz $(fuzzed) --for $(FUZZTIME) $(ARGS)

# -vet=all is go vet, without another build of everything. -short leaves the long ones out.
test: need-go need-cc
	@$(GO) test -vet=all -race -short ./...

# Minutes: the tests that make test leaves out.
proofs: need-go need-cc
	@$(GO) test -run 'Secure|Client|Pair|Veiled|Fuzz' ./conformance ./conformance/mutant ./conformance/pair ./fuzz

# Minutes: each mutant against what it breaks, and each program in C and C++ whole.
mutants-near: need-go need-cc
	@$(GO) test ./conformance/mutant -full -near -run 'TestMutants/^(mutants|programs)$$' -timeout 1h

mutants: need-go need-cc
	@$(GO) test ./conformance/mutant -v -full -timeout 2h

# Many minutes: CAMPAIGN for the reference and for each odd mutant; fills fuzz/README.md.
CAMPAIGN = 60s
campaign: need-go need-cc
	@$(GO) test ./conformance/mutant -v -run TestCampaign -campaign $(CAMPAIGN) -timeout 5h

# Hours: each run is kept in bin/soak.jsonl, so it can be ended and goes on from there.
SOAK = 100
soak: need-go need-cc
	@mkdir -p bin
	@$(GO) test ./conformance/mutant -v -run TestSoak -soak $(SOAK) -timeout 0

bench: need-go need-cc
	@$(GO) run ./cmd/bench

# A few seconds for each fuzz target: go test takes one at a time.
fuzztime = 5s
fuzz-codecs: need-go need-cc
	@grep -rl --include='*_test.go' '^func Fuzz' reference conformance spec fuzz | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' $$file); do \
			echo "$$file $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(fuzztime) ./$$(dirname $$file) </dev/null || exit 1; \
		done; \
	done

# One pinned program that holds gofumpt, go vet, staticcheck and the others.
golangci = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
lint: need-go
	@$(GO) run $(golangci) run

# The judge and the client build for a Mac on any machine; the server needs a Mac's C compiler.
darwin: need-go
	@for arch in amd64 arm64; do for program in client paycheck; do \
		echo "darwin/$$arch $$program"; \
		CGO_ENABLED=0 GOOS=darwin GOARCH=$$arch $(GO) build -o /dev/null ./cmd/$$program || exit 1; \
	done; done

# One line for what a fresh machine lacks.
need-go:
	@command -v $(GO) >/dev/null || { echo "make: there is no Go here; install Go 1.26 or later (apt-get install golang)" >&2; exit 1; }
	@why=$$($(GO) list -m 2>&1) || { echo "make: this needs Go 1.26 or later: $$(echo "$$why" | tail -n 1)" >&2; exit 1; }

need-cc: need-go
	@echo '#include <stdlib.h>' | $$($(GO) env CC) -E - >/dev/null 2>&1 || \
		{ echo "make: there is no C compiler here, which SQLite in the server needs (apt-get install gcc libc6-dev)" >&2; exit 1; }
