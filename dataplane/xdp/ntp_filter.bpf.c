// SPDX-License-Identifier: BSD-3-Clause
// Hands UDP port 123 of the service addresses to the AF_XDP socket of its receive queue, and leaves
// everything else to the kernel: ARP, neighbour discovery, ICMP and TCP go on working on the same
// addresses.
//
// Only what the worker could answer is taken: no IPv4 options, no fragments, no IPv6 extension
// headers, at most two VLAN tags. Nothing is judged further; the worker does that. The address maps
// are filled by xdp_filter_allow on the control side; while they are empty the kernel gets all.
//
// Each frame that is handed over has its time in front of it (xdp_stamp.h): from here to the worker
// it takes longer than from the wire to here, and not twice the same.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "../worker/xdp_stamp.h"

#define NTP_PORT     123
#define VLAN_TAGS    2
#define IP4_FRAGMENT 0x3fff
#define QUEUES       128
#define ADDRESSES    1024

struct vlan_tag {
	__be16 tag;
	__be16 type;
};

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, QUEUES);
	__type(key, int);
	__type(value, int);
} xsks_map SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ADDRESSES);
	__type(key, __u32);
	__type(value, __u8);
} service_ip4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ADDRESSES);
	__type(key, struct in6_addr);
	__type(value, __u8);
} service_ip6 SEC(".maps");

// One number; 0: frames are handed over without a stamp.
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} meta_cookie SEC(".maps");

// What is left of a frame: taken from the front, as in the core.
struct rest {
	void *at;
	void *end;
};

// The next n bytes, or NULL.
static __always_inline void *rest_take(struct rest *r, __u64 n)
{
	void *taken = r->at;
	if (taken + n > r->end)
		return NULL;
	r->at = taken + n;
	return taken;
}

static __always_inline __be16 ether_take(struct rest *r)
{
	struct ethhdr *ether = rest_take(r, sizeof(*ether));
	if (!ether)
		return 0;
	__be16 type = ether->h_proto;
#pragma unroll
	for (int i = 0; i < VLAN_TAGS; i++) {
		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
			break;
		struct vlan_tag *vlan = rest_take(r, sizeof(*vlan));
		if (!vlan)
			return 0;
		type = vlan->type;
	}
	return type;
}

static __always_inline int ip4_is_ours(struct rest *r)
{
	struct iphdr *ip = rest_take(r, sizeof(*ip));
	if (!ip || ip->version != 4 || ip->ihl != 5 || ip->protocol != IPPROTO_UDP)
		return 0;
	if (ip->frag_off & bpf_htons(IP4_FRAGMENT))
		return 0;
	return bpf_map_lookup_elem(&service_ip4, &ip->daddr) != NULL;
}

static __always_inline int ip6_is_ours(struct rest *r)
{
	struct ipv6hdr *ip = rest_take(r, sizeof(*ip));
	if (!ip || ip->version != 6 || ip->nexthdr != IPPROTO_UDP)
		return 0;
	return bpf_map_lookup_elem(&service_ip6, &ip->daddr) != NULL;
}

// A driver without room for it leaves the frame without a stamp.
static __always_inline void frame_stamp(struct xdp_md *frame)
{
	__u32 only = 0;
	__u64 *mark = bpf_map_lookup_elem(&meta_cookie, &only);
	if (!mark || *mark == 0)
		return;
	if (bpf_xdp_adjust_meta(frame, -(int)sizeof(struct xdp_stamp)) != 0)
		return;
	struct xdp_stamp *stamp = (void *)(long)frame->data_meta;
	if ((void *)(stamp + 1) > (void *)(long)frame->data)
		return;
	stamp->mark = *mark;
	stamp->ns = bpf_ktime_get_boot_ns();
}

SEC("xdp")
int ntp_filter(struct xdp_md *frame)
{
	struct rest rest = {(void *)(long)frame->data, (void *)(long)frame->data_end};
	__be16 type = ether_take(&rest);
	int ours = 0;
	if (type == bpf_htons(ETH_P_IP))
		ours = ip4_is_ours(&rest);
	else if (type == bpf_htons(ETH_P_IPV6))
		ours = ip6_is_ours(&rest);
	if (!ours)
		return XDP_PASS;
	struct udphdr *udp = rest_take(&rest, sizeof(*udp));
	if (!udp || udp->dest != bpf_htons(NTP_PORT))
		return XDP_PASS;
	frame_stamp(frame);
	return bpf_redirect_map(&xsks_map, frame->rx_queue_index, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
