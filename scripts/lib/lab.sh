# SPDX-License-Identifier: BSD-3-Clause
# The laboratory: two network namespaces joined by a veth pair, ntpwired on an AF_XDP port in one,
# clients in the other. Nothing outside them is touched, and what it needed to mount goes with it. Sourced.
# shellcheck shell=bash

LAB_SERVER_IP4=10.123.0.1
LAB_SERVER_IP6=fd00:123::1
LAB_CLIENT_IP4=10.123.0.2
LAB_CLIENT_IP6=fd00:123::2
LAB_STRATUM=10
LAB_SERVER_NS=ntpwire-$$-server
LAB_CLIENT_NS=ntpwire-$$-client
LAB_DIR=
LAB_SERVER_PID=
LAB_MOUNTED=

# Where a namespace is entered. Not by `ip netns exec` and not by `ip -n`, which want to mount, and cannot in a chroot.
lab_door() {
	printf '/run/netns/%s\n' "$1"
}

in_server() {
	nsenter --net="$(lab_door "$LAB_SERVER_NS")" "$@"
}

in_client() {
	nsenter --net="$(lab_door "$LAB_CLIENT_NS")" "$@"
}

# A bare tree (a chroot) lacks what the kernel shows in /proc and /sys.
lab_mount() {
	mountpoint -q "$2" && return 0
	[ ! -e "$2/self" ] || return 0
	mkdir -p "$2"
	mount -t "$1" "$1" "$2" || die "nothing is mounted on $2, and it cannot be done: mount -t $1 $1 $2"
	say "nothing was mounted on $2, as in a bare tree: it is, until this ends"
	LAB_MOUNTED="$2 $LAB_MOUNTED"
}

lab_mounts() {
	lab_mount proc /proc
	lab_mount sysfs /sys
	# ip makes a mount point of it and leaves that behind.
	mountpoint -q /run/netns || LAB_MOUNTED="/run/netns $LAB_MOUNTED"
}

lab_mounts_return() {
	local at
	for at in $LAB_MOUNTED; do
		[ "$at" != /run/netns ] || [ -z "$(ls /run/netns 2>/dev/null)" ] || continue
		umount "$at" 2>/dev/null || true
	done
	LAB_MOUNTED=
}

# Takes away what a laboratory left that was killed: its name holds the number of its process.
lab_sweep() {
	local ns pid
	for ns in $(ip netns list | sed -n 's/^\(ntpwire-[0-9]*-[a-z]*\).*/\1/p'); do
		pid=${ns#ntpwire-}
		pid=${pid%-*}
		[ -d "/proc/$pid" ] || lab_namespace_remove "$ns"
	done
}

# Ends what still runs in a namespace of ours, then removes it; its interfaces go with it.
lab_namespace_remove() {
	local pids
	[ -e "$(lab_door "$1")" ] || return 0
	pids=$(ip netns pids "$1" 2>/dev/null) || return 0
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
	ip netns delete "$1"
}

# lab_side ENTER IP4 IP6: ENTER is in_server or in_client.
lab_side() {
	"$1" ip link set lo up
	"$1" ip address add "$2/24" dev ntp0
	"$1" ip address add "$3/64" dev ntp0 nodad
	"$1" ip link set ntp0 up
}

lab_up() {
	lab_sweep
	LAB_DIR=$(mktemp -d)
	ip netns add "$LAB_SERVER_NS"
	ip netns add "$LAB_CLIENT_NS"
	ip link add ntp0 netns "$LAB_SERVER_NS" type veth peer name ntp0 netns "$LAB_CLIENT_NS"
	lab_side in_server "$LAB_SERVER_IP4" "$LAB_SERVER_IP6"
	lab_side in_client "$LAB_CLIENT_IP4" "$LAB_CLIENT_IP6"
	# A veth hands on packets whose checksum the card was to finish; the worker checks checksums.
	in_client ethtool -K ntp0 tx off >/dev/null
	lab_wait_link
}

# A link-local address that is still being probed makes the first IPv6 packets fail.
lab_wait_link() {
	local tries
	for tries in $(seq 600); do
		if ! in_client ip -6 address show tentative | grep -q . &&
			! in_server ip -6 address show tentative | grep -q .; then
			return 0
		fi
		sleep 0.1
	done
	die "the laboratory's link did not come up in $tries tries"
}

# lab_config DEVICE [ARGUMENTS]: writes the server's configuration.
lab_config() {
	cat >"$LAB_DIR/ntpwire.yaml" <<-YAML
		ports:
		  - device: "$1,${2-iface=ntp0}"
		    addresses: [$LAB_SERVER_IP4/24, "$LAB_SERVER_IP6/64"]
		workers: auto
		idle: sleep
		max_poll_gap_drop: 0 # a laboratory shares its cores with everything else
		reference: { source: fixed, stratum: $LAB_STRATUM }
		memory: { huge_pages: false, size: 256 }
		run_dir: $LAB_DIR/run
	YAML
}

# lab_server BUILD: starts ntpwired in its namespace and waits until it is ready.
lab_server() {
	lab_server_start nsenter --net="$(lab_door "$LAB_SERVER_NS")" "$1/control/ntpwired"
}

# lab_server_start COMMAND...: the server's number must be ntpwired's own, for the signal that ends it.
lab_server_start() {
	local tries
	: >"$LAB_DIR/server.log"
	"$@" --config "$LAB_DIR/ntpwire.yaml" >"$LAB_DIR/server.log" 2>&1 &
	LAB_SERVER_PID=$!
	for tries in $(seq 600); do
		grep -q 'ready:' "$LAB_DIR/server.log" && return 0
		kill -0 "$LAB_SERVER_PID" 2>/dev/null || break
		sleep 0.1
	done
	cat "$LAB_DIR/server.log" >&2
	die "ntpwired was not ready after $tries tries; its words are above"
}

# Ends the server as an operator would. Its exit code.
lab_server_stop() {
	local code=0
	[ -n "$LAB_SERVER_PID" ] || return 0
	kill -TERM "$LAB_SERVER_PID" 2>/dev/null || true
	wait "$LAB_SERVER_PID" || code=$?
	LAB_SERVER_PID=
	return "$code"
}

# Also of a laboratory that has no namespaces, and a second time.
lab_down() {
	lab_server_stop || true
	lab_namespace_remove "$LAB_SERVER_NS"
	lab_namespace_remove "$LAB_CLIENT_NS"
	lab_mounts_return
	[ -z "$LAB_DIR" ] || rm -rf "$LAB_DIR"
	LAB_DIR=
}
