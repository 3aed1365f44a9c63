// SPDX-License-Identifier: BSD-3-Clause
#include "common/devargs.h"

#include <string.h>

#include "harness/table.h"

static void pci_addresses_are_told_from_names(void **state)
{
	(void)state;
	assert_true(devargs_is_pci("0000:3b:00.0"));
	assert_true(devargs_is_pci("3b:00.1"));
	assert_true(devargs_is_pci("0000:3b:00.0,tx_pp=500"));
	assert_false(devargs_is_pci("net_null0"));
	assert_false(devargs_is_pci("net_af_xdp0,iface=eth1"));
	assert_false(devargs_is_pci(""));
	assert_false(devargs_is_pci("net_tap"));
	assert_false(devargs_is_pci("net_memif012"));
}

static void a_driver_is_known_by_its_whole_name(void **state)
{
	(void)state;
	assert_true(devargs_is_driver("net_memif0,role=server", "net_memif"));
	assert_true(devargs_is_driver("net_memif", "net_memif"));
	assert_true(devargs_is_driver("net_memif12", "net_memif"));
	assert_false(devargs_is_driver("net_memifx0", "net_memif"));
	assert_false(devargs_is_driver("net_mem", "net_memif"));
	assert_false(devargs_is_driver("", "net_memif"));
}

static void what_shares_memory_needs_files(void **state)
{
	(void)state;
	assert_true(devargs_needs_files("net_memif0,role=server"));
	assert_true(devargs_needs_files("net_vhost0,iface=/tmp/v.sock"));
	assert_true(devargs_needs_files("net_virtio_user0,path=/tmp/v.sock"));
	assert_false(devargs_needs_files("net_af_xdp0,iface=eth1"));
	assert_false(devargs_needs_files("0000:3b:00.0"));
}

static void names_end_at_the_comma(void **state)
{
	char name[12] = "untouched";
	(void)state;
	assert_false(devargs_name("net_af_packet0,iface=eth1", name, sizeof(name)));
	assert_string_equal(name, "untouched");
	assert_true(devargs_name("net_af_xdp0,iface=eth1", name, sizeof(name)));
	assert_string_equal(name, "net_af_xdp0");
	assert_true(devargs_name("net_null0", name, sizeof(name)));
	assert_string_equal(name, "net_null0");
}

static void arguments_are_found_by_key(void **state)
{
	char value[8] = "before";
	(void)state;
	assert_false(devargs_argument("net_af_xdp0,xiface=eth1", "iface", value, sizeof(value)));
	assert_false(devargs_argument("iface=eth1", "iface", value, sizeof(value)));
	assert_false(devargs_argument("net_x,iface", "iface", value, sizeof(value)));
	assert_false(devargs_argument("net_x,iface=01234567", "iface", value, sizeof(value)));
	assert_string_equal(value, "before");
	assert_true(devargs_argument("net_x,a=1,iface=eth1,b=2", "iface", value, sizeof(value)));
	assert_string_equal(value, "eth1");
	assert_true(devargs_argument("net_x,a=1,iface=eth2", "iface", value, sizeof(value)));
	assert_string_equal(value, "eth2");
}

static void af_xdp_falls_back_to_packet_sockets(void **state)
{
	char other[64] = "untouched";
	(void)state;
	assert_false(devargs_fallback("net_null0", 1, other, sizeof(other)));
	assert_false(devargs_fallback("net_af_xdp0", 1, other, sizeof(other)));
	assert_false(devargs_fallback("net_af_packet0,iface=eth1", 1, other, sizeof(other)));
	assert_true(devargs_fallback(
		"net_af_xdp3,start_queue=0,iface=eth1,xdp_prog=/x", 2, other, sizeof(other)));
	assert_string_equal(other, "net_af_packet3,iface=eth1,qpairs=2");
	assert_false(devargs_fallback("net_af_xdp3,iface=eth1", 1, other, 20));
}

static void queues_are_known_by_arguments(void **state)
{
	(void)state;
	assert_int_equal(devargs_queues_most("net_af_xdp0,iface=eth1"), 1);
	assert_int_equal(devargs_queues_most("net_af_xdp0,iface=eth1,queue_count=4"), 4);
	assert_int_equal(devargs_queues_most("net_af_packet0,iface=eth1,qpairs=2"), 2);
	assert_int_equal(devargs_queues_most("net_vhost0,iface=/v"), 1);
	assert_int_equal(devargs_queues_most("net_vhost0,iface=/v,queues=8"), 8);
	assert_int_equal(devargs_queues_most("net_tap0"), 0);
	assert_int_equal(devargs_queues_most("0000:3b:00.0"), 0);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, pci_addresses_are_told_from_names);
	TABLE_ADD(&t, a_driver_is_known_by_its_whole_name);
	TABLE_ADD(&t, what_shares_memory_needs_files);
	TABLE_ADD(&t, names_end_at_the_comma);
	TABLE_ADD(&t, arguments_are_found_by_key);
	TABLE_ADD(&t, af_xdp_falls_back_to_packet_sockets);
	TABLE_ADD(&t, queues_are_known_by_arguments);
	return table_run("device", &t);
}
