// SPDX-License-Identifier: BSD-3-Clause
// Stamps against the truth: a port's clock of any rate and width, and a counter of any rate.
#include "worker/rx_stamp.h"

#include <math.h>

#include "harness/random.h"
#include "harness/table.h"

__extension__ typedef unsigned __int128 uint128;

#define NS_PER_S 1000000000u

// A port's clock and the counter beside it, both exact: reading one gives the other.
struct desk {
	double counter_hz;
	double clock_hz;
	unsigned width;
	uint64_t cycles_at_ref;
	uint64_t ticks_at_ref;
	struct clock_view time;
	struct port_view port;
	struct rx_stamp_line line;
};

static void desk_make(struct desk *d, double counter_hz, double clock_hz, unsigned width)
{
	*d = (struct desk){.counter_hz = counter_hz, .clock_hz = clock_hz, .width = width};
	d->cycles_at_ref = 123456789012345u;
	d->ticks_at_ref = 987654321098765u;
	d->time = (struct clock_view){
		.ref_cycles = {d->cycles_at_ref + (uint64_t)(counter_hz * 0.05)},
		.ref_time = {0xeb9a5f0012345678u},
		.mult = (uint64_t)llround(ldexp(1 / counter_hz, 32 + NTP_MULT_SHIFT)),
	};
	d->port = (struct port_view){
		.ref_ticks = d->ticks_at_ref,
		.ref_cycles = {d->cycles_at_ref},
		.mult = (uint64_t)llround(ldexp(counter_hz / clock_hz, PORT_MULT_SHIFT)),
		.valid_cycles = {(uint64_t)counter_hz},
		.max_age = UINT32_MAX / 100, // 10 ms
		.width = (uint8_t)width,
		.flags = PORT_VIEW_FIT,
	};
}

static uint64_t width_mask(unsigned width)
{
	return UINT64_MAX >> (64 - width);
}

// Prepares for a burst `since_ns` after the reference.
static void desk_receive(struct desk *d, double since_ns)
{
	struct cycles now = {
		d->cycles_at_ref + (uint64_t)(int64_t)llround(since_ns * 1e-9 * d->counter_hz)};
	rx_stamp_prepare(&d->port, &d->time, now, &d->line);
}

// The clock's ticks `since_ns` after the reference, as the port hands them out.
static uint64_t ticks_at(const struct desk *d, double since_ns)
{
	int64_t ticks = llround(since_ns * 1e-9 * d->clock_hz);
	return (d->ticks_at_ref + (uint64_t)ticks) & width_mask(d->width);
}

// How far T2 is off the truth `since_ns` after the reference, in ns.
static double error_ns(const struct desk *d, struct ntp_time t2, double since_ns)
{
	struct cycles ref = {d->cycles_at_ref};
	double units = (double)ntp_time_diff(t2, clock_view_time(&d->time, ref));
	return ldexp(units, -32) * 1e9 - since_ns;
}

struct rate_row {
	const char *name;
	double counter_hz;
	double clock_hz;
	unsigned width;
};

static const struct rate_row rates[] = {
	{"T-06: 156.25 MHz plus 37 ppm, 63 bits", 2.3e9, 156.25e6 * (1 + 37e-6), 63},
	{"T-06: nanoseconds of 32 bits", 2.3e9, 1e9, 32},
	{"T-06: nanoseconds of 64 bits", 3e9, 1e9 * (1 - 12e-6), 64},
	{"T-06: 1 GHz of 48 bits on a counter of 25 MHz", 25e6, 1e9, 48},
	{"T-05: microseconds of 64 bits", 2.6e9, 1e6, 64},
	{"T-06: a clock of 25 MHz", 5e9, 25e6, 40},
};

