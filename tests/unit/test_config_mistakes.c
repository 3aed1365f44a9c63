// SPDX-License-Identifier: BSD-3-Clause
// Mistakes in settings: names, shapes, values and limits.
#include "config/config.h"

#include "mistake.h"

static const struct mistake mistakes[] = {
	{"an_unknown_key", TOP("wokers: [1]"),
		":4: wokers: is not a setting; here there are: " KEYS},
	{"an_unknown_key_of_a_port",
		"ports:\n"
		"  - device: net_null0\n"
		"    address: [10.0.0.10/24]\n",
		":3: ports[0].address: is not a setting; here there are: device, addresses, "
		"smeared_addresses, gateway_mac, rx_timestamps, tx_latency, launch_time, xdp"},
	{"an_xdp_that_is_none",
		"ports:\n"
		"  - device: \"net_af_xdp0,iface=eth1\"\n"
		"    addresses: [192.0.2.10/24]\n"
		"    xdp: both\n",
		":4: ports[0].xdp: \"both\" is not known; choose one of: alone, shared"},
	{"an_xdp_of_another_device",
		"ports:\n"
		"  - device: net_null0\n"
		"    addresses: [192.0.2.10/24]\n"
		"    xdp: shared\n",
		":4: ports[0].xdp: is for net_af_xdp alone, and this port's device is another; "
		"remove it, or write e.g. device: \"net_af_xdp0,iface=eth1\""},
	{"stamps_of_a_kind_there_is_not",
		"ports:\n"
		"  - device: net_null0\n"
		"    addresses: [10.0.0.10/24]\n"
		"    rx_timestamps: yes\n",
		":4: ports[0].rx_timestamps: \"yes\" is not known; choose one of: auto, off, on"},
	{"a_tx_latency_that_is_none",
		"ports:\n"
		"  - device: net_null0\n"
		"    addresses: [10.0.0.10/24]\n"
		"    tx_latency: 100001\n",
		":4: ports[0].tx_latency: 100001 is out of range, 0 to 100000; write e.g. "
		"tx_latency: 300"},
	{"t15_smeared_addresses_without_a_smear",
		"ports:\n"
		"  - device: net_null0\n"
		"    addresses: [10.0.0.10/24]\n"
		"    smeared_addresses: [10.0.0.11/24]\n",
		":4: ports[0].smeared_addresses: is there, but nothing says how to smear: add "
		"smear: "
		"linear, or cosine"},
	{"an_address_of_both_times",
		"smear: linear\n"
		"ports:\n"
		"  - device: net_null0\n"
		"    addresses: [10.0.0.10/24]\n"
		"    smeared_addresses: [10.0.0.11/24, 10.0.0.10/24]\n",
		":5: ports[0].smeared_addresses[1]: \"10.0.0.10/24\" is already "
		"ports[0].addresses[0] on line 4; remove one"},
	{"a_smeared_address_twice",
		"smear: linear\n"
		"ports:\n"
		"  - device: net_null0\n"
		"    addresses: [10.0.0.10/24]\n"
		"    smeared_addresses: [10.0.0.11/24, 10.0.0.11/24]\n",
		":5: ports[0].smeared_addresses[1]: \"10.0.0.11/24\" is already "
		"ports[0].smeared_addresses[0] on line 5; remove one"},
	{"an_unknown_smear", TOP("smear: quadratic"),
		":4: smear: \"quadratic\" is not known; choose one of: linear, cosine"},
	{"a_leap_window_that_is_none", TOP("leap: { window: 2 }"),
		":4: leap.window: \"2\" is not known; choose one of: off, on"},
	{"a_leap_file_that_is_relative", TOP("leap: { file: leap.list }"),
		":4: leap.file: \"leap.list\" is not an absolute path; begin it with a slash"},
	{"an_unknown_key_of_the_reference", TOP("reference:\n  origin: fixed"),
		":5: reference.origin: is not a setting; here there are: source, stratum, "
		"reference_id, socket, address, port, allow_local, device, scale, accuracy, "
		"steered_by, root_delay"},
	{"an_unknown_key_of_memory", TOP("memory: { pages: 4 }"),
		":4: memory.pages: is not a setting; here there are: huge_pages, size"},
	{"an_unknown_key_of_log", TOP("log: { file: /tmp/x }"),
		":4: log.file: is not a setting; here there are: level"},
	{"a_key_in_capitals", TOP("TTL: 64"), ":4: TTL: is not a setting; here there are: " KEYS},
	{"a_merge_key", TOP("<<: { ttl: 3 }"), ":4: <<: is not a setting; here there are: " KEYS},
	{"a_setting_of_a_later_version", TOP("access: { deny: [198.51.100.0/24] }"),
		":4: access: is not in this version; remove it until a later one has it"},
	{"another_setting_of_a_later_version", TOP("rate_limit:\n  interval: 2s"),
		":4: rate_limit: is not in this version; remove it until a later one has it"},
	{"a_phc_without_a_device", TOP("reference:\n  source: phc"),
		":4: reference: has no device, which source: phc needs; add e.g. device: "
		"/dev/ptp0"},
	{"a_fallback_phc_without_a_device", TOP("fallback_references: [ { source: phc } ]"),
		":4: fallback_references[0]: has no device, which source: phc needs; add e.g. "
		"device: /dev/ptp0"},
	{"a_device_of_the_kernel", TOP("reference: { device: /dev/ptp0 }"),
		":4: reference.device: has no meaning with source: kernel; remove it"},
	{"a_device_without_a_slash", TOP("reference: { source: phc, device: ptp0 }"),
		":4: reference.device: \"ptp0\" is not an absolute path; begin it with a slash"},
	{"a_scale_of_the_kernel", TOP("reference: { scale: utc }"),
		":4: reference.scale: has no meaning with source: kernel; remove it"},
	{"an_accuracy_of_chrony", TOP("reference: { source: chrony, accuracy: 1 }"),
		":4: reference.accuracy: has no meaning with source: chrony; remove it"},
	{"a_steered_by_of_ntpd_rs", TOP("reference: { source: ntpd-rs, steered_by: card }"),
		":4: reference.steered_by: has no meaning with source: ntpd-rs; remove it"},
	{"a_root_delay_of_ntpd", TOP("reference: { source: ntpd, root_delay: 1 }"),
		":4: reference.root_delay: has no meaning with source: ntpd; remove it"},
	{"a_root_delay_over_a_second", TOP("reference: { root_delay: 1000001 }"),
		":4: reference.root_delay: 1000001 is out of range, 0 to 1000000; write e.g. "
		"root_delay: 500"},
	{"an_accuracy_of_0", TOP("reference: { source: phc, device: /dev/ptp0, accuracy: 0 }"),
		":4: reference.accuracy: 0 is out of range, 1 to 100000000; write e.g. accuracy: "
		"1000"},
	{"an_unknown_scale", TOP("reference: { source: phc, device: /dev/ptp0, scale: gps }"),
		":4: reference.scale: \"gps\" is not known; choose one of: tai, utc"},
	{"an_unknown_steered_by",
		TOP("reference: { source: phc, device: /dev/ptp0, steered_by: ptp4l }"),
		":4: reference.steered_by: \"ptp4l\" is not known; choose one of: program, card"},
	{"the_same_phc_twice",
		TOP("reference: { source: phc, device: /dev/ptp0 }\nfallback_references: [ { "
		    "source: phc, device: /dev/ptp0, scale: utc } ]"),
		":5: fallback_references[0]: is the same reference as reference; remove one, or "
		"choose another"},
	{"a_stratum_of_ntpd_rs", TOP("reference:\n  source: ntpd-rs\n  stratum: 2"),
		":6: reference.stratum: has no meaning with source: ntpd-rs; remove it"},
	{"an_identifier_of_ntpd", TOP("reference:\n  source: ntpd\n  reference_id: GPS"),
		":6: reference.reference_id: has no meaning with source: ntpd; remove it"},
	{"a_stratum_of_chrony", TOP("reference:\n  source: chrony\n  stratum: 2"),
		":6: reference.stratum: has no meaning with source: chrony; remove it"},
	{"an_address_of_ntpd", TOP("reference: { source: ntpd, address: 127.0.0.1 }"),
		":4: reference.address: has no meaning with source: ntpd; remove it"},
	{"a_port_of_the_kernel", TOP("reference: { port: 323 }"),
		":4: reference.port: has no meaning with source: kernel; remove it"},
	{"local_allowed_to_the_kernel", TOP("reference: { allow_local: true }"),
		":4: reference.allow_local: has no meaning with source: kernel; remove it"},
	{"chrony_elsewhere", TOP("reference: { source: chrony, address: 10.0.0.1 }"),
		":4: reference.address: \"10.0.0.1\" is not an address of this machine's "
		"loopback, and nobody else's word is to be trusted without a proof; write "
		"127.0.0.1 or \"::1\""},
	{"two_ways_to_chrony", TOP("reference: { source: chrony, socket: /run/c, port: 323 }"),
		":4: reference.socket: stands beside an address or a port; chronyd is asked in one "
		"way, remove the other"},
	{"chrony_at_port_0", TOP("reference: { source: chrony, port: 0 }"),
		":4: reference.port: 0 is out of range, 1 to 65535; write e.g. port: 323"},
	{"a_socket_of_the_kernel", TOP("reference: { socket: /run/observe }"),
		":4: reference.socket: has no meaning with source: kernel; remove it"},
	{"a_socket_without_a_slash", TOP("reference: { source: ntpd-rs, socket: observe }"),
		":4: reference.socket: \"observe\" is not an absolute path; begin it with a slash, "
		"e.g. /var/run/ntpd-rs/observe"},
	{"the_same_reference_twice",
		TOP("reference: { source: ntpd }\nfallback_references: [ { source: ntpd } ]"),
		":5: fallback_references[0]: is the same reference as reference; remove one, or "
		"choose another"},
	{"the_same_fallback_twice",
		TOP("fallback_references:\n  - { source: chrony }\n  - { source: ntpd }\n  - { "
		    "source: chrony, allow_local: true }"),
		":7: fallback_references[2]: is the same reference as fallback_references[0] "
		"before it; remove one, or choose another"},
	{"a_fallback_of_fixed",
		TOP("reference: { source: fixed }\nfallback_references: [ { source: ntpd } ]"),
		":5: fallback_references[0]: is never followed, because reference is fixed, which "
		"is always good; remove it, or put fixed last"},
	{"four_fallbacks",
		TOP("fallback_references: [ { source: ntpd }, { source: chrony }, { source: "
		    "ntpd-rs }, { source: fixed } ]"),
		":4: fallback_references: 4 in the list, but there can be at most 3; remove the "
		"rest"},
	{"no_fallbacks", TOP("fallback_references: []"),
		":4: fallback_references: must not be an empty list; write e.g. "
		"fallback_references: [ { source: kernel } ]"},
	{"a_fallback_that_is_a_word", TOP("fallback_references: [ kernel ]"),
		":4: fallback_references[0]: must be a group of settings (name: value); write e.g. "
		"fallback_references: [ { source: kernel } ]"},
	{"a_stratum_of_a_fallback",
		TOP("fallback_references:\n  - { source: ntpd }\n  - { source: chrony, stratum: 3 "
		    "}"),
		":6: fallback_references[1].stratum: has no meaning with source: chrony; remove "
		"it"},
	{"an_unknown_source", TOP("reference: { source: gps }"),
		":4: reference.source: \"gps\" is not known; choose one of: kernel, fixed, "
		"chrony, ntpd-rs, ntpd, phc"},
	{"no_ports", "workers: auto\n", ":1: has no ports; add e.g. " PORTS_EXAMPLE},
	{"no_device", "ports:\n  - addresses: [10.0.0.10/24]\n",
		":2: ports[0]: has no device; add e.g. device: \"net_af_xdp0,iface=eth1\""},
	{"no_addresses", "ports:\n  - device: net_null0\n",
		":2: ports[0]: has no addresses; add e.g. addresses: [10.0.0.10/24]"},
	{"an_empty_list_of_ports", "ports: []\n",
		":1: ports: must not be an empty list; write e.g. " PORTS_EXAMPLE},
	{"ports_without_value", "ports:\nworkers: auto\n",
		":1: ports: has no value; write e.g. " PORTS_EXAMPLE},
	{"ports_that_are_a_word", "ports: net_null0\n",
		":1: ports: must be a list; write e.g. " PORTS_EXAMPLE},
	{"ports_that_are_a_mapping", "ports:\n  device: net_null0\n  addresses: [10.0.0.10/24]\n",
		":1: ports: must be a list; write e.g. " PORTS_EXAMPLE},
	{"a_port_that_is_a_word", "ports: [net_null0]\n",
		":1: ports[0]: must be a group of settings (name: value); write "
		"e.g. " PORTS_EXAMPLE},
	{"an_empty_device", "ports:\n  - device: \"\"\n    addresses: [10.0.0.10/24]\n",
		":2: ports[0].device: \"\" is empty; give it a value or remove the line"},
	{"a_kernel_interface_as_device",
		"ports:\n"
		"  - device: eth1\n"
		"    addresses: [10.0.0.10/24]\n",
		":2: ports[0].device: \"eth1\" is neither a PCI address nor a DPDK virtual "
		"device; for a kernel interface write e.g. \"net_af_xdp0,iface=eth1\""},
	{"a_device_with_a_space",
		"ports:\n"
		"  - device: \"net_null0, queues=2\"\n"
		"    addresses: [10.0.0.10/24]\n",
		":2: ports[0].device: \"net_null0, queues=2\" is not a device; write a PCI "
		"address, e.g. \"0000:3b:00.0\", or a DPDK virtual device, e.g. "
		"\"net_af_xdp0,iface=eth1\""},
	{"a_device_that_is_a_list",
		"ports:\n"
		"  - device: [net_null0]\n"
		"    addresses: [10.0.0.10/24]\n",
		":2: ports[0].device: must be one value, not a list or a group; write e.g. "
		"device: \"net_af_xdp0,iface=eth1\""},
	{"the_same_device_twice",
		PORT "  - device: net_null0,copy=1\n    addresses: [10.0.0.11/24]\n",
		":4: ports[1].device: \"net_null0,copy=1\" is already ports[0].device on line 2; "
		"remove one"},
	{"the_same_pci_device_twice",
		"ports:\n"
		"  - device: \"3b:00.0\"\n"
		"    addresses: [10.0.0.10/24]\n"
		"  - device: \"0000:3b:00.0\"\n"
		"    addresses: [10.0.0.11/24]\n",
		":4: ports[1].device: \"0000:3b:00.0\" is already ports[0].device on line 2; "
		"remove one"},
	{"an_empty_list_of_addresses", "ports:\n  - device: net_null0\n    addresses: []\n",
		":3: ports[0].addresses: must not be an empty list; write e.g. addresses: "
		"[10.0.0.10/24]"},
	{"addresses_that_are_a_word",
		"ports:\n"
		"  - device: net_null0\n"
		"    addresses: 10.0.0.10/24\n",
		":3: ports[0].addresses: must be a list; write e.g. addresses: [10.0.0.10/24]"},
	{"a_list_as_address", "ports:\n  - device: net_null0\n    addresses: [[10.0.0.10/24]]\n",
		":3: ports[0].addresses[0]: must be one value, not a list or a group; write e.g. "
		"addresses: [10.0.0.10/24]"},
	{"an_address_without_prefix_length", ADDRESS("10.0.0.11"),
		":5: ports[0].addresses[1]: \"10.0.0.11\" has no prefix length; write it as the "
		"network has it, e.g. 10.0.0.10/24 or fd00::10/64"},
	{"an_ip6_address_without_prefix_length", ADDRESS("fd00::10"),
		":5: ports[0].addresses[1]: \"fd00::10\" has no prefix length; write it as "
		"the network has it, e.g. 10.0.0.10/24 or fd00::10/64"},
	{"an_ip4_prefix_of_33", ADDRESS("10.0.0.11/33"),
		":5: ports[0].addresses[1]: \"10.0.0.11/33\" is not an address: the prefix "
		"length of IPv4 is 0 to 32; write e.g. 10.0.0.10/24"},
	{"an_ip6_prefix_of_129", ADDRESS("fd00::10/129"),
		":5: ports[0].addresses[1]: \"fd00::10/129\" is not an address: the prefix "
		"length of IPv6 is 0 to 128; write e.g. fd00::10/64"},
	{"a_prefix_that_is_no_number", ADDRESS("10.0.0.11/24x"),
		":5: ports[0].addresses[1]: \"10.0.0.11/24x\" is not an address: the prefix "
		"length of IPv4 is 0 to 32; write e.g. 10.0.0.10/24"},
	{"a_netmask_for_a_prefix", ADDRESS("10.0.0.11/255.255.255.0"),
		":5: ports[0].addresses[1]: \"10.0.0.11/255.255.255.0\" is not an address: the "
		"prefix length of IPv4 is 0 to 32; write e.g. 10.0.0.10/24"},
	{"an_empty_prefix", ADDRESS("10.0.0.11/"),
		":5: ports[0].addresses[1]: \"10.0.0.11/\" is not an address: the prefix length "
		"of IPv4 is 0 to 32; write e.g. 10.0.0.10/24"},
	{"a_name_for_an_address", ADDRESS("time.example.org"),
		":5: ports[0].addresses[1]: \"time.example.org\" is not an address; write e.g. "
		"10.0.0.10/24 or fd00::10/64"},
	{"an_ip4_number_of_256", ADDRESS("10.0.0.256/24"),
		":5: ports[0].addresses[1]: \"10.0.0.256/24\" is not an address; write e.g. "
		"10.0.0.10/24 or fd00::10/64"},
	{"an_ip4_address_of_three_numbers", ADDRESS("192.0.2/24"),
		":5: ports[0].addresses[1]: \"192.0.2/24\" is not an address; write e.g. "
		"10.0.0.10/24 or fd00::10/64"},
	{"an_ip6_address_with_two_gaps", ADDRESS("fd00::1::10/64"),
		":5: ports[0].addresses[1]: \"fd00::1::10/64\" is not an address; write e.g. "
		"10.0.0.10/24 or fd00::10/64"},
	{"a_zone_in_an_address", ADDRESS("fe80::1%eth0/64"),
		":5: ports[0].addresses[1]: \"fe80::1%eth0/64\" is not an address; write e.g. "
		"10.0.0.10/24 or fd00::10/64"},
	{"an_address_with_a_port", ADDRESS("10.0.0.11:123/24"),
		":5: ports[0].addresses[1]: \"10.0.0.11:123/24\" is not an address; write e.g. "
		"10.0.0.10/24 or fd00::10/64"},
	{"the_unspecified_ip4_address", ADDRESS("0.0.0.0/0"),
		":5: ports[0].addresses[1]: \"0.0.0.0/0\" is not an address: 0.0.0.0/8 is "
		"nobody's; write the one clients ask, e.g. 10.0.0.10/24"},
	{"a_loopback_ip4_address", ADDRESS("127.0.0.1/8"),
		":5: ports[0].addresses[1]: \"127.0.0.1/8\" is a loopback address, which no "
		"network carries; write the one clients ask, e.g. 10.0.0.10/24"},
	{"a_multicast_ip4_address", ADDRESS("224.0.1.1/24"),
		":5: ports[0].addresses[1]: \"224.0.1.1/24\" is a multicast address; write one "
		"host's address, e.g. 10.0.0.10/24"},
	{"the_limited_broadcast_address", ADDRESS("255.255.255.255/32"),
		":5: ports[0].addresses[1]: \"255.255.255.255/32\" is a broadcast or reserved "
		"address; write one host's address, e.g. 10.0.0.10/24"},
	{"the_networks_own_address", ADDRESS("10.0.0.0/24"),
		":5: ports[0].addresses[1]: \"10.0.0.0/24\" is the network's own address, not a "
		"host's; write the host's, e.g. 10.0.0.10/24"},
	{"the_networks_broadcast_address", ADDRESS("10.0.0.255/24"),
		":5: ports[0].addresses[1]: \"10.0.0.255/24\" is the network's broadcast "
		"address; write one host's, e.g. 10.0.0.10/24"},
	{"the_unspecified_ip6_address", ADDRESS("::/64"),
		":5: ports[0].addresses[1]: \"::/64\" is not an address: :: is nobody's; write "
		"the one clients ask, e.g. fd00::10/64"},
	{"the_loopback_ip6_address", ADDRESS("::1/128"),
		":5: ports[0].addresses[1]: \"::1/128\" is the loopback address, which no "
		"network carries; write the one clients ask, e.g. fd00::10/64"},
	{"a_multicast_ip6_address", ADDRESS("ff02::101/64"),
		":5: ports[0].addresses[1]: \"ff02::101/64\" is a multicast address; write one "
		"host's address, e.g. fd00::10/64"},
	{"a_mapped_ip4_address", ADDRESS("::ffff:10.0.0.1/128"),
		":5: ports[0].addresses[1]: \"::ffff:10.0.0.1/128\" is an IPv4 address inside "
		"IPv6, which no network carries; write it as IPv4, e.g. 10.0.0.10/24"},
	{"an_ip4_compatible_address", ADDRESS("::192.0.2.1/96"),
		":5: ports[0].addresses[1]: \"::192.0.2.1/96\" is an IPv4-compatible address (RFC "
		"4291), which no network carries; write it as IPv4, e.g. 10.0.0.10/24"},
	{"an_address_that_routers_throw_away", ADDRESS("100::10/64"),
		":5: ports[0].addresses[1]: \"100::10/64\" is of the discard-only network (RFC 6666), "
		"whose packets routers throw away; write the one clients ask, e.g. fd00::10/64"},
	{"the_subnet_router_address", ADDRESS("fd00::/64"),
		":5: ports[0].addresses[1]: \"fd00::/64\" is the subnet's router anycast "
		"address (RFC 4291), not a host's; write the host's, e.g. fd00::10/64"},
	{"the_same_address_twice", ADDRESS("10.0.0.10/32"),
		":5: ports[0].addresses[1]: \"10.0.0.10/32\" is already ports[0].addresses[0] "
		"on line 4; remove one"},
	{"the_same_ip6_address_written_otherwise",
		"ports:\n"
		"  - device: net_null0\n"
		"    addresses: [\"fd00::10/64\",\n"
		"      \"FD00:0::10/64\"]\n",
		":4: ports[0].addresses[1]: \"FD00:0::10/64\" is already "
		"ports[0].addresses[0] on line 3; remove one"},
	{"a_mac_that_is_too_short", MAC("\"02:00:00:00:01\""),
		":4: ports[0].gateway_mac: \"02:00:00:00:01\" is not a MAC; write six "
		"hexadecimal pairs in quotes, e.g. \"02:00:00:00:00:01\""},
	{"a_mac_with_dashes", MAC("\"02-00-00-00-00-01\""),
		":4: ports[0].gateway_mac: \"02-00-00-00-00-01\" is not a MAC; write six "
		"hexadecimal pairs in quotes, e.g. \"02:00:00:00:00:01\""},
	{"a_mac_with_a_wrong_digit", MAC("\"02:00:00:00:00:0g\""),
		":4: ports[0].gateway_mac: \"02:00:00:00:00:0g\" is not a MAC; write six "
		"hexadecimal pairs in quotes, e.g. \"02:00:00:00:00:01\""},
	{"a_multicast_mac", MAC("\"01:00:5e:00:00:01\""),
		":4: ports[0].gateway_mac: \"01:00:5e:00:00:01\" is a multicast MAC, which no "
		"gateway has; write the router's own, e.g. \"02:00:00:00:00:01\""},
	{"the_zero_mac", MAC("\"00:00:00:00:00:00\""),
		":4: ports[0].gateway_mac: \"00:00:00:00:00:00\" is nobody's MAC; write the "
		"router's own, e.g. \"02:00:00:00:00:01\""},
	{"a_mac_without_value", MAC(""),
		":4: ports[0].gateway_mac: has no value; write e.g. gateway_mac: "
		"\"02:00:00:00:00:01\""},
	{"workers_that_are_another_word", TOP("workers: all"),
		":4: workers: \"all\" is neither a list of cores nor auto; write e.g. [1, 2]"},
	{"workers_that_are_a_number", TOP("workers: 4"),
		":4: workers: \"4\" is neither a list of cores nor auto; write e.g. [1, 2]"},
	{"workers_without_value", TOP("workers: ~"),
		":4: workers: has no value; write e.g. workers: [1, 2]"},
	{"an_empty_list_of_workers", TOP("workers: []"),
		":4: workers: must not be an empty list; write e.g. workers: [1, 2]"},
	{"a_worker_that_is_no_number", TOP("workers: [1, two]"),
		":4: workers[1]: \"two\" is not a number from 0 to 1023 in plain decimal digits; "
		"write e.g. workers: [1, 2]"},
	{"a_negative_worker", TOP("workers: [-1]"),
		":4: workers[0]: \"-1\" is not a number from 0 to 1023 in plain decimal digits; "
		"write e.g. workers: [1, 2]"},
	{"a_worker_of_1024", TOP("workers: [1024]"),
		":4: workers[0]: 1024 is out of range, 0 to 1023; write e.g. workers: [1, 2]"},
	{"an_octal_worker", TOP("workers: [1, 010]"),
		":4: workers[1]: \"010\" is not a number from 0 to 1023 in plain decimal digits; "
		"write e.g. workers: [1, 2]"},
	{"a_hexadecimal_worker", TOP("workers: [0x10]"),
		":4: workers[0]: \"0x10\" is not a number from 0 to 1023 in plain decimal "
		"digits; write e.g. workers: [1, 2]"},
	{"the_same_core_twice", TOP("workers: [1, 2, 1]"),
		":4: workers[2]: \"1\" is already workers[0] on line 4; remove one"},
	{"workers_that_are_a_mapping", TOP("workers: { cores: [1] }"),
		":4: workers: must be a list; write e.g. workers: [1, 2]"},
	{"a_poll_gap_of_nothing", TOP("max_poll_gap: 0"),
		":4: max_poll_gap: 0 is out of range, 1 to 1000000; write e.g. max_poll_gap: 50"},
	{"a_poll_gap_that_is_dropped_before_it_is_late",
		TOP("max_poll_gap: 60\nmax_poll_gap_drop: 59"),
		":4: max_poll_gap: max_poll_gap of 60 us is longer than max_poll_gap_drop of 59 "
		"us; write it shorter, or max_poll_gap_drop: 0 to drop nothing"},
	{"a_drop_before_the_default_gap", TOP("max_poll_gap_drop: 49"),
		":4: max_poll_gap_drop: max_poll_gap of 50 us is longer than max_poll_gap_drop of "
		"49 us; write it shorter, or max_poll_gap_drop: 0 to drop nothing"},
	{"a_main_core_that_is_no_number", TOP("main_core: first"),
		":4: main_core: \"first\" is not a number from 0 to 1023 in plain decimal "
		"digits; write e.g. main_core: 0"},
	{"a_main_core_of_1024", TOP("main_core: 1024"),
		":4: main_core: 1024 is out of range, 0 to 1023; write e.g. main_core: 0"},
	{"a_fraction_for_a_core", TOP("main_core: 0.5"),
		":4: main_core: \"0.5\" is not a number from 0 to 1023 in plain decimal digits; "
		"write e.g. main_core: 0"},
	{"an_unknown_idle_policy", TOP("idle: yield"),
		":4: idle: \"yield\" is not known; choose one of: spin, pause, sleep"},
	{"an_idle_policy_in_capitals", TOP("idle: Sleep"),
		":4: idle: \"Sleep\" is not known; choose one of: spin, pause, sleep"},
	{"an_empty_idle_policy", TOP("idle: \"\""),
		":4: idle: \"\" is not known; choose one of: spin, pause, sleep"},
	{"idle_as_a_list", TOP("idle: [spin]"),
		":4: idle: must be one value, not a list or a group; write e.g. idle: pause"},
	{"a_stratum_of_zero", TOP("reference: { source: fixed, stratum: 0 }"),
		":4: reference.stratum: 0 is out of range, 1 to 15; write e.g. stratum: 2"},
	{"a_stratum_of_16", TOP("reference: { source: fixed, stratum: 16 }"),
		":4: reference.stratum: 16 is out of range, 1 to 15; write e.g. stratum: 2"},
	{"a_reference_identifier_of_five", TOP("reference: { reference_id: LOCAL }"),
		":4: reference.reference_id: \"LOCAL\" is not one to four characters long; write "
		"e.g. LOCL"},
	{"an_empty_reference_identifier", TOP("reference: { reference_id: \"\" }"),
		":4: reference.reference_id: \"\" is empty; give it a value or remove the line"},
	{"a_reference_identifier_with_a_space", TOP("reference: { reference_id: \"A B\" }"),
		":4: reference.reference_id: \"A B\" has a character that is not printable "
		"ASCII; write e.g. LOCL"},
	{"a_reference_that_is_a_word", TOP("reference: kernel"),
		":4: reference: must be a group of settings (name: value); write e.g. reference: "
		"{ source: kernel }"},
	{"memory_under_64", TOP("memory: { size: 63 }"),
		":4: memory.size: 63 is out of range, 64 to 1048576; write e.g. size: 256"},
	{"memory_over_a_terabyte", TOP("memory: { size: 1048577 }"),
		":4: memory.size: 1048577 is out of range, 64 to 1048576; write e.g. size: 256"},
	{"memory_with_a_unit", TOP("memory: { size: 256M }"),
		":4: memory.size: \"256M\" is not a number from 64 to 1048576 in plain decimal "
		"digits; write e.g. size: 256"},
	{"a_number_beyond_all_numbers", TOP("memory: { size: 99999999999999999999 }"),
		":4: memory.size: \"99999999999999999999\" is not a number from 64 to 1048576 in "
		"plain decimal digits; write e.g. size: 256"},
	{"huge_pages_that_are_yes", TOP("memory: { huge_pages: yes }"),
		":4: memory.huge_pages: \"yes\" is not known; choose one of: auto, true, false"},
	{"interleaved_mode_with_too_much", TOP("interleaved: 1025"),
		":4: interleaved: 1025 is out of range, 0 to 1024; write e.g. interleaved: 16"},
	{"interleaved_mode_as_a_word", TOP("interleaved: true"),
		":4: interleaved: \"true\" is not a number from 0 to 1024 in plain decimal digits; "
		"write "
		"e.g. interleaved: 16"},
	{"a_counter_that_does_not_exist", TOP("counter: hpet"),
		":4: counter: \"hpet\" is not known; choose one of: auto, tsc, kernel"},
	{"a_counter_trusted_and_not_used", TOP("counter: kernel\ntrust_counter: true"),
		":5: trust_counter: is true beside counter: kernel, which asks nothing of the "
		"processor's counter; remove one of the two"},
	{"a_counter_trusted_with_yes", TOP("trust_counter: yes"),
		":4: trust_counter: \"yes\" is neither true nor false; write one of them"},
	{"huge_pages_that_are_a_number", TOP("memory: { huge_pages: 1 }"),
		":4: memory.huge_pages: \"1\" is not known; choose one of: auto, true, false"},
	{"a_ttl_of_zero", TOP("ttl: 0"),
		":4: ttl: 0 is out of range, 1 to 255; write e.g. ttl: 64"},
	{"a_ttl_of_256", TOP("ttl: 256"),
		":4: ttl: 256 is out of range, 1 to 255; write e.g. ttl: 64"},
	{"a_negative_ttl", TOP("ttl: -1"),
		":4: ttl: \"-1\" is not a number from 1 to 255 in plain decimal digits; write "
		"e.g. ttl: 64"},
	{"a_ttl_that_is_a_list", TOP("ttl: [64]"),
		":4: ttl: must be one value, not a list or a group; write e.g. ttl: 64"},
	{"a_dscp_of_64", TOP("dscp: 64"),
		":4: dscp: 64 is out of range, 0 to 63; write e.g. dscp: 0"},
	{"a_key_twice", TOP("ttl: 64\nttl: 65"),
		":5: ttl: stands here a second time, the first is on line 4; remove one"},
	{"a_relative_run_dir", TOP("run_dir: run/ntpwire"),
		":4: run_dir: \"run/ntpwire\" is not an absolute path; begin it with a slash, "
		"e.g. /run/ntpwire"},
	{"the_root_as_run_dir", TOP("run_dir: //"),
		":4: run_dir: \"//\" is the root directory; give the server one of its own, e.g. "
		"/run/ntpwire"},
	{"a_run_dir_that_goes_up", TOP("run_dir: /run/ntpwire/.."),
		":4: run_dir: \"/run/ntpwire/..\" goes through \"..\"; write where it leads, "
		"e.g. /run/ntpwire"},
	{"a_run_dir_that_goes_up_in_between", TOP("run_dir: /run/../ntpwire"),
		":4: run_dir: \"/run/../ntpwire\" goes through \"..\"; write where it leads, "
		"e.g. /run/ntpwire"},
	{"a_run_dir_with_a_line_break", TOP("run_dir: \"/run/ntp\\nwire\""),
		":4: run_dir: \"/run/ntp\\x0awire\" has a control character or a line break in "
		"it; remove it"},
	{"an_unknown_log_level", TOP("log: { level: verbose }"),
		":4: log.level: \"verbose\" is not known; choose one of: error, warning, info, "
		"debug"},
	{"a_log_that_is_a_word", TOP("log: info"),
		":4: log: must be a group of settings (name: value); write e.g. log: { level: "
		"info }"},
	{"an_eal_argument_that_is_no_option", TOP("eal: [net_null0]"),
		":4: eal[0]: \"net_null0\" is not an option; write it with its value as one, "
		"e.g. \"--socket-mem=256,256\""},
	{"an_eal_argument_that_ntpwired_makes", TOP("eal: [\"--lcores=0@0\"]"),
		":4: eal[0]: \"--lcores=0@0\" is for ntpwired to say, from ports, workers, "
		"main_core, memory and run_dir; remove it and use those"},
	{"another_eal_argument_that_ntpwired_makes", TOP("eal: [-m256]"),
		":4: eal[0]: \"-m256\" is for ntpwired to say, from ports, workers, main_core, "
		"memory and run_dir; remove it and use those"},
	{"eal_as_a_word", TOP("eal: --no-hpet"),
		":4: eal: must be a list; write e.g. eal: [\"--single-file-segments\"]"},
};

int main(void)
{
	static struct table t;
	mistakes_add(&t, mistakes, TABLE_LENGTH(mistakes));
	return table_run_between("config_mistakes", &t, scratch_begin, scratch_end);
}
