// SPDX-License-Identifier: BSD-3-Clause
// Interleaved mode (RFC 9769): clients that name an earlier reply by its T2, bursts through the
// fast path and the slow one side by side, and what must stay in basic mode.
#include "core/interleave.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/responder.h"
#include "harness/desk_case.h"
#include "harness/random.h"
#include "harness/reply_check.h"

#define STRIDE    128
#define BUCKETS   4096
#define SENT_LATE 40000 // NTP units from T3 as predicted to T3 as measured

// One server, twice: what takes the fast path must be what takes the slow one.
struct server {
	struct interleave table[2];
	struct interleave_bucket bucket[2][BUCKETS];
	struct responder r[2];
	struct ntp_time now;
	struct ntp_time left; // T3 of the last burst's first reply, as measured
	bool is_stamped;      // packets have the port's stamps
};

// What a client sends, and what it got.
struct client {
	uint64_t origin, receive, transmit;
	unsigned index;
	enum sum_kind
		sum; // of its request: a wrong one is dropped, a zero takes the slow path over IPv4
	uint8_t got[48];
};

static struct server *server_open(unsigned worker, unsigned workers, size_t buckets)
{
	struct server *s = calloc(1, sizeof(*s));
	assert_non_null(s);
	for (unsigned i = 0; i < 2; i++) {
		s->r[i] = i == 0 ? desk.fast_path : desk.slow_path;
		interleave_init(&s->table[i], s->bucket[i], buckets, worker, workers);
		s->table[i].secret = 0x123456789abcdef;
		responder_interleave(&s->r[i], &s->table[i], 0);
		s->r[i].tx_step = 289;
	}
	s->now = desk.times.receive;
	return s;
}

static size_t request_build(const struct client *c, uint8_t *frame)
{
	struct frame_spec s = desk_good(c->index & 1);
	s.source_port = (uint16_t)(1024 + c->index);
	s.udp_sum = c->sum;
	const uint64_t field[3] = {c->origin, c->receive, c->transmit};
	for (unsigned i = 0; i < 3; i++)
		for (unsigned b = 0; b < 8; b++)
			s.payload[24 + 8 * i + b] = (uint8_t)(field[i] >> (56 - 8 * b));
	uint8_t built[FRAME_ROOM];
	size_t length = frame_build(&s, built);
	memcpy(frame, built, length);
	return length;
}

// One way's burst: the first `sent` replies leave. Returns what they came to.
static struct burst_sent burst_one(
	struct server *s, unsigned way, struct packet *packets, unsigned n, unsigned sent)
{
	struct responder *r = &s->r[way];
	const struct burst_times t = {s->now, ntp_time_add(s->now, 30000)};
	unsigned answers = 0;
	unsigned opened = responder_open(r, packets, n);
	for (unsigned i = 0; i < n; i++)
		answers += verdict_is_answer(packets[i].verdict);
	assert_int_equal(opened, answers);
	responder_answer(r, packets, n, &desk.answer, &t);
	struct ntp_time left = ntp_time_add(t.transmit, SENT_LATE);
	return responder_sent(r, packets, n, sent < opened ? sent : opened, &left);
}

// The port's stamp of a burst's i-th packet: two have the same time.
static struct ntp_time stamp_of(struct ntp_time now, unsigned i)
{
	return ntp_time_add(now, 40 * (int64_t)(i / 2) - 9000);
}

