# SPDX-License-Identifier: BSD-3-Clause
# A Debian 13 tree below $OUT, for programs that Debian 12 does not have, or has an older one of: CBMC,
# ntpd-rs and chrony. Sourced.
# shellcheck shell=bash disable=SC2034,SC2016

TRIXIE=$OUT/trixie
TRIXIE_PACKAGES="cbmc ntpd-rs"

# The archive that this machine's own APT uses.
trixie_mirror() {
	apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null |
		grep -E '/debian/?$' | head -n 1
}

# Makes the tree once. False, with the reason in TRIXIE_WHY, if it cannot be had.
trixie_make() {
	one_at_a_time trixie trixie_make_here
}

trixie_make_here() {
	local mirror log=$OUT/trixie.log
	[ -e "$TRIXIE/.complete" ] && return 0
	TRIXIE_WHY="making a Debian 13 tree takes root"
	[ "$(id -u)" = 0 ] || return 1
	mirror=$(trixie_mirror)
	TRIXIE_WHY="no Debian archive among this machine's APT sources"
	[ -n "$mirror" ] || return 1
	TRIXIE_WHY="debootstrap of Debian 13 failed, see $log"
	rm -rf "$TRIXIE"
	debootstrap --variant=minbase trixie "$TRIXIE" "$mirror" >"$log" 2>&1 || return 1
	# Nothing in the tree may start a service.
	printf '#!/bin/sh\nexit 101\n' >"$TRIXIE/usr/sbin/policy-rc.d"
	chmod +x "$TRIXIE/usr/sbin/policy-rc.d"
	TRIXIE_WHY="installing $TRIXIE_PACKAGES into the Debian 13 tree failed, see $log"
	# shellcheck disable=SC2086 # a list of words
	DEBIAN_FRONTEND=noninteractive chroot "$TRIXIE" apt-get -qq install -y \
		--no-install-recommends $TRIXIE_PACKAGES >>"$log" 2>&1 </dev/null || return 1
	touch "$TRIXIE/.complete"
}

# trixie_unpack PACKAGE: unpacks it in the tree, once, and installs the libraries it needs. For time daemons,
# of which a system has one installed. False, with the reason in TRIXIE_WHY, if it cannot be had.
trixie_unpack() {
	one_at_a_time trixie trixie_unpack_here "$1"
}

trixie_unpack_here() {
	local log=$OUT/trixie.log
	trixie_make_here || return 1
	[ -e "$TRIXIE/unpacked/$1/.complete" ] && return 0
	TRIXIE_WHY="unpacking $1 in the Debian 13 tree failed, see $log"
	rm -rf "$TRIXIE/unpacked/$1"
	DEBIAN_FRONTEND=noninteractive chroot "$TRIXIE" sh -ec '
		mkdir -p "/unpacked/$0"
		cd "/unpacked/$0"
		apt-get -qq update
		apt-get -qq install -y --no-install-recommends \
			$(apt-cache depends "$0" | sed -n "s/^ *Depends: \(lib[a-z0-9.+-]*\)\$/\1/p")
		apt-get -qq -o APT::Sandbox::User=root download "$0"
		dpkg-deb -x ./*.deb .
		' "$1" >>"$log" 2>&1 </dev/null || return 1
	touch "$TRIXIE/unpacked/$1/.complete"
}

trixie_path() {
	find "$TRIXIE"/usr/bin "$TRIXIE"/usr/sbin "$TRIXIE"/unpacked/*/usr/*bin -name "$1" 2>/dev/null | head -n 1
}

# The words that run a program of the tree on this machine's own files: its loader and libraries, no
# mount. Debian 12's libc is too old for it.
trixie_command() {
	local loader lib
	loader=$(find "$TRIXIE/usr/lib" "$TRIXIE/usr/lib64" -maxdepth 2 -name 'ld-linux-*.so.*' 2>/dev/null |
		head -n 1)
	lib=$(dirname "$(find "$TRIXIE/usr/lib" -maxdepth 2 -name libc.so.6 | head -n 1)")
	printf '%s\n' "$loader" --library-path "$lib:$TRIXIE/usr/lib" "$(trixie_path "$1")"
}
