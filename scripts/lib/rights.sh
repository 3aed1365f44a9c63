# SPDX-License-Identifier: BSD-3-Clause
# What this process may do on this machine, found out by trying it. Sourced.
# shellcheck shell=bash disable=SC2034

# Why not, and how to give the right, after a `false` of one of these.
RIGHTS_WHY=

rights_root() {
	RIGHTS_WHY="root: sudo $0"
	[ "$(id -u)" = 0 ]
}

# Network namespaces with an interface in them: what a laboratory is made of.
rights_namespaces() {
	local said name=ntpwire-$$-rights
	rights_root || return 1
	if ! said=$(unshare --net ip link add name v0 type veth peer name v1 2>&1); then
		RIGHTS_WHY="CAP_SYS_ADMIN and CAP_NET_ADMIN (docker run --privileged); the kernel says: ${said##*: }"
		return 1
	fi
	if ! said=$(ip netns add "$name" 2>&1); then
		RIGHTS_WHY="mounting (docker run --privileged); ip says: $said"
		return 1
	fi
	ip netns delete "$name"
}
