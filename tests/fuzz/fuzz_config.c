// SPDX-License-Identifier: BSD-3-Clause
// Reaches: config_load config_tree
// A configuration file. What is wrong must be said in one line; what is right must be within
// limits.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/config_load.h"
#include "fuzz.h"

static void config_judge(const struct config *c)
{
	promise(c->port_count >= 1 && c->port_count <= CONFIG_PORTS);
	for (unsigned i = 0; i < c->port_count; i++)
		promise(c->port[i].address_count >= 1);
	promise(c->worker_count <= CONFIG_WORKERS && c->workers_auto == (c->worker_count == 0));
	promise(c->ttl >= 1 && c->dscp <= 63);
	promise(c->reference[0].stratum >= 1 && c->reference[0].stratum <= 15);
	promise(c->eal_arg_count <= CONFIG_EAL_ARGS);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char path[64];
	struct diagnostic diagnostic = {""};
	struct config *c = NULL;
	int fd = memfd_create("config", MFD_CLOEXEC);
	promise(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (config_load(path, &c, &diagnostic) == 0) {
		promise(c != NULL);
		config_judge(c);
	} else {
		promise(c == NULL && diagnostic.sentence[0] != '\0' &&
			strchr(diagnostic.sentence, '\n') == NULL);
	}
	config_free(c);
	(void)close(fd);
	return 0;
}
