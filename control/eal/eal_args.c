// SPDX-License-Identifier: BSD-3-Clause
#include "eal/eal_args.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/devargs.h"

// FNV-1a, 32 bits: tells run directories apart that end alike.
static uint32_t text_number(const char *text)
{
	uint32_t n = 0x811c9dc5;
	for (; *text != '\0'; text++)
		n = (n ^ (uint8_t)*text) * 0x01000193;
	return n;
}

bool eal_args_prefix(const char *run_dir, char *ret_prefix, size_t size)
{
	size_t end = strlen(run_dir);
	while (end > 0 && run_dir[end - 1] == '/')
		end--;
	size_t start = end;
	while (start > 0 && run_dir[start - 1] != '/')
		start--;
	int name = (int)(end - start > 32 ? 32 : end - start);
	bool in_run = start == strlen("/run/") && strncmp(run_dir, "/run/", start) == 0;
	int length = in_run ? snprintf(ret_prefix, size, "%.*s", name, run_dir + start) :
	                      snprintf(ret_prefix, size, "%.*s-%08x", name, run_dir + start,
				      text_number(run_dir));
	return length > 0 && (size_t)length < size;
}

// Appends to the argument being written, or begins a new one.
__attribute__((format(printf, 3, 0))) static bool text_write(
	struct eal_args *a, size_t at, const char *format, va_list list)
{
	int length = vsnprintf(a->text + at, sizeof(a->text) - at, format, list);
	if (length < 0 || (size_t)length >= sizeof(a->text) - at)
		return false;
	a->used = at + (size_t)length + 1;
	return true;
}

__attribute__((format(printf, 2, 3))) static bool argument_add(
	struct eal_args *a, const char *format, ...)
{
	va_list list;
	if (a->argc == EAL_ARGS)
		return false;
	a->argv[a->argc] = a->text + a->used;
	va_start(list, format);
	bool fits = text_write(a, a->used, format, list);
	va_end(list);
	a->argc += fits;
	return fits;
}

__attribute__((format(printf, 2, 3))) static bool argument_extend(
	struct eal_args *a, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	bool fits = text_write(a, a->used - 1, format, list);
	va_end(list);
	return fits;
}

static bool cores_add(struct eal_args *a, const struct topology *t)
{
	bool fits =
		argument_add(a, "--main-lcore=0") && argument_add(a, "--lcores=0@%u", t->main_core);
	for (unsigned i = 0; i < t->worker_count; i++)
		fits = fits && argument_extend(a, ",%u@%u", t->worker[i].lcore, t->worker[i].core);
	return fits;
}

// DPDK refuses --no-huge together with --in-memory. Where another process maps the memory, it is to
// find few files: virtio-user passes each as a region of its own, and there may be eight. DPDK does
// not unlink such files at once, so they are removed at the end.
static bool eal_args_memory_add(struct eal_args *a, const struct config *c, const struct memory *m)
{
	if (!m->huge_pages)
		return argument_add(a, "--no-huge") && argument_add(a, "--no-shconf") &&
		       argument_add(a, "-m%u", m->mib);
	if (c->memory_mib > 0 && !argument_add(a, "-m%u", m->mib))
		return false;
	if (hugepages_needs_files(c))
		return argument_add(a, "--single-file-segments") && argument_add(a, "--no-shconf");
	return argument_add(a, "--in-memory");
}

static bool devices_add(struct eal_args *a, const struct config *c)
{
	bool has_pci = false;
	for (unsigned i = 0; i < c->port_count; i++) {
		if (!devargs_is_pci(c->port[i].device))
			continue;
		has_pci = true;
		if (!argument_add(a, "--allow=%s", c->port[i].device))
			return false;
	}
	// Without PCI devices addresses are virtual ones; asking for physical ones needs more
	// rights.
	return has_pci || (argument_add(a, "--no-pci") && argument_add(a, "--iova-mode=va"));
}

static bool log_add(struct eal_args *a, const struct config *c)
{
	return c->log_level == LOG_LEVEL_DEBUG || argument_add(a, "--log-level=*:error");
}

static bool extra_add(struct eal_args *a, const struct config *c)
{
	bool fits = true;
	for (unsigned i = 0; i < c->eal_arg_count; i++)
		fits = fits && argument_add(a, "%s", c->eal_arg[i]);
	return fits;
}

int eal_args_make(const struct config *c, const struct topology *t, const struct eal_facts *facts,
	struct eal_args *ret_args)
{
	char prefix[64];
	struct eal_args *a = ret_args;
	a->argc = 0;
	a->used = 0;
	bool fits = eal_args_prefix(c->run_dir, prefix, sizeof(prefix)) &&
	            argument_add(a, "ntpwired") && argument_add(a, "--file-prefix=%s", prefix) &&
	            cores_add(a, t) && eal_args_memory_add(a, c, &facts->memory) &&
	            devices_add(a, c) && log_add(a, c);
	fits = fits && (facts->telemetry || argument_add(a, "--no-telemetry"));
	fits = fits && extra_add(a, c);
	a->argv[a->argc] = NULL;
	return fits ? 0 : -E2BIG;
}
