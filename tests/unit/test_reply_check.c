// SPDX-License-Identifier: BSD-3-Clause
#include "judge/reply_check.h"

#include "harness/desk.h"
#include "harness/random.h"
#include "harness/slow_checksum.h"
#include "harness/table.h"
#include "options/values.h"

#define CLIENTS 1000

// Where an edit of a right reply counts from.
enum base { AT_ETHER, AT_TYPE, AT_IP, AT_UDP, AT_NTP };

enum repair { AS_IT_IS, MEND_UDP, MEND_IP, MEND_BOTH };

// A right reply over IPv4 made wrong in up to eight bytes, and what the check must call it.
struct row {
	const char *name;
	enum base base;
	uint8_t offset;
	uint8_t count; // bytes
	uint8_t flip;  // 0: they become zero
	enum repair repair;
	int length; // added to the frame's
	enum fault fault;
};

static const struct row rows[] = {
	{"a_short_reply_is_wrong", AT_NTP, 0, 0, 0, AS_IT_IS, -4, FAULT_LENGTH},
	{"a_long_reply_is_wrong", AT_NTP, 0, 0, 0, AS_IT_IS, 4, FAULT_LENGTH},
	{"another_origin_is_wrong", AT_NTP, 24, 8, 0x5a, MEND_UDP, 0, FAULT_ORIGIN},
	{"a_zero_origin_is_wrong", AT_NTP, 24, 8, 0, MEND_UDP, 0, FAULT_ORIGIN},
	{"the_destination_mac_is_ours", AT_ETHER, 5, 1, 0x01, AS_IT_IS, 0, FAULT_ETHERNET},
	{"the_source_mac_is_the_servers", AT_ETHER, 11, 1, 0x01, AS_IT_IS, 0, FAULT_ETHERNET},
	{"ip_options_are_wrong", AT_IP, 0, 1, 0x01, MEND_IP, 0, FAULT_IP_HEADER},
	{"the_total_length_is_the_requests", AT_IP, 3, 1, 0x04, MEND_IP, 0, FAULT_IP_HEADER},
	{"a_fragment_is_wrong", AT_IP, 6, 1, 0x20, MEND_IP, 0, FAULT_IP_HEADER},
	{"the_source_is_the_server", AT_IP, 15, 1, 0x01, MEND_BOTH, 0, FAULT_IP_HEADER},
	{"the_destination_is_the_client", AT_IP, 19, 1, 0x01, MEND_BOTH, 0, FAULT_CLIENT},
	{"the_source_port_is_123", AT_UDP, 1, 1, 0x01, MEND_UDP, 0, FAULT_PORTS},
	{"the_destination_port_is_the_clients", AT_UDP, 3, 1, 0x01, MEND_UDP, 0, FAULT_PORTS},
	{"the_udp_length_is_right", AT_UDP, 5, 1, 0x04, MEND_UDP, 0, FAULT_PORTS},
	{"the_ip_checksum_is_right", AT_IP, 10, 1, 0x01, AS_IT_IS, 0, FAULT_IP_CHECKSUM},
	{"the_udp_checksum_is_right", AT_UDP, 6, 1, 0x01, AS_IT_IS, 0, FAULT_UDP_CHECKSUM},
	{"a_changed_bit_breaks_the_checksum", AT_NTP, 9, 1, 0x10, AS_IT_IS, 0, FAULT_UDP_CHECKSUM},
	{"the_version_is_the_requests", AT_NTP, 0, 1, 0x08, MEND_UDP, 0, FAULT_VERSION},
	{"the_mode_is_4", AT_NTP, 0, 1, 0x01, MEND_UDP, 0, FAULT_MODE},
	{"leap_3_is_no_time", AT_NTP, 0, 1, 0xc0, MEND_UDP, 0, FAULT_UNSYNCHRONISED},
	{"stratum_0_is_no_time", AT_NTP, 1, 1, 0, MEND_UDP, 0, FAULT_UNSYNCHRONISED},
	{"stratum_16_is_wrong", AT_NTP, 1, 1, 0x12, MEND_UDP, 0, FAULT_STRATUM},
	{"a_zero_receive_time_is_wrong", AT_NTP, 32, 8, 0, MEND_UDP, 0, FAULT_NO_TIME},
	{"a_zero_transmit_time_is_wrong", AT_NTP, 40, 8, 0, MEND_UDP, 0, FAULT_NO_TIME},
	{"t3_before_t2_is_wrong", AT_NTP, 42, 1, 0x01, MEND_UDP, 0, FAULT_TIMES},
};

