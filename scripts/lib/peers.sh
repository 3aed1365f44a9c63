# SPDX-License-Identifier: BSD-3-Clause
# Other people's NTP programs. Debian's packages of NTP daemons replace one another and start at once;
# they are unpacked into the build folder instead, and only their libraries are installed. Sourced.
# shellcheck shell=bash

# peer_unpack PACKAGE: unpacks it below $OUT/peers/PACKAGE, once.
peer_unpack() {
	local package=$1 dir=$OUT/peers/$1
	[ -e "$dir/.complete" ] && return 0
	rm -rf "$dir"
	mkdir -p "$dir/deb"
	# shellcheck disable=SC2046 # a list of words
	packages_install $(peer_libraries "$package")
	# apt drops its rights for a download; where it then may not write it fetches as root, and says so.
	(cd "$dir/deb" && apt-get -qq -o APT::Sandbox::User=root download "$package" >/dev/null) ||
		return 1
	dpkg-deb -x "$dir"/deb/*.deb "$dir/root"
	touch "$dir/.complete"
}

# The library packages that a package depends on.
peer_libraries() {
	local names
	names=$(apt-cache depends "$1" 2>/dev/null | sed -n 's/^ *Depends: \(lib[a-z0-9.+-]*\)$/\1/p')
	if [ -z "$names" ]; then
		apt_quiet update
		names=$(apt-cache depends "$1" | sed -n 's/^ *Depends: \(lib[a-z0-9.+-]*\)$/\1/p')
	fi
	printf '%s\n' "$names"
}

# peer_path PROGRAM: its path; chronyd and chronyc come from the package chrony.
peer_path() {
	case $1 in
	chronyd) printf '%s\n' "$OUT/peers/chrony/root/usr/sbin/chronyd" ;;
	chronyc) printf '%s\n' "$OUT/peers/chrony/root/usr/bin/chronyc" ;;
	*) command -v "$1" ;;
	esac
}