// Sends the clients' requests as one burst, both ways; replies go to their `got`.
static void burst(struct server *s, struct client *c, unsigned n, unsigned sent)
{
	static uint8_t bytes[2][RESPONDER_BURST][STRIDE];
	static struct packet packets[2][RESPONDER_BURST];
	struct burst_sent came_to[2];
	memset(bytes, 0, sizeof(bytes));
	for (unsigned way = 0; way < 2; way++) {
		for (unsigned i = 0; i < n; i++) {
			size_t length = request_build(&c[i], bytes[way][i]);
			packets[way][i] = (struct packet){.data = bytes[way][i],
				.length = (uint16_t)length,
				.is_whole = true,
				.has_rx_time = s->is_stamped,
				.rx_time = stamp_of(s->now, i)};
		}
		came_to[way] = burst_one(s, way, packets[way], n, sent);
	}
	assert_memory_equal(&came_to[0], &came_to[1], sizeof(came_to[0]));
	assert_memory_equal(bytes[0], bytes[1], sizeof(bytes[0]));
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(packets[0][i].verdict, packets[1][i].verdict);
		assert_int_equal(packets[0][i].verdict == V_UDP_CHECKSUM, c[i].sum == SUM_WRONG);
		memcpy(c[i].got, bytes[0][i] + packets[0][i].length - 48, 48);
	}
	s->left.raw = (s->now.raw + 30000 + SENT_LATE) & ~1ull;
	s->now = ntp_time_add(s->now, 1000000);
}

static uint64_t got_origin(const struct client *c)
{
	return reply_u64(c->got + 24);
}

static uint64_t got_receive(const struct client *c)
{
	return reply_u64(c->got + 32);
}

static uint64_t got_transmit(const struct client *c)
{
	return reply_u64(c->got + 40);
}

static void begin(struct client *c, unsigned index)
{
	*c = (struct client){.transmit = 0x1111111111111111u * (1 + index % 14), .index = index};
}

// The request after a reply (RFC 9769 section 2): origin is the server's T2, receive the client's
// T4.
static void ask_again(struct client *c)
{
	c->origin = got_receive(c);
	c->receive = c->transmit + 77;
	c->transmit += 0x100000003;
}

static void assert_basic(const struct client *c)
{
	assert_true(got_origin(c) == c->transmit);
	assert_true((int64_t)(got_transmit(c) - got_receive(c)) > 0);
	assert_int_equal(got_transmit(c) & 1, 0);
}

static void assert_paired(const struct client *c, uint64_t transmit)
{
	assert_true(got_origin(c) == c->receive);
	assert_true(got_transmit(c) == transmit);
}

// A server that answered client `index` once.
static struct server *server_met(struct client *c, unsigned index)
{
	struct server *s = server_open(0, 1, BUCKETS);
	begin(c, index);
	burst(s, c, 1, 1);
	return s;
}

// The error of T2: its lower bits are a mark.
static void assert_t2(const struct client *c, struct ntp_time when, unsigned workers)
{
	int64_t off = (int64_t)(got_receive(c) - when.raw);
	int64_t grid = (int64_t)1 << interleave_grid_bits(workers);
	assert_true(off > -grid && off < grid);
}

static void i2_i3_i4_the_second_reply_tells_of_the_first_once(void **state)
{
	(void)state;
	for (unsigned family = 0; family < 2; family++) {
		struct server *s = server_open(0, 1, BUCKETS);
		struct client c;
		begin(&c, family);
		struct ntp_time came = s->now;
		burst(s, &c, 1, 1);
		assert_basic(&c);
		assert_t2(&c, came, 1);
		for (unsigned i = 0; i < 5; i++) {
			uint64_t left = s->left.raw;
			came = s->now;
			ask_again(&c);
			burst(s, &c, 1, 1);
			assert_paired(&c, left);
			assert_t2(&c, came, 1);
		}
		struct client once = c;
		once.origin = c.origin; // what was asked for already
		burst(s, &once, 1, 1);
		assert_basic(&once);
		free(s);
	}
}

