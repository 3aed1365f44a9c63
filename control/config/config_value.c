// SPDX-License-Identifier: BSD-3-Clause
#include "config/config_value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "core/service.h"

#define NUMBER_DIGITS 9
// Longest name of a file in run_dir, with the slash before it.
#define RUN_DIR_RESERVE 32
#define SOCKET_PATH_MAX (CONFIG_SOCKET - 1)

bool value_read_number(const char *text, unsigned *ret_number)
{
	size_t digits = strspn(text, "0123456789");
	unsigned n = 0;
	if (digits == 0 || digits > NUMBER_DIGITS || text[digits] != '\0')
		return false;
	if (digits > 1 && text[0] == '0')
		return false;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (unsigned)(text[i] - '0');
	*ret_number = n;
	return true;
}

// Whether all bits from bit `from` to the end of the address are `value`.
static bool host_bits_are(const uint8_t *byte, unsigned from, unsigned to, bool value)
{
	for (unsigned i = from; i < to; i++)
		if (((byte[i / 8] >> (7 - i % 8) & 1) != 0) != value)
			return false;
	return true;
}

static const char *ip4_refuse(const struct config_address *a)
{
	if (a->byte[0] == 0)
		return "is not an address: 0.0.0.0/8 is nobody's; write the one clients ask, e.g. "
		       "10.0.0.10/24";
	if (a->byte[0] == 127)
		return "is a loopback address, which no network carries; write the one clients "
		       "ask, e.g. 10.0.0.10/24";
	if (a->byte[0] >= 224 && a->byte[0] < 240)
		return "is a multicast address; write one host's address, e.g. 10.0.0.10/24";
	if (a->byte[0] >= 240)
		return "is a broadcast or reserved address; write one host's address, e.g. "
		       "10.0.0.10/24";
	if (a->prefix_length > 30)
		return NULL;
	if (host_bits_are(a->byte, a->prefix_length, 32, false))
		return "is the network's own address, not a host's; write the host's, e.g. "
		       "10.0.0.10/24";
	if (host_bits_are(a->byte, a->prefix_length, 32, true))
		return "is the network's broadcast address; write one host's, e.g. 10.0.0.10/24";
	return NULL;
}

static const char *ip6_refuse(const struct config_address *a)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t discard[8] = {0x01};
	if (host_bits_are(a->byte, 0, 128, false))
		return "is not an address: :: is nobody's; write the one clients ask, e.g. "
		       "fd00::10/64";
	if (host_bits_are(a->byte, 0, 127, false))
		return "is the loopback address, which no network carries; write the one clients "
		       "ask, e.g. fd00::10/64";
	if (a->byte[0] == 0xff)
		return "is a multicast address; write one host's address, e.g. fd00::10/64";
	if (host_bits_are(a->byte, 0, 96, false))
		return "is an IPv4-compatible address (RFC 4291), which no network carries; write "
		       "it as "
		       "IPv4, e.g. 10.0.0.10/24";
	if (memcmp(a->byte, discard, sizeof(discard)) == 0)
		return "is of the discard-only network (RFC 6666), whose packets routers throw "
		       "away; write "
		       "the one clients ask, e.g. fd00::10/64";
	if (memcmp(a->byte, mapped, sizeof(mapped)) == 0)
		return "is an IPv4 address inside IPv6, which no network carries; write it as "
		       "IPv4, e.g. 10.0.0.10/24";
	if (a->prefix_length < 127 && host_bits_are(a->byte, a->prefix_length, 128, false))
		return "is the subnet's router anycast address (RFC 4291), not a host's; write "
		       "the host's, e.g. fd00::10/64";
	return NULL;
}

static const char *prefix_read(const char *text, struct config_address *a)
{
	unsigned length;
	bool is_number = value_read_number(text, &length);
	if (a->is_ip6 && (!is_number || length > 128))
		return "is not an address: the prefix length of IPv6 is 0 to 128; write e.g. "
		       "fd00::10/64";
	if (!a->is_ip6 && (!is_number || length > 32))
		return "is not an address: the prefix length of IPv4 is 0 to 32; write e.g. "
		       "10.0.0.10/24";
	a->prefix_length = (uint8_t)length;
	return NULL;
}

const char *value_read_address(const char *text, struct config_address *ret_address)
{
	struct config_address a = {.is_ip6 = strchr(text, ':') != NULL};
	char host[INET6_ADDRSTRLEN];
	size_t length = strcspn(text, "/");
	if (length >= sizeof(host))
		return "is not an address; write e.g. 10.0.0.10/24 or fd00::10/64";
	memcpy(host, text, length);
	host[length] = '\0';
	if (inet_pton(a.is_ip6 ? AF_INET6 : AF_INET, host, a.byte) != 1)
		return "is not an address; write e.g. 10.0.0.10/24 or fd00::10/64";
	if (text[length] == '\0')
		return "has no prefix length; write it as the network has it, e.g. 10.0.0.10/24 "
		       "or fd00::10/64";
	const char *why = prefix_read(text + length + 1, &a);
	if (why == NULL)
		why = a.is_ip6 ? ip6_refuse(&a) : ip4_refuse(&a);
	if (why == NULL)
		*ret_address = a;
	return why;
}

// What the workers never answer and value_read_address lets pass is that.
bool value_is_documentation(const struct config_address *a)
{
	static const struct service nobody;
	return a->is_ip6 ? !service_answers_ip6(&nobody, a->byte) :
	                   !service_answers_ip4(&nobody, a->byte);
}

