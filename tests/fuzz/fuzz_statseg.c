// SPDX-License-Identifier: BSD-3-Clause
// Reaches: statseg_open statseg_close
// A hostile status page: refused, or every snapshot and counter block of it can be read.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "status/statseg.h"

static uint64_t statseg_read(const struct statseg *p)
{
	uint64_t sum = 0;
	struct snapshot_cache cache = {0};
	for (unsigned n = 0; n < p->head->node_count; n++)
		sum += snapshot_read(statseg_snapshot(p, n), &cache);
	for (unsigned w = 0; w < p->head->worker_count; w++)
		for (unsigned t = 0; t < TRAFFIC_COUNT; t++)
			sum += counters_get(&statseg_counters(p, w)->traffic[t]);
	return sum;
}

// A folder of this process's own, made once, gone at its end.
static char folder[] = "/tmp/ntpwire-fuzz-XXXXXX";
static char file[64];

static void folder_remove(void)
{
	(void)unlink(file);
	(void)rmdir(folder);
}

static void folder_make(void)
{
	if (file[0] != '\0')
		return;
	promise(mkdtemp(folder) != NULL && chmod(folder, 0755) == 0);
	snprintf(file, sizeof(file), "%s/statseg", folder);
	promise(atexit(folder_remove) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct statseg p;
	folder_make();
	int fd = open(file, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
	promise(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
	// A status segment is some kilobytes; what the fuzzer left out is zero.
	promise(length == 0 || ftruncate(fd, 1 << 17) == 0);
	(void)close(fd);
	if (statseg_open(folder, &p) < 0)
		return 0;
	(void)statseg_read(&p);
	statseg_close(&p, folder, false);
	return 0;
}