// What is dropped between them asks for nothing, and what takes the slow path asks like the others.
static void i2_a_burst_of_both_ways_and_drops(void **state)
{
	(void)state;
	struct server *s = server_open(0, 1, BUCKETS);
	struct client c[INTERLEAVE_REPLIES];
	for (unsigned i = 0; i < INTERLEAVE_REPLIES; i++)
		begin(&c[i], i);
	burst(s, c, INTERLEAVE_REPLIES, INTERLEAVE_REPLIES);
	uint64_t left = s->left.raw;
	for (unsigned i = 0; i < INTERLEAVE_REPLIES; i++) {
		ask_again(&c[i]);
		c[i].sum = i % 5 == 0 ? SUM_WRONG : i % 2 == 0 && i % 3 == 0 ? SUM_ZERO : SUM_RIGHT;
	}
	burst(s, c, INTERLEAVE_REPLIES, INTERLEAVE_REPLIES);
	for (unsigned i = 0; i < INTERLEAVE_REPLIES; i++)
		if (c[i].sum != SUM_WRONG)
			assert_paired(&c[i], left + i * 288);
	// Those who were dropped may still ask.
	for (unsigned i = 0; i < INTERLEAVE_REPLIES; i += 5) {
		c[i].sum = SUM_RIGHT;
		burst(s, &c[i], 1, 1);
		assert_paired(&c[i], left + i * 288);
	}
	free(s);
}

static void i1_equal_receive_and_transmit_is_basic(void **state)
{
	(void)state;
	struct client c;
	struct server *s = server_met(&c, 0);
	ask_again(&c);
	struct client same = c;
	same.receive = same.transmit;
	burst(s, &same, 1, 1);
	assert_basic(&same);
	burst(s, &c, 1, 1);
	assert_true(got_origin(&c) == c.receive);
	free(s);
}

// S-12: what looks like one of our T2 and is none; zeros, all ones, T2 of the neighbour, our own
// T3.
static void i1_s12_an_origin_that_was_never_sent_is_basic(void **state)
{
	(void)state;
	struct server *s = server_open(0, 1, BUCKETS);
	uint64_t random = random_seed("origins");
	struct client c;
	begin(&c, 0);
	burst(s, &c, 1, 1);
	uint64_t t2 = got_receive(&c);
	uint64_t t3 = got_transmit(&c);
	for (unsigned i = 0; i < 20000; i++) {
		begin(&c, i);
		c.receive = random_u64(&random);
		c.origin = random_u64(&random);
		if (i < 64)
			c.origin = t2 ^ 1ull << i;
		else if (i < 70)
			c.origin = (const uint64_t[]){0, UINT64_MAX, t3, t3 | 1, t3 ^ 1, 1}[i - 64];
		burst(s, &c, 1, 1);
		assert_basic(&c);
	}
	free(s);
}

static void both_ways_and_every_place_of_a_burst(void **state)
{
	(void)state;
	struct server *s = server_open(2, 5, BUCKETS);
	uint64_t random = random_seed("bursts");
	static struct client c[RESPONDER_BURST];
	static uint64_t told[RESPONDER_BURST]; // 0: nothing to ask for
	unsigned paired = 0;
	for (unsigned i = 0; i < RESPONDER_BURST; i++)
		begin(&c[i], i);
	for (unsigned round = 0; round < 3000; round++) {
		unsigned first = (unsigned)random_below(&random, RESPONDER_BURST);
		unsigned n = 1 + (unsigned)random_below(&random, RESPONDER_BURST - first);
		unsigned sent = random_below(&random, 8) == 0 ? n / 2 : n;
		for (unsigned i = first; i < first + n; i++)
			ask_again(&c[i]);
		burst(s, &c[first], n, sent);
		for (unsigned k = 0; k < n; k++) {
			unsigned i = first + k;
			if (told[i] != 0)
				assert_paired(&c[i], told[i]);
			else
				assert_basic(&c[i]);
			paired += told[i] != 0;
			// Steps are even.
			told[i] = k < sent && k < INTERLEAVE_REPLIES ? s->left.raw + k * 288 : 0;
			assert_int_equal(got_receive(&c[i]) & 1, k < INTERLEAVE_REPLIES);
		}
	}
	printf("# %u interleaved replies\n", paired);
	assert_in_range(paired, 20000, 64 * 3000);
	free(s);
}

static int number_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

// The T2 that have a mark. Returns how many.
static size_t marked_take(const struct client *c, unsigned n, uint64_t *ret_t2)
{
	size_t count = 0;
	for (unsigned k = 0; k < n; k++)
		if ((got_receive(&c[k]) & 1) != 0)
			ret_t2[count++] = got_receive(&c[k]);
	return count;
}

