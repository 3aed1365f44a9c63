# SPDX-License-Identifier: BSD-3-Clause
# Other people's NTP programs. Debian's packages of NTP daemons replace one another and start at once;
# they are unpacked into the build folder instead, and only their libraries are installed. Sourced.
# shellcheck shell=bash disable=SC2016

# peer_unpack PACKAGE: unpacks it below $OUT/peers/PACKAGE, once.
peer_unpack() {
	one_at_a_time peers peer_unpack_here "$1"
}

peer_unpack_here() {
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

# peer_busybox: builds busybox's ntpd from Debian's source package, once; the binary packages leave this
# applet out. False if the source cannot be had.
peer_busybox() {
	one_at_a_time peers peer_busybox_here
}

peer_busybox_here() {
	local dir=$OUT/peers/busybox
	[ -x "$dir/busybox" ] && return 0
	rm -rf "$dir"
	mkdir -p "$dir/lists/partial" "$dir/src"
	peer_source_list >"$dir/sources.list"
	peer_source_fetch busybox "$dir" >"$dir/log" 2>&1 || return 1
	tar -xf "$dir"/busybox_*.orig.tar.* -C "$dir/src" --strip-components=1
	make -C "$dir/src" allnoconfig >>"$dir/log" 2>&1
	sed -i -E 's/^# CONFIG_(NTPD|FEATURE_IPV6|LONG_OPTS) is not set/CONFIG_\1=y/' "$dir/src/.config"
	yes '' | make -C "$dir/src" oldconfig >>"$dir/log" 2>&1 || true
	make -C "$dir/src" -j2 busybox >>"$dir/log" 2>&1 && cp "$dir/src/busybox" "$dir/busybox"
}

# This machine's own archive and release, for source packages.
peer_source_list() {
	local archive release
	archive=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -E '/debian/?$' |
		head -n 1)
	release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	printf 'deb-src %s %s main\n' "$archive" "$release"
}

# Fetches a source package's files into a folder, with APT lists of its own.
peer_source_fetch() {
	local own=(-o "Dir::Etc::SourceList=$2/sources.list" -o Dir::Etc::SourceParts=-
		-o "Dir::State::Lists=$2/lists" -o APT::Sandbox::User=root)
	apt-get -qq "${own[@]}" update &&
		(cd "$2" && apt-get -qq "${own[@]}" source --download-only "$1")
}
