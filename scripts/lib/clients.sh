# SPDX-License-Identifier: BSD-3-Clause
# Real NTP clients in the laboratory's client namespace. Each asks the server once or a few times, sets no
# clock, and prints "OFFSET STRATUM": seconds, and the stratum it saw. Sourced.
# shellcheck shell=bash

# With LAB_KEY and LAB_KEYFILE set, chronyd authenticates; LAB_PATIENCE: how many seconds it waits.
# chronyd -Q measures and exits; -x keeps it from the clock whatever happens. Its log holds the
# offset, its measurements log the stratum.
client_chronyd() {
	local server=$1 dir offset stratum
	dir=$(mktemp -d "$LAB_DIR/chronyd.XXXXXX")
	cat >"$dir/chrony.conf" <<-CONF
		server $server iburst${LAB_KEY:+ key $LAB_KEY}
		${LAB_KEY:+keyfile $LAB_KEYFILE}
		cmdport 0
		bindcmdaddress /
		pidfile $dir/pid
		driftfile $dir/drift
		logdir $dir
		log rawmeasurements
	CONF
	in_client timeout 30 "$(peer_path chronyd)" -Q -x -u root -t "${LAB_PATIENCE:-20}" -f "$dir/chrony.conf" \
		>"$dir/out" 2>&1 || return 1
	offset=$(sed -n 's/.*System clock wrong by \([-0-9.e]*\) seconds.*/\1/p' "$dir/out")
	stratum=$(awk '$1 ~ /^[0-9]/ { print $5 }' "$dir/measurements.log" | tail -n 1)
	[ -n "$offset" ] && [ -n "$stratum" ] && printf '%s %s\n' "$offset" "$stratum"
}

client_ntpdig() {
	in_client timeout 30 ntpdig -j -t 2 "$1" 2>/dev/null |
		sed -n 's/.*"offset":\([-0-9.e]*\).*"stratum":\([0-9]*\).*/\1 \2/p' | grep .
}
