// SPDX-License-Identifier: BSD-3-Clause
// Somebody else's XDP program, for xdp.test: a small firewall, which drops UDP packets to and from
// one port and passes all else.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define DROPPED_PORT 7777

SEC("xdp")
int foreign_wall(struct xdp_md *frame)
{
	struct ethhdr *ether = (void *)(long)frame->data;
	struct iphdr *ip = (void *)(ether + 1);
	struct udphdr *udp = (void *)(ip + 1);
	if ((void *)(udp + 1) > (void *)(long)frame->data_end)
		return XDP_PASS;
	if (ether->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 || ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	if (udp->dest == bpf_htons(DROPPED_PORT) || udp->source == bpf_htons(DROPPED_PORT))
		return XDP_DROP;
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
