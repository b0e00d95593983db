# A thin front over CMake. `make demo` and `make test` are all a newcomer needs.
BUILD  ?= build
PREFIX ?= /usr/local
JOBS   ?= $(shell nproc 2>/dev/null || echo 2)
CMAKE  ?= cmake
# Linking against many generators is not the point: whatever CMake's default is here will do.
CONFIG  = $(CMAKE) -S . -DCMAKE_INSTALL_PREFIX=$(PREFIX)
CTEST   = ctest --output-on-failure --no-tests=error

.PHONY: all deps demo test check sanitize tsan install bench format format-check clean help

all: deps ## build everything
	$(CONFIG) -B $(BUILD) >$(BUILD)-configure.log 2>&1 || { cat $(BUILD)-configure.log; exit 1; }
	$(CMAKE) --build $(BUILD) -j $(JOBS)

deps: ## install what is missing (as root), or say how
	@tools/deps.sh

demo: all ## build, start the sandbox server, run an example program against it
	@test/examples/demo.sh $(BUILD)

test: deps format-check check sanitize tsan ## run all tests

check: ## tests of the ordinary build
	$(CONFIG) -B $(BUILD) -DOTS_WERROR=ON >$(BUILD)-configure.log 2>&1 || { cat $(BUILD)-configure.log; exit 1; }
	$(CMAKE) --build $(BUILD) -j $(JOBS)
	cd $(BUILD) && $(CTEST) -j $(JOBS)

sanitize: ## unit tests, hostile servers and conformance under the address and undefined behaviour sanitizers
	$(CONFIG) -B $(BUILD)-asan -DOTS_SANITIZE=address -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" -DOTS_SANITIZED_SUBSET=ON >$(BUILD)-configure.log 2>&1 || { cat $(BUILD)-configure.log; exit 1; }
	$(CMAKE) --build $(BUILD)-asan -j $(JOBS)
	cd $(BUILD)-asan && $(CTEST) -j $(JOBS) -L 'sanitize|replay'

tsan: ## asynchronous calls and shared connections under the thread sanitizer
	$(CONFIG) -B $(BUILD)-tsan -DOTS_SANITIZE=thread -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" -DOTS_SANITIZED_SUBSET=ON >$(BUILD)-configure.log 2>&1 || { cat $(BUILD)-configure.log; exit 1; }
	$(CMAKE) --build $(BUILD)-tsan -j $(JOBS) --target threads_tests
	cd $(BUILD)-tsan && $(CTEST) -R '^threads$$'

install: all ## install into $(DESTDIR)$(PREFIX)
	DESTDIR=$(DESTDIR) $(CMAKE) --install $(BUILD) --prefix $(PREFIX)

bench: all ## measure against the canned server and the floor of this machine
	test/bench/run.sh $(BUILD)/src/libtaos.so $(BUILD)/src/libtaos.so canned

format: ## rewrite sources in the house style
	@git ls-files '*.h' '*.cpp' | grep -v -e '^test/bench/' -e '^test/conformance/' -e '^include/' | xargs clang-format -i

format-check: ## fail if a source is not in the house style
	@git ls-files '*.h' '*.cpp' | grep -v -e '^test/bench/' -e '^test/conformance/' -e '^include/' | xargs clang-format --dry-run --Werror
	@echo "clang-format: all sources are in style"

clean: ## remove what was built
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-tsan $(BUILD)-fuzz $(BUILD)-configure.log

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24
