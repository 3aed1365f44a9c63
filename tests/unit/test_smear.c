// SPDX-License-Identifier: BSD-3-Clause
// Smeared time: S1 to S8 of the catalogue and T-15, on the function itself and through a responder.
#include "core/smear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/desk.h"
#include "harness/desk_case.h"
#include "harness/random.h"
#include "harness/table.h"

#define S (1ll << 32)

struct shape {
	const char *name;
	enum smear_kind kind;
	int8_t step;
};

static const struct shape shapes[] = {
	{"linear_inserted", SMEAR_LINEAR, 1},
	{"linear_left_out", SMEAR_LINEAR, -1},
	{"cosine_inserted", SMEAR_COSINE, 1},
	{"cosine_left_out", SMEAR_COSINE, -1},
};

static int64_t length_of(const struct shape *s)
{
	return (86400 + s->step) * S;
}

static int64_t lag(const struct shape *s, int64_t since)
{
	return smear_lag(s->kind, s->step, since);
}

// S8: exact at begin, middle and end, and outside.
static void check_exact(void **state)
{
	const struct shape *s = *state;
	int64_t length = length_of(s);
	static const int64_t outside[] = {0, 1, S, 86400 * S, INT64_MAX / 2};
	for (unsigned i = 0; i < TABLE_LENGTH(outside); i++) {
		assert_int_equal(lag(s, -outside[i]), 0);
		assert_int_equal(lag(s, length + outside[i]), s->step * S);
	}
	assert_int_equal(lag(s, length / 2), s->step * S / 2);
	// Half in the middle of the curve, and as much before it as there is left after it.
	for (int64_t i = 0; i <= 100000; i++) {
		int64_t since = length / 200000 * i;
		int64_t sum = llabs(lag(s, since)) + llabs(lag(s, length - since));
		assert_true(llabs(sum - S) <= 1);
	}
}

// What the curve is to be, in long double.
static long double lag_wanted(const struct shape *s, int64_t since)
{
	long double x = (long double)since / (long double)length_of(s);
	if (s->kind == SMEAR_COSINE)
		x = (1 - cosl(acosl(-1) * x)) / 2;
	return s->step * x * (long double)S;
}

static void point_check(const struct shape *s, int64_t since)
{
	if (fabsl((long double)lag(s, since) - lag_wanted(s, since)) > 1.0L)
		fail_msg("%s: %lld", s->name, (long long)since);
	// From one unit to the next at most one unit.
	int64_t rise = s->step * (lag(s, since + 1) - lag(s, since));
	assert_in_range(rise + 1, 0, 2);
}

// S1, S2, S3: the curve, over the whole day and at random.
static void check_curve(void **state)
{
	const struct shape *s = *state;
	uint64_t random = random_seed(s->name);
	int64_t length = length_of(s);
	for (int64_t i = 1; i < 400000; i++)
		point_check(s, length / 400000 * i);
	for (unsigned i = 0; i < 400000; i++)
		point_check(s, 1 + (int64_t)random_below(&random, (uint64_t)length - 2));
	for (int64_t i = -20000; i <= 20000; i++) {
		point_check(s, length / 2 + i);
		point_check(s, i < 0 ? length + i - 1 : i + 1);
	}
}

static struct clock_view noon_view(int8_t step)
{
	struct clock_view v = {
		.ref_cycles = {0},
		.ref_time = {1ull << 62},
		.mult = 1ull << NTP_MULT_SHIFT,
		.reference_time = {(1ull << 62) - 100 * S},
		.root_dispersion = 1000,
		.valid_cycles = {1000000 * (uint64_t)S},
		.leap = LEAP_NONE,
		.stratum = 2,
		.reference_id = 0x0a000001,
		.precision = -30,
		.leap_step = step,
		.leap_flags = LEAP_ANNOUNCED | LEAP_WINDOW,
	};
	// The smear begins an hour after ref_time.
	v.leap_at.raw = v.ref_time.raw + (uint64_t)(((step < 0 ? 43199 : 43200) + 3600) * S);
	return v;
}