static struct plan plan;
static struct reply_check check;
static struct desk desk;
static uint8_t request[256];
static uint8_t reply[256];

static void plan_fill(bool has_ip4, bool has_ip6, bool has_vlan, unsigned junk_percent)
{
	struct profile t = {.clients = CLIENTS, .has_vlan = has_vlan, .vlan = 7};
	t.junk_percent = junk_percent;
	assert_true(value_read_mac("02:00:00:00:00:01", &t.destination));
	assert_true(value_read_mac("02:00:00:00:00:02", &t.source));
	assert_true(!has_ip4 || value_read_server("10.123.0.1", &t));
	assert_true(!has_ip6 || value_read_server("fd00:123::1", &t));
	assert_true(value_read_net("198.18.0.0/15", &t));
	assert_true(value_read_net("2001:2::/48", &t));
	for (unsigned kind = 0; kind < REQUEST_COUNT; kind++)
		t.weight[kind] = has_ip6 || kind == REQUEST_V4;
	for (size_t kind = 0; kind < junk_kind_count; kind++)
		t.junk[kind] = true;
	plan_make(&t, 0xfedcba9876543210, &plan);
}

static void check_fill(enum expect expect)
{
	memset(&check, 0, sizeof(check));
	reply_check_init(&check, &plan, expect);
}

// Makes the next request, and lets the core answer it. Returns the reply's length; 0: silence.
static uint16_t ask_next(void)
{
	uint64_t n = check.next;
	window_open(&check.window, n);
	check.next++;
	uint16_t length = plan_write(&plan, n, (uint32_t)(n % CLIENTS), request);
	(void)desk_ask(&desk, request, length);
	memcpy(reply, desk.reply, desk.reply_length);
	return (uint16_t)desk.reply_length;
}

static void assert_only_fault(enum fault fault)
{
	for (unsigned f = 0; f < FAULT_COUNT; f++)
		assert_int_equal(check.stats.fault[f], f == fault);
	assert_int_equal(check.stats.answered, 0);
}

static uint8_t *base_of(enum base base)
{
	const struct plan_layout *l = &plan.layout[0];
	const uint16_t at[] = {[AT_ETHER] = 0,
		[AT_TYPE] = l->type,
		[AT_IP] = l->ip,
		[AT_UDP] = l->udp,
		[AT_NTP] = l->ntp};
	return reply + at[base];
}

static void field_mend(uint8_t *field, uint16_t sum)
{
	field[0] = (uint8_t)(~sum >> 8);
	field[1] = (uint8_t)~sum;
}

static void reply_mend(enum repair repair)
{
	uint8_t *ip = base_of(AT_IP);
	uint8_t *udp = base_of(AT_UDP);
	if (repair == MEND_IP || repair == MEND_BOTH) {
		ip[10] = ip[11] = 0;
		field_mend(ip + 10, slow_sum(0, ip, 20));
	}
	if (repair == MEND_UDP || repair == MEND_BOTH) {
		udp[6] = udp[7] = 0;
		field_mend(udp + 6, slow_sum(slow_pseudo_sum(0, ip + 12, ip + 16, 56), udp, 56));
	}
}

static void every_fault_is_named(void **state)
{
	const struct row *r = *state;
	plan_fill(true, false, false, 0);
	check_fill(EXPECT_NTP);
	uint16_t length = ask_next();
	assert_int_equal(length, 90);
	uint8_t *at = base_of(r->base) + r->offset;
	for (unsigned i = 0; i < r->count; i++)
		at[i] = r->flip == 0 ? 0 : at[i] ^ r->flip;
	reply_mend(r->repair);
	reply_check_frame(&check, reply, (uint16_t)(length + r->length));
	assert_only_fault(r->fault);
}

// FAULT_TOLD is of interleaved mode: test_reply_check_interleaved.c.
static void every_fault_but_three_has_its_row(void **state)
{
	bool seen[FAULT_COUNT] = {
		[FAULT_JUNK_ANSWERED] = true, [FAULT_PAYLOAD] = true, [FAULT_TOLD] = true};
	(void)state;
	for (size_t i = 0; i < TABLE_LENGTH(rows); i++)
		seen[rows[i].fault] = true;
	for (unsigned f = 0; f < FAULT_COUNT; f++)
		assert_true(seen[f]);
}

