// SPDX-License-Identifier: BSD-3-Clause
// Tells when a frame that was sent through an AF_XDP socket goes by, for interleaved mode. A socket
// in copy mode has no transmit stamps, and the frame is gone long before, and not a fixed time
// before, the send returns.
//
// The place is where a frame reaches the other end of a veth pair, still within the sender's call:
// there a receiver's kernel stamps it as received, right after. No other place on a socket's way
// can be watched without reading the kernel's memory. What a softirq delivers comes by here too:
// whoever waits for its own frame has sent it before the softirqs that the send raised, so the
// first of them ends the waiting. A veth pair whose other end polls (it has an XDP program, or GRO)
// does not come by here, and its sender is told nothing.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "../worker/xdp_stamp.h"

// tx_stamps_open makes it as long as there may be CPUs.
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tx_stamp);
} tx_stamps SEC(".maps");

// What this CPU's worker waits for; NULL if it does not.
static __always_inline struct tx_stamp *wanted_find(void)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct tx_stamp *s = bpf_map_lookup_elem(&tx_stamps, &cpu);
	return s && s->ns == TX_STAMP_WANTED ? s : NULL;
}

SEC("raw_tp/netif_rx_entry")
int frame_comes_by(void *context)
{
	struct tx_stamp *s = wanted_find();
	(void)context;
	if (s)
		s->ns = bpf_ktime_get_boot_ns();
	return 0;
}

SEC("raw_tp/softirq_entry")
int softirq_begins(void *context)
{
	struct tx_stamp *s = wanted_find();
	(void)context;
	if (s)
		s->ns = TX_STAMP_NONE;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
