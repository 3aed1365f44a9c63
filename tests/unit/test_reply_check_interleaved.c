// SPDX-License-Identifier: BSD-3-Clause
// The check of replies and clients in interleaved mode, before a server that is the core itself.
#include "judge/reply_check.h"

#include "harness/desk.h"
#include "harness/random.h"
#include "harness/reply_check.h"
#include "harness/slow_checksum.h"
#include "harness/table.h"
#include "options/values.h"

#define CLIENTS 100
#define BUCKETS 1024
// NTP units: between two requests, from T2 to T3, and from T2 to when the reply really left.
#define APART    (1u << 24)
#define TRANSMIT (1u << 14)
#define LEFT     (1u << 18)

enum { AT_ORIGIN = 24, AT_RECEIVE = 32, AT_TRANSMIT = 40 };

static struct plan plan;
static struct reply_check check;
static struct clients clients;
static struct desk desk;
static struct responder responder;
static struct interleave table;
static struct interleave_bucket bucket[BUCKETS];
static uint8_t frame[256]; // a request, then its reply
static uint64_t asked_origin, asked_receive;

static void plan_fill(bool has_ip6, bool has_vlan, bool has_old)
{
	struct profile t = {.clients = CLIENTS, .has_vlan = has_vlan, .vlan = 7};
	assert_true(value_read_mac("02:00:00:00:00:01", &t.destination));
	assert_true(value_read_mac("02:00:00:00:00:02", &t.source));
	assert_true(value_read_server("10.123.0.1", &t));
	assert_true(!has_ip6 || value_read_server("fd00:123::1", &t));
	assert_true(value_read_net("198.18.0.0/15", &t));
	assert_true(value_read_net("2001:2::/48", &t));
	t.weight[REQUEST_V4] = 1;
	t.weight[REQUEST_V3] = t.weight[REQUEST_SYMMETRIC] = has_old;
	plan_make(&t, 0xfedcba9876543210, &plan);
}

static void check_fill(void)
{
	clients_free(&clients);
	assert_true(clients_make_room(&clients, CLIENTS));
	memset(&check, 0, sizeof(check));
	reply_check_init(&check, &plan, EXPECT_NTP);
	check.clients = clients.each;
	memset(bucket, 0, sizeof(bucket));
	responder_init(&responder, &desk.service, 1);
	interleave_init(&table, bucket, BUCKETS, 0, 1);
	responder_interleave(&responder, &table, 0);
}

static uint8_t *message_at(void)
{
	return frame + reply_ntp_offset(frame);
}

// The core's reply, in the place of the request.
static uint16_t frame_answer(uint16_t length)
{
	struct packet p = {.data = frame, .length = length, .is_whole = true};
	desk.times.receive = ntp_time_add(desk.times.receive, APART);
	desk.times.transmit = ntp_time_add(desk.times.receive, TRANSMIT);
	assert_int_equal(responder_open(&responder, &p, 1), 1);
	responder_answer(&responder, &p, 1, &desk.answer, &desk.times);
	struct ntp_time left = ntp_time_add(desk.times.receive, LEFT);
	(void)responder_sent(&responder, &p, 1, 1, &left);
	return p.length;
}

// Makes the next request, this client's, and lets the core answer it. Returns the reply's length.
static uint16_t ask(uint32_t client)
{
	uint64_t n = check.next++;
	struct client *c = &clients.each[client];
	uint64_t t2 = plan_may_ask(&plan, n) ? client_ask(c, n) : 0;
	window_open(&check.window, n);
	uint16_t length = t2 != 0 ? plan_write_asking(&plan, n, client, t2, frame) :
	                            plan_write(&plan, n, client, frame);
	asked_origin = reply_u64(message_at() + AT_ORIGIN);
	asked_receive = reply_u64(message_at() + AT_RECEIVE);
	return frame_answer(length);
}

