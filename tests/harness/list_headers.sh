#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The headers in a folder and those below it, one a line; none at all is an error, for then nothing would be checked.
set -eu
cd "$1"
headers=$(find . -name '*.h' | sed 's|^\./||' | sort)
[ -n "$headers" ] || { echo "$1: no headers" >&2; exit 1; }
echo "$headers"
