# SPDX-License-Identifier: BSD-3-Clause
# Building with meson. Sourced.
# shellcheck shell=bash

# build_tree NAME [MESON-OPTION...]: sets up and builds $OUT/NAME; CC chooses the compiler. A folder
# that meson no longer likes is made anew. TARGETS: what is built, if not all. What was printed
# goes to $OUT/NAME.log.
build_tree() {
	local dir=$OUT/$1 log=$OUT/$1.log
	local -x CC=${CC:-cc} CXX=${CXX:-c++}
	shift
	if command -v ccache >/dev/null; then CC="ccache $CC" CXX="ccache $CXX"; fi
	mkdir -p "$OUT"
	# shellcheck disable=SC2086 # a list of words
	if ! build_setup "$dir" "$@" >"$log" 2>&1 || ! ninja -C "$dir" ${TARGETS-} >>"$log" 2>&1; then
		tail -n 40 "$log" >&2
		return 1
	fi
}

build_setup() {
	local dir=$1
	shift
	if [ -f "$dir/build.ninja" ]; then
		meson setup --reconfigure "$dir" "$ROOT" "$@" && return 0
	fi
	rm -rf "$dir"
	meson setup "$dir" "$ROOT" "$@"
}