// Five workers whose bursts come in the same nanoseconds, some with a clock that goes back by them.
static void i5_every_t2_is_one_replys_alone(void **state)
{
	enum { WORKERS = 5, BURSTS = 4000 };
	static uint64_t t2[WORKERS * BURSTS * 3];
	static struct client c[3];
	uint64_t random = random_seed("unique");
	size_t count = 0;
	(void)state;
	struct server *s[WORKERS];
	for (unsigned w = 0; w < WORKERS; w++)
		s[w] = server_open(w, WORKERS, BUCKETS);
	for (unsigned i = 0; i < BURSTS; i++) {
		struct ntp_time now = ntp_time_add(desk.times.receive, 200ll * i);
		for (unsigned w = 0; w < WORKERS; w++) {
			s[w]->now = ntp_time_add(now, (int64_t)random_below(&random, 900) - 450);
			for (unsigned k = 0; k < 3; k++)
				begin(&c[k], k);
			burst(s[w], c, 3, 3);
			count += marked_take(c, 3, &t2[count]);
		}
	}
	qsort(t2, count, sizeof(t2[0]), number_compare);
	for (size_t i = 1; i < count; i++)
		assert_true(t2[i] != t2[i - 1]);
	printf("# %zu marked T2\n", count);
	assert_in_range(count, WORKERS * BURSTS / 2, WORKERS * BURSTS * 3);
	for (unsigned w = 0; w < WORKERS; w++)
		free(s[w]);
}

static void i6_a_step_of_the_clock_ends_a_pair(void **state)
{
	(void)state;
	struct client c;
	struct server *s = server_met(&c, 0);
	s->table[0].epoch = s->table[1].epoch = 1;
	ask_again(&c);
	burst(s, &c, 1, 1);
	assert_basic(&c);
	uint64_t left = s->left.raw;
	ask_again(&c);
	burst(s, &c, 1, 1);
	assert_paired(&c, left);
	free(s);
}

// After a step back T2 has no mark until the clock is where it was: no T2 is given twice.
static void i5_i6_a_clock_that_went_back_gives_no_marks(void **state)
{
	(void)state;
	struct client c;
	struct server *s = server_met(&c, 0);
	s->now = ntp_time_add(s->now, -5000000);
	for (unsigned i = 0; i < 3; i++) {
		ask_again(&c);
		burst(s, &c, 1, 1);
		assert_int_equal(got_receive(&c) & 1, 0);
	}
	assert_basic(&c);
	s->now = ntp_time_add(s->now, 5000000);
	ask_again(&c);
	burst(s, &c, 1, 1);
	assert_int_equal(got_receive(&c) & 1, 1);
	free(s);
}