// S8: no step between stamps and never backwards, over the leap and both noons, as a worker goes
// through them: by bursts, each crossing the leap for itself.
static void check_continuous(void **state)
{
	const struct shape *shape = *state;
	uint64_t random = random_seed(shape->name);
	struct clock_view own = noon_view(shape->step);
	uint64_t leap = own.leap_at.raw - own.ref_time.raw;
	uint64_t at = 0;
	uint64_t last = own.ref_time.raw;
	while (at < 95000 * (uint64_t)S) {
		// Dense around the leap and the noons.
		bool is_near = llabs((int64_t)(at - leap)) < S / 1000 ||
		               at % (43200 * (uint64_t)S) < S / 1000;
		uint64_t pass = 1 + random_below(&random, is_near ? 5000 : (uint64_t)S);
		struct smear_line line;
		at += pass;
		clock_view_cross(&own, (struct cycles){at});
		smear_prepare(shape->kind, &own, &line);
		uint64_t told = smear_time(&line, clock_view_time(&own, (struct cycles){at})).raw;
		// At most 18.2 ppm of what passed, and 1 ns.
		double off = fabs((double)(told - last) - (double)pass);
		if ((int64_t)(told - last) < 0 || off > (double)pass * 18.3e-6 + 4.3)
			fail_msg("%s: %llu units on, at %llu", shape->name,
				(unsigned long long)pass, (unsigned long long)at);
		last = told;
	}
	// UTC again.
	assert_true(last == clock_view_time(&own, (struct cycles){at}).raw);
}

// S3, S4, S5: no leap is told, the refid is marked between the noons alone, the reference time is
// smeared and never after T3.
static void check_answers(void **state)
{
	const struct shape *shape = *state;
	struct clock_view own = noon_view(shape->step);
	int64_t end = 3600 * S + length_of(shape);
	for (int64_t at = 0; at < 95000 * S; at += 7 * S / 3) {
		struct ntp_answer utc;
		struct ntp_answer a;
		struct smear_line line;
		struct cycles now = {(uint64_t)at};
		own.reference_time =
			(struct ntp_time){noon_view(shape->step).ref_time.raw + now.n - 1000};
		clock_view_cross(&own, now);
		if ((own.leap_flags & LEAP_CROSSED) != 0)
			own.reference_time.raw -= (uint64_t)(own.leap_step * S);
		smear_prepare(shape->kind, &own, &line);
		ntp_answer_prepare(&own, now, 5, &utc);
		ntp_answer_smear(&own, now, 5, &line, &a);
		assert_int_equal(a.leap, LEAP_NONE);
		assert_int_equal(a.stratum, 2);
		if (utc.stratum != 0)
			assert_memory_equal(&a.root_dispersion, &utc.root_dispersion, 4);
		struct ntp_time time = clock_view_time(&own, now);
		struct ntp_time t3 = smear_time(&line, time);
		int64_t offset = ntp_time_diff(t3, time);
		uint32_t id = be32_get(a.reference_id);
		if (at <= 3600 * S || at >= end) {
			assert_int_equal(offset, 0);
			assert_int_equal(id, own.reference_id);
		} else {
			assert_int_equal(id >> 24, 254);
			double read = ldexp((double)((int32_t)(id << 8) >> 8), -22);
			assert_true(fabs(read - ldexp((double)offset, -32)) <= ldexp(1, -22));
			assert_true(fabs(read) <= 0.5001);
		}
		int64_t age = ntp_time_diff(t3, (struct ntp_time){be64_get(a.reference_time)});
		assert_in_range(age, 999, 1002 + 4);
	}
}

static void a_reference_time_of_before_the_leap_is_smeared_as_it_was(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(shapes); i++) {
		const struct shape *shape = &shapes[i];
		struct clock_view own = noon_view(shape->step);
		struct smear_line before;
		struct smear_line after;
		struct ntp_time reference = {own.leap_at.raw - 600 * (uint64_t)S};
		smear_prepare(shape->kind, &own, &before);
		struct cycles at = {own.leap_at.raw - own.ref_time.raw + 60 * (uint64_t)S};
		clock_view_cross(&own, at);
		smear_prepare(shape->kind, &own, &after);
		assert_true(smear_past_time(&after, reference).raw ==
			    smear_time(&before, reference).raw);
		struct ntp_time late = clock_view_time(&own, at);
		assert_true(smear_past_time(&after, late).raw == smear_time(&after, late).raw);
	}
}

// Known too late, or taken back half-way: no jump, but no time either.
static void s4_what_cannot_be_smeared_is_not_synchronised(void **state)
{
	(void)state;
	struct clock_view v = noon_view(1);
	struct ntp_answer utc;
	struct ntp_answer a;
	struct smear_line line;
	struct cycles now = {7200 * (uint64_t)S};
	v.leap_flags |= LEAP_NO_SMEAR;
	smear_prepare(SMEAR_LINEAR, &v, &line);
	ntp_answer_prepare(&v, now, 0, &utc);
	ntp_answer_smear(&v, now, 0, &line, &a);
	assert_int_equal(utc.stratum, 2);
	assert_int_equal(utc.leap, LEAP_INSERT);
	assert_int_equal(a.leap, LEAP_UNKNOWN);
	assert_int_equal(a.stratum, 0);
	assert_int_equal(be32_get(a.reference_id), 0);
	assert_int_equal(be32_get(a.root_dispersion), 65536);
}

