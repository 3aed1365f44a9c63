// SPDX-License-Identifier: BSD-3-Clause
// R-06 in a whole server, whose port's driver is played here: a reset it survives; a port that did
// not recover ends it, and before that it is not to be announced. R-12: a worker that hangs for
// good.
#include "server/server.h"

#include <rte_ethdev.h>

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config/config_load.h"
#include "dpdk.h"
#include "harness/scratch.h"
#include "harness/table.h"
#include "time/sync_state.h"
#include "status/statseg.h"

#define WAIT_MS 10000

static char run_dir[SCRATCH_PATH];
static const char *missed; // what did not come to be; NULL: nothing

static void pause_briefly(void)
{
	const struct timespec t = {.tv_nsec = 1000000};
	(void)nanosleep(&t, NULL);
}

static bool is_up(const struct statseg_head *head)
{
	return counters_get(&head->announce) == ANNOUNCE_UP;
}

static bool was_reset(const struct statseg_head *head)
{
	return counters_get(&head->port[0].event[PORT_EVENT_RESET]) == 1 &&
	       counters_get(&head->port[0].state) == PORT_SERVED;
}

static bool is_withdrawn(const struct statseg_head *head)
{
	return counters_get(&head->announce) == ANNOUNCE_DOWN &&
	       atomic_load(&head->stopping) == 1 &&
	       counters_get(&head->port[0].state) == PORT_LOST &&
	       counters_get(&head->sync_state) == SYNC_STATE_SYNC;
}

static void await(
	const struct statseg *p, bool (*is_so)(const struct statseg_head *head), const char *what)
{
	unsigned waited = 0;
	while (missed == NULL && !is_so(p->head)) {
		pause_briefly();
		if (++waited == WAIT_MS)
			missed = what;
	}
}

static uint64_t polls(const struct statseg *p)
{
	return counters_get(&statseg_counters(p, 0)->traffic[TRAFFIC_POLLS]);
}

static void await_polls(const struct statseg *p)
{
	uint64_t was = polls(p);
	for (unsigned waited = 0; missed == NULL && polls(p) == was; waited++) {
		pause_briefly();
		if (waited == WAIT_MS)
			missed = "no poll after the reset";
	}
}

static void raise_event(enum rte_eth_event_type event)
{
	dpdk_raise("net_null0", event);
}

static bool statseg_wait(struct statseg *ret_page)
{
	for (unsigned waited = 0; waited < WAIT_MS; waited++) {
		if (statseg_open(run_dir, ret_page) == 0)
			return true;
		pause_briefly();
	}
	missed = "no page";
	return false;
}

static void *drive(void *arg)
{
	struct statseg p;
	(void)arg;
	if (!statseg_wait(&p))
		exit(EXIT_FAILURE);
	await(&p, is_up, "it is not up");
	if (p.head->smear != SMEAR_COSINE)
		missed = "its page does not say how time is smeared";
	raise_event(RTE_ETH_EVENT_INTR_RESET);
	await(&p, was_reset, "it was not reset");
	await_polls(&p);
	raise_event(RTE_ETH_EVENT_ERR_RECOVERING);
	raise_event(RTE_ETH_EVENT_RECOVERY_FAILED);
	await(&p, is_withdrawn, "it is still announced");
	statseg_close(&p, run_dir, false);
	return NULL;
}

// DPDK 22.11 and 24.11 have other names for the thread. 0: there is none.
static pid_t worker_thread(void)
{
	pid_t found = 0;
	DIR *all = opendir("/proc/self/task");
	for (struct dirent *d; all != NULL && (d = readdir(all)) != NULL;) {
		char path[64 + sizeof(d->d_name)];
		char name[32] = "";
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", d->d_name);
		FILE *f = fopen(path, "r");
		if (f != NULL && fgets(name, sizeof(name), f) != NULL && strstr(name, "-worker"))
			found = (pid_t)strtol(d->d_name, NULL, 10);
		if (f != NULL)
			(void)fclose(f);
	}
	if (all != NULL)
		(void)closedir(all);
	return found;
}

static void hang(int number)
{
	(void)number;
	for (;;)
		(void)pause();
}

static void *worker_hang(void *arg)
{
	struct statseg p;
	(void)arg;
	if (!statseg_wait(&p))
		_exit(2);
	await(&p, is_up, "it is not up");
	if (missed != NULL || tgkill(getpid(), worker_thread(), SIGUSR1) != 0)
		_exit(3);
	return NULL;
}

// In a process of its own, which ends without coming back; the alarm is for one that does not end.
static void hung_server_run(const struct config *c, const char *log_path)
{
	pthread_t thread;
	(void)unsetenv("WATCHDOG_USEC");
	(void)signal(SIGUSR1, hang);
	(void)alarm(60);
	if (freopen(log_path, "w", stderr) == NULL ||
		pthread_create(&thread, NULL, worker_hang, NULL) != 0)
		_exit(4);
	(void)server_run(c);
	_exit(5);
}

static struct config *config_make(void)
{
	static const char text[] = "ports:\n"
				   "  - device: net_null0\n"
				   "    addresses: [10.123.0.1/24]\n"
				   "workers: [%d]\n"
				   "idle: sleep\n"
				   "smear: cosine\n"
				   "reference: { source: fixed, stratum: 10 }\n"
				   "memory: { huge_pages: false, size: 128 }\n"
				   "run_dir: %s\n";
	static char whole[1024];
	struct diagnostic diagnostic;
	struct config *c = NULL;
	snprintf(run_dir, sizeof(run_dir), "%s", scratch_path("ntpwire-events"));
	int length = snprintf(whole, sizeof(whole), text, sched_getcpu(), run_dir);
	const char *path = scratch_write("ntpwire.yaml", whole, (size_t)length);
	assert_int_equal(config_load(path, &c, &diagnostic), 0);
	return c;
}

static void r12_a_worker_that_hangs_for_good_ends_the_server(void **state)
{
	static char log[1u << 16];
	int status = 0;
	(void)state;
	struct config *c = config_make();
	const char *log_path = scratch_path("log");
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		hung_server_run(c, log_path);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_FAILURE);
	FILE *f = fopen(log_path, "r");
	assert_non_null(f);
	assert_true(fread(log, 1, sizeof(log) - 1, f) > 0);
	assert_int_equal(fclose(f), 0);
	assert_non_null(strstr(log, "hangs for 10 s now, and no supervisor's watchdog ends the"));
	config_free(c);
}

static void r06_a_lost_port_withdraws_and_ends_the_server(void **state)
{
	pthread_t thread;
	(void)state;
	struct config *c = config_make();
	assert_int_equal(pthread_create(&thread, NULL, drive, NULL), 0);
	assert_int_equal(server_run(c), -EIO);
	assert_int_equal(pthread_join(thread, NULL), 0);
	if (missed != NULL)
		fail_msg("%s", missed);
	config_free(c);
}

int main(void)
{
	static struct table t;
	// First: DPDK begins once in a process, and is not to be forked.
	TABLE_ADD(&t, r12_a_worker_that_hangs_for_good_ends_the_server);
	TABLE_ADD(&t, r06_a_lost_port_withdraws_and_ends_the_server);
	return table_run_between("server", &t, scratch_begin, scratch_end);
}
