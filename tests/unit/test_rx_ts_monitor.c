// SPDX-License-Identifier: BSD-3-Clause
// When a port's stamps are used, and when not: driver profiles, faults of its clock, refused
// stamps.
#include "time/rx_ts_monitor.h"

#include <errno.h>
#include <string.h>

#include "harness/table.h"

#define HZ 2000000000u

// A clock of 1 GHz beside a counter of 2 GHz, both exact.
struct clocks {
	uint64_t ns;
	uint64_t lead; // of the clock
	int error;
	bool stands;
};

static struct cycles counter(void *context)
{
	struct clocks *c = context;
	c->ns += 10;
	return (struct cycles){c->ns * 2};
}

static int ticks(void *context, uint64_t *ret_ticks)
{
	struct clocks *c = context;
	*ret_ticks = c->stands ? 77 : c->ns + c->lead;
	return c->error;
}

static struct clocks clocks;
static struct rx_ts_monitor watch;

static void begin(const char *driver)
{
	const struct nic_clock_source source = {ticks, counter, &clocks};
	clocks = (struct clocks){.ns = 5000000000};
	rx_ts_monitor_on(&watch, nic_profile_find(driver), &source);
}

// Turns n times a tenth of a second; how often the reason changed.
static unsigned turns(unsigned n, uint64_t used, uint64_t refused)
{
	unsigned changes = 0;
	for (unsigned i = 0; i < n; i++) {
		changes += rx_ts_monitor_turn(&watch, HZ, used, refused);
		clocks.ns += 100000000;
	}
	return changes;
}

static void a_port_is_used_once_its_clock_is_known(void **state)
{
	(void)state;
	begin("net_ice");
	assert_int_equal(watch.reason, STAMP_REASON_FITTING);
	assert_int_equal(turns(NIC_CLOCK_ENOUGH - 1, 0, 0), 0);
	assert_int_equal(rx_ts_monitor_view(&watch, HZ, 9).flags & PORT_VIEW_FIT, 0);
	assert_int_equal(turns(1, 0, 0), 1);
	assert_int_equal(watch.reason, STAMP_REASON_GOOD);
	struct port_view v = rx_ts_monitor_view(&watch, HZ, 9);
	assert_int_equal(v.flags, PORT_VIEW_FIT | PORT_VIEW_ZERO_IS_INVALID);
	assert_int_equal(v.width, 32);
	assert_int_equal(v.byte_time, 9);
	assert_int_equal(v.mult >> PORT_MULT_SHIFT, 2);
	// Bits come round every 4.29 s: the line lives for a quarter of that, a second at most.
	assert_int_equal(v.valid_cycles.n, HZ);
	assert_in_range(v.max_age, 42900000, 42990000);
}

// T-05: captured packets are stamped when all of them was there.
static void t05_a_stamp_of_the_frames_end_is_not_carried_on(void **state)
{
	(void)state;
	begin("net_pcap");
	(void)turns(NIC_CLOCK_ENOUGH, 0, 0);
	assert_int_equal(rx_ts_monitor_view(&watch, HZ, 9).byte_time, 0);
	assert_int_equal(rx_ts_monitor_view(&watch, HZ, 9).flags, PORT_VIEW_FIT);
}

// a port that was reset has another clock; that it can be believed is known already.
static void r06_a_restarted_port_is_measured_anew(void **state)
{
	(void)state;
	begin("mlx5_pci");
	(void)turns(40, 0, 0);
	uint32_t epoch = watch.clock.epoch;
	clocks.lead += 4294967296;
	rx_ts_monitor_restart(&watch);
	assert_int_equal(watch.reason, STAMP_REASON_FITTING);
	assert_int_equal(rx_ts_monitor_view(&watch, HZ, 0).flags & PORT_VIEW_FIT, 0);
	assert_int_equal(turns(NIC_CLOCK_ENOUGH - 1, 0, 0), 0);
	assert_int_equal(turns(1, 0, 0), 1);
	assert_int_equal(watch.reason, STAMP_REASON_GOOD);
	assert_true(rx_ts_monitor_view(&watch, HZ, 0).epoch > epoch);
}

// What is held against a port outlives its reset.
static void r06_a_restart_acquits_nobody(void **state)
{
	(void)state;
	begin("mlx5_pci");
	(void)turns(40, 0, 0);
	clocks.lead += 4294967296;
	(void)turns(1, 0, 0);
	rx_ts_monitor_restart(&watch);
	assert_int_equal(watch.reason, STAMP_REASON_JUMPED);
	rx_ts_monitor_off(&watch, STAMP_REASON_DRIVER);
	rx_ts_monitor_restart(&watch);
	assert_int_equal(watch.reason, STAMP_REASON_DRIVER);
}

