# SPDX-License-Identifier: BSD-3-Clause
# A server and generators on links made of shared memory. Sourced by links.test.
# shellcheck shell=bash disable=SC2034

DIR=$(mktemp -d /tmp/ntpwire-links.XXXXXX)
NAME=ntpwire-links-$$ # DPDK's folder of the server is named after it
RUN_DIR=$DIR/$NAME
SERVER=
GENERATOR=
WHY=
RATE=50k
SECONDS_EACH=2
LEAST=1000 # replies without which a run has shown nothing
SERVER_MAC=02:00:00:00:00:01
IP4=10.123.0.1
IP6=fd00:123::1
# Free as far as this machine has two cores; the worker sleeps when it has nothing to do.
GENERATOR_CORE=$(/usr/bin/python3 -c 'import os; print(min(os.sched_getaffinity(0)))')
WORKER_CORE=$(/usr/bin/python3 -c 'import os; print(max(os.sched_getaffinity(0)))')
HUGE_PAGES=false
EAL=
MORE= # lines of the server's configuration

# check SENTENCE COMMAND...: one line for the test.
check() {
	local sentence=$1
	shift
	WHY=
	if "$@" >"$DIR/words" 2>&1; then
		say "ok $sentence"
	else
		say "not ok $sentence - ${WHY:-$(tail -n 3 "$DIR/words" | tr '\n' ' ')}"
	fi
}

# server_begin WORKERS DEVICE...: port number n has the addresses 10.(123+n).0.1 and fd00:(123+n)::1.
server_begin() {
	local workers=$1 n=123 device
	shift
	{
		echo "ports:"
		for device in "$@"; do
			printf '  - device: "%s"\n    addresses: [10.%d.0.1/24, "fd00:%d::1/64"]\n' "$device" $n $n
			n=$((n + 1))
		done
		cat <<-YAML
			workers: [$workers]
			main_core: $GENERATOR_CORE
			idle: sleep
			max_poll_gap_drop: 0
			reference: { source: fixed, stratum: 10 }
			memory: { huge_pages: $HUGE_PAGES, size: 128 }
			run_dir: $RUN_DIR
			${EAL:+eal: ["$EAL"]}
			$MORE
		YAML
	} >"$DIR/ntpwire.yaml"
	: >"$DIR/server.log"
	"$BUILD/control/ntpwired" --config "$DIR/ntpwire.yaml" >"$DIR/server.out" 2>"$DIR/server.log" &
	SERVER=$!
	for _ in $(seq 1200); do
		grep -q 'ntpwired: ready:' "$DIR/server.log" && return 0
		kill -0 "$SERVER" 2>/dev/null || break
		sleep 0.05
	done
	WHY="not ready: $(tail -n 1 "$DIR/server.log")"
	return 1
}

# SIGTERM ends it well, whatever has become of the other side.
server_end() {
	local code=0
	[ -n "$SERVER" ] || { WHY="it did not run" && return 1; }
	kill -TERM "$SERVER"
	wait "$SERVER" || code=$?
	SERVER=
	WHY="exit code $code"
	[ "$code" = 0 ]
}

server_stats() {
	"$BUILD/control/ctl/ntpwirectl" --run-dir "$RUN_DIR" stats --json
}

server_mac() {
	"$BUILD/control/ctl/ntpwirectl" --run-dir "$RUN_DIR" status --json | jq -er ".ports[$1].mac"
}

# load OUT DEVICE OPTION...: a generator's run; what it printed is in $DIR/OUT.
load() {
	local out=$1 device=$2 huge=off
	shift 2
	[ "$HUGE_PAGES" = false ] || huge=on
	"$BUILD/bench/load/ntpwire-load" rate --device "$device" --core "$GENERATOR_CORE" \
		--huge-pages "$huge" ${EAL:+--eal "$EAL"} --memory 64 --dst-mac "$SERVER_MAC" \
		--rate "$RATE" --seconds "$SECONDS_EACH" --wait 20 --quiet --json "$@" \
		>"$DIR/$out" 2>"$DIR/$out.err"
}

# Replies that the link did not take since the server began: on a busy machine a generator may be kept from reading.
tx_full() {
	server_stats | jq '.total.verdicts.tx_full'
}

# run_is_clean OUT [REFUSED]: nothing lost but the replies that the link did not take, nothing wrong, and enough to say so.
run_is_clean() {
	local bad=".lost <= ${2:-0} and .invalid == 0 and .duplicates == 0 and .late == 0 and .foreign == 0"
	WHY="${2:-0} refused by the link; $(tail -n 1 "$DIR/$1.err") $(jq -c '{offered_pps, answered, lost, invalid, duplicates, late,
		foreign, faults: (.faults | with_entries(select(.value > 0)))}' "$DIR/$1" 2>&1)"
	jq -e "$bad and .answered >= $LEAST" "$DIR/$1" >/dev/null
}

# All requests of a run are answered, rightly and once.
all_is_answered() {
	local before refused code=0
	before=$(tx_full) || return 1
	load "$@" || code=$?
	refused=$(($(tx_full) - before)) || return 1
	run_is_clean "$1" $refused && [ $code = 0 ]
}

# junk_is_silent FAMILY OUT DEVICE OPTION...: a run with junk in it, and the counters name each kind.
junk_is_silent() {
	local family=$1 out=$2
	shift
	server_stats >"$DIR/before" || return 1
	all_is_answered "$@" --junk 40 || return 1
	server_stats >"$DIR/after" || return 1
	WHY=
	"$HERE/links/counters_check.py" "$HERE/links/junk_verdicts" "$family" "$DIR/before" \
		"$DIR/after" "$DIR/$out"
}

pages_number() {
	cat /proc/sys/vm/nr_hugepages
}

# Reserves pages of 2 MiB and mounts them at $DIR/huge; false, with WHY, where that is not to be had.
huge_pages_get() {
	local before
	before=$(pages_number) && mkdir -p "$DIR/huge" || return 1
	echo $((before + $1)) >/proc/sys/vm/nr_hugepages 2>/dev/null
	PAGES_OURS=$(($(pages_number) - before))
	if [ "$PAGES_OURS" -lt "$1" ]; then
		WHY="$1 huge pages could not be reserved, only $PAGES_OURS"
		return 1
	fi
	mount -t hugetlbfs none "$DIR/huge" 2>/dev/null && return 0
	WHY="hugetlbfs could not be mounted"
	return 1
}

huge_pages_return() {
	[ -n "${PAGES_OURS:-}" ] || return 0
	! mountpoint -q "$DIR/huge" || umount "$DIR/huge"
	echo $(($(pages_number) - PAGES_OURS)) >/proc/sys/vm/nr_hugepages
	PAGES_OURS=
}

finish() {
	local pid
	for pid in $SERVER $GENERATOR; do
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	huge_pages_return
	rm -rf "$DIR"
}
