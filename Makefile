# `make run` and `make test` do all set-up; the rest is for people who work on Goldeneye.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
CARGO := $(shell command -v cargo 2>/dev/null)
NATIVE_SOURCES := $(wildcard native/Cargo.* native/pyproject.toml native/*.pyi native/src/*.rs native/src/*/*.rs)
CONFIG ?=
KILLS ?= 20
SECONDS ?= 60
SEEDS ?= 200
SEED ?=
FILES ?= $(wildcard tests/query/promql/cases/*.test)
PYTEST := $(BIN)/python -m pytest

.PHONY: help setup run test test-all conformance promqltest check crash simulate fuzz bench wheel proto format clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: setup ## set up and start Goldeneye
	@exec $(BIN)/goldeneye serve $(if $(CONFIG),--config $(CONFIG))

test: setup ## set up and run the tests
	@$(PYTEST) -q -n 2 -m "not slow"

test-all: setup ## the tests with the long and foreign ones
	@$(PYTEST) -q -n 2
	@$(MAKE) --no-print-directory crash KILLS=100

conformance: setup ## each line of OTLP's rules: met, refused on purpose, not applicable, missing
	@$(BIN)/python tests/conformance/report.py

promqltest: setup ## run FILES in Prometheus's test language against our PromQL
	@$(BIN)/python -m query.promql.testing $(FILES)

check: setup ## formatting, lints, types, clippy, architecture
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
ifdef CARGO
	cd native && cargo fmt --check && cargo clippy --release --all-targets -- -D warnings && cargo test --release
else
	@echo "no cargo on this machine: clippy and the Rust tests are skipped"
endif
	@$(PYTEST) -q tests/architecture

crash: setup ## kill the server KILLS times and count what was lost
	@$(BIN)/python tests/simulation/crash.py --kills $(KILLS)

simulate: setup ## run the storage on a simulated disk, SEEDS seeds; SEED=n: that one with its trace
	@$(BIN)/python tests/simulation/simulate.py $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

fuzz: setup ## fuzz the decoders and the HTTP receiver for SECONDS
	@$(BIN)/python tests/fuzz/run.py $(SECONDS)

bench: setup ## the decoder's speed
	@$(BIN)/python benchmarks/decode.py

wheel: setup ## build installable wheels of both packages into dist/
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist .
	cd native && ../$(BIN)/maturin build --release --locked --out ../dist

proto: setup ## generate the classes of our own protobuf contracts
	$(BIN)/python -m grpc_tools.protoc --proto_path=proto --python_out=src/storage/proto --pyi_out=src/storage/proto proto/goldeneye/wal/v1/wal.proto
	$(BIN)/python -m grpc_tools.protoc --proto_path=proto --python_out=src/query/promql/remote_write/proto --pyi_out=src/query/promql/remote_write/proto proto/goldeneye/remote_write/v1/write.proto proto/goldeneye/remote_write/v2/write.proto
	$(BIN)/python -m grpc_tools.protoc --proto_path=proto --python_out=src/query/grpc_service/proto --pyi_out=src/query/grpc_service/proto proto/goldeneye/query/v1/query.proto

format: setup ## format everything
	$(BIN)/ruff format src tests benchmarks
	$(BIN)/ruff check --fix src tests benchmarks
ifdef CARGO
	cd native && cargo fmt
endif

clean: ## remove what was built, never data
	rm -rf $(VENV) build dist native/target

# The packages are installed while the native core is compiled, which takes longer.
setup:
	@+$(MAKE) --no-print-directory -j2 $(VENV)/.python $(if $(CARGO),$(VENV)/.native,$(VENV)/.no-native)

$(VENV)/.maturin: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Goldeneye needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Set PYTHON=…"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) maturin
	@touch $@

$(VENV)/.python: $(VENV)/.maturin pyproject.toml constraints.txt
	@echo "installing Python packages…"
	@$(PIP) --editable '.[demo,dev]'
	@touch $@

$(VENV)/.compiled: $(VENV)/.maturin $(NATIVE_SOURCES)
	@echo "building the native core (about three minutes the first time)…"
	@cd native && ../$(BIN)/maturin build --quiet --release --locked --out target/wheels
	@touch $@

$(VENV)/.native: $(VENV)/.python $(VENV)/.compiled
	@cd native && VIRTUAL_ENV=$(CURDIR)/$(VENV) ../$(BIN)/maturin develop --quiet --release --locked
	@touch $@

$(VENV)/.no-native: $(VENV)/.python
	@echo "no cargo on this machine: the slow decoder serves; install Rust and run make again"
	@touch $@
