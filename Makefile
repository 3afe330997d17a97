# The one front door. `make help` lists what is here.
PREFIX  ?= /usr/local
DESTDIR ?=
SWIFT   ?= swift
# Arrows between rooms are checked by the build itself (docs/architecture.md).
CHECKED = --explicit-target-dependency-import-check error
# With the Swift runtime inside, so that it runs where no Swift is and starts in a tenth of the time.
RELEASE = -c release --static-swift-stdlib $(CHECKED)
DRIVER  ?= dnsmasq
# The sanitizer does not see the standard library's lock: a build for it has a POSIX one (Sources/Locks).
SANITIZED = --sanitize thread --scratch-path .build-tsan -Xswiftc -DTHREAD_SANITIZER
# As the optimiser leaves it: it has forgotten values that a debug build kept (docs/decisions/0017).
OPTIMIZED = -c release --scratch-path .build-optimized -Xswiftc -enable-testing
# What needs privileges or the whole program; the other test targets are the unit tier.
NOT_UNIT  = EndToEndTests|LinuxKernelTests|DnsmasqDriverTests|NativeDriverTests
# Much work on one thread with plain values: nothing in it for the thread sanitizer, which makes it ten times slower.
ONE_THREAD = DHCPSimulationTests|FuzzReplayTests|DHCPEngineTests|DNSEngineTests|DHCPMessagesTests

BUILD_PACKAGES = libsqlite3-dev
RUN_PACKAGES   = dnsmasq-base iproute2
CLIENTS        = busybox-static udhcpc isc-dhcp-client dhcpcd-base iputils-ping util-linux
TEST_PACKAGES  = $(BUILD_PACKAGES) $(RUN_PACKAGES) $(CLIENTS) bind9-dnsutils curl nftables openssl procps python3-venv sqlite3

.PHONY: help build demo test test-api test-release test-thread-sanitizer lint format bench install clean

help: ## This list.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | column -t -s '|'

build: ## The release binary, .build/release/leasehold.
	@Scripts/require $(BUILD_PACKAGES)
	$(SWIFT) build $(RELEASE) --product leasehold

demo: ## Two tenants, one address plan, real clients; needs no root and leaves nothing behind.
	@Scripts/require $(BUILD_PACKAGES) $(RUN_PACKAGES) $(CLIENTS)
	@$(SWIFT) build $(RELEASE) --product leasehold
	@.build/release/leasehold demo --driver $(DRIVER)

test: ## All tests: unit, conformance, privileged, end to end; then the unit tier under the thread sanitizer.
	@Scripts/require $(TEST_PACKAGES)
	$(SWIFT) build --build-tests $(CHECKED)
	LEASEHOLD_REQUIRE_PRIVILEGED=1 Scripts/run-tests
	$(MAKE) --no-print-directory test-thread-sanitizer

# So many made-up requests against the API's own description; `make test` makes some 1,000.
EXAMPLES ?= 10000
test-api: ## Property-based tests of the API: EXAMPLES=10000 made-up requests against its own description.
	@Scripts/require $(TEST_PACKAGES)
	$(SWIFT) build --build-tests $(CHECKED)
	LEASEHOLD_REQUIRE_PRIVILEGED=1 LEASEHOLD_API_EXAMPLES=$(EXAMPLES) $(SWIFT) test --skip-build --filter DescriptionTests

test-release: ## All tests of `make test` on an optimised build, without the thread sanitizer.
	@Scripts/require $(TEST_PACKAGES)
	$(SWIFT) build --build-tests $(OPTIMIZED) $(CHECKED)
	LEASEHOLD_REQUIRE_PRIVILEGED=1 Scripts/run-tests $(OPTIMIZED)

test-thread-sanitizer: ## The unit tier under the thread sanitizer.
	@Scripts/require $(BUILD_PACKAGES)
	$(SWIFT) build --build-tests $(SANITIZED)
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/thread-sanitizer.suppressions \
		Scripts/run-tier $(SANITIZED) --skip '$(NOT_UNIT)|$(ONE_THREAD)'

lint: ## The formatter in strict mode, and shell scripts' syntax.
	$(SWIFT) format lint --strict --recursive Sources Tests Benchmarks FuzzTesting/Sources Package.swift
	@for script in Scripts/* .ci/run; do bash -n $$script || exit 1; done

format: ## Formats all Swift files.
	$(SWIFT) format --in-place --recursive Sources Tests Benchmarks FuzzTesting/Sources Package.swift

bench: ## Side by side with what users would pick instead; also writes .build/bench.json.
	@Scripts/require $(BUILD_PACKAGES) $(RUN_PACKAGES) procps kea-dhcp4-server
	@$(SWIFT) build $(RELEASE) --product leasehold
	@$(SWIFT) build $(RELEASE) --product leasehold-bench
	@.build/release/leasehold-bench --output .build/bench.json

install: build ## Installs the binary, its completions and its unit to $(DESTDIR)$(PREFIX).
	install -D -m 755 -s .build/release/leasehold $(DESTDIR)$(PREFIX)/bin/leasehold
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	.build/release/leasehold --generate-completion-script bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/leasehold
	.build/release/leasehold --generate-completion-script zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_leasehold
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@PREFIX@|$(PREFIX)|' Packaging/leasehold.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/leasehold.service

clean: ## Removes what was built.
	rm -rf .build .build-*
