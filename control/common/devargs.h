// SPDX-License-Identifier: BSD-3-Clause
// What can be told from a port's device string before DPDK sees it: a PCI address, or a virtual
// device's name with its arguments ("net_af_xdp0,iface=eth1"). Pure, any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Whether the device is a PCI address (0000:3b:00.0 or 3b:00.0), with or without arguments.
bool devargs_is_pci(const char *device);

// Whether the device is of a driver, as "net_memif" or "net_af_xdp".
bool devargs_is_driver(const char *device, const char *driver);

// Whether the device shares its memory with another process through files, which DPDK has only
// without --in-memory: memif, vhost and virtio-user.
bool devargs_needs_files(const char *device);

// Copies the part before the first comma. False if ret_name is too small.
bool devargs_name(const char *device, char *ret_name, size_t size);

// Copies the value of an argument ("iface"). False if there is none, or ret_value is too small.
bool devargs_argument(const char *device, const char *key, char *ret_value, size_t size);

// How many queues the device can have at the most, by its arguments; 0: only DPDK knows.
unsigned devargs_queues_most(const char *device);

// For net_af_xdp: the net_af_packet device on the same interface, with queue_count queues, which
// works on every kernel. False for other devices, or if ret_device is too small.
bool devargs_fallback(const char *device, unsigned queue_count, char *ret_device, size_t size);