// Every stamp within the window of every burst within the line's life gives its time, to a tick.
static void t06_a_stamp_is_its_time_at_any_rate_and_width(void **state)
{
	const struct rate_row *row = *state;
	uint64_t random = random_seed(row->name);
	double tick_ns = 1e9 / row->clock_hz + 1e9 / row->counter_hz + 1;
	struct ntp_time t2;
	struct desk d;
	desk_make(&d, row->counter_hz, row->clock_hz, row->width);
	for (unsigned i = 0; i < 20000; i++) {
		double now = (double)random_below(&random, 999 * 1000000u);
		double age = 2 * tick_ns + (double)random_below(&random, 9900000);
		d.ticks_at_ref = random_u64(&random) & width_mask(row->width);
		d.port.ref_ticks = d.ticks_at_ref;
		desk_receive(&d, now);
		assert_int_equal(
			rx_stamp_read(&d.line, ticks_at(&d, now - age), 90, &t2), STAMP_USED);
		assert_true(fabs(error_ns(&d, t2, now - age)) <= tick_ns);
	}
}

struct window_row {
	const char *name;
	double age_ns;
	enum stamp fate;
};

static const struct window_row windows[] = {
	{"now", 0, STAMP_USED},
	{"1.9 us ahead, which two lines may be apart", -1900, STAMP_USED},
	{"2.1 us ahead", -2100, STAMP_FUTURE},
	{"a second ahead", -1e9, STAMP_FUTURE},
	{"9.99 ms old", 9.99e6, STAMP_USED},
	{"10.01 ms old", 10.01e6, STAMP_OLD},
	{"a second old", 1e9, STAMP_OLD},
	{"T-07: 4.29 s ahead, as ice jumps, in 64 bits", -4294967296.0, STAMP_FUTURE},
};

static void t06_only_what_can_have_happened_is_believed(void **state)
{
	const struct window_row *row = *state;
	struct ntp_time t2 = {77};
	struct desk d;
	desk_make(&d, 2.3e9, 1e9, 64);
	desk_receive(&d, 5e7);
	assert_int_equal(
		rx_stamp_read(&d.line, ticks_at(&d, 5e7 - row->age_ns), 90, &t2), row->fate);
	assert_int_equal(t2.raw == 77, row->fate != STAMP_USED);
}

// T-07: a driver that extends 32 bits of hardware to 64 gets the upper ones wrong after a stamp
// that is missing, or out of order: they do not count.
static void t07_upper_bits_of_the_drivers_making_do_not_count(void **state)
{
	(void)state;
	struct ntp_time right;
	struct ntp_time t2;
	struct desk d;
	desk_make(&d, 2.3e9, 1e9, 32);
	d.port.flags |= PORT_VIEW_ZERO_IS_INVALID;
	desk_receive(&d, 5e7);
	uint64_t ticks = ticks_at(&d, 5e7 - 1000);
	assert_int_equal(rx_stamp_read(&d.line, ticks, 90, &right), STAMP_USED);
	for (uint64_t high = 1; high < 1000; high++) {
		assert_int_equal(rx_stamp_read(&d.line, ticks | high << 32, 90, &t2), STAMP_USED);
		assert_int_equal(t2.raw, right.raw);
		assert_int_equal(rx_stamp_read(&d.line, high << 32, 90, &t2), STAMP_ZERO);
	}
}

// T-07: zeros are zeros only where the driver says so; elsewhere they are an instant like others.
static void t07_zero_is_invalid_only_where_the_profile_says_so(void **state)
{
	(void)state;
	struct ntp_time t2;
	struct desk d;
	desk_make(&d, 2.3e9, 1e9, 64);
	d.ticks_at_ref = 0ull - 50000000;
	d.port.ref_ticks = d.ticks_at_ref;
	desk_receive(&d, 5e7 + 1000);
	assert_int_equal(rx_stamp_read(&d.line, 0, 90, &t2), STAMP_USED);
	assert_true(fabs(error_ns(&d, t2, 5e7)) < 2);
	d.port.flags |= PORT_VIEW_ZERO_IS_INVALID;
	desk_receive(&d, 5e7 + 1000);
	assert_int_equal(rx_stamp_read(&d.line, 0, 90, &t2), STAMP_ZERO);
	assert_int_equal(rx_stamp_read(&d.line, 1, 90, &t2), STAMP_USED);
}