static void i6_what_was_not_sent_or_took_too_long_is_basic(void **state)
{
	(void)state;
	struct server *s = server_open(0, 1, BUCKETS);
	struct client c[3];
	for (unsigned i = 0; i < 3; i++)
		begin(&c[i], i);
	burst(s, c, 3, 2);
	uint64_t left = s->left.raw;
	for (unsigned i = 0; i < 3; i++)
		ask_again(&c[i]);
	burst(s, c, 3, 0);
	assert_paired(&c[0], left);
	assert_paired(&c[1], left + 288);
	assert_basic(&c[2]);
	for (unsigned i = 0; i < 3; i++)
		ask_again(&c[i]);
	burst(s, c, 3, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_basic(&c[i]);
	struct packet none[3] = {0};
	struct ntp_time late = ntp_time_add(s->left, 1 << 24);
	for (unsigned way = 0; way < 2; way++)
		(void)responder_sent(&s->r[way], none, 3, 3, &late);
	free(s);
}

static void i6_an_unsynchronised_server_is_in_basic_mode(void **state)
{
	(void)state;
	struct client c;
	struct server *s = server_met(&c, 0);
	ask_again(&c);
	desk.answer.leap = LEAP_UNKNOWN;
	burst(s, &c, 1, 1);
	assert_basic(&c);
	assert_int_equal(got_receive(&c) & 1, 0);
	free(s);
	desk_reset();
}

static void i7_another_workers_or_queues_pair_is_not_guessed(void **state)
{
	(void)state;
	struct server *s[2] = {server_open(0, 2, BUCKETS), server_open(1, 2, BUCKETS)};
	struct client c;
	begin(&c, 0);
	burst(s[0], &c, 1, 1);
	ask_again(&c);
	struct client other = c;
	burst(s[1], &other, 1, 1);
	assert_basic(&other);
	other = c;
	for (unsigned way = 0; way < 2; way++)
		responder_interleave(&s[0]->r[way], &s[0]->table[way], 1);
	burst(s[0], &other, 1, 1);
	assert_basic(&other);
	for (unsigned way = 0; way < 2; way++)
		responder_interleave(&s[0]->r[way], &s[0]->table[way], 0);
	burst(s[0], &c, 1, 1);
	assert_true(got_origin(&c) == c.receive);
	free(s[0]);
	free(s[1]);
}

// I8: what is kept is bounded; the newest of eight bursts are found, the oldest are not.
static void i8_the_oldest_make_room(void **state)
{
	enum { CLIENTS = 64 };
	(void)state;
	struct server *s = server_open(0, 1, 2);
	static struct client c[CLIENTS];
	unsigned paired = 0;
	for (unsigned i = 0; i < CLIENTS; i++) {
		begin(&c[i], i);
		burst(s, &c[i], 1, 1);
	}
	for (unsigned i = CLIENTS; i-- > 0;) {
		ask_again(&c[i]);
		burst(s, &c[i], 1, 0);
		bool is_paired = got_origin(&c[i]) == c[i].receive;
		paired += is_paired;
		if (i < CLIENTS - 32)
			assert_false(is_paired);
	}
	assert_in_range(paired, 4, 8);
	free(s);
}

// Each packet has the port's stamp, so a time of its own.
static void i2_stamped_packets_have_pairs_of_their_own(void **state)
{
	enum { N = 8 };
	(void)state;
	struct server *s = server_open(0, 1, BUCKETS);
	static struct client c[N];
	s->is_stamped = true;
	for (unsigned i = 0; i < N; i++)
		begin(&c[i], i);
	for (unsigned round = 0; round < 4; round++) {
		struct ntp_time now = s->now;
		uint64_t left = s->left.raw;
		for (unsigned i = 0; i < N && round > 0; i++)
			ask_again(&c[i]);
		burst(s, c, N, N);
		for (unsigned i = 0; i < N; i++) {
			assert_t2(&c[i], stamp_of(now, i), 1);
			if (round == 0)
				assert_basic(&c[i]);
			else
				assert_paired(&c[i], left + i * 288);
			for (unsigned k = 0; k < i; k++)
				assert_true(got_receive(&c[i]) != got_receive(&c[k]));
		}
	}
	free(s);
}

static bool table_is_empty(const struct server *s)
{
	static const struct interleave_bucket nothing[BUCKETS];
	return memcmp(s->bucket, nothing, sizeof(nothing)) == 0;
}

static void check_smeared(bool is_stamped)
{
	struct server *s = server_open(0, 1, BUCKETS);
	struct client c;
	s->is_stamped = is_stamped;
	for (unsigned way = 0; way < 2; way++)
		responder_smear(&s->r[way], &desk.view, desk.now, 0);
	begin(&c, 0);
	burst(s, &c, 1, 1);
	assert_int_equal(got_receive(&c) & 1, 0);
	c.origin = got_receive(&c) | 1;
	c.receive = 5;
	burst(s, &c, 1, 1);
	assert_basic(&c);
	assert_true(table_is_empty(s));
	free(s);
}

static void i6_smeared_addresses_are_in_basic_mode(void **state)
{
	(void)state;
	assert_true(service_smear_ip4(&desk.service, desk.service.ip4[0]));
	desk.service.smear = SMEAR_LINEAR;
	desk_arrange(&desk);
	check_smeared(false);
	check_smeared(true);
	desk_reset();
}

// With a UDP checksum that is right: a frame without one takes the slow path.
static void first_byte_set(uint8_t *bytes, size_t length, uint8_t first)
{
	uint8_t *sum = bytes + length - 50;
	uint32_t rest = (uint32_t)(0xffff ^ (sum[0] << 8 | sum[1])) + (uint32_t)(first << 8) +
	                (0xffffu ^ (uint32_t)(bytes[length - 48] << 8));
	for (unsigned i = 0; i < 2; i++)
		rest = (rest & 0xffff) + (rest >> 16);
	rest ^= 0xffff;
	sum[0] = (uint8_t)(rest >> 8);
	sum[1] = (uint8_t)rest;
	bytes[length - 48] = first;
}

static void other_versions_and_modes_are_in_basic_mode(void **state)
{
	(void)state;
	static uint8_t bytes[STRIDE];
	for (unsigned first = 0; first < 256; first++) {
		struct server *s = server_open(0, 1, 2);
		struct client c;
		begin(&c, 0);
		burst(s, &c, 1, 1);
		ask_again(&c);
		size_t length = request_build(&c, bytes);
		first_byte_set(bytes, length, (uint8_t)first);
		struct packet p = {.data = bytes, .length = (uint16_t)length, .is_whole = true};
		const struct burst_times t = {s->now, ntp_time_add(s->now, 30000)};
		unsigned n = responder_open(&s->r[0], &p, 1);
		responder_answer(&s->r[0], &p, 1, &desk.answer, &t);
		if (n == 1)
			assert_int_equal(reply_u64(bytes + length - 24) == c.receive,
				(first & 0x3f) == 0x23);
		if (n == 1 && p.verdict != V_ANSWER_V1_MODE0)
			assert_int_equal(p.way, PATH_FAST);
		free(s);
	}
}

// The grid is what a T2 loses: of one worker 15 ns, of 128 of them 2 us.
static void workers_cost_precision(void **state)
{
	(void)state;
	assert_int_equal(interleave_grid_bits(1), 6);
	assert_int_equal(interleave_grid_bits(2), 7);
	assert_int_equal(interleave_grid_bits(3), 8);
	assert_int_equal(interleave_grid_bits(4), 8);
	assert_int_equal(interleave_grid_bits(5), 9);
	assert_int_equal(interleave_grid_bits(INTERLEAVE_WORKERS), 13);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, i2_i3_i4_the_second_reply_tells_of_the_first_once);
	TABLE_ADD(&t, i2_a_burst_of_both_ways_and_drops);
	TABLE_ADD(&t, i1_equal_receive_and_transmit_is_basic);
	TABLE_ADD(&t, i1_s12_an_origin_that_was_never_sent_is_basic);
	TABLE_ADD(&t, both_ways_and_every_place_of_a_burst);
	TABLE_ADD(&t, i5_every_t2_is_one_replys_alone);
	TABLE_ADD(&t, i6_a_step_of_the_clock_ends_a_pair);
	TABLE_ADD(&t, i5_i6_a_clock_that_went_back_gives_no_marks);
	TABLE_ADD(&t, i6_what_was_not_sent_or_took_too_long_is_basic);
	TABLE_ADD(&t, i6_an_unsynchronised_server_is_in_basic_mode);
	TABLE_ADD(&t, i7_another_workers_or_queues_pair_is_not_guessed);
	TABLE_ADD(&t, i8_the_oldest_make_room);
	TABLE_ADD(&t, i2_stamped_packets_have_pairs_of_their_own);
	TABLE_ADD(&t, i6_smeared_addresses_are_in_basic_mode);
	TABLE_ADD(&t, other_versions_and_modes_are_in_basic_mode);
	TABLE_ADD(&t, workers_cost_precision);
	return table_run_between("interleave", &t, desk_set_up, desk_tear_down);
}
