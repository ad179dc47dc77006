# Every command a person runs here, one line of help each; `make` alone prints them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules
export SOLCX_BINARY_PATH := $(CURDIR)/.solcx
export UV_PYTHON_DOWNLOADS := never

PY := .venv/bin/python
ARGS ?=
SEED ?= 1

.PHONY: help setup setup-run demo up test laws night lint types fmt contracts gas bench lock

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make both Python environments, the npm side, the compiler and Chromium (again after a change; else nothing)
	@bash scripts/setup.sh all

setup-run: ## The part of set-up that running the registry needs: no Brownie, no Chromium
	@bash scripts/setup.sh run

demo: setup-run ## Show the whole thing on a temporary chain (ARGS=--once ends after the verdict)
	@.venv/bin/equity demo $(ARGS)

up: setup-run ## Run a local stack that keeps its state: chain, sender, mirror, API (ARGS=…)
	@.venv/bin/equity up $(ARGS)

test: setup ## Every suite, fast ones first (about 20 minutes on 2 cores)
	@bash scripts/suites.sh test

laws: setup ## All state machines with another seed (SEED=n)
	@bash scripts/suites.sh laws $(SEED)

night: setup ## The long runs: more examples, more seeds (60 minutes at most)
	@bash scripts/suites.sh night $(SEED)

lint: setup-run ## Style, import layers
	@bash scripts/suites.sh lint

types: setup-run ## mypy, strict
	@bash scripts/suites.sh types

fmt: setup-run ## Put the Python files into the house's form
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

contracts: setup-run ## Compile the contracts and package the artifacts
	@$(PY) scripts/compile.py

gas: setup-run ## Measure gas and compare with benchmarks/gas.json (ARGS=--write keeps the new figures)
	@$(PY) -m benchmarks.gas $(ARGS)

bench: setup-run ## Measure speed; results go to benchmarks/results
	@$(PY) -m benchmarks $(ARGS)

lock: setup-run ## Resolve all dependencies anew into lock files of hashes, no addresses (ARGS=--upgrade)
	@bash scripts/lock.sh $(ARGS)