static void assert_counts(uint64_t answered, uint64_t interleaved)
{
	assert_int_equal(rx_stats_invalid(&check.stats), 0);
	assert_int_equal(check.stats.answered, answered);
	assert_int_equal(check.stats.interleaved, interleaved);
}

static void assert_only_fault(enum fault fault)
{
	for (unsigned f = 0; f < FAULT_COUNT; f++)
		assert_int_equal(check.stats.fault[f], f == fault);
}

// Writes a number into the message of an IPv4 reply, and the checksum for it.
static void message_put(unsigned at, uint64_t n)
{
	uint8_t *udp = message_at() - 8;
	for (unsigned i = 0; i < 8; i++)
		udp[8 + at + i] = (uint8_t)(n >> (56 - 8 * i));
	udp[6] = udp[7] = 0;
	uint16_t sum = slow_sum(slow_pseudo_sum(0, udp - 8, udp - 4, 56), udp, 56);
	udp[6] = (uint8_t)(~sum >> 8);
	udp[7] = (uint8_t)~sum;
}

static void i3_the_first_exchange_is_basic(void **state)
{
	(void)state;
	plan_fill(false, false, false);
	check_fill();
	uint16_t length = ask(3);
	assert_int_equal(asked_origin, 0);
	assert_int_equal(asked_receive, 0);
	reply_check_frame(&check, frame, length);
	assert_counts(1, 0);
}

static void i2_the_second_tells_when_the_first_left(void **state)
{
	(void)state;
	plan_fill(false, false, false);
	check_fill();
	reply_check_frame(&check, frame, ask(3));
	uint64_t t2 = reply_u64(message_at() + AT_RECEIVE);
	histogram_clear(&check.residency);
	uint16_t length = ask(3);
	assert_int_equal(asked_origin, t2);
	assert_int_equal(reply_u64(message_at() + AT_ORIGIN), asked_receive);
	uint64_t t3 = reply_u64(message_at() + AT_TRANSMIT);
	assert_in_range(t3 - t2, LEFT - 64, LEFT + 64);
	reply_check_frame(&check, frame, length);
	assert_counts(2, 1);
	assert_int_equal(check.residency.sum, t3 - t2);
}

static void all_turns_but_the_first_are_interleaved(void **state)
{
	(void)state;
	for (unsigned vlan = 0; vlan < 2; vlan++) {
		plan_fill(true, vlan != 0, false);
		check_fill();
		for (uint32_t n = 0; n < 5 * CLIENTS; n++)
			reply_check_frame(&check, frame, ask(n % CLIENTS));
		assert_counts(5 * CLIENTS, 4 * CLIENTS);
		assert_int_equal(check.stats.duplicates + check.stats.reordered, 0);
		assert_int_equal(histogram_count(&check.residency), 5 * CLIENTS);
	}
}

// Section 2 of RFC 9769 is of NTPv4 clients and servers.
static void only_version_4_clients_ask(void **state)
{
	(void)state;
	plan_fill(false, false, true);
	check_fill();
	for (uint32_t n = 0; n < 3000; n++) {
		uint16_t length = ask(7);
		const struct plan_template *t = plan_template_of(&plan, n);
		assert_int_equal(asked_origin != 0, n > 0 && t->kind == REQUEST_V4);
		reply_check_frame(&check, frame, length);
	}
	assert_int_equal(check.stats.answered, 3000);
	assert_in_range(check.stats.interleaved, 990, 1010);
	assert_int_equal(rx_stats_invalid(&check.stats), 0);
}

static void a_client_whose_reply_was_lost_is_basic_again(void **state)
{
	(void)state;
	plan_fill(false, false, false);
	check_fill();
	reply_check_frame(&check, frame, ask(3));
	(void)ask(3);
	assert_int_not_equal(asked_origin, 0);
	uint16_t length = ask(3);
	assert_int_equal(asked_origin, 0);
	reply_check_frame(&check, frame, length);
	assert_counts(2, 0);
	reply_check_frame(&check, frame, ask(3));
	assert_counts(3, 1);
}

