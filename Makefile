# Every target does its own set-up. PYTHON chooses the interpreter (3.11 or later).
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# Where `make test-homeassistant` finds what starts a real Home Assistant (ha.py, setup.sh).
HA_HARNESS ?= ../shared/ha_harness
HA_HOME    ?= /opt/ha

# ONNX Runtime tells its maker nothing, whatever is run here.
export ORT_DISABLE_TELEMETRY := 1

.PHONY: demo test test-homeassistant test-voice run lint types eval eval-embedded bench bench-search bench-encode bench-ingest bench-rclip bench-processes bench-memory bench-pages bench-scale bench-shared clean help

help:            ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'glance-agent needs Python 3.11 or later; set PYTHON=python3.12, for example.'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.created pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo]'
	@touch $@

$(VENV)/.dev: $(VENV)/.created pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo        ## search, like, next … with a broker of its own; no network needed
	$(BIN)/glance-agent demo --out demo-output

run: $(VENV)/.demo         ## the agent, with config/glance.toml
	$(BIN)/glance-agent run --config config/glance.toml

test: $(VENV)/.dev         ## install what the tests need (Mosquitto and strace on Debian), run them
	@tools/install_test_programs.sh
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

test-homeassistant: $(VENV)/.dev  ## with a real Home Assistant, where one is set up; minutes
	@test -x $(HA_HOME)/client/bin/python || \
	  { echo 'No Home Assistant is set up here: run setup.sh in HA_HARNESS first.'; exit 1; }
	HA_HARNESS=$(HA_HARNESS) HA_HOME=$(HA_HOME) $(HA_HOME)/client/bin/python \
	  -m tests.homeassistant.real $(CURDIR)/$(BIN)/python

test-voice: $(VENV)/.dev   ## the sentences of voice, as Home Assistant matches them
	$(BIN)/python -m pytest -rP tests/homeassistant/test_voice.py

lint: $(VENV)/.dev         ## ruff; import-linter: who may import whom; wheels for ARM of all needed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m tools.resolve_arm

types: $(VENV)/.dev        ## mypy, strict
	$(BIN)/mypy

eval: $(VENV)/.dev         ## how well search finds and taste learns, on labelled pictures
	$(BIN)/python -m tools.evaluation --out eval-output

eval-embedded: $(VENV)/.dev ## the model of the package on labelled paintings and the starter gallery
	$(BIN)/python -m tools.embedded_model.evaluate --out eval-output/embedded

bench: $(VENV)/.dev        ## latency, memory and start of the agent with 10,000 works
	$(BIN)/python -m tools.bench.agent

bench-search: $(VENV)/.dev  ## a search over 10,000 works, beside the raw numpy product
	$(BIN)/python -m tools.bench.search

bench-encode: $(VENV)/.dev ## what embedding costs beside the towers, on a random B/32
	$(BIN)/python -m tools.bench.encode

bench-ingest: $(VENV)/.dev ## what bringing pictures in costs beside a bare loop; minutes
	$(BIN)/python -m tools.bench.ingest

bench-rclip: $(VENV)/.dev  ## the same beside rclip, and whole processes; RCLIP names its program
	@test -x "$(RCLIP)" || { echo 'Set RCLIP to the program of an installed rclip.'; exit 1; }
	$(BIN)/python -m tools.bench.rclip $(RCLIP)

bench-processes: $(VENV)/.dev  ## CPU time of whole processes that find all done, beside bare imports
	$(BIN)/python -m tools.bench.processes

bench-memory: $(VENV)/.dev ## memory and latency while 2,000 pictures of 12 MP come in; minutes
	$(BIN)/python -m tools.bench.memory

bench-pages: $(VENV)/.dev  ## the pages with 10,000 and 100,000 works, in a real Chromium; minutes
	$(BIN)/python -m tools.bench.pages

bench-scale: $(VENV)/.dev  ## the library with 100,000 works, beside the bare product of its vectors
	$(BIN)/python -m tools.bench.scale

bench-shared: $(VENV)/.dev ## searches by PostgreSQL beside the same by SQLite; minutes
	$(BIN)/python -m tools.bench.shared

clean:           ## remove what the targets made
	rm -rf $(VENV) demo-output eval-output build *.egg-info .pytest_cache .mypy_cache .ruff_cache