static uint8_t hex_value(char c)
{
	return (uint8_t)(isdigit((unsigned char)c) ? c - '0' : (c | ' ') - 'a' + 10);
}

const char *value_read_mac(const char *text, struct mac *ret_mac)
{
	static const struct mac zero;
	struct mac m;
	bool ok = strlen(text) == 17;
	for (unsigned i = 0; ok && i < 17; i++)
		ok = i % 3 == 2 ? text[i] == ':' : isxdigit((unsigned char)text[i]) != 0;
	if (!ok)
		return "is not a MAC; write six hexadecimal pairs in quotes, e.g. "
		       "\"02:00:00:00:00:01\"";
	for (unsigned i = 0; i < sizeof(m.byte); i++)
		m.byte[i] = (uint8_t)(hex_value(text[3 * i]) << 4 | hex_value(text[3 * i + 1]));
	if (m.byte[0] & 1)
		return "is a multicast MAC, which no gateway has; write the router's own, e.g. "
		       "\"02:00:00:00:00:01\"";
	if (memcmp(&m, &zero, sizeof(m)) == 0)
		return "is nobody's MAC; write the router's own, e.g. \"02:00:00:00:00:01\"";
	*ret_mac = m;
	return NULL;
}

// DPDK's names hold a colon (PCI), a dot (PCI, some buses) or an underscore (virtual devices); the
// kernel's names for cards do not.
const char *value_check_device(const char *text)
{
	size_t name = strcspn(text, ",");
	if (!isalnum((unsigned char)text[0]) || strpbrk(text, " \t\"'") != NULL)
		return "is not a device; write a PCI address, e.g. \"0000:3b:00.0\", or a DPDK "
		       "virtual device, e.g. \"net_af_xdp0,iface=eth1\"";
	if (strcspn(text, ":._") >= name)
		return "is neither a PCI address nor a DPDK virtual device; for a kernel "
		       "interface write e.g. \"net_af_xdp0,iface=eth1\"";
	return NULL;
}

// Whether a part of the path is "..".
static bool path_goes_up(const char *path)
{
	for (const char *at = path; (at = strstr(at, "/..")) != NULL; at++)
		if (at[3] == '/' || at[3] == '\0')
			return true;
	return false;
}

const char *value_check_run_dir(const char *text)
{
	if (text[0] != '/')
		return "is not an absolute path; begin it with a slash, e.g. /run/ntpwire";
	if (text[strspn(text, "/")] == '\0')
		return "is the root directory; give the server one of its own, e.g. /run/ntpwire";
	if (strlen(text) > CONFIG_TEXT - RUN_DIR_RESERVE)
		return "is too long: at most 224 characters; write e.g. /run/ntpwire";
	if (path_goes_up(text))
		return "goes through \"..\"; write where it leads, e.g. /run/ntpwire";
	return NULL;
}

const char *value_check_socket(const char *text)
{
	if (text[0] != '/')
		return "is not an absolute path; begin it with a slash, e.g. "
		       "/var/run/ntpd-rs/observe";
	if (strlen(text) > SOCKET_PATH_MAX)
		return "is too long for a socket: at most 107 characters; write e.g. "
		       "/var/run/ntpd-rs/observe";
	return NULL;
}

const char *value_check_loopback(const char *text)
{
	static const struct in6_addr own = IN6ADDR_LOOPBACK_INIT;
	struct in6_addr ip6;
	uint8_t ip4[4];
	if (inet_pton(AF_INET, text, ip4) == 1 && ip4[0] == 127)
		return NULL;
	if (inet_pton(AF_INET6, text, &ip6) == 1 && memcmp(&ip6, &own, sizeof(own)) == 0)
		return NULL;
	return "is not an address of this machine's loopback, and nobody else's word is to be "
	       "trusted without a proof; write 127.0.0.1 or \"::1\"";
}

const char *value_check_path(const char *text)
{
	if (text[0] != '/')
		return "is not an absolute path; begin it with a slash";
	return NULL;
}

const char *value_check_reference_id(const char *text)
{
	size_t length = strlen(text);
	for (size_t i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return "has a character that is not printable ASCII; write e.g. LOCL";
	if (length == 0 || length > 4)
		return "is not one to four characters long; write e.g. LOCL";
	return NULL;
}

// Whether the argument is this option, with or without a value.
static bool is_option(const char *text, const char *option)
{
	size_t length = strlen(option);
	if (strncmp(text, option, length) != 0)
		return false;
	return length == 2 || text[length] == '\0' || text[length] == '=';
}

const char *value_check_eal(const char *text)
{
	// clang-format off
	static const char *const owned[] = {
		"-l", "-c", "-s", "-S", "--lcores", "--main-lcore", "--service-corelist",
		"-m", "--no-huge", "--in-memory", "--no-shconf", "--huge-unlink",
		"-a", "-b", "-w", "--allow", "--block", "--vdev", "--no-pci",
		"--file-prefix", "--proc-type", "--no-telemetry", "-h", "--help", "-v",
	};
	// clang-format on
	if (text[0] != '-')
		return "is not an option; write it with its value as one, e.g. "
		       "\"--socket-mem=256,256\"";
	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
		if (is_option(text, owned[i]))
			return "is for ntpwired to say, from ports, workers, main_core, memory and "
			       "run_dir; remove it and use those";
	return NULL;
}
