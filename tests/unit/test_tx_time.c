// SPDX-License-Identifier: BSD-3-Clause
// When replies leave, by a made-up counter, without a worker and without a port.
#include "worker/tx_time.h"

#include "harness/table.h"
#include "worker/xdp_stamp.h"

#define MULT     (1ull << 48) // an NTP unit takes a cycle
#define BEGIN    1000000000000u
#define TX_TICKS 5000u // what the port's clock was at BEGIN

static struct {
	uint64_t counter;
	uint64_t step; // each reading of the counter takes so long
	uint64_t stamps_ns;
} machine;

static uint64_t counter_read(void)
{
	uint64_t now = machine.counter;
	machine.counter += machine.step;
	return now;
}

// The stamps' clock has a tick a cycle.
static uint64_t stamps_read(void)
{
	return machine.counter - BEGIN + machine.stamps_ns;
}

static const struct worker_clock worker_clock = {counter_read, stamps_read};
static struct clock_view view;
static struct crosststamp pair;
static const struct tx_clocks clocks = {&worker_clock, &view, &pair};
static struct port_snap snap;

static struct ntp_time at(uint64_t cycles)
{
	return clock_view_time(&view, (struct cycles){BEGIN + cycles});
}

static void begin(void)
{
	machine.counter = BEGIN;
	machine.step = 0;
	machine.stamps_ns = 1000000;
	view = (struct clock_view){
		.ref_cycles = {BEGIN}, .ref_time = {0xeb9a5f0012345678u}, .mult = MULT};
	pair = (struct crosststamp){machine.stamps_ns, {BEGIN}, 0};
}

static void line_publish(uint8_t flags)
{
	const struct port_view line = {
		.ref_ticks = TX_TICKS,
		.ref_cycles = {BEGIN},
		.mult = 1ull << PORT_MULT_SHIFT, // a tick takes a cycle
		.valid_cycles = {1000000},
		.width = 64,
		.flags = flags,
	};
	port_snap_publish(&snap, &line);
}

// Sends at `from` for `length` cycles. Returns what is known then.
static enum tx_left send(
	struct tx_time *t, uint64_t from, uint64_t length, struct ntp_time *ret_left)
{
	struct cycles now = {BEGIN + from};
	struct tx_plan plan = tx_time_plan(t, &view, now);
	struct tx_send s = tx_time_send(t, &plan, now, true);
	machine.counter = BEGIN + from + length;
	return tx_time_left(t, &s, &clocks, ret_left);
}

static void a_send_long_after_the_last_is_cold(void **state)
{
	(void)state;
	struct tx_time t = {.tx_idle_limit = {100}, .sent = {BEGIN}};
	struct tx_time never = {.sent = {BEGIN}};
	assert_false(tx_time_is_cold(&t, (struct cycles){BEGIN + 100}));
	assert_true(tx_time_is_cold(&t, (struct cycles){BEGIN + 201}));
	assert_false(tx_time_is_cold(&t, (struct cycles){BEGIN + 301}));
	assert_false(tx_time_is_cold(&never, (struct cycles){BEGIN + 1000000}));
}

static void a_plan_without_launch_time_adds_the_latency(void **state)
{
	(void)state;
	begin();
	struct tx_time t = {.latency = 77};
	struct tx_plan plan = tx_time_plan(&t, &view, (struct cycles){BEGIN + 10});
	assert_int_equal(plan.now.n, BEGIN + 10);
	assert_int_equal(plan.transmit.raw, at(10).raw + 77);
	assert_false(plan.is_launched);
	struct tx_send s = tx_time_send(&t, &plan, (struct cycles){BEGIN + 20}, false);
	assert_int_equal(s.begun.n, BEGIN + 20);
	assert_false(s.plan.is_launched);
}

static void a_launch_is_planned_ahead(void **state)
{
	(void)state;
	begin();
	line_publish(PORT_VIEW_FIT);
	struct tx_time t = {.launch_flag = 1, .launch_lead = {500}, .latency = 77, .stamps = &snap};
	struct tx_plan plan = tx_time_plan(&t, &view, (struct cycles){BEGIN + 10});
	assert_true(plan.is_launched);
	assert_int_equal(plan.launch_at.n, BEGIN + 510);
	assert_int_equal(plan.launch_ticks, TX_TICKS + 510);
	assert_int_equal(plan.transmit.raw, at(510).raw);
}

static void a_launch_takes_a_known_clock(void **state)
{
	(void)state;
	begin();
	line_publish(0);
	struct tx_time t = {.launch_flag = 1, .launch_lead = {500}, .latency = 77, .stamps = &snap};
	struct tx_plan plan = tx_time_plan(&t, &view, (struct cycles){BEGIN + 10});
	assert_false(plan.is_launched);
	assert_int_equal(plan.transmit.raw, at(10).raw + 77);
}