struct fault_row {
	const char *name;
	enum stamp_reason reason;
	int error;
	uint64_t jump;
	bool stands;
};

static const struct fault_row faults[] = {
	{"T-06: a clock that jumped", STAMP_REASON_JUMPED, 0, 4294967296, false},
	{"T-06: a clock that stands", STAMP_REASON_STOPPED, 0, 0, true},
	{"T-06: a clock that cannot be read", STAMP_REASON_UNREADABLE, -EIO, 0, false},
};

// Once known bad, only a whole window of good samples brings it back; each change is told once.
static void t06_a_fault_is_told_once_and_must_be_disproved(void **state)
{
	const struct fault_row *row = *state;
	begin("mlx5_pci");
	(void)turns(40, 0, 0);
	clocks.error = row->error;
	clocks.stands = row->stands;
	clocks.lead += row->jump;
	assert_int_equal(turns(20, 0, 0), 1);
	assert_int_equal(watch.reason, row->reason);
	clocks.error = 0;
	clocks.stands = false;
	unsigned needed = 0;
	while (watch.reason != STAMP_REASON_GOOD && needed < 200)
		(void)turns(1, 0, 0), needed++;
	assert_true(needed <= NIC_CLOCK_SAMPLES + 2);
	assert_true(row->error != 0 || needed + 20 >= NIC_CLOCK_SAMPLES);
}

// A reading that fails acquits no clock: its line would be used at once.
static void t06_a_reading_that_fails_disproves_no_fault(void **state)
{
	(void)state;
	begin("mlx5_pci");
	(void)turns(40, 0, 0);
	clocks.lead += 4294967296;
	(void)turns(NIC_CLOCK_ENOUGH + 5, 0, 0);
	assert_int_equal(watch.reason, STAMP_REASON_JUMPED);
	clocks.error = -EIO;
	assert_int_equal(turns(1, 0, 0), 0);
	clocks.error = 0;
	for (unsigned i = NIC_CLOCK_ENOUGH + 5; i < NIC_CLOCK_SAMPLES; i++) {
		assert_int_equal(watch.reason, STAMP_REASON_JUMPED);
		assert_int_equal(rx_ts_monitor_view(&watch, HZ, 0).flags & PORT_VIEW_FIT, 0);
		(void)turns(1, 0, 0);
	}
	assert_int_equal(watch.reason, STAMP_REASON_GOOD);
}

// The last line is left to the workers, who know how old it is.
static void a_line_outlives_a_reading_that_fails(void **state)
{
	(void)state;
	begin("mlx5_pci");
	(void)turns(40, 0, 0);
	clocks.error = -EIO;
	(void)turns(1, 0, 0);
	assert_int_equal(watch.reason, STAMP_REASON_UNREADABLE);
	assert_int_equal(rx_ts_monitor_view(&watch, HZ, 0).flags & PORT_VIEW_FIT, PORT_VIEW_FIT);
	clocks.error = 0;
	clocks.lead = 1 << 30;
	(void)turns(1, 0, 0);
	assert_int_equal(rx_ts_monitor_view(&watch, HZ, 0).flags & PORT_VIEW_FIT, 0);
}

struct refused_row {
	const char *name;
	uint64_t used;
	uint64_t refused;
	bool is_too_much;
};

static const struct refused_row refusals[] = {
	{"T-07: none of a million", 1000000, 0, false},
	{"T-07: exactly 1 %", 990, 10, false},
	{"T-07: more than 1 %", 980, 11, true},
	{"T-07: all of them", 0, 1000, true},
	{"T-07: a few of a few", 0, 9, false},
};

static void t07_over_1_percent_refused_in_a_second_ends_it(void **state)
{
	const struct refused_row *row = *state;
	begin("net_ice");
	(void)turns(40, 5, 5);
	assert_int_equal(watch.reason, STAMP_REASON_GOOD);
	unsigned changes = turns(NIC_CLOCK_RATE, 5 + row->used, 5 + row->refused);
	assert_int_equal(changes, row->is_too_much);
	assert_int_equal(watch.reason, row->is_too_much ? STAMP_REASON_REFUSED : STAMP_REASON_GOOD);
	assert_int_equal(rx_ts_monitor_view(&watch, HZ, 0).flags & PORT_VIEW_FIT,
		row->is_too_much ? 0 : PORT_VIEW_FIT);
}

