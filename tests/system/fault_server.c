// SPDX-License-Identifier: BSD-3-Clause
// ntpwired with a fault in its start: the step of that name fails, before it did anything or when
// all of it was done. The linker puts __wrap_server_step_start in the way of every step.
#include "server/server_steps.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "config/config_load.h"
#include "server/server.h"

int __real_server_step_start(struct server *s, const struct server_step *step);
int __wrap_server_step_start(struct server *s, const struct server_step *step);

static const char *faulty; // the step
static bool is_late;

int __wrap_server_step_start(struct server *s, const struct server_step *step)
{
	bool is_it = strcmp(step->name, faulty) == 0;
	int r = is_it && !is_late ? 0 : __real_server_step_start(s, step);
	if (!is_it || r < 0)
		return r;
	return diagnostic_fail(&s->diagnostic, -EIO, "fault at the step \"%s\"", step->name);
}

static int names_print(void)
{
	for (unsigned i = 0; server_step_at(i) != NULL; i++)
		puts(server_step_at(i)->name);
	return EXIT_SUCCESS;
}

static bool is_udp(int fd)
{
	int protocol = 0;
	socklen_t size = sizeof(protocol);
	return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 &&
	       protocol == IPPROTO_UDP;
}

// What this process has open, a line for each, so that what was not closed is seen.
static void descriptors_print(void)
{
	DIR *all = opendir("/proc/self/fd");
	for (struct dirent *e; all != NULL && (e = readdir(all)) != NULL;) {
		char target[256] = "";
		if (readlinkat(dirfd(all), e->d_name, target, sizeof(target) - 1) <= 0)
			continue;
		printf("open %s\n", is_udp((int)strtol(e->d_name, NULL, 10)) ? "UDP" : target);
	}
	if (all != NULL)
		(void)closedir(all);
}

int main(int argc, char **argv)
{
	struct config *c = NULL;
	struct diagnostic d;
	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return names_print();
	if (argc != 4) {
		fprintf(stderr, "usage: fault_server STEP early|late CONFIG, or --list\n");
		return 2;
	}
	if (config_load(argv[3], &c, &d) < 0) {
		log_error("%s", d.sentence);
		return 2;
	}
	faulty = argv[1];
	is_late = strcmp(argv[2], "late") == 0;
	log_set_level(c->log_level);
	int r = server_run(c);
	config_free(c);
	descriptors_print();
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
