// SPDX-License-Identifier: BSD-3-Clause
// Two workers against one, in turn: A B A B. Prints JSON; scripts/bench makes medians of it. Or
// what publishing the time costs: one worker while it is published, and while it is not.
#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core_clock.h"
#include "request.h"
#include "run/stopwatch.h"
#include "self_feed.h"

#define WORKERS    2
#define PUBLISH_HZ 100 // as often as a server's clock does

static const char help[] =
	"scaling measures what two workers do against one, each fed by itself, in turn.\n"
	"\n"
	"Ten pairs of runs of a second on cores 0 and 1:\n"
	"    scaling\n"
	"Three short ones on cores 2 and 4:\n"
	"    scaling --pairs 3 --seconds 0.2 --cores 2,4\n"
	"What publishing the time costs one worker, on core 1, while core 0 does it or not:\n"
	"    scaling --publish 100 --pairs 40 --seconds 0.2\n"
	"\n"
	"  --pairs N      1 to 1000 (default 10); the worker alone has the cores in turn\n"
	"  --seconds S    of each run, 0.05 to 60 (default 1)\n"
	"  --cores A,B    (default 0,1)\n"
	"  --publish HZ   2 to 10000\n"
	"\n"
	"Prints JSON: packets a second, counter cycles a packet, how much of its core each worker "
	"had.\n"
	"Ctrl-C ends it with the pairs so far. Every reply is judged, each 64th with its "
	"checksums. Exit: 0 all were right; 1 "
	"otherwise.\n";

struct options {
	unsigned pairs;
	double seconds;
	unsigned core[WORKERS];
	unsigned publish_hz; // 0: measure two workers against one
};

static struct snapshot snapshot;
static struct clock_view view;
static _Atomic uint32_t stop;
static struct self_feed *self[WORKERS];
static uint64_t counter_hz;
static volatile sig_atomic_t is_interrupted;

static void interrupt(int number)
{
	(void)number;
	is_interrupted = 1;
}

static bool complain(const char *sentence)
{
	fprintf(stderr, "scaling: %s; see scaling --help\n", sentence);
	return false;
}

static bool option_take(int option, struct options *o)
{
	char rest;
	if (option == 'p')
		return (sscanf(optarg, "%u%c", &o->pairs, &rest) == 1 && o->pairs >= 1 &&
			       o->pairs <= 1000) ||
		       complain("--pairs takes 1 to 1000");
	if (option == 's')
		return (sscanf(optarg, "%lf%c", &o->seconds, &rest) == 1 && o->seconds >= 0.05 &&
			       o->seconds <= 60) ||
		       complain("--seconds takes 0.05 to 60");
	if (option == 'c')
		return (sscanf(optarg, "%u,%u%c", &o->core[0], &o->core[1], &rest) == 2 &&
			       o->core[0] != o->core[1]) ||
		       complain("--cores takes two different cores, as 0,1");
	if (option == 'u')
		return (sscanf(optarg, "%u%c", &o->publish_hz, &rest) == 1 && o->publish_hz >= 2 &&
			       o->publish_hz <= 10000) ||
		       complain("--publish takes 2 to 10000");
	return complain("no such option, or it lacks its value");
}

static bool options_read(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {{"pairs", required_argument, NULL, 'p'},
		{"seconds", required_argument, NULL, 's'}, {"cores", required_argument, NULL, 'c'},
		{"publish", required_argument, NULL, 'u'}, {"help", no_argument, NULL, 'h'}, {0}};
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "h", names, NULL)) != -1;) {
		if (option == 'h') {
			fputs(help, stdout);
			exit(0);
		}
		if (!option_take(option, o))
			return false;
	}
	return optind == argc || complain("takes options only");
}

// The main thread shares the first core and sleeps.
static bool eal_begin(const struct options *o)
{
	static char prefix[64];
	static char lcores[64];
	static char *argv[] = {"scaling", prefix, lcores, "--no-huge", "--no-shconf", "--no-pci",
		"--no-telemetry", "-m128", "--iova-mode=va", "--log-level=*:error", NULL};
	snprintf(prefix, sizeof(prefix), "--file-prefix=ntpwire-scaling-%d", (int)getpid());
	snprintf(lcores, sizeof(lcores), "--lcores=0@%u,1@%u,2@%u", o->core[0], o->core[0],
		o->core[1]);
	return rte_eal_init(sizeof(argv) / sizeof(argv[0]) - 1, argv) >= 0 ||
	       complain("DPDK did not start; its words are above");
}

// DPDK leaves its runtime folder behind, and the one around it when it made that.
static void eal_end(void)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s", rte_eal_get_runtime_dir());
	(void)rte_eal_cleanup();
	(void)rmdir(path);
	(void)rmdir(dirname(path));
}

// The line: any time will do, at the counter's right rate.
static void view_fill(void)
{
	__extension__ typedef unsigned __int128 uint128;
	view = (struct clock_view){
		.ref_cycles = {stopwatch_read()},
		.ref_time = {0xeb9a5f0012345678u},
		.mult = (uint64_t)(((uint128)1 << 80) / counter_hz),
		.dispersion_rate = 64425,
		.valid_cycles = {UINT64_MAX / 4},
		.reference_id = 0xc0000201,
		.stratum = 2,
		.precision = -20,
	};
}

