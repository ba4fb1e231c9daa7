# What a newcomer needs: `make demo` and `make test`. CONTRIBUTING.md has the rest.
SWIFT ?= swift
JOBS ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
SHARED ?= ../shared
DATA ?= $(SHARED)
PREFIX ?= /usr/local
# Not every shell expands the ~ of PREFIX=~/.local.
WHERE = $(patsubst ~/%,$(HOME)/%,$(PREFIX))
# A release build has Swift's own libraries inside on Linux, so that it runs where no Swift is: what is tried here is what is
# installed, and demo, dist and install share one build. A toolchain without the static libraries links the shared ones.
LIBRARIES = $(shell r=$$($(SWIFT) -print-target-info 2>/dev/null | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p'); \
  [ "$$(uname)" = Linux ] && [ -d "$${r}_static" ] && echo "$${r}_static")
STATIC = $(if $(LIBRARIES),--static-swift-stdlib)

# The table of all locales stays out of the program (Sources/CLocales): 35 of 85 MB. Its name has ICU's version in it.
LOCALES = $(if $(LIBRARIES),$(shell grep -aoE 'icudt[0-9]+_dat' $(LIBRARIES)/linux/lib_FoundationICU.a | head -1))

# Nothing loads the program as a library, so that it exports nothing; relocations are packed (glibc 2.36 and newer): 5 MB less.
LINK = $(if $(STATIC),-Xswiftc -use-ld=lld -Xlinker --no-export-dynamic -Xlinker -z -Xlinker pack-relative-relocs)

# What the demo builds: without optimization but for what times requests, in about a third of the time, in a folder of its
# own. QUICK= builds what is installed.
QUICK ?= 1
FLAGS = -c release --product plimsoll -debug-info-format none $(STATIC) $(LINK) $(if $(LOCALES),-Xcc -DPLIMSOLL_LOCALES=$(LOCALES)) \
  -j $(JOBS)

# Tests that run at once. Without a bound all thousand start together, and what waits for a process or a server gets its next
# turn when all have had theirs. Swift before 6.3 has no such option.
WIDTH = $(shell $(SWIFT) test --help-hidden 2>/dev/null | grep -q experimental-maximum-parallelization-width \
  && echo --experimental-maximum-parallelization-width $$(( 2 * $(JOBS) )))

.PHONY: bootstrap demo test check build release lint bench accuracy accuracy-speed calibrate-defaults check-machines bench-readers fuzz clean bench-memory test-engines check-manifests check-hub hub-tools hub-kills kills check-reference dist install uninstall check-docs check-reports check-numa check-web check-api

demo: bootstrap ## Set up, build, and run the main job on two real models; says the time of each step
	@SWIFT="$(SWIFT)" FLAGS="$(FLAGS)" QUICK="$(QUICK)" scripts/demo

test: bootstrap ## Set up and pass the tests, the real llama.cpp server among them
	$(SWIFT) build --build-tests -j $(JOBS)
	scripts/test-engine
	$(SWIFT) test --skip-build $(WIDTH)

test-engines: build ## Deploy, ask, measure and stop llama.cpp, MLX and vLLM (installs gigabytes); ENGINES="llama.cpp mlx"
	scripts/test-engines $(ENGINES)

check-manifests: ## Hold the kept manifests against the tools and schemas of their readers: CRDS=folder
	@python3 -m venv .build/manifests
	@.build/manifests/bin/pip install -q kubernetes-validate==1.37.0 jsonschema==4.26.0
	@.build/manifests/bin/python scripts/check-manifests $(if $(CRDS),--crds $(CRDS))

check-numa: release ## Probe a machine of 2 sockets and 4 nodes in an emulator, and hold what is told against what it is
	scripts/check-numa .build/release/plimsoll

hub-tools: # The official client and an independent server, in an environment of their own
	@python3 -m venv .build/hub
	@.build/hub/bin/pip install -q olah==0.5.4 huggingface_hub==2.4.0

check-hub: build hub-tools ## Hold the Hub client against the official one and against olah
	scripts/check-hub .build/debug/plimsoll --tools .build/hub

hub-kills: release ## Kill 200 downloads in the middle, resume each, and hold what is left against the hashes
	scripts/hub-kills .build/release/plimsoll

kills: release ## Kill bench, import, deploy, run and pull 60 times each, and check what is left
	scripts/kills .build/release/plimsoll

check: lint test check-docs ## What a change has to pass

bootstrap:
	@scripts/bootstrap

build: bootstrap
	$(SWIFT) build -j $(JOBS)

release: bootstrap
	$(SWIFT) build $(FLAGS)

dist: release ## Make what people install, in dist/: tarball, Debian package, wheel; URL=address makes the Homebrew formula
	packaging/dist .build/release/plimsoll dist

install: release ## Install below PREFIX (/usr/local), with manual pages and completions; DESTDIR=root for packagers
	RECORD=1 packaging/stage .build/release/plimsoll "$(DESTDIR)" "$(WHERE)"

uninstall: ## Remove what install put below PREFIX
	packaging/unstage "$(DESTDIR)" "$(WHERE)"

lint:
	$(SWIFT) format lint --strict -r Sources Tests profiles Package.swift
	@! grep -rnE '^ *#(if|elseif).*(os|canImport)\(' Sources Tests profiles --include=*.swift \
	  | grep -vE '^Sources/(Platform|Hardware/(Probes|Measuring))/' \
	  || { echo "lint: what differs by system belongs in Sources/Platform"; exit 1; }
	@! grep -rnE '(Date|Number|Measurement|ByteCount|List)[A-Za-z]*Formatter\b|\b(Locale|Calendar|DateComponents)\(|\.formatted\(\)' \
	  Sources profiles --include=*.swift \
	  || { echo "lint: the program has no locales (Sources/CLocales)"; exit 1; }

check-reference: build ## Hold the program against all reference data; scripts/known-wrong lists what is not right yet
	scripts/check-reference .build/debug/plimsoll "$(SHARED)"

check-docs: build ## Hold the README and docs against the program: paths, links, commands, outputs; UPDATE=1 writes the outputs
	scripts/check-docs .build/debug/plimsoll $(if $(UPDATE),--update)

check-reports: build ## Look at a report of each kind in Chromium: layout at three widths, accessibility, valid HTML; SCREENS=folder keeps pictures
	scripts/check-reports .build/debug/plimsoll $(if $(SCREENS),--screens "$(SCREENS)")

check-web: build ## Use every page of the web app in Chromium: console, widths, accessibility; SCREENS=folder keeps pictures, FROM_NOTHING=1 uses a real engine
	scripts/check-web .build/debug/plimsoll $(if $(SCREENS),--screens "$(SCREENS)") $(if $(FROM_NOTHING),--from-nothing)

check-api: build ## Hold the API against its OpenAPI document with schemathesis, and time it
	scripts/check-api .build/debug/plimsoll

check-machines: release ## Hold the probe against dumps of real machines
	@if [ -d "$(SHARED)/machines" ]; then "$(SHARED)/check-machines" .build/release/plimsoll "$(SHARED)/machines"; \
	else echo "check-machines: skipped, no reference data at $(SHARED)/machines"; fi

accuracy: release ## Hold the memory estimates against what real engines allocated
	@if [ -d "$(SHARED)/truth" ]; then "$(SHARED)/check-memory" .build/release/plimsoll "$(SHARED)/truth" \
	  --models "$$(.build/release/plimsoll engines path demo-models)"; \
	scripts/accuracy-memory .build/release/plimsoll "$(SHARED)/truth"; \
	else echo "accuracy: skipped, no reference data at $(SHARED)/truth"; fi

accuracy-speed: release ## Score the speed model three ways, or one: DATA=folder, FIT=committed, BY=class|family|file|source|scenario, OUT=file
	@for fit in $(or $(FIT),$(if $(OUT),leave-devices-out,leave-devices-out leave-models-out leave-sources-out)); do echo "$$fit"; \
	  .build/release/plimsoll accuracy-speed --data $(if $(wildcard $(DATA)/devices*.json),$(DATA),$(DATA)/speed) --fit $$fit \
	    $(if $(BY),--by $(BY)) $(if $(OUT),--out $(OUT)) || exit 1; done

calibrate-defaults: release ## Refit the speed model's constants on DATA and write them
	.build/release/plimsoll accuracy-speed --data $(if $(wildcard $(DATA)/devices*.json),$(DATA),$(DATA)/speed) --write-fit profiles/efficiencies/default.json

bench: release bench-memory hub-tools ## Measure the load generator beside other clients, the database of runs, and memory
	cd Benchmarks && $(SWIFT) build -c release -j $(JOBS) && ./compare-clients
	Benchmarks/whole-command .build/release/plimsoll
	Benchmarks/records-scale
	HF=.build/hub/bin/hf scripts/bench-download .build/release/plimsoll

bench-readers: bootstrap ## Time the readers of model files beside Python's on the same files
	cd Benchmarks && $(SWIFT) build -c release --product reader-speed -j $(JOBS) && ./compare-readers

fuzz: bootstrap ## Feed random bytes to every reader of model files, SECONDS (60) each
	Fuzz/run $(or $(SECONDS),60)

bench-memory: release ## Hold probe --measure against STREAM's loops compiled in the same run
	Benchmarks/compare-stream .build/release/plimsoll

clean:
	rm -rf .build