static void s3_the_reference_id_is_ntpds(void **state)
{
	static const struct {
		double offset;
		uint32_t id;
	} rows[] = {
		{0, 0xfe000000},
		{0.5, 0xfe200000},
		{-0.5, 0xfee00000},
		{0.25, 0xfe100000},
		{-0x1p-22, 0xfeffffff},
		{0x1p-22, 0xfe000001},
		{0x1p-23, 0xfe000001},
		{0x1p-24, 0xfe000000},
		{-1, 0xfec00000},
	};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++)
		assert_int_equal(
			smear_reference_id((int64_t)ldexp(rows[i].offset, 32)), rows[i].id);
}

// A frame to one of the desk's addresses with its last byte changed.
static struct frame_spec frame_to(bool is_ip6, uint8_t last)
{
	struct frame_spec s = desk_good(is_ip6 ? 1 : 0);
	s.ip_destination[s.is_ip6 ? 15 : 3] = last;
	return s;
}

static uint64_t number_at(const uint8_t *at)
{
	struct be64 n;
	memcpy(&n, at, sizeof(n));
	return be64_get(n);
}

#define SMEARED_LAST 77

// A service with one more address of each family, which serves smeared time.
static void service_extend(struct service *s, enum smear_kind kind)
{
	struct be32 ip4 = s->ip4[0];
	struct ip6 ip6 = s->ip6[0];
	ip4.byte[3] = SMEARED_LAST;
	ip6.byte[15] = SMEARED_LAST;
	assert_true(service_add_ip4(s, ip4, 24) && service_add_ip6(s, ip6));
	assert_true(service_smear_ip4(s, ip4) && service_smear_ip6(s, ip6));
	s->smear = (uint8_t)kind;
}

#define FRAMES 12

struct burst {
	uint8_t bytes[FRAMES][FRAME_ROOM];
	struct packet packet[FRAMES];
	struct responder r;
};

// Frames to both kinds of addresses in turn.
static void burst_fill(struct burst *b)
{
	for (unsigned i = 0; i < FRAMES; i++) {
		struct frame_spec s = frame_to(i / 2 % 2 == 1, 0);
		s = i % 2 == 1 ? frame_to(i / 2 % 2 == 1, SMEARED_LAST) : desk_good(i / 2 % 2);
		size_t length = frame_build(&s, b->bytes[i]);
		b->packet[i] = (struct packet){.data = b->bytes[i],
			.length = (uint16_t)length,
			.is_whole = true,
			.verdict = V_MULTI_SEGMENT};
	}
}

static const uint8_t *reply_message(const struct burst *b, unsigned i)
{
	return b->bytes[i] + (b->packet[i].is_ip6 ? 14 + 40 + 8 : 14 + 20 + 8);
}

static void burst_run(struct burst *b, const struct clock_view *v, struct cycles now,
	struct ntp_answer *ret_utc, struct burst_times *ret_times)
{
	burst_fill(b);
	*ret_times = (struct burst_times){
		clock_view_time(v, (struct cycles){now.n - 40000}), clock_view_time(v, now)};
	ntp_answer_prepare(v, now, 0, ret_utc);
	assert_int_equal(responder_open(&b->r, b->packet, FRAMES), FRAMES);
	responder_smear(&b->r, v, now, 0);
	responder_answer(&b->r, b->packet, FRAMES, ret_utc, ret_times);
}

// S6, S5: plain UTC and smeared time in one burst, by address.
static void s6_two_times_in_one_burst(void **state)
{
	(void)state;
	for (unsigned k = 0; k < TABLE_LENGTH(shapes); k++) {
		static struct burst b;
		struct service service = desk.service;
		struct clock_view v = noon_view(shapes[k].step);
		struct ntp_answer utc;
		struct burst_times t;
		struct cycles now = {30000 * (uint64_t)S};
		service_extend(&service, shapes[k].kind);
		responder_init(&b.r, &service, 1);
		burst_run(&b, &v, now, &utc, &t);
		int64_t off = ntp_time_diff(smear_time(&b.r.smear, t.transmit), t.transmit);
		assert_true(llabs(off) > S / 20 && llabs(off) < S / 2);
		for (unsigned i = 0; i < FRAMES; i++) {
			bool is_smeared = i % 2 == 1;
			const uint8_t *m = reply_message(&b, i);
			int64_t t2 = (int64_t)(number_at(m + 32) - t.receive.raw);
			int64_t t3 = (int64_t)(number_at(m + 40) - t.transmit.raw);
			int64_t reference = (int64_t)(number_at(m + 16) - v.reference_time.raw);
			assert_true(is_smeared || b.packet[i].way != PATH_SLOW);
			assert_false(is_smeared && b.packet[i].way != PATH_SLOW);
			assert_int_equal(m[0] >> 6, is_smeared ? LEAP_NONE : utc.leap);
			assert_int_equal(m[12] == 254, is_smeared);
			// Two bits of noise below the precision.
			assert_true(llabs(t3 - (is_smeared ? off : 0)) <= 8);
			assert_true(llabs(t2 - (is_smeared ? off : 0)) <= 8);
			assert_true(llabs(reference) <= 4 || is_smeared);
			assert_true(number_at(m + 40) > number_at(m + 32));
			assert_true(number_at(m + 16) <= number_at(m + 40));
		}
	}
}

