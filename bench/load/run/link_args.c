// SPDX-License-Identifier: BSD-3-Clause
#include "run/link_args.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static bool word_add(
	struct link_args *a, const char *format, ...)
{
	va_list list;
	size_t room = sizeof(a->text) - a->used;
	if (a->count == LINK_ARGS_MAX)
		return false;
	va_start(list, format);
	int length = vsnprintf(a->text + a->used, room, format, list);
	va_end(list);
	if (length < 0 || (size_t)length >= room)
		return false;
	a->word[a->count++] = a->text + a->used;
	a->used += (size_t)length + 1;
	return true;
}

bool link_args_device_is_pci(const char *device)
{
	size_t digits = strspn(device, "0123456789abcdefABCDEF");
	return digits > 0 && device[digits] == ':';
}

static bool device_is_memif(const char *device)
{
	return strncmp(device, "net_memif", strlen("net_memif")) == 0;
}

static bool link_args_memory_add(struct link_args *a, const struct options *o)
{
	if (!word_add(a, "-m%u", o->memory_mib))
		return false;
	if (!o->huge_pages)
		return word_add(a, "--no-huge") && word_add(a, "--no-shconf");
	// memif talks to its peer over a channel that DPDK does not have with --in-memory.
	if (device_is_memif(o->device))
		return word_add(a, "--huge-unlink=always") && word_add(a, "--no-shconf");
	// One descriptor for all of it: virtio-user can hand over eight at most.
	return word_add(a, "--in-memory") && word_add(a, "--single-file-segments");
}

static bool device_add(struct link_args *a, const struct options *o)
{
	if (link_args_device_is_pci(o->device))
		return word_add(a, "--allow=%s", o->device);
	return word_add(a, "--no-pci") && word_add(a, "--iova-mode=va") &&
	       word_add(a, "--vdev=%s", o->device);
}

bool link_args_make(const struct options *o, const char *prefix, struct link_args *ret_args)
{
	struct link_args *a = ret_args;
	a->count = 0;
	a->used = 0;
	bool fits = word_add(a, "ntpwire-load") && word_add(a, "--file-prefix=%s", prefix) &&
	            word_add(a, "--lcores=0@%u", o->core) && word_add(a, "--no-telemetry") &&
	            word_add(a, "--log-level=*:error") && link_args_memory_add(a, o) &&
	            device_add(a, o);
	for (unsigned i = 0; i < o->eal_arg_count; i++)
		fits = fits && word_add(a, "%s", o->eal_arg[i]);
	a->word[a->count] = NULL;
	return fits;
}
