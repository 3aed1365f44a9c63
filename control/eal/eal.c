// SPDX-License-Identifier: BSD-3-Clause
#include "eal/eal.h"

#include "common/devargs.h"
#include "eal/eal_args.h"
#include "common/log.h"
#include "eal/hugepages.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(
	CONFIG_WORKERS < RTE_MAX_LCORE, "DPDK has an lcore for each worker and the main core");

// DPDK keeps pointers into its arguments, so they live as long as the process.
static struct eal_args eal_args;
static bool is_up;

// Where DPDK puts its runtime folders, by its own rules.
static const char *runtime_base(void)
{
	const char *base = getenv("RUNTIME_DIRECTORY");
	if (base != NULL)
		return base;
	if (getuid() == 0)
		return "/var/run";
	base = getenv("XDG_RUNTIME_DIR");
	return base != NULL ? base : "/tmp";
}

static bool folder_make(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

// The folder of this server.
static bool runtime_path(const struct config *c, char *ret_path, size_t size)
{
	char prefix[64];
	if (!eal_args_prefix(c->run_dir, prefix, sizeof(prefix)))
		return false;
	int length = snprintf(ret_path, size, "%s/dpdk/%s", runtime_base(), prefix);
	return length > 0 && (size_t)length < size;
}

// Telemetry needs a socket in DPDK's runtime folder. Where that cannot be made, DPDK would not
// start at all, and telemetry is not worth that.
static bool telemetry_is_possible(const struct config *c)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/dpdk", runtime_base());
	bool possible = folder_make(path);
	possible = possible && runtime_path(c, path, sizeof(path)) && folder_make(path) &&
	           access(path, W_OK) == 0;
	if (!possible)
		log_warning("no DPDK telemetry: %s: %s", path, strerror(errno));
	return possible;
}

// DPDK removes its telemetry socket when the process exits, and its runtime folder never.
static void eal_runtime_remove(char *path)
{
	DIR *folder = opendir(path);
	if (folder == NULL)
		return;
	for (struct dirent *e = readdir(folder); e != NULL; e = readdir(folder))
		if (strncmp(e->d_name, "dpdk_telemetry", strlen("dpdk_telemetry")) == 0)
			(void)unlinkat(dirfd(folder), e->d_name, 0);
	(void)closedir(folder);
	(void)rmdir(path);
	(void)rmdir(dirname(path));
}

static bool has_card(const struct config *c)
{
	bool found = false;
	for (unsigned i = 0; i < c->port_count; i++)
		found = found || devargs_is_pci(c->port[i].device);
	return found;
}

static const char *eal_remedy(const struct config *c, const struct memory *m, int error)
{
	if (!m->huge_pages && has_card(c) && error == EINVAL)
		return "a card without an IOMMU in front of it needs huge pages: reserve them and "
		       "say memory: { huge_pages: true }";
	switch (error) {
	case EACCES:
	case EPERM:
		return "run it as root, or give this user the devices and huge pages it needs";
	case EALREADY:
		return "DPDK runs in this process already";
	case ENOMEM:
		return m->huge_pages ?
		               "reserve more huge pages, or say memory: { huge_pages: false }" :
		               "write a smaller memory: { size: ... }";
	}
	return "its own lines above say why; log: { level: debug } shows more";
}

static void eal_forget(const struct config *c)
{
	char prefix[64];
	char path[PATH_MAX];
	if (runtime_path(c, path, sizeof(path)))
		eal_runtime_remove(path);
	if (hugepages_needs_files(c) && eal_args_prefix(c->run_dir, prefix, sizeof(prefix)))
		hugepages_remove_files("", prefix);
}

int eal_start(const struct config *c, const struct topology *t, struct diagnostic *d)
{
	struct eal_facts facts = {.memory.mib = hugepages_need(c, t->worker_count)};
	int r = hugepages_choose(c, "", &facts.memory, d);
	if (r < 0)
		return r;
	if (d->sentence[0] != '\0')
		log_info("%s", d->sentence);
	facts.telemetry = telemetry_is_possible(c);
	r = eal_args_make(c, t, &facts, &eal_args);
	if (r < 0) {
		eal_forget(c);
		return diagnostic_fail(d, r, "eal: the arguments for DPDK are too long: use fewer");
	}
	for (int i = 1; i < eal_args.argc; i++)
		log_debug("DPDK argument %s", eal_args.argv[i]);
	is_up = rte_eal_init(eal_args.argc, eal_args.argv) >= 0;
	if (is_up)
		return 0;
	r = rte_errno != 0 ? rte_errno : EIO;
	eal_forget(c);
	return diagnostic_fail(
		d, -r, "DPDK did not start (%s): %s", strerror(r), eal_remedy(c, &facts.memory, r));
}

void eal_stop(const struct config *c)
{
	if (!is_up)
		return;
	is_up = false;
	(void)rte_eal_cleanup();
	eal_forget(c);
}
