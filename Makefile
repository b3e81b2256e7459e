# The habits of a working day; `make help` lists them. Each builds in a directory of its own under
# build/ (clang, gcc, asan, tsan, fuzz, release, lint), so that switching between them rebuilds nothing.

# clang 19 is the reference compiler; make's own default would be g++.
ifeq ($(origin CXX),default)
CXX := clang++-19
endif
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local

compiler := $(notdir $(firstword $(CXX)))
ifneq ($(findstring clang++,$(compiler)),)
name := $(patsubst clang++-19,clang,$(compiler))
else
name := $(patsubst g++,gcc,$(compiler))
endif
dir := build/$(subst +,x,$(name))$(if $(CARES),-cares)
lint_dir := build/lint$(if $(CARES),-cares)
# CARES=1 looks names up with c-ares.
options := $(if $(CARES),-DWEFT_CARES=ON)

# T=SY3 selects the tests of that statement, parameterized ones too.
filter := $(if $(T),-R '^([A-Za-z0-9_]+/)?($(T))(/[0-9]+)?\.')
bench_names := $(patsubst benches/%.cc,bench_%,$(wildcard benches/*$(B)*.cc))

# How far make fuzz goes with each target: whichever of the two is reached first.
RUNS ?= 1000000
SECONDS ?= 60

symbolizer := /usr/lib/llvm-19/bin/llvm-symbolizer
export ASAN_SYMBOLIZER_PATH := $(symbolizer)
export UBSAN_OPTIONS := print_stacktrace=1:external_symbolizer_path=$(symbolizer)
export TSAN_OPTIONS := second_deadlock_stack=1:external_symbolizer_path=$(symbolizer)
# One line a test is readable; a thousand lines of "Built target" are not.
export CTEST_PROGRESS_OUTPUT ?= 0

# Arguments: preset, directory, further options. The sanitizer and lint presets are clang's.
configure = @cmake --preset $(1) -B $(2) --log-level=WARNING $(3) >$(2).log 2>&1 || { cat $(2).log; exit 1; }
build = @cmake --build $(1) --parallel $(JOBS) --target $(2)
ctest = @ctest --test-dir $(1) --output-on-failure --no-tests=error --parallel $(JOBS) $(filter)

# One line a model. Its argument is what tests/loom/support/model.h calls the level.
models = @WEFT_LOOM_LEVEL=$(1) ctest --test-dir build/loom --output-on-failure --no-tests=error --parallel $(JOBS) $(filter)

library_only := -DWEFT_BUILD_TESTS=OFF -DWEFT_BUILD_BENCHES=OFF -DWEFT_BUILD_EXAMPLES=OFF

.DEFAULT_GOAL := build
.PHONY: help setup setup-test build demo test asan tsan fuzz loom loom-full loom-mutants bench bench-guard peers lint format check install deb docs docs-check clean

help:  ## this list
	@awk -F ':.*##' '/^[a-z-]+:.*##/ { printf "  make %-13s%s\n", $$1, $$2 }' Makefile

build: setup  ## build everything with CXX (clang++-19; CXX=g++ for the other); CARES=1 with c-ares
	$(if $(CARES),@tools/setup.sh cares)
	$(call configure,debug,$(dir),-DCMAKE_CXX_COMPILER=$(CXX) $(options))
	$(call build,$(dir),all)

demo: setup  ## a hundred clients against an echo server, live, and what the runtime did meanwhile
	$(call configure,release,build/release)
	$(call build,build/release,weft_demo)
	@build/release/examples/demo

# What the tests look for when they are configured and when they run.
setup-test: setup
	@tools/setup.sh test

test: setup-test build  ## build and run the tests; T=SY3 runs those of statement SY-3; CXX=g++; CARES=1
	$(call ctest,$(dir))

asan: setup-test  ## the tests under AddressSanitizer and UndefinedBehaviorSanitizer; T=SY3
	@tools/setup.sh sanitize
	$(call configure,asan,build/asan)
	$(call build,build/asan,all)
	$(call ctest,build/asan)

tsan: setup-test  ## the tests under ThreadSanitizer; T=SY3
	@tools/setup.sh sanitize
	$(call configure,tsan,build/tsan)
	$(call build,build/tsan,all)
	$(call ctest,build/tsan)

fuzz: setup  ## feed parsers with hostile input; F=name one target; RUNS=10000000 inputs, SECONDS=600 each
	@tools/setup.sh sanitize
	$(call configure,fuzz,build/fuzz)
	$(call build,build/fuzz,weft_fuzz_targets)
	@tools/fuzz.sh build/fuzz $(RUNS) $(SECONDS) $(F)

loom: setup  ## the models under the model checker, large ones up to a bound; T=LM12
	@tools/setup.sh test
	$(call configure,loom,build/loom)
	$(call build,build/loom,weft_loom_models)
	$(call models,quick)

loom-full: setup  ## the same, as far as the checker gets: takes an hour; T=LM12
	@tools/setup.sh test
	$(call configure,loom,build/loom)
	$(call build,build/loom,weft_loom_models)
	$(call models,full)

loom-mutants: setup  ## break each protocol in one place at a time: a model has to fail; ARGS= for the script
	@tools/setup.sh test
	@tools/loom_mutants.py -j $(JOBS) $(ARGS)

bench: setup  ## run the benchmarks; B=sync_mpsc those whose file name contains it; ARGS= for the program
	$(if $(bench_names),,$(error no benchmark benches/*$(B)*.cc))
	$(call configure,release,build/release)
	$(call build,build/release,$(bench_names))
	@set -e; for bench in $(bench_names); do build/release/benches/$$bench $(ARGS); done

bench-guard: setup  ## count the instructions of a few operations and compare them with their bounds
	@tools/setup.sh guard
	$(call configure,release,build/release)
	$(call build,build/release,weft_guard)
	@tools/bench_guard.py build/release/benches/guard/weft_guard benches/guard/bounds.txt

peers: setup  ## the same work with weft, tokio, Go and others, in turn; B=spawn some rows; FULL=1 more rounds
	@tools/setup.sh peers
	@tools/peers.py --jobs $(JOBS) $(if $(B),--rows $(B)) $(if $(FULL),--full)

lint: setup  ## clang-tidy, format, headers alone, sizes, atomics, SAFETY comments, spec trace, links; CARES=1
	@tools/setup.sh lint $(if $(CARES),cares)
	$(call configure,lint,$(lint_dir),$(options))
	@tools/lint.sh $(lint_dir) $(JOBS)

format: setup  ## format all C++ sources
	@tools/setup.sh lint
	@tools/tree.py formatted | xargs -r clang-format-19 -i

check:  ## before pushing: exactly what CI runs
	@.ci/run

install: setup  ## build the library alone, optimized, and install it under PREFIX (/usr/local); DESTDIR=
	$(call configure,release,build/package,$(library_only))
	$(call build,build/package,all)
	@cmake --install build/package --prefix $(PREFIX)

deb: setup  ## the Debian package libweft-dev, tried in a fresh Debian 12 (root); in build/deb
	@tools/setup.sh deb
	@tools/deb.sh

setup:  ## install missing tools from Debian's packages (root), or say which are missing
	@tools/setup.sh build
	@mkdir -p build

docs:  ## build the documentation site into build/docs, strictly, and follow its links
	@tools/setup.sh docs
	@mkdir -p build
	@tools/docs.py

docs-check: docs  ## look at every page in Chromium, wide and narrow; screenshots in build/docs-shots; P=words
	@tools/setup.sh docs-check
	@tools/docs_check.py $(P)

clean:  ## delete build/
	@rm -rf build
