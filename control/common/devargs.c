// SPDX-License-Identifier: BSD-3-Clause
#include "common/devargs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t name_length(const char *device)
{
	return strcspn(device, ",");
}

// Fits a value of `length` bytes into ret_text.
static bool devargs_text_take(const char *from, size_t length, char *ret_text, size_t size)
{
	if (length >= size)
		return false;
	memcpy(ret_text, from, length);
	ret_text[length] = '\0';
	return true;
}

bool devargs_is_pci(const char *device)
{
	size_t length = name_length(device);
	if (length == strlen("00:00.0"))
		return device[2] == ':' && device[5] == '.';
	if (length == strlen("0000:00:00.0"))
		return device[4] == ':' && device[7] == ':' && device[10] == '.';
	return false;
}

bool devargs_is_driver(const char *device, const char *driver)
{
	size_t length = strlen(driver);
	if (strncmp(device, driver, length) != 0)
		return false;
	size_t digits = strspn(device + length, "0123456789");
	return device[length + digits] == ',' || device[length + digits] == '\0';
}

bool devargs_needs_files(const char *device)
{
	return devargs_is_driver(device, "net_memif") || devargs_is_driver(device, "net_vhost") ||
	       devargs_is_driver(device, "net_virtio_user");
}

bool devargs_name(const char *device, char *ret_name, size_t size)
{
	return devargs_text_take(device, name_length(device), ret_name, size);
}

bool devargs_argument(const char *device, const char *key, char *ret_value, size_t size)
{
	size_t key_length = strlen(key);
	for (const char *at = strchr(device, ','); at != NULL; at = strchr(at, ',')) {
		at++;
		if (strncmp(at, key, key_length) == 0 && at[key_length] == '=')
			return devargs_text_take(at + key_length + 1,
				name_length(at + key_length + 1), ret_value, size);
	}
	return false;
}

unsigned devargs_queues_most(const char *device)
{
	static const struct {
		const char *driver;
		const char *key; // of its argument; without it there is one queue
	} known[] = {{"net_af_xdp", "queue_count"}, {"net_af_packet", "qpairs"},
		{"net_vhost", "queues"}};
	char count[16];
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!devargs_is_driver(device, known[i].driver))
			continue;
		if (!devargs_argument(device, known[i].key, count, sizeof(count)))
			return 1;
		return (unsigned)strtoul(count, NULL, 10);
	}
	return 0;
}

bool devargs_fallback(const char *device, unsigned queue_count, char *ret_device, size_t size)
{
	char iface[64];
	if (!devargs_is_driver(device, "net_af_xdp"))
		return false;
	if (!devargs_argument(device, "iface", iface, sizeof(iface)))
		return false;
	const char *number = device + strlen("net_af_xdp");
	int digits = (int)strspn(number, "0123456789");
	int length = snprintf(ret_device, size, "net_af_packet%.*s,iface=%s,qpairs=%u", digits,
		number, iface, queue_count);
	return length > 0 && (size_t)length < size;
}
