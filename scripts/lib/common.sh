# SPDX-License-Identifier: BSD-3-Clause
# What every script here begins with. Sourced; bash.
# shellcheck shell=bash disable=SC2034,SC2016
set -euo pipefail
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Where everything goes that a script makes; nothing else in the tree is written.
OUT=${NTPWIRE_OUT:-$ROOT/build}

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

need_root() {
	[ "$(id -u)" = 0 ] || die "needs root for packages, namespaces and AF_XDP: run it with sudo"
}
