// SPDX-License-Identifier: BSD-3-Clause
// The time side as a whole, in simulated time: from readings to the view that workers serve.
#include "node.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/table.h"
#include "simulated_machine.h"

static const struct config_reference fixed_reference = {REFERENCE_FIXED, 10, "LOCL"};
static const struct config_reference kernel_reference = {REFERENCE_KERNEL, 2, "LOCL"};

// A node on a machine whose system clock is 20 ppm slow.
static struct node node_on(struct machine *m, const struct config_reference *reference)
{
	struct node n;
	struct clock_source source = machine_source(m);
	m->rate_error = -20e-6;
	node_init(&n, reference, &source);
	return n;
}

// Ticks until the node leaves NODE_START; how many it took.
static unsigned node_begin(struct machine *m, struct node *n, struct clock_view *ret_view)
{
	unsigned ticks = 1;
	while (!node_tick(n, ret_view)) {
		assert_int_equal(n->state, NODE_START);
		machine_pass(m, TICK_NS);
		assert_true(++ticks < 1000);
	}
	return ticks;
}

static bool node_turn(struct machine *m, struct node *n, struct clock_view *ret_view)
{
	machine_pass(m, TICK_NS);
	return node_tick(n, ret_view);
}

// Seconds that the view is ahead of the simulated system clock.
static double view_miss(const struct machine *m, const struct clock_view *v)
{
	struct ntp_time told = clock_view_time(v, (struct cycles){machine_cycles(m)});
	struct ntp_time start = ntp_time_from_unix((struct nanos){m->start_ns});
	return ldexp((double)ntp_time_diff(told, start), -32) - m->realtime_ns / 1e9;
}

static void nothing_is_published_before_the_line_is_known(void **state)
{
	(void)state;
	struct clock_view v;
	struct machine m = machine_make(2596122000);
	struct node n = node_on(&m, &fixed_reference);
	assert_int_equal(node_begin(&m, &n, &v), CLOCK_ENOUGH);
	assert_int_equal(n.state, NODE_SYNC);
}

static void a_good_clock_is_served_as_configured(void **state)
{
	(void)state;
	struct clock_view v;
	struct machine m = machine_make(2596122000);
	struct node n = node_on(&m, &fixed_reference);
	(void)node_begin(&m, &n, &v);
	assert_int_equal(v.leap, LEAP_NONE);
	assert_int_equal(v.stratum, 10);
	assert_int_equal(v.reference_id, 0x4c4f434c);
	assert_int_equal(v.state, NODE_SYNC);
	assert_int_equal(v.epoch, 1);
	assert_true(clock_view_is_good(&v, (struct cycles){machine_cycles(&m)}));
	assert_true(fabs(view_miss(&m, &v)) < 100e-9);
	// 300 s of this counter, and 15 ppm.
	assert_true(llabs((long long)v.valid_cycles.n - 300ll * 2596122000) < 300ll * 100000);
	assert_in_range(v.dispersion_rate, 64424, 64425);
}

// T-12, T-13: what is told of the error holds the error of the line, and the reference time is
// never in a reply's future.
static void the_view_is_honest_at_every_tick(void **state)
{
	(void)state;
	struct clock_view v;
	struct machine m = machine_make(2596122000);
	struct node n = node_on(&m, &fixed_reference);
	(void)node_begin(&m, &n, &v);
	for (unsigned i = 0; i < 2000; i++) {
		assert_true(node_turn(&m, &n, &v));
		assert_true(v.error_bound < v.root_dispersion);
		assert_true(fabs(view_miss(&m, &v)) <= ldexp((double)v.error_bound, -32));
		assert_false(ntp_time_before(v.ref_time, v.reference_time));
	}
}

static void a_step_is_told_within_the_tick_and_ends(void **state)
{
	(void)state;
	struct clock_view v;
	struct machine m = machine_make(2596122000);
	struct node n = node_on(&m, &fixed_reference);
	(void)node_begin(&m, &n, &v);
	m.realtime_ns -= 0.2e9;
	assert_true(node_turn(&m, &n, &v));
	for (unsigned i = 1; i < CLOCK_ENOUGH; i++) {
		assert_int_equal(n.state, NODE_STEP);
		assert_int_equal(v.epoch, 2);
		assert_int_equal(v.leap, LEAP_UNKNOWN);
		assert_int_equal(v.stratum, 0);
		assert_false(clock_view_is_good(&v, v.ref_cycles));
		assert_true(fabs(view_miss(&m, &v)) < 1e-6);
		assert_true(node_turn(&m, &n, &v));
	}
	assert_int_equal(n.state, NODE_SYNC);
	assert_int_equal(v.epoch, 2);
	assert_int_equal(v.stratum, 10);
}

// Whatever this machine's kernel says about its clock is what is served.
static void the_kernels_word_decides(void **state)
{
	(void)state;
	struct clock_view v;
	struct machine m = machine_make(2596122000);
	struct node n = node_on(&m, &kernel_reference);
	(void)node_begin(&m, &n, &v);
	struct reference r = reference_read(&kernel_reference, clock_newest(&n.clock));
	bool is_sync = r.leap != LEAP_UNKNOWN;
	assert_int_equal(n.state, is_sync ? NODE_SYNC : NODE_UNSYNC);
	assert_int_equal(v.leap, r.leap);
	assert_int_equal(v.stratum, is_sync ? 2 : 0);
	assert_int_equal(clock_view_is_good(&v, v.ref_cycles), is_sync);
}

static void every_node_gets_the_view(void **state)
{
	(void)state;
	static const unsigned worker_node[] = {0, 1};
	char folder[] = "/tmp/ntpwire-node-XXXXXX";
	struct clock_view v;
	struct page p;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(page_create(folder, 2, worker_node, 2, &p), 0);
	struct machine m = machine_make(2596122000);
	struct node n = node_on(&m, &fixed_reference);
	(void)node_begin(&m, &n, &v);
	node_publish(&n, &v, &p);
	node_publish(&n, &v, &p);
	for (unsigned i = 0; i < 2; i++) {
		struct snapshot_cache cache = {0};
		assert_true(snapshot_read(page_snapshot(&p, i), &cache));
		assert_memory_equal(&cache.view, &v, sizeof(v));
	}
	assert_int_equal(p.head->publishes, 2);
	assert_true(p.head->control_beat_ns > 0);
	assert_true(llabs((long long)p.head->counter_hz - 2596122000) < 100000);
	page_close(&p, folder, true);
	(void)rmdir(folder);
}

static void states_have_names(void **state)
{
	(void)state;
	assert_string_equal(node_state_text(NODE_START), "start");
	assert_string_equal(node_state_text(NODE_SYNC), "sync");
	assert_string_equal(node_state_text(NODE_STEP), "step");
	assert_string_equal(node_state_text(NODE_UNSYNC), "unsync");
	assert_string_equal(node_state_text((enum node_state)77), "unknown");
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, nothing_is_published_before_the_line_is_known);
	TABLE_ADD(&t, a_good_clock_is_served_as_configured);
	TABLE_ADD(&t, the_view_is_honest_at_every_tick);
	TABLE_ADD(&t, a_step_is_told_within_the_tick_and_ends);
	TABLE_ADD(&t, the_kernels_word_decides);
	TABLE_ADD(&t, every_node_gets_the_view);
	TABLE_ADD(&t, states_have_names);
	return table_run("node", &t);
}