static void right_replies_are_counted_once(void **state)
{
	(void)state;
	for (unsigned vlan = 0; vlan < 2; vlan++) {
		plan_fill(true, true, vlan != 0, 0);
		check_fill(EXPECT_NTP);
		for (unsigned n = 1; n <= 5000; n++) {
			uint16_t length = ask_next();
			reply_check_frame(&check, reply, length);
			assert_int_equal(check.stats.answered, n);
		}
		assert_int_equal(rx_stats_invalid(&check.stats), 0);
		assert_int_equal(check.stats.reordered, 0);
		reply_check_frame(&check, reply, (uint16_t)desk.reply_length);
		assert_int_equal(check.stats.duplicates, 1);
		assert_int_equal(check.stats.answered, 5000);
	}
}

static void residency_is_transmit_less_receive_time(void **state)
{
	(void)state;
	plan_fill(true, false, false, 0);
	check_fill(EXPECT_NTP);
	reply_check_frame(&check, reply, ask_next());
	const uint8_t *ntp = base_of(AT_NTP);
	uint64_t want = 0;
	uint64_t before = 0;
	for (unsigned i = 0; i < 8; i++) {
		before = before << 8 | ntp[32 + i];
		want = want << 8 | ntp[40 + i];
	}
	assert_int_equal(check.residency.sum, want - before);
	assert_int_equal(check.residency.min, want - before);
	assert_int_equal(check.residency.max, want - before);
}

static void latency_is_from_the_stamp_to_now(void **state)
{
	(void)state;
	plan_fill(true, false, false, 0);
	check_fill(EXPECT_NTP);
	for (unsigned i = 0; i < 3; i++) {
		uint16_t length = ask_next();
		// The counter wraps between the two.
		stamps_put(&check.stamps, i, 1, UINT32_MAX - 4);
		check.now = 100 * (i + 1) - 5;
		reply_check_frame(&check, reply, length);
		reply_check_frame(&check, reply, length);
	}
	assert_int_equal(histogram_count(&check.latency), 3);
	assert_int_equal(check.latency.sum, 600);
	assert_int_equal(check.latency.max, 300);
}

static void timestamps_are_compared_where_that_is_wanted(void **state)
{
	(void)state;
	plan_fill(true, false, false, 0);
	check_fill(EXPECT_NTP);
	reply_check_frame(&check, reply, ask_next());
	assert_int_equal(check.offsets.offset.count, 0);
	offsets_init(&check.offsets, true);
	uint16_t length = ask_next();
	reply_check_frame(&check, reply, length);
	reply_check_frame(&check, reply, length);
	assert_int_equal(check.offsets.offset.count, 1);
	assert_int_equal(check.stats.duplicates, 1);
}

static void a_reply_older_than_the_stamps_is_not_timed(void **state)
{
	(void)state;
	plan_fill(true, false, false, 0);
	check_fill(EXPECT_NTP);
	uint16_t length = ask_next();
	check.next = STAMPS_SIZE + 1;
	reply_check_frame(&check, reply, length);
	assert_int_equal(check.stats.answered, 1);
	assert_int_equal(histogram_count(&check.latency), 0);
	assert_int_equal(histogram_count(&check.residency), 1);
}

static void a_reply_to_the_run_before_is_late(void **state)
{
	(void)state;
	plan_fill(true, false, false, 0);
	check_fill(EXPECT_NTP);
	uint16_t length = ask_next();
	uint64_t key = plan.key;
	reply_check_init(&check, &plan, EXPECT_NTP);
	check.before = (struct reply_check_before){.key = key, .next = 1};
	plan.key = ~key;
	reply_check_frame(&check, reply, length);
	assert_int_equal(check.stats.late, 1);
	assert_int_equal(rx_stats_invalid(&check.stats), 0);
	check.before.next = 0;
	reply_check_frame(&check, reply, length);
	assert_int_equal(check.stats.fault[FAULT_ORIGIN], 1);
}

