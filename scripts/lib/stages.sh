# SPDX-License-Identifier: BSD-3-Clause
# The stages of scripts/test: what each runs, and what it waits for. A stage prints a line a test: ok, not ok, skipped.
# Sourced.
# shellcheck shell=bash disable=SC2034

# In the order in which they are begun, where nothing is waited for: what takes longest comes first.
STAGES="install gcc system check lint unit loop proof asan clang fuzz msan lab model tsan unit-clang bench canary"
QUICK="install gcc check unit loop"

# stage_after STAGE: those that must have ended before, where they are run at all.
stage_after() {
	case $1 in
	install) ;;
	lint | unit | lab | loop | system | bench) echo install gcc ;;
	unit-clang) echo install clang ;;
	# It measures, with the same two cores as the system tests that do.
	canary) echo install gcc system ;;
	*) echo install ;;
	esac
}

# stage_gives_way STAGE: whether it does nothing but compute, and leaves the processors to those in which time counts.
stage_gives_way() {
	case $1 in
	check | lint | proof | asan | clang | fuzz | msan | lab | model | tsan) ;;
	*) false ;;
	esac
}

# meson_suite BUILD SUITE [TEST...]: runs it and prints a line a test case.
meson_suite() {
	local dir=$OUT/$1 suite=$2 code=0 lines
	shift 2
	rm -f "$dir/meson-logs/$suite.junit.xml"
	meson test -C "$dir" --no-rebuild --print-errorlogs --logbase "$suite" --suite "$suite" "$@" || code=$?
	lines=$(/usr/bin/python3 "$ROOT/scripts/lib/junit.py" "$dir/meson-logs/$suite.junit.xml") || code=1
	say "${lines:-not ok suite $suite in $dir - no test was run}"
	# For meson a skipped test has failed.
	[ "$code" = 0 ] || grep -q '^skipped ' <<<"$lines" ||
		say "not ok meson test --suite $suite in $dir - exit code $code"
}

# built NAME [OPTION...]: a build as a test of its own. TARGETS: what of it, if not all.
built() {
	if build_tree "$@"; then
		say "ok build $1"
	else
		say "not ok build $1 - see $OUT/$1.log"
		return 1
	fi
}

# tool COMMAND...: a program that prints its own lines; ending badly is a line too.
tool() {
	"$@" || say "not ok ${1#"$ROOT/"} - exit code $?"
}

stage_install() {
	local all="$PACKAGES_BUILD $PACKAGES_LAB $PACKAGES_TEST $PACKAGES_BENCH" missing
	# shellcheck disable=SC2086 # lists of words
	missing=$(packages_missing $all)
	if [ -n "$missing" ] && ! rights_root; then
		say "skipped installing packages - it takes $RIGHTS_WHY; missing: $missing"
		return 0
	fi
	# shellcheck disable=SC2086 # lists of words
	packages_install $all
	say "ok packages"
}

stage_gcc() {
	CC=gcc built gcc -Db_lto=true --werror
}

stage_clang() {
	# Built "in three years": a test with a fixed date that ages would fail now and not one day.
	SOURCE_DATE_EPOCH=$(($(date +%s) + 95000000)) CC=clang CXX=clang++ built clang --werror
}

stage_check() {
	tool "$ROOT/scripts/check" --self-test
	tool "$ROOT/scripts/check"
}

stage_lint() {
	tool "$ROOT/scripts/lint" --self-test
	tool "$ROOT/scripts/lint" "$OUT/gcc"
}

stage_unit() {
	meson_suite gcc unit
	meson_suite gcc headers
	meson_suite gcc fuzz-replay
}

stage_unit-clang() {
	meson_suite clang unit
	meson_suite clang headers
}

stage_lab() {
	meson_suite gcc lab
}

# Left to itself UBSan prints what it finds and goes on; meson sees to that from 1.7 on only.
stage_asan() {
	local -x UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_stacktrace=1
	CC=gcc built asan -Dbuildtype=debugoptimized -Doptimization=1 -Db_sanitize=address,undefined -Dbench=false || return 0
	meson_suite asan unit
	meson_suite asan fuzz-replay
	meson_suite asan canary
	meson_suite asan loop
}

stage_tsan() {
	CC=gcc TARGETS="core-tests canaries tests/lab/lab" built tsan -Dbuildtype=debugoptimized -Db_sanitize=thread -Dbench=false \
		-Ddpdk=false || return 0
	meson_suite tsan unit 'core snapshot' 'core port_snap' 'core counters' 'core quiesce'
	meson_suite tsan canary
}

stage_msan() {
	CC=clang TARGETS="core-tests core-replays canaries" built msan -Dbuildtype=debugoptimized -Db_sanitize=memory -Db_lundef=false \
		-Dbench=false -Ddpdk=false || return 0
	meson_suite msan core
	meson_suite msan canary
}

stage_fuzz() {
	CC=clang TARGETS="fuzz-targets" built fuzz -Dbuildtype=debugoptimized -Db_sanitize=address,undefined \
		-Db_lundef=false -Dfuzzing=true -Dbench=false -Ddpdk=false || return 0
	tool "$ROOT/tests/fuzz/run" "$OUT/fuzz" "$FUZZ_SECONDS"
}

stage_proof() {
	local cbmc
	if ! trixie_make; then
		say "skipped proofs - $TRIXIE_WHY"
		return 0
	fi
	mapfile -t cbmc < <(trixie_command cbmc)
	tool "$ROOT/tests/proof/run" "${cbmc[@]}"
}

stage_model() {
	tool "$ROOT/tests/model/run"
}

stage_canary() {
	tool "$ROOT/tests/canary/run" "$OUT/gcc"
}

stage_loop() {
	meson_suite gcc loop
}

# system_test FILE: its lines; one that lacks a right is skipped.
system_test() {
	local file=$1 begin=$SECONDS rights
	say "# ${file##*/}"
	rights=$(sed -n 's/^# Rights: //p' "$file")
	if [ -n "$rights" ] && [ -n "${LACKS[$rights]}" ]; then
		say "skipped ${file##*/} - it takes ${LACKS[$rights]}"
		return 0
	fi
	tool "$file"
	say "# ${file##*/} took $((SECONDS - begin)) s"
}

# system_lane FOLDER FILE...: one after the other those that the other lane has not begun; each one's lines stay whole.
system_lane() {
	local folder=$1 file out
	shift
	for file in "$@"; do
		out=$folder/${file##*/}
		mkdir "$out.begun" 2>/dev/null || continue
		system_test "$file" >"$out" 2>&1
		cat "$out"
	done
}

# Every executable tests/system/NAME.test is one; it prints its own lines. One that needs a laboratory has a line
# "# Rights: namespaces", one that needs more "# Rights: root". Two run side by side, but no two that have a line
# "# Alone: why".
stage_system() {
	local name folder alone rest
	local -A LACKS=()
	export BUILD=$OUT/gcc LIB=$ROOT/scripts/lib
	for name in namespaces root; do
		LACKS[$name]=
		"rights_$name" || LACKS[$name]=$RIGHTS_WHY
	done
	mapfile -t alone < <(grep -l '^# Alone: ' "$ROOT"/tests/system/*.test)
	mapfile -t rest < <(grep -L '^# Alone: ' "$ROOT"/tests/system/*.test)
	folder=$(mktemp -d)
	system_lane "$folder" "${alone[@]}" "${rest[@]}" &
	system_lane "$folder" "${rest[@]}"
	wait
	rm -rf "$folder"
}

stage_bench() {
	meson_suite gcc bench-smoke
}