// It is tried again after a minute, then two, at last every hour: a liar is not told of ten times a
// second.
static void t07_a_port_that_was_refused_is_tried_again_ever_more_seldom(void **state)
{
	(void)state;
	uint64_t refused = 0;
	begin("net_ice");
	(void)turns(40, 0, 0);
	for (unsigned i = 0; i < 10; i++) {
		refused += 1000;
		(void)turns(2 * NIC_CLOCK_RATE, 0, refused);
		assert_int_equal(watch.reason, STAMP_REASON_REFUSED);
		unsigned waited = 0;
		while (watch.reason != STAMP_REASON_GOOD && waited < 100000)
			(void)turns(1, 0, refused), waited++;
		unsigned seconds = waited / NIC_CLOCK_RATE;
		unsigned wanted = 60u << (i < 6 ? i : 6);
		assert_in_range(seconds, wanted - 2, wanted + 2);
	}
}

struct profile_row {
	const char *driver;
	bool is_trusted;
	uint8_t width;
	enum nic_clock_kind clock;
};

static const struct profile_row profiles[] = {
	{"mlx5_pci", true, 63, NIC_CLOCK_READ},
	{"mlx5_auxiliary", true, 63, NIC_CLOCK_READ},
	{"net_ice", true, 32, NIC_CLOCK_TIMESYNC},
	{"net_cn10k", true, 64, NIC_CLOCK_READ},
	{"net_iavf", false, 32, NIC_CLOCK_ANY},
	{"net_bnxt", false, 64, NIC_CLOCK_TIMESYNC},
	{"net_af_xdp", true, 64, NIC_CLOCK_XDP_META},
	{"net_pcap", false, 64, NIC_CLOCK_SYSTEM},
	{"net_e1000_igb", false, 64, NIC_CLOCK_ANY},
	{"net_i40e", false, 64, NIC_CLOCK_ANY},
	{"net_ixgbe", false, 64, NIC_CLOCK_ANY},
	{"net_virtio", false, 64, NIC_CLOCK_ANY},
	{"", false, 64, NIC_CLOCK_ANY},
};

// T-08: what a driver announces is not asked here.
static void t08_drivers_are_trusted_by_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(profiles); i++) {
		const struct nic_profile *p = nic_profile_find(profiles[i].driver);
		assert_int_equal(p->is_trusted, profiles[i].is_trusted);
		assert_int_equal(p->width, profiles[i].width);
		assert_int_equal(p->clock, profiles[i].clock);
	}
	assert_false(nic_profile_find(NULL)->is_trusted);
}

static void a_port_without_stamps_stays_without(void **state)
{
	(void)state;
	rx_ts_monitor_off(&watch, STAMP_REASON_DRIVER);
	assert_false(rx_ts_monitor_turn(&watch, HZ, 0, 1000));
	assert_int_equal(watch.reason, STAMP_REASON_DRIVER);
	assert_int_equal(rx_ts_monitor_view(&watch, HZ, 5).flags, 0);
	assert_int_equal(rx_ts_monitor_view(&watch, HZ, 5).byte_time, 0);
}

static void reasons_have_texts_and_sentences(void **state)
{
	(void)state;
	for (unsigned r = 0; r < STAMP_REASON_COUNT; r++) {
		assert_true(strlen(stamp_reason_text((enum stamp_reason)r)) > 2);
		assert_true(strlen(stamp_reason_sentence((enum stamp_reason)r)) > 4);
	}
	assert_string_equal(stamp_reason_text(STAMP_REASON_COUNT), "unknown");
	assert_string_equal(stamp_reason_sentence(STAMP_REASON_COUNT), "unknown");
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, r06_a_restarted_port_is_measured_anew);
	TABLE_ADD(&t, r06_a_restart_acquits_nobody);
	TABLE_ADD(&t, a_port_is_used_once_its_clock_is_known);
	TABLE_ADD(&t, t05_a_stamp_of_the_frames_end_is_not_carried_on);
	for (unsigned i = 0; i < TABLE_LENGTH(faults); i++)
		table_add(&t, faults[i].name, t06_a_fault_is_told_once_and_must_be_disproved,
			&faults[i]);
	TABLE_ADD(&t, t06_a_reading_that_fails_disproves_no_fault);
	TABLE_ADD(&t, a_line_outlives_a_reading_that_fails);
	for (unsigned i = 0; i < TABLE_LENGTH(refusals); i++)
		table_add(&t, refusals[i].name, t07_over_1_percent_refused_in_a_second_ends_it,
			&refusals[i]);
	TABLE_ADD(&t, t07_a_port_that_was_refused_is_tried_again_ever_more_seldom);
	TABLE_ADD(&t, t08_drivers_are_trusted_by_name);
	TABLE_ADD(&t, a_port_without_stamps_stays_without);
	TABLE_ADD(&t, reasons_have_texts_and_sentences);
	return table_run("rx_ts_monitor", &t);
}
