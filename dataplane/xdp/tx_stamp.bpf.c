// SPDX-License-Identifier: BSD-3-Clause
// Tells when a frame that was sent through an AF_XDP socket goes by, for interleaved mode. A socket in copy mode
// has no transmit stamps, and the frame is gone long before, and not a fixed time before, the send returns.
//
// The place is where a frame reaches the other end of a veth pair, still within the sender's call: there a
// receiver's kernel stamps it as received, right after. No other place on a socket's way can be watched
// without reading the kernel's memory. Ports on other devices do not come by here and are told nothing.
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

SEC("raw_tp/netif_rx_entry")
int tx_stamp(void *frame)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct tx_stamp *s = bpf_map_lookup_elem(&tx_stamps, &cpu);
	(void)frame;
	if (s && s->ns == TX_STAMP_WANTED)
		s->ns = bpf_ktime_get_boot_ns();
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