static void an_answer_to_junk_is_a_fault(void **state)
{
	(void)state;
	plan_fill(true, false, false, 99);
	check_fill(EXPECT_NTP);
	// What a server that answers everything would send: the request behind the junk, answered.
	while (!plan_template_of(&plan, check.next)->is_junk)
		check.next++;
	uint64_t n = check.next;
	window_open(&check.window, n);
	check.next = n + 1;
	static struct plan other;
	other = plan;
	memset(other.schedule, 0, sizeof(other.schedule));
	uint16_t length = plan_write(&other, n, 3, request);
	assert_int_equal(desk_ask(&desk, request, length), V_ANSWER_V4);
	reply_check_frame(&check, desk.reply, (uint16_t)desk.reply_length);
	assert_only_fault(FAULT_JUNK_ANSWERED);
}

static void a_reply_to_a_forgotten_request_is_late(void **state)
{
	(void)state;
	plan_fill(true, false, false, 0);
	check_fill(EXPECT_NTP);
	uint16_t length = ask_next();
	check.next += WINDOW_SIZE;
	reply_check_frame(&check, reply, length);
	assert_int_equal(check.stats.late, 1);
	assert_int_equal(check.stats.answered, 0);
	assert_int_equal(rx_stats_invalid(&check.stats), 0);
}

static void a_reply_to_a_request_not_sent_yet_is_wrong(void **state)
{
	(void)state;
	plan_fill(true, false, false, 0);
	check_fill(EXPECT_NTP);
	uint16_t length = ask_next();
	check.next = 0;
	reply_check_frame(&check, reply, length);
	assert_only_fault(FAULT_ORIGIN);
}

static void replies_out_of_order_are_right(void **state)
{
	uint8_t first[256];
	(void)state;
	plan_fill(true, false, false, 0);
	check_fill(EXPECT_NTP);
	uint16_t length = ask_next();
	memcpy(first, reply, sizeof(first));
	reply_check_frame(&check, reply, ask_next());
	reply_check_frame(&check, first, length);
	assert_int_equal(check.stats.answered, 2);
	assert_int_equal(check.stats.reordered, 1);
}

// Two clients' replies with their origins exchanged: both are wrong, though both origins are ours.
static void exchanged_origins_are_seen(void **state)
{
	uint8_t first[256];
	(void)state;
	plan_fill(true, false, false, 0);
	check_fill(EXPECT_NTP);
	uint16_t length = ask_next();
	memcpy(first, reply, sizeof(first));
	(void)ask_next();
	memcpy(reply + 66, first + 66, 8);
	reply_mend(MEND_UDP);
	reply_check_frame(&check, reply, length);
	assert_only_fault(FAULT_CLIENT);
}

static void unsynchronised_replies_can_be_allowed(void **state)
{
	(void)state;
	plan_fill(true, false, false, 0);
	check_fill(EXPECT_NTP);
	check.allow_unsynchronised = true;
	uint16_t length = ask_next();
	*base_of(AT_NTP) |= 0xc0;
	reply_mend(MEND_UDP);
	reply_check_frame(&check, reply, length);
	assert_int_equal(check.stats.answered, 1);
	assert_int_equal(rx_stats_invalid(&check.stats), 0);
}

static void other_traffic_is_foreign(void **state)
{
	static const uint8_t zeros[REPLY_CHECK_FRAME];
	uint64_t random = random_seed("reply_check foreign");
	(void)state;
	plan_fill(true, true, false, 0);
	check_fill(EXPECT_NTP);
	reply_check_frame(&check, zeros, 60);
	reply_check_frame(&check, zeros, 0);
	// Short, in a buffer that held a reply before.
	(void)ask_next();
	reply[12] = 0x08;
	reply[13] = 0x06;
	reply_check_frame(&check, reply, 60);
	assert_int_equal(check.stats.foreign, 3);
	for (unsigned i = 0; i < 100000; i++) {
		random_fill(&random, reply, sizeof(reply));
		reply_check_frame(&check, reply, (uint16_t)random_below(&random, 200));
	}
	assert_int_equal(check.stats.answered, 0);
}

