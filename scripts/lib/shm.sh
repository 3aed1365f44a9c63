# SPDX-License-Identifier: BSD-3-Clause
# The demonstration without rights: ntpwired and ntpwire-load as two ordinary processes over shared memory
# (memif), with every reply verified. Uses lab.sh's server. Sourced.
# shellcheck shell=bash

SHM_SERVER_MAC=02:00:00:00:00:01
# Slow enough that a machine with other work loses nothing: the link holds a fifth of a second of it.
SHM_RATE=5000
SHM_SECONDS=3

shm_link() {
	printf 'id=0,role=%s,socket=%s/link,socket-abstract=no' "$1" "$LAB_DIR"
}

shm_up() {
	LAB_DIR=$(mktemp -d)
	lab_config net_memif0 "$(shm_link server),mac=$SHM_SERVER_MAC"
}

# shm_load BUILD ADDRESS OPTION...: the words that ask the server there.
shm_load() {
	local build=$1 address=$2
	shift 2
	"$build/bench/load/ntpwire-load" rate --device "net_memif0,$(shm_link client)" --huge-pages off --memory 64 \
		--core "$(shm_core)" --dst "$address" --dst-mac "$SHM_SERVER_MAC" --same-clock --wait 20 "$@"
}

# The first processor this process may use.
shm_core() {
	sed -n 's/^Cpus_allowed_list:[[:space:]]*\([0-9]*\).*/\1/p' /proc/self/status
}

# shm_ask BUILD FAMILY ADDRESS: one line of the table; false if a reply was wrong or too few came.
shm_ask() {
	local out=$LAB_DIR/$2.json
	if ! shm_load "$1" "$3" --rate "$SHM_RATE" --seconds "$SHM_SECONDS" --quiet --json >"$out" 2>"$out.log"; then
		printf '%-12s %-6s %-16s %s\n' ntpwire-load "$2" "$3" "no answer: $(tail -n 1 "$out.log")"
		return 1
	fi
	/usr/bin/python3 - "$2" "$3" "$out" <<-'PYTHON'
		import json, sys
		family, address, path = sys.argv[1:]
		r = json.load(open(path))
		offset = r["same_clock"]["offset_ns"]["mean"] / 1e9
		is_right = r["invalid"] == 0 and r["answered"] * 2 > r["requests"]
		print("%-12s %-6s %-16s %10d %10d %6d %6d %14.6f  %s" % ("ntpwire-load", family, address, r["answered_pps"],
			r["answered"], r["lost"], r["invalid"], offset, "right" if is_right else "WRONG"))
		sys.exit(not is_right)
	PYTHON
}

shm_ask_all() {
	local failed=0
	printf '%-12s %-6s %-16s %10s %10s %6s %6s %14s\n' client family server "answers/s" verified lost wrong "offset, s"
	shm_ask "$1" IPv4 "$LAB_SERVER_IP4" || failed=1
	shm_ask "$1" IPv6 "$LAB_SERVER_IP6" || failed=1
	return "$failed"
}