static void a_server_without_the_mode_is_right(void **state)
{
	(void)state;
	plan_fill(true, false, false);
	check_fill();
	responder_interleave(&responder, NULL, 0);
	for (uint32_t n = 0; n < 5 * CLIENTS; n++) {
		reply_check_frame(&check, frame, ask(n % CLIENTS));
		assert_int_equal(asked_origin != 0, n >= CLIENTS);
	}
	assert_counts(5 * CLIENTS, 0);
}

static void a_second_copy_is_a_duplicate(void **state)
{
	(void)state;
	plan_fill(false, false, false);
	check_fill();
	reply_check_frame(&check, frame, ask(3));
	uint16_t length = ask(3);
	reply_check_frame(&check, frame, length);
	reply_check_frame(&check, frame, length);
	assert_counts(2, 1);
	assert_int_equal(check.stats.duplicates, 1);
	reply_check_frame(&check, frame, ask(3));
	assert_counts(3, 2);
}

// What it asked by is forgotten, so its T3 is held against this T2 alone.
static void a_reply_that_was_overtaken_is_right(void **state)
{
	uint8_t first[256];
	(void)state;
	plan_fill(false, false, false);
	check_fill();
	reply_check_frame(&check, frame, ask(3));
	uint16_t length = ask(3);
	memcpy(first, frame, sizeof(first));
	reply_check_frame(&check, frame, ask(3));
	reply_check_frame(&check, first, length);
	assert_counts(3, 1);
	assert_int_equal(check.stats.reordered, 1);
	assert_int_equal(histogram_count(&check.residency), 2);
}

struct row {
	const char *name;
	uint8_t at;
	int64_t from_t2; // what stands there: so much after the T2 that was asked by; INT64_MIN: 0
	enum fault fault;
};

static const struct row rows[] = {
	{"i2_a_t3_before_its_own_t2_is_wrong", AT_TRANSMIT, -1, FAULT_TOLD},
	{"i2_a_t3_after_this_t2_is_wrong", AT_TRANSMIT, 2 * APART, FAULT_TOLD},
	{"i2_this_t2_is_after_the_t3_told", AT_RECEIVE, 0, FAULT_TOLD},
	{"i2_a_t3_of_zero_is_wrong", AT_TRANSMIT, INT64_MIN, FAULT_NO_TIME},
	{"i2_the_t2_asked_by_is_no_origin", AT_ORIGIN, 0, FAULT_ORIGIN},
	{"i1_an_origin_of_zero_is_wrong", AT_ORIGIN, INT64_MIN, FAULT_ORIGIN},
};

static void every_wrong_time_is_named(void **state)
{
	const struct row *r = *state;
	plan_fill(false, false, false);
	check_fill();
	reply_check_frame(&check, frame, ask(3));
	uint16_t length = ask(3);
	message_put(r->at, r->from_t2 == INT64_MIN ? 0 : asked_origin + (uint64_t)r->from_t2);
	reply_check_frame(&check, frame, length);
	assert_only_fault(r->fault);
	assert_int_equal(check.stats.answered, 1);
}

// The T3 of this reply where that of the one before is owed.
static void i2_this_replys_own_t3_is_wrong(void **state)
{
	(void)state;
	plan_fill(false, false, false);
	check_fill();
	reply_check_frame(&check, frame, ask(3));
	uint16_t length = ask(3);
	message_put(AT_TRANSMIT, desk.times.transmit.raw);
	reply_check_frame(&check, frame, length);
	assert_only_fault(FAULT_TOLD);
}

// A basic request has no receive timestamp; nobody who is in basic mode has one.
static void i1_no_run_in_basic_mode_takes_another_name(void **state)
{
	(void)state;
	plan_fill(false, false, false);
	check_fill();
	check.clients = NULL;
	uint16_t length = ask(3);
	uint64_t origin = reply_u64(message_at() + AT_ORIGIN);
	for (unsigned bit = 0; bit < 64; bit++) {
		message_put(AT_ORIGIN, origin ^ 1ull << bit);
		reply_check_frame(&check, frame, length);
		assert_int_equal(check.stats.answered, 0);
	}
	message_put(AT_ORIGIN, origin);
	reply_check_frame(&check, frame, length);
	assert_int_equal(check.stats.answered, 1);
	assert_int_equal(check.stats.interleaved, 0);
}