// The moment may go by while replies are written, or during the send.
static void a_moment_that_is_over_launches_nothing(void **state)
{
	(void)state;
	static const struct {
		uint64_t sending, sent;
		bool is_launched;
		enum tx_left left;
	} rows[] = {
		{499, 499, true, TX_LEFT_RECKONED},
		{499, 500, true, TX_LEFT_UNKNOWN},
		{500, 500, false, TX_LEFT_UNKNOWN},
		{501, 600, false, TX_LEFT_UNKNOWN},
	};
	begin();
	line_publish(PORT_VIEW_FIT);
	for (size_t i = 0; i < TABLE_LENGTH(rows); i++) {
		struct ntp_time left = {1};
		struct tx_time t = {.launch_flag = 1, .launch_lead = {500}, .stamps = &snap};
		struct tx_plan plan = tx_time_plan(&t, &view, (struct cycles){BEGIN});
		struct tx_send s =
			tx_time_send(&t, &plan, (struct cycles){BEGIN + rows[i].sending}, true);
		assert_int_equal(s.plan.is_launched, rows[i].is_launched);
		machine.counter = BEGIN + rows[i].sent;
		assert_int_equal(tx_time_left(&t, &s, &clocks, &left), rows[i].left);
		assert_int_equal(left.raw, rows[i].left == TX_LEFT_UNKNOWN ? 1 : plan.transmit.raw);
	}
}

// A card's replies left at the send's end, a kernel's at its beginning.
static void a_usual_send_tells(void **state)
{
	(void)state;
	for (unsigned inside = 0; inside < 2; inside++) {
		begin();
		struct ntp_time left = {1};
		struct tx_time t = {.latency = 300, .tx_is_synchronous = inside};
		assert_int_equal(send(&t, 0, 100, &left), TX_LEFT_UNKNOWN);
		assert_int_equal(left.raw, 1);
		assert_int_equal(send(&t, 1000, 100, &left), TX_LEFT_RECKONED);
		assert_int_equal(left.raw, inside ? at(1000).raw + 300 : at(1100).raw + 200);
		left.raw = 1;
		assert_int_equal(send(&t, 2000, 450, &left), TX_LEFT_UNKNOWN);
		assert_int_equal(left.raw, 1);
		tx_time_begin(&t);
		assert_int_equal(send(&t, 3000, 100, &left), TX_LEFT_UNKNOWN);
	}
}

// Sends, and the kernel says `told` cycles after BEGIN, or nothing.
static enum tx_left send_stamped(uint64_t told, bool is_asked, struct ntp_time *ret_left)
{
	static _Atomic uint64_t stamp;
	struct tx_time t = {.tx_is_synchronous = true, .stamp = &stamp};
	stamp = TX_STAMP_NONE;
	begin();
	for (unsigned i = 0; i < 2; i++)
		(void)send(&t, 0, 100, ret_left);
	struct tx_plan plan = tx_time_plan(&t, &view, (struct cycles){BEGIN + 1000});
	struct tx_send s = tx_time_send(&t, &plan, plan.now, is_asked);
	assert_int_equal(stamp, is_asked ? TX_STAMP_WANTED : TX_STAMP_NONE);
	if (is_asked && told != 0)
		stamp = machine.stamps_ns + told;
	machine.counter = BEGIN + 1100;
	enum tx_left left = tx_time_left(&t, &s, &clocks, ret_left);
	assert_int_equal(stamp, TX_STAMP_NONE);
	return left;
}

static void what_the_kernel_told_counts(void **state)
{
	(void)state;
	struct ntp_time left;
	assert_int_equal(send_stamped(1050, true, &left), TX_LEFT_STAMPED);
	assert_int_equal(left.raw, at(1050).raw);
	// Before the send began, which cannot be.
	assert_int_equal(send_stamped(900, true, &left), TX_LEFT_STAMPED);
	assert_int_equal(left.raw, at(1000).raw);
	// After all that was read.
	assert_int_equal(send_stamped(1101, true, &left), TX_LEFT_RECKONED);
	assert_int_equal(left.raw, at(1000).raw);
	assert_int_equal(send_stamped(0, true, &left), TX_LEFT_RECKONED);
	assert_int_equal(send_stamped(0, false, &left), TX_LEFT_RECKONED);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, a_send_long_after_the_last_is_cold);
	TABLE_ADD(&t, a_plan_without_launch_time_adds_the_latency);
	TABLE_ADD(&t, a_launch_is_planned_ahead);
	TABLE_ADD(&t, a_launch_takes_a_known_clock);
	TABLE_ADD(&t, a_moment_that_is_over_launches_nothing);
	TABLE_ADD(&t, a_usual_send_tells);
	TABLE_ADD(&t, what_the_kernel_told_counts);
	return table_run("tx_time", &t);
}