// Garbage of 64 bits: one in 10^10 falls into the window by chance, and none comes round into it.
static void t06_garbage_is_not_believed(void **state)
{
	(void)state;
	uint64_t random = random_seed("garbage");
	struct ntp_time t2;
	struct desk d;
	unsigned believed = 0;
	desk_make(&d, 2.3e9, 1e9, 64);
	desk_receive(&d, 5e7);
	for (unsigned i = 0; i < 1000000; i++)
		believed += rx_stamp_read(&d.line, random_u64(&random), 90, &t2) == STAMP_USED;
	assert_int_equal(believed, 0);
	// 2^64 NTP units are 136 years: such a stamp has the right bits, and is wrong.
	uint128 round = ((uint128)1 << (64 + PORT_MULT_SHIFT)) / d.line.mult;
	uint64_t ticks = ticks_at(&d, 5e7 - 1000) + (uint64_t)round;
	assert_int_equal(rx_stamp_read(&d.line, ticks, 90, &t2), STAMP_FUTURE);
}

struct end_row {
	const char *name;
	uint32_t mbps;
	unsigned length; // without FCS
	double ns;
};

static const struct end_row ends[] = {
	{"94 bytes and FCS at 1 Gbit/s take 784 ns", 1000, 94, 784},
	{"at 10 Gbit/s 78 ns", 10000, 94, 78.4},
	{"at 25 Gbit/s 31 ns", 25000, 94, 31.36},
	{"at 100 Gbit/s 8 ns", 100000, 94, 7.84},
	{"at 100 Mbit/s 7.84 us", 100, 94, 7840},
	{"a long frame at 10 Mbit/s", 10, 1518, 1217600},
};

static void t06_a_stamp_is_carried_to_the_frames_end(void **state)
{
	const struct end_row *row = *state;
	struct ntp_time t2;
	struct desk d;
	desk_make(&d, 2.3e9, 1e9, 64);
	d.port.byte_time = (uint32_t)llround(8e6 / row->mbps * 1e-12 * 0x1p48);
	desk_receive(&d, 5e7);
	double begin = 5e7 - row->ns - 100;
	assert_int_equal(rx_stamp_read(&d.line, ticks_at(&d, begin), row->length, &t2), STAMP_USED);
	assert_true(fabs(error_ns(&d, t2, begin + row->ns)) < 2);
}

// A moment goes to ticks and back, to a tick.
static void a_moment_has_its_ticks(void **state)
{
	const struct rate_row *row = *state;
	uint64_t random = random_seed(row->name);
	struct desk d;
	desk_make(&d, row->counter_hz, row->clock_hz, 64);
	d.port.ref_fraction = 40000;
	for (unsigned i = 0; i < 20000; i++) {
		double since = (double)random_below(&random, 1000000000) - 5e8;
		struct cycles at = {
			d.cycles_at_ref + (uint64_t)(int64_t)(since * 1e-9 * row->counter_hz)};
		uint64_t ticks = 0;
		assert_true(rx_stamp_ticks(&d.port, (struct cycles){d.cycles_at_ref}, at, &ticks));
		double cycles = (double)(int64_t)(ticks - d.ticks_at_ref) *
		                ldexp((double)d.port.mult, -PORT_MULT_SHIFT);
		double miss = cycles + 40000.0 / 65536 - (double)(int64_t)(at.n - d.cycles_at_ref);
		assert_true(fabs(miss) <= row->counter_hz / row->clock_hz + 1);
	}
	uint64_t none = 77;
	d.port.flags = 0;
	assert_false(rx_stamp_ticks(&d.port, d.port.ref_cycles, d.port.ref_cycles, &none));
	assert_int_equal(none, 77);
}