// The quick look and the slow one must agree: any single flipped bit is a fault unless it lies
// where the server is free, and then the checksum is wrong.
static void no_flipped_bit_goes_unseen(void **state)
{
	(void)state;
	for (unsigned family = 0; family < 2; family++) {
		plan_fill(family == 0, family == 1, true, 0);
		check_fill(EXPECT_NTP);
		uint16_t length = ask_next();
		// IPv6's class, flow label and hop limit are under no checksum.
		unsigned ip = plan.layout[family].ip;
		for (unsigned bit = 0; bit < length * 8u; bit++) {
			unsigned byte = bit / 8 - ip;
			bool is_free = family == 1 && (byte < 4 || byte == 7) && bit / 8 >= ip;
			if (is_free)
				continue;
			reply[bit / 8] ^= (uint8_t)(1u << bit % 8);
			reply_check_frame(&check, reply, length);
			reply[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(check.stats.answered, 0);
		}
		reply_check_frame(&check, reply, length);
		assert_int_equal(check.stats.answered, 1);
	}
}

static void swap(uint8_t *a, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t held = a[i];
		a[i] = a[n + i];
		a[n + i] = held;
	}
}

// What testpmd's modes make of a request.
static uint16_t reflect_next(enum expect expect)
{
	uint64_t n = check.next;
	const struct plan_template *t = plan_template_of(&plan, n);
	const struct plan_layout *l = &plan.layout[t->is_ip6];
	size_t size = t->is_ip6 ? 16 : 4;
	window_open(&check.window, n);
	check.next++;
	uint16_t length = plan_write(&plan, n, (uint32_t)(n % CLIENTS), reply);
	if (expect != EXPECT_IO)
		swap(reply, 6);
	if (expect == EXPECT_REFLECT) {
		swap(reply + l->udp - 2 * size, size);
		swap(reply + l->udp, 2);
	}
	return length;
}

static void reflections_are_right_as_their_mode_makes_them(void **state)
{
	(void)state;
	plan_fill(true, true, false, 0);
	for (enum expect want = EXPECT_REFLECT; want <= EXPECT_IO; want++) {
		for (enum expect have = EXPECT_REFLECT; have <= EXPECT_IO; have++) {
			check_fill(want);
			for (unsigned i = 0; i < 100; i++)
				reply_check_frame(&check, reply, reflect_next(have));
			assert_int_equal(check.stats.answered, want == have ? 100 : 0);
			assert_int_equal(rx_stats_invalid(&check.stats), want == have ? 0 : 100);
		}
	}
}

static void a_changed_reflection_is_seen(void **state)
{
	(void)state;
	plan_fill(true, false, false, 0);
	check_fill(EXPECT_REFLECT);
	uint16_t length = reflect_next(EXPECT_REFLECT);
	base_of(AT_NTP)[9] ^= 1;
	reply_mend(MEND_UDP);
	reply_check_frame(&check, reply, length);
	assert_only_fault(FAULT_PAYLOAD);
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
	return 0;
}

int main(void)
{
	static struct table t;
	for (size_t i = 0; i < TABLE_LENGTH(rows); i++)
		table_add(&t, rows[i].name, every_fault_is_named, &rows[i]);
	TABLE_ADD(&t, every_fault_but_three_has_its_row);
	TABLE_ADD(&t, right_replies_are_counted_once);
	TABLE_ADD(&t, residency_is_transmit_less_receive_time);
	TABLE_ADD(&t, a_reply_to_the_run_before_is_late);
	TABLE_ADD(&t, latency_is_from_the_stamp_to_now);
	TABLE_ADD(&t, timestamps_are_compared_where_that_is_wanted);
	TABLE_ADD(&t, a_reply_older_than_the_stamps_is_not_timed);
	TABLE_ADD(&t, an_answer_to_junk_is_a_fault);
	TABLE_ADD(&t, a_reply_to_a_forgotten_request_is_late);
	TABLE_ADD(&t, a_reply_to_a_request_not_sent_yet_is_wrong);
	TABLE_ADD(&t, replies_out_of_order_are_right);
	TABLE_ADD(&t, exchanged_origins_are_seen);
	TABLE_ADD(&t, unsynchronised_replies_can_be_allowed);
	TABLE_ADD(&t, other_traffic_is_foreign);
	TABLE_ADD(&t, no_flipped_bit_goes_unseen);
	TABLE_ADD(&t, reflections_are_right_as_their_mode_makes_them);
	TABLE_ADD(&t, a_changed_reflection_is_seen);
	return table_run_between("reply_check", &t, open_desk, close_desk);
}
