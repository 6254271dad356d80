# make demo: the bot on its own chat page.  make test: every check but the slowest tests, which `make test-slow` runs.
# make test-unit, -integration, -e2e, -browser, -training: one group of tests.  All set up .venv first, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
STAMP := $(VENV)/.installed-
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# pip installs only what requirements/ lists with hashes; this code has no hash and brings no dependencies.
LOCKED := $(PIP) --require-hashes --requirement
ITSELF := $(PIP) --no-deps --no-build-isolation
# MNIST and other handwriting beside the checkout are used where they lie; elsewhere MNIST is downloaded, once.
MNIST_BESIDE := $(wildcard ../shared/mnist/mnist.npz)
ifneq ($(MNIST_BESIDE),)
export MNIST_PATH ?= $(abspath $(MNIST_BESIDE))
endif
HANDWRITING_BESIDE := $(wildcard ../shared/data)
ifneq ($(HANDWRITING_BESIDE),)
export HANDWRITING_PATH ?= $(abspath $(HANDWRITING_BESIDE))
endif

# Four processes even on two cores, since many tests wait for a bot; a file's tests stay in one.
SIDE_BY_SIDE := --numprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-unit test-integration test-e2e test-browser test-training test-slow coverage setup lint format messages locks bench smoke wheel image clean
# TRAIN=no leaves TensorFlow out: 450 MB instead of 2.2 GB, and all works but /retrain.
demo: $(STAMP)$(if $(filter no,$(TRAIN)),read,train)
	$(BIN)/digitbot demo

test: $(STAMP)dev
	$(BIN)/python -m tests.install_browser
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

test-unit test-integration test-e2e test-browser test-training: test-%: $(STAMP)dev
	$(if $(filter browser,$*),$(BIN)/python -m tests.install_browser)
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) tests/$*

test-slow: $(STAMP)dev
	$(BIN)/python -m pytest -m slow

# The lines that tests reach, in child processes too; fails below the minimum in pyproject.toml.
coverage: $(STAMP)dev
	$(BIN)/python -m tests.install_browser
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --cov --cov-report term:skip-covered

lint: $(STAMP)dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP)dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

setup: $(STAMP)dev

# The catalogues get the messages that the code has now; LANGUAGE=uk begins one for another language.
messages: $(STAMP)dev
	$(BIN)/python -m tests.catalogues $(LANGUAGE)

# Writes requirements/ for all platforms after a change in pyproject.toml; LATEST=yes upgrades everything.
LOCK = $(BIN)/uv pip compile pyproject.toml requirements/build.in --quiet --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-header --no-emit-index-url
locks: $(STAMP)dev
	$(LOCK) $(if $(LATEST),--upgrade) --extra train --extra dev --output-file requirements/dev.txt
	$(LOCK) --constraint requirements/dev.txt --output-file requirements/read.txt
	$(LOCK) --constraint requirements/dev.txt --extra train --output-file requirements/train.txt
	$(LOCK) --constraint requirements/dev.txt --extra postgres --output-file requirements/postgres.txt
	$(LOCK) --constraint requirements/dev.txt --extra train --extra bench --output-file requirements/bench.txt

bench: $(STAMP)dev
	$(BIN)/python -m benchmarks.reading.photos

# Does it install and read here?
smoke: $(STAMP)read
	$(BIN)/digitbot --version
	$(BIN)/digitbot read bot/example.jpg

# The wheel, tried in an environment of its own and from a folder of its own: it reads, greets and serves its page.
wheel: $(STAMP)read
	rm -rf dist
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	$(BIN)/python -m venv dist/venv
	dist/venv/bin/python -m pip install --quiet --require-hashes --requirement requirements/read.txt
	dist/venv/bin/python -m pip install --quiet --no-deps dist/*.whl
	cd dist && venv/bin/digitbot read $(CURDIR)/bot/example.jpg
	cd dist && venv/bin/python -P $(CURDIR)/tests/from_a_wheel.py

image:
	docker build --tag digitbot .
	docker run --rm --volume $(CURDIR)/bot:/photos:ro digitbot read /photos/example.jpg

clean:
	rm -rf $(VENV) dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing; on Debian and Ubuntu: apt install python3-venv"; rm -rf $(VENV); exit 1; }

# The stamps make a second run quick: nothing is installed again while these files stay as they are.
$(STAMP)read: pyproject.toml requirements/read.txt | $(BIN)/python
	@echo "Installing into $(VENV), once: a minute or so."
	@$(LOCKED) requirements/read.txt
	@$(ITSELF) --editable .
	@touch $@

$(STAMP)train: pyproject.toml requirements/train.txt | $(BIN)/python
	@echo "Installing into $(VENV), once: two minutes or so."
	@$(LOCKED) requirements/train.txt
	@$(ITSELF) --editable .
	@$(BIN)/python -c 'import importlib.util as u, sys; u.find_spec("tensorflow") or print("TensorFlow has no wheel for this Python or machine: everything works but training (python train.py).")'
	@$(BIN)/python -c 'from model.data import mnist; mnist.load()' 2>/dev/null || echo "MNIST (11 MB) couldn't be fetched. It is tried again when something is to be learnt."
	@touch $@

$(STAMP)dev: $(STAMP)train requirements/dev.txt
	@$(LOCKED) requirements/dev.txt
	@touch $@
