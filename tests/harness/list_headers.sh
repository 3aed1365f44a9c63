#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The headers in a folder, one a line; none at all is an error, for then nothing would be checked.
set -eu
cd "$1"
for header in *.h; do
	[ -e "$header" ] || { echo "$1: no headers" >&2; exit 1; }
	echo "$header"
done
