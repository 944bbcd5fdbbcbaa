# The commands of the house; `make` prints them.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2

help: ## print this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: .venv/ready tools ## train, export and prove a network on scikit-learn's digits
	@$(BIN)/python examples/01_digits.py

test: .venv/ready browser ## run every test
	@$(BIN)/python -m pytest -n $(JOBS) tests

test-long: .venv/ready tools ## run the proofs that take minutes
	@$(BIN)/python -m pytest -n $(JOBS) -m long tests

check: .venv/ready tools ## lint, format, types, import contracts, Verilog library
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	for file in hls_templates/verilog/lib/*.sv; do verilator --lint-only -Wall -y hls_templates/verilog/lib $$file || exit 1; done

docs: .venv/ready ## build the documentation as a site, build/site/index.html
	$(BIN)/mkdocs build --strict --quiet

oracle: .venv/ready tools ## compare the cast with ap_fixed in every combination (about 20 minutes)
	$(BIN)/python tests/fixedpoint/oracle.py --all

bench: .venv/ready tools ## measure the thread: accuracy, mismatches, speed, cycles
	$(BIN)/python benchmarks/thread.py

bench-images: .venv/ready tools ## measure the Fashion-MNIST CNN, given DATA=folder (half an hour of training)
	$(BIN)/python benchmarks/fashion_mnist.py $(if $(DATA),--data $(DATA))

bench-points: .venv/ready ## compare ways to place the binary points, given DATA=folder (an hour of training)
	$(BIN)/python benchmarks/binary_points.py $(if $(DATA),--data $(DATA))

bench-k-hot: .venv/ready tools ## compare weights of few powers of two with multipliers, given DATA=folder (an hour)
	$(BIN)/python benchmarks/k_hot.py $(if $(DATA),--data $(DATA))

bench-resnet: .venv/ready tools ## measure ResNet-8 on CIFAR-10, given DATA=folder (an hour and a half of training)
	$(BIN)/python benchmarks/resnet8_cifar10.py $(if $(DATA),--data $(DATA))

bench-mutations: .venv/ready tools ## edit designs wrongly, one edit after the other: who finds it (ten minutes)
	$(BIN)/python benchmarks/mutations.py

bench-estimates: .venv/ready tools ## compare estimates with Yosys on whole designs (an hour or two)
	$(BIN)/python benchmarks/stage_estimates.py
	$(BIN)/python benchmarks/estimates.py

bench-fifos: .venv/ready tools ## prove the queues of four nets, given DATA=folder of CIFAR-10
	$(BIN)/python benchmarks/fifo_depths.py $(if $(DATA),--data $(DATA))

bench-board: .venv/ready tools ## check the way to a board: Tcl, 10,000 frames soaked, the driver (half an hour)
	$(BIN)/python benchmarks/board.py

structure: .venv/ready ## count who names a stage, circles, lines: given BEFORE=commit, then and now
	$(BIN)/python benchmarks/structure.py --before $(or $(BEFORE),HEAD)

lock: ## write requirements.lock from what is installed
	@scripts/lock > requirements.lock.new && mv requirements.lock.new requirements.lock

pythons: .venv/ready ## try the hardware half, without torch, on every Python 3.10 to 3.13 there is
	@scripts/test-pythons

tables: .venv/ready ## write the pages of docs/ that are found out, by trying everything in them
	@$(BIN)/python scripts/write-tables

clean: ## remove builds and caches, keep .venv
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

tools: ## install g++ and the Verilog tools with apt if root and missing
	@scripts/install-tools

browser: ## the same, and Chromium, which the tests look at report.html with
	@scripts/install-tools chromium

.venv/ready: requirements.lock pyproject.toml
	@scripts/make-venv $(PYTHON)

.PHONY: help demo test test-long check docs oracle bench bench-images bench-points bench-k-hot bench-mutations bench-estimates bench-resnet bench-fifos bench-board structure lock pythons tables clean tools browser
