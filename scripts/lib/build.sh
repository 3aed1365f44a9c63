# SPDX-License-Identifier: BSD-3-Clause
# Building with meson. Sourced.
# shellcheck shell=bash

# build_tree NAME [MESON-OPTION...]: sets up and builds $OUT/NAME; CC chooses the compiler. A folder
# that meson no longer likes is made anew. What was printed goes to $OUT/NAME.log.
build_tree() {
	local dir=$OUT/$1 log=$OUT/$1.log
	shift
	mkdir -p "$OUT"
	if ! build_setup "$dir" "$@" >"$log" 2>&1 || ! ninja -C "$dir" >>"$log" 2>&1; then
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