static void a_reply_to_the_run_before_is_late(void **state)
{
	(void)state;
	plan_fill(false, false, false);
	check_fill();
	reply_check_frame(&check, frame, ask(3));
	uint16_t length = ask(3);
	uint64_t key = plan.key;
	reply_check_init(&check, &plan, EXPECT_NTP);
	check.clients = clients.each;
	check.before = (struct reply_check_before){.key = key, .next = 2};
	plan.key = key * 0x9e3779b97f4a7c15;
	reply_check_frame(&check, frame, length);
	assert_int_equal(check.stats.late, 1);
	assert_counts(0, 0);
}

static void no_flipped_bit_goes_unseen(void **state)
{
	(void)state;
	plan_fill(false, true, false);
	check_fill();
	reply_check_frame(&check, frame, ask(3));
	uint16_t length = ask(3);
	for (unsigned bit = 0; bit < length * 8u; bit++) {
		frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
		reply_check_frame(&check, frame, length);
		frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(check.stats.answered, 1);
	}
	reply_check_frame(&check, frame, length);
	assert_int_equal(check.stats.answered, 2);
	assert_int_equal(check.stats.interleaved, 1);
}

// Whatever client an origin names, nothing beyond the clients is looked at.
static void any_origin_names_a_client_or_nobody(void **state)
{
	uint64_t random = random_seed("reply_check interleaved");
	(void)state;
	plan_fill(false, false, false);
	check_fill();
	for (unsigned i = 0; i < 20000; i++) {
		uint16_t length = ask(i % CLIENTS);
		message_put(AT_ORIGIN, random_u64(&random));
		reply_check_frame(&check, frame, length);
		uint32_t client = (uint32_t)random_below(&random, 1u << 24);
		uint64_t id = plan_id(&plan, check.next - 1, client) ^ (i % 2 ? PLAN_RECEIVE : 0);
		struct be64 wire;
		memcpy(wire.byte, &id, sizeof(id));
		message_put(AT_ORIGIN, be64_get(wire));
		reply_check_frame(&check, frame, length);
	}
	assert_in_range(check.stats.answered, 0, 10);
}

static int open_desk(void **state)
{
	(void)state;
	desk_open(&desk);
	return 0;
}

static int close_desk(void **state)
{
	(void)state;
	desk_close(&desk);
	clients_free(&clients);
	return 0;
}

int main(void)
{
	static struct table t;
	for (size_t i = 0; i < TABLE_LENGTH(rows); i++)
		table_add(&t, rows[i].name, every_wrong_time_is_named, &rows[i]);
	TABLE_ADD(&t, i3_the_first_exchange_is_basic);
	TABLE_ADD(&t, i2_the_second_tells_when_the_first_left);
	TABLE_ADD(&t, i2_this_replys_own_t3_is_wrong);
	TABLE_ADD(&t, i1_no_run_in_basic_mode_takes_another_name);
	TABLE_ADD(&t, all_turns_but_the_first_are_interleaved);
	TABLE_ADD(&t, only_version_4_clients_ask);
	TABLE_ADD(&t, a_client_whose_reply_was_lost_is_basic_again);
	TABLE_ADD(&t, a_server_without_the_mode_is_right);
	TABLE_ADD(&t, a_second_copy_is_a_duplicate);
	TABLE_ADD(&t, a_reply_that_was_overtaken_is_right);
	TABLE_ADD(&t, a_reply_to_the_run_before_is_late);
	TABLE_ADD(&t, no_flipped_bit_goes_unseen);
	TABLE_ADD(&t, any_origin_names_a_client_or_nobody);
	return table_run_between("reply_check interleaved", &t, open_desk, close_desk);
}