// Sleeps for a run's length and wakes hz times a second, to publish the snapshot or for nothing.
static void wait_waking(double seconds, unsigned hz, bool is_published)
{
	const struct timespec pause = {.tv_nsec = 1000000000L / (long)hz};
	uint64_t begin = stopwatch_read();
	while (!is_interrupted &&
		(double)(stopwatch_read() - begin) < seconds * (double)counter_hz) {
		if (is_published)
			snapshot_publish(&snapshot, &view);
		(void)nanosleep(&pause, NULL);
	}
}

// Runs the workers whose bit is set.
static void run_waking(unsigned which, double seconds, unsigned hz, bool is_published)
{
	stop = 0;
	for (unsigned i = 0; i < WORKERS; i++)
		if (which & 1u << i)
			(void)rte_eal_remote_launch(self_feed_run, self[i], i + 1);
	wait_waking(seconds, hz, is_published);
	stop = 1;
	rte_eal_mp_wait_lcore();
}

static void run(unsigned which, double seconds)
{
	run_waking(which, seconds, PUBLISH_HZ, true);
}

static void worker_print(const struct options *o, unsigned i)
{
	const struct self_feed *s = self[i];
	double seconds = (double)s->cycles / (double)counter_hz;
	printf("{\"core\": %u, \"pps\": %.0f, \"cycles\": %.2f, \"core_share\": %.4f, "
	       "\"turned\": %llu, \"wrong\": %llu}",
		o->core[i], (double)s->turned / seconds,
		s->turned == 0 ? 0 : (double)s->cycles / (double)s->turned,
		(double)s->cpu_ns / 1e9 / seconds, (unsigned long long)s->turned,
		(unsigned long long)s->wrong);
}

// Whether the last run of this worker answered everything rightly. Says what it did otherwise.
static bool worker_is_right(const struct options *o, unsigned i)
{
	const struct self_feed *s = self[i];
	if (s->turned > 0 && s->wrong == 0)
		return true;
	if (s->turned == 0)
		fprintf(stderr, "scaling: the worker on core %u gave no reply", o->core[i]);
	else
		fprintf(stderr, "scaling: %llu of %llu replies of the worker on core %u were wrong",
			(unsigned long long)s->wrong, (unsigned long long)s->turned, o->core[i]);
	for (unsigned at = 0; s->wrong > 0 && at < REQUEST_LENGTH; at++)
		fprintf(stderr, "%s%02x", at == 0 ? ", first " : "", s->first_wrong[at]);
	fprintf(stderr, "\n");
	return false;
}

static bool pair_run(const struct options *o, unsigned number)
{
	unsigned alone = number % WORKERS;
	run(1u << alone, o->seconds);
	bool right = worker_is_right(o, alone);
	printf("%s\n  {\"one\": ", number == 0 ? "" : ",");
	worker_print(o, alone);
	run((1u << WORKERS) - 1, o->seconds);
	for (unsigned i = 0; i < WORKERS; i++)
		right = worker_is_right(o, i) && right;
	printf(", \"two\": [");
	worker_print(o, 0);
	printf(", ");
	worker_print(o, 1);
	printf("]}");
	fflush(stdout);
	return right;
}

// The worker on the second core, while the first publishes and while it does not; which comes first
// changes from pair to pair.
static bool publish_pair_run(const struct options *o, unsigned number)
{
	bool right = true;
	printf("%s\n  {", number == 0 ? "" : ",");
	for (unsigned i = 0; i < 2; i++) {
		bool is_published = (number + i) % 2 == 1;
		run_waking(1u << 1, o->seconds, o->publish_hz, is_published);
		right = worker_is_right(o, 1) && right;
		printf("%s\"%s\": ", i == 0 ? "" : ", ", is_published ? "published" : "still");
		worker_print(o, 1);
	}
	printf("}");
	fflush(stdout);
	return right;
}

static bool measure(const struct options *o)
{
	bool right = true;
	for (unsigned i = 0; i < WORKERS; i++) {
		self[i] = self_feed_create(i + 1, &snapshot, &stop);
		if (self[i] == NULL)
			return complain("DPDK had no memory for two ports of rings");
	}
	printf("{\"counter\": \"%s\", \"tsc_hz\": %llu, \"core_hz_est\": %llu, \"frame_bytes\": %u, \"frames\": %u, "
	       "\"pairs\": [",
		stopwatch_name(), (unsigned long long)counter_hz,
		(unsigned long long)core_clock_estimate_hz(), REQUEST_LENGTH, SELF_FEED_FRAMES);
	for (unsigned i = 0; i < o->pairs && !is_interrupted; i++)
		right = (o->publish_hz > 0 ? publish_pair_run : pair_run)(o, i) && right;
	printf("\n]}\n");
	return right;
}

int main(int argc, char **argv)
{
	struct options o = {.pairs = 10, .seconds = 1, .core = {0, 1}};
	if (!options_read(argc, argv, &o) || !eal_begin(&o))
		return 1;
	(void)signal(SIGINT, interrupt);
	(void)signal(SIGTERM, interrupt);
	stopwatch_choose("scaling");
	counter_hz = stopwatch_measure_hz();
	view_fill();
	snapshot_publish(&snapshot, &view);
	bool right = measure(&o);
	eal_end();
	return right ? 0 : 1;
}
