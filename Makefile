# Two commands: `make run` and `make test`. Both set everything up themselves.
PROFILE ?= quick
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
DONE = $(VENV)/.installed

.PHONY: install run test lint fuzz kill soak book refresh lock ship clean help

help:            ## list the targets
	@grep -E '^[a-z%-]+: .*##' Makefile | sed 's/:.*##/\t/'

install: $(DONE) ## make .venv with pinned packages

$(DONE): requirements.lock pyproject.toml
	@PYTHON=$(PYTHON) sh .ci/check_machine.sh
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

run: install     ## run the eight notebooks; PROFILE=full for the long version
	@$(BIN)/digitlib run --profile $(PROFILE) --log-level warning

test: install    ## lint, tests with doctests, notebooks
	@sh .ci/test.sh

test-%: install  ## the tests of one wing, such as make test-reading
	DIGITLIB_PROGRESS=0 $(BIN)/python -m pytest -n 2 tests/$*

lint: install    ## style, and which wing may import which
	@sh .ci/lint.sh

fuzz: install    ## mutate pictures, networks, cards and messages, guided by coverage (Linux, an hour)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'atheris>=3'
	set -e; for part in picture:200000 reading:8000 table:20000 archive:100000 weights:20000 card:100000 message:100000; do \
	  $(BIN)/python tests/hard/fuzz.py $${part%:*} --runs $${part#*:}; done

kill: install    ## kill trainings, readings and sweeps fifty times, and see that nothing is lost (half an hour)
	$(BIN)/python tests/hard/kill.py

soak: install    ## use the web page for ten minutes with good and bad pictures and bad requests
	$(BIN)/python tests/hard/soak.py

book: install    ## the notebooks as a site that opens offline: runs/book/index.html
	$(BIN)/sphinx-build --quiet --fail-on-warning -c notebooks/book notebooks runs/book
	@echo "Open: runs/book/index.html"

refresh: install ## make the committed outputs of the notebooks anew, from full MNIST
	$(BIN)/python benchmarks/refresh.py
	$(BIN)/ruff format --quiet notebooks

lock: install    ## pin the newest versions that fit pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra all --universal --python-version 3.11 \
	  --no-emit-index-url --no-header --no-annotate --generate-hashes --upgrade -o requirements.lock

ship: install    ## train both networks of models/ anew (hours)
	$(BIN)/digitlib train --profile full --name full
	$(BIN)/digitlib train --profile polish --name polish
	$(BIN)/python benchmarks/ship.py polish
	$(BIN)/digitlib train-pages --name pages
	$(BIN)/python benchmarks/ship.py pages

clean:           ## remove what runs have made
	rm -rf runs figures/*.png .pytest_cache .ruff_cache
