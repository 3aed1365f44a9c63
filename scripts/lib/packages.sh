# SPDX-License-Identifier: BSD-3-Clause
# Debian packages: what is needed for what, and installing what is missing. Sourced.
# shellcheck shell=bash disable=SC2034,SC2016

PACKAGES_BUILD="gcc ccache libc6-dev meson ninja-build pkg-config clang libdpdk-dev libcyaml-dev libyaml-dev
	libssl-dev nettle-dev libnuma-dev libjson-c-dev libbpf-dev libxdp-dev linux-libc-dev"
PACKAGES_LAB="iproute2 ethtool procps util-linux ntpsec-ntpdig"
PACKAGES_TEST="g++ libclang-rt-dev libcmocka-dev libssl-dev libbenchmark-dev valgrind spin dpdk busybox
	python3 python3-ntplib python3-scapy python3-seccomp make bzip2 debootstrap debian-archive-keyring jq git
	shellcheck codespell clang-format clang-tidy cppcheck universal-ctags binutils iputils-ping libcap2-bin mount man-db gnuplot-nox xdp-tools"
PACKAGES_BENCH="g++ libbenchmark-dev valgrind dpdk-dev python3 python3-seccomp mount gnuplot-nox debootstrap
	debian-archive-keyring git"

# What scripts/coverage takes, besides what tests take.
PACKAGES_COVERAGE="gcovr"

package_is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

packages_missing() {
	local package
	for package in "$@"; do
		package_is_installed "$package" || printf '%s ' "$package"
	done
}

# apt-get with no questions and no service started: a package's daemon has no business here.
apt_quiet() {
	local log
	log=$(mktemp)
	if ! DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq -o Dpkg::Use-Pty=0 "$@" \
		>"$log" 2>&1 </dev/null; then
		tail -n 15 "$log" >&2
		rm -f "$log"
		die "apt-get $1 failed; its last words are above"
	fi
	rm -f "$log"
}

# Installs those of the named packages that are missing.
packages_install() {
	local missing
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0
	say "installing: $missing"
	apt_quiet update
	# shellcheck disable=SC2086 # a list of words
	apt_quiet install --no-install-recommends $missing
}
