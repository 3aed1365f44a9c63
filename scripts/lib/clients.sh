# SPDX-License-Identifier: BSD-3-Clause
# Real NTP clients in the laboratory's client namespace. Each asks the server once or a few times, sets no
# clock, and prints "OFFSET BOUND STRATUM": what it found, in seconds, how far off that can be by what it measured
# itself, and the stratum it saw. Sourced.
# shellcheck shell=bash

# With LAB_KEY and LAB_KEYFILE set, chronyd authenticates; LAB_VERSION: of NTP; LAB_PATIENCE: how many seconds it waits.
# chronyd -Q measures and exits; -x keeps it from the clock whatever happens. Of its measurements the best is told:
# half its delay, and what the server says of itself, are its bound.
client_chronyd() {
	local server=$1 dir
	dir=$(mktemp -d "$LAB_DIR/chronyd.XXXXXX")
	cat >"$dir/chrony.conf" <<-CONF
		server $server iburst${LAB_KEY:+ key $LAB_KEY}${LAB_VERSION:+ version $LAB_VERSION}
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
	awk '$1 ~ /^[0-9]/ {
			bound = $13 / 2 + $14 + $15 / 2 + $16
			if (best == "" || bound < best) { best = bound; offset = $12; stratum = $5 }
		}
		END { if (best != "") printf "%.9f %.9f %s\n", offset, best, stratum }' "$dir/measurements.log" | grep .
}

# client_chronyd_goes_on SERVER...: in the background, each second, until it is killed or the namespace goes.
client_chronyd_goes_on() {
	local dir
	dir=$(mktemp -d "$LAB_DIR/chronyd.XXXXXX")
	{
		printf 'server %s minpoll 0 maxpoll 0 xleave\n' "$@"
		printf 'cmdport 0\nbindcmdaddress /\npidfile %s/pid\ndriftfile %s/drift\n' "$dir" "$dir"
	} >"$dir/chrony.conf"
	nsenter --net="$(lab_door "$LAB_CLIENT_NS")" "$(peer_path chronyd)" -d -x -u root -f "$dir/chrony.conf" \
		>"$dir/out" 2>&1 &
}

# What the laboratory's server may be off by its own word, which ntpdig does not tell, in seconds.
CLIENT_UNTOLD=0.001

client_ntpdig() {
	in_client timeout 30 ntpdig -j -t 2 "$1" 2>/dev/null |
		sed -n 's/.*"offset":\([-0-9.e]*\),"precision":\([0-9.e]*\),.*"stratum":\([0-9]*\).*/\1 \2 \3/p' |
		awk -v untold="$CLIENT_UNTOLD" '{ printf "%s %.6f %s\n", $1, $2 + untold, $3 }' | grep .
}

# client_is_right OFFSET BOUND STRATUM: server and client have one clock, so the offset is the error, and it is
# within the bound, however busy the machine is.
client_is_right() {
	[ "$3" = "$LAB_STRATUM" ] && awk -v o="$1" -v b="$2" 'BEGIN { exit !(o <= b && o >= -b) }'
}

# client_gets_the_time CLIENT SERVER: says what the client saw; false if that was not right.
client_gets_the_time() {
	local seen offset bound stratum
	seen=$("client_$1" "$2") || return 1
	read -r offset bound stratum <<<"$seen"
	echo "offset $offset, at most $bound, stratum $stratum"
	client_is_right "$offset" "$bound" "$stratum"
}