static void a_line_that_may_not_be_used_says_why(void **state)
{
	(void)state;
	struct ntp_time t2;
	struct desk d;
	desk_make(&d, 2.3e9, 1e9, 64);
	desk_receive(&d, 1e9 + 100);
	assert_int_equal(rx_stamp_read(&d.line, ticks_at(&d, 1e9), 90, &t2), STAMP_STALE);
	desk_receive(&d, 1e9 - 100);
	assert_int_equal(rx_stamp_read(&d.line, ticks_at(&d, 1e9 - 500), 90, &t2), STAMP_USED);
	// Measured again while the burst was on its way.
	desk_receive(&d, -1000);
	assert_int_equal(rx_stamp_read(&d.line, ticks_at(&d, -2000), 90, &t2), STAMP_USED);
	d.port.flags = 0;
	desk_receive(&d, 5e7);
	assert_int_equal(rx_stamp_read(&d.line, ticks_at(&d, 5e7), 90, &t2), STAMP_NO_FIT);
	d.port.flags = PORT_VIEW_FIT;
	d.time.mult = 0;
	desk_receive(&d, 5e7);
	assert_int_equal(rx_stamp_read(&d.line, ticks_at(&d, 5e7), 90, &t2), STAMP_NO_FIT);
	// Nothing was ever published.
	d.time.mult = 1ull << 50;
	d.port = (struct port_view){0};
	desk_receive(&d, 5e7);
	assert_int_equal(rx_stamp_read(&d.line, ticks_at(&d, 5e7), 90, &t2), STAMP_NO_FIT);
}

// A clock in nanoseconds that reads 5 s at some time.
static void t05_nanoseconds_before_a_moment_are_exact(void **state)
{
	(void)state;
	const struct ntp_time now = {0xeb9a5f0012345678u};
	struct rx_stamp_line line;
	struct ntp_time t2;
	rx_stamp_prepare_ns(5000000000u, now, 77, &line);
	assert_int_equal(line.error_bound, 77);
	for (uint64_t ago = 0; ago < 1000000000; ago += 997300) {
		assert_int_equal(rx_stamp_read(&line, 5000000000u - ago, 90, &t2), STAMP_USED);
		int64_t right = ntp_time_from_nanos((struct nanos){(int64_t)ago});
		assert_in_range(ntp_time_diff(now, t2) - right + 4, 0, 8);
	}
	assert_int_equal(rx_stamp_read(&line, 5000000000u - 1000001000, 90, &t2), STAMP_OLD);
	assert_int_equal(rx_stamp_read(&line, 5000000000u + 2100, 90, &t2), STAMP_FUTURE);
	assert_int_equal(rx_stamp_read(&line, 0, 90, &t2), STAMP_ZERO);
	assert_int_equal(rx_stamp_read(&line, UINT64_MAX, 90, &t2), STAMP_OLD);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(rates); i++)
		table_add(&t, rates[i].name, t06_a_stamp_is_its_time_at_any_rate_and_width,
			&rates[i]);
	for (unsigned i = 0; i < TABLE_LENGTH(windows); i++)
		table_add(&t, windows[i].name, t06_only_what_can_have_happened_is_believed,
			&windows[i]);
	for (unsigned i = 0; i < TABLE_LENGTH(rates); i++)
		table_add(&t, rates[i].name, a_moment_has_its_ticks, &rates[i]);
	TABLE_ADD(&t, t07_upper_bits_of_the_drivers_making_do_not_count);
	TABLE_ADD(&t, t07_zero_is_invalid_only_where_the_profile_says_so);
	TABLE_ADD(&t, t06_garbage_is_not_believed);
	for (unsigned i = 0; i < TABLE_LENGTH(ends); i++)
		table_add(&t, ends[i].name, t06_a_stamp_is_carried_to_the_frames_end, &ends[i]);
	TABLE_ADD(&t, t05_nanoseconds_before_a_moment_are_exact);
	TABLE_ADD(&t, a_line_that_may_not_be_used_says_why);
	return table_run("rx_stamp", &t);
}