// T-15: without smear_kind, or without a leap, such an address tells UTC, and so do all others.
static void t15_off_is_utc_to_the_bit(void **state)
{
	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		static struct burst b;
		struct service service = desk.service;
		struct clock_view v = noon_view(k == 0 ? 0 : 1);
		struct ntp_answer utc;
		struct burst_times t;
		service_extend(&service, k == 0 ? SMEAR_LINEAR : SMEAR_OFF);
		v.precision = -32; // no noise
		responder_init(&b.r, &service, 1);
		burst_run(&b, &v, (struct cycles){30000 * (uint64_t)S}, &utc, &t);
		for (unsigned i = 0; i < FRAMES; i++) {
			const uint8_t *m = reply_message(&b, i);
			assert_true(number_at(m + 32) == t.receive.raw);
			assert_true(number_at(m + 40) == t.transmit.raw);
			assert_true(number_at(m + 16) == v.reference_time.raw);
			assert_int_equal(m[12], 10);
		}
	}
}

// A port whose first address serves smeared time has no fast path for that family.
static void s6_a_first_address_of_smeared_time_goes_the_slow_path(void **state)
{
	(void)state;
	static struct burst b;
	struct service service = desk.service;
	struct clock_view v = noon_view(1);
	struct ntp_answer utc;
	struct burst_times t;
	service_extend(&service, SMEAR_COSINE);
	assert_true(service_smear_ip4(&service, service.ip4[0]));
	assert_true(service_smear_ip6(&service, service.ip6[0]));
	responder_init(&b.r, &service, 1);
	burst_run(&b, &v, (struct cycles){30000 * (uint64_t)S}, &utc, &t);
	for (unsigned i = 0; i < FRAMES; i++) {
		assert_int_equal(b.packet[i].way, PATH_SLOW);
		assert_int_equal(reply_message(&b, i)[12], 254);
	}
}

static void only_own_addresses_can_be_smeared(void **state)
{
	(void)state;
	struct service s = desk.service;
	struct be32 ip4 = {{203, 0, 114, 9}};
	struct ip6 ip6 = {{0x20, 1, 9}};
	assert_false(service_smears(&s));
	assert_false(service_smear_ip4(&s, ip4));
	assert_false(service_smear_ip6(&s, ip6));
	assert_false(service_smears(&s));
	service_extend(&s, SMEAR_LINEAR);
	assert_true(service_smears(&s));
	assert_false(service_smears_ip4(&s, s.ip4[0].byte));
	assert_false(service_smears_ip6(&s, s.ip6[0].byte));
	assert_true(service_smears_ip4(&s, s.ip4[s.ip4_count - 1].byte));
	assert_true(service_smears_ip6(&s, s.ip6[s.ip6_count - 1].byte));
	assert_false(service_smears_ip4(&s, ip4.byte));
	assert_false(service_smears_ip6(&s, ip6.byte));
}

static char names[4][TABLE_LENGTH(shapes)][64];

static void shapes_add(struct table *t, unsigned k, const char *prefix, CMUnitTestFunction run)
{
	for (unsigned i = 0; i < TABLE_LENGTH(shapes); i++) {
		snprintf(names[k][i], sizeof(names[k][i]), "%s_%s", prefix, shapes[i].name);
		table_add(t, names[k][i], run, &shapes[i]);
	}
}

int main(void)
{
	static struct table t;
	shapes_add(&t, 0, "s8_exact_at_begin_middle_and_end", check_exact);
	shapes_add(&t, 1, "s1_s2_the_curve", check_curve);
	shapes_add(&t, 2, "s8_continuous_and_monotonic", check_continuous);
	shapes_add(&t, 3, "s3_s4_s5_answers", check_answers);
	TABLE_ADD(&t, a_reference_time_of_before_the_leap_is_smeared_as_it_was);
	TABLE_ADD(&t, s4_what_cannot_be_smeared_is_not_synchronised);
	TABLE_ADD(&t, s3_the_reference_id_is_ntpds);
	TABLE_ADD(&t, s6_two_times_in_one_burst);
	TABLE_ADD(&t, t15_off_is_utc_to_the_bit);
	TABLE_ADD(&t, s6_a_first_address_of_smeared_time_goes_the_slow_path);
	TABLE_ADD(&t, only_own_addresses_can_be_smeared);
	return table_run_between("smear", &t, desk_set_up, desk_tear_down);
}
