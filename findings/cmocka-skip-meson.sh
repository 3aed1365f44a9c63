#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A test that cmocka skips has failed for meson.
#
# cmocka 1.1.5 (Debian 12) with CMOCKA_MESSAGE_OUTPUT=TAP tells of a test that called skip() as "not ok 1 # SKIP name".
# meson 1.0.1 takes a SKIP behind "not ok" for a failure, so `meson test` with protocol: 'tap' ends with exit code 1
# and "Fail: 1, Skipped: 0", although the program itself ends with 0. Either is defensible: TAP 13 and 14 show SKIP
# behind "ok" alone, and say nothing of it behind "not ok". Together a skip is a failure, and one sees it only on the
# machine that skips. Seen on x86-64. Ours: scripts/lib/junit.py reads the program's own words.
#
# Needs apt-get with Debian 12's archive, gcc and python3; everything goes to a temp folder. Exit 1 if it has changed.
set -euo pipefail
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
cd "$DIR"
apt-get -qq -o APT::Sandbox::User=root download libcmocka0=1.1.5-2.1 libcmocka-dev=1.1.5-2.1 meson=1.0.1-5 \
	ninja-build=1.11.1-2~deb12u1 >/dev/null
for deb in *.deb; do
	dpkg-deb -x "$deb" root
done
ROOT=$DIR/root/usr
LIB=$(dirname "$(find "$ROOT/lib" -name libcmocka.so.0)")
export LD_LIBRARY_PATH=$LIB PATH=$ROOT/bin:$PATH PYTHONPATH=$ROOT/lib/python3/dist-packages

mkdir project
cat >project/test.c <<'C'
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static void needs_more(void **state)
{
	(void)state;
	skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(needs_more)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
C
cat >project/meson.build <<MESON
project('skip', 'c')
test('skip', executable('skip', 'test.c', c_args: '-I$ROOT/include', link_args: ['-L$LIB', '-lcmocka']),
	env: ['CMOCKA_MESSAGE_OUTPUT=TAP'], protocol: 'tap')
MESON
/usr/bin/python3 "$ROOT/bin/meson" setup build project >setup.log 2>&1
ninja -C build >build.log 2>&1
code=0
CMOCKA_MESSAGE_OUTPUT=TAP build/skip >said 2>/dev/null || code=$?
meson_code=0
/usr/bin/python3 "$ROOT/bin/meson" test -C build --no-rebuild >judged 2>&1 || meson_code=$?

echo "cmocka 1.1.5: exit code $code, $(grep -c '^not ok 1 # SKIP needs_more$' said) line 'not ok 1 # SKIP needs_more'"
echo "meson 1.0.1: exit code $meson_code, $(grep -E '^(Fail|Skipped):' judged | tr -s ' ' | tr '\n' ' ')"
[ "$code" = 0 ] && grep -qx 'not ok 1 # SKIP needs_more' said && [ "$meson_code" = 1 ] &&
	grep -Eq '^Fail: +1' judged && grep -Eq '^Skipped: +0' judged
