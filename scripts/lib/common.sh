# SPDX-License-Identifier: BSD-3-Clause
# What every script here begins with. Sourced; bash.
# shellcheck shell=bash disable=SC2034,SC2016
set -euo pipefail
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Where everything goes that a script makes; nothing else in the tree is written.
OUT=${NTPWIRE_OUT:-$ROOT/build}

# What ccache keeps, where it is installed: trees that compile a file alike share it.
export CCACHE_DIR=${CCACHE_DIR:-$OUT/ccache}

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# within SECONDS COMMAND...: again and again until it is true; false once that time is over, which guards against what
# never comes, on however busy a machine.
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# one_at_a_time NAME COMMAND...: waits while another process runs a command under this name for the same build folder.
one_at_a_time() {
	local door code=0
	mkdir -p "$OUT"
	exec {door}>"$OUT/.$1.lock"
	flock "$door"
	shift
	"$@" || code=$?
	exec {door}>&-
	return "$code"
}

need_root() {
	[ "$(id -u)" = 0 ] || die "needs root for packages, namespaces and AF_XDP: run it with sudo"
}
