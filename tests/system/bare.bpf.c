// SPDX-License-Identifier: BSD-3-Clause
// An AF_XDP program that is not ours to tell addresses, for xdp.test: a start with it fails late.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} xsks_map SEC(".maps");

SEC("xdp")
int bare_redirect(struct xdp_md *frame)
{
	return bpf_redirect_map(&xsks_map, frame->rx_queue_index, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
