// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/plan.h"

#include "harness/desk.h"
#include "harness/random.h"
#include "harness/reply_check.h"
#include "harness/slow_checksum.h"
#include "harness/table.h"
#include "options/values.h"

#define CLIENTS 5

static struct plan plan;
static uint8_t frame[256];

static void traffic_fill(struct profile *t, bool has_vlan)
{
	*t = (struct profile){.clients = CLIENTS, .has_vlan = has_vlan, .vlan = 100};
	assert_true(value_read_mac("02:00:00:00:00:01", &t->destination));
	assert_true(value_read_mac("02:00:00:00:00:02", &t->source));
	assert_true(value_read_server("10.123.0.1", t));
	assert_true(value_read_server("fd00:123::1", t));
	assert_true(value_read_net("198.18.0.0/15", t));
	assert_true(value_read_net("2001:2::/48", t));
	for (unsigned kind = 0; kind < REQUEST_COUNT; kind++)
		t->weight[kind] = kind + 1;
	for (size_t kind = 0; kind < junk_kind_count; kind++)
		t->junk[kind] = true;
}

static void plan_fill(bool has_vlan, unsigned junk_percent)
{
	struct profile t;
	traffic_fill(&t, has_vlan);
	t.junk_percent = junk_percent;
	plan_make(&t, 0x0123456789abcdef, &plan);
}

// The core is the judge of what a request is.
static void every_request_is_answered_and_no_junk(void **state)
{
	static struct desk d;
	(void)state;
	desk_open(&d);
	for (unsigned vlan = 0; vlan < 2; vlan++) {
		plan_fill(vlan != 0, 50);
		for (uint64_t n = 0; n < PLAN_SLOTS; n++) {
			uint16_t length = plan_write(&plan, n, (uint32_t)(n % CLIENTS), frame);
			bool answered = verdict_is_answer(desk_ask(&d, frame, length));
			assert_int_equal(answered, !plan_template_of(&plan, n)->is_junk);
		}
	}
	desk_close(&d);
}

static void check_sums(const struct plan_template *t, const struct plan_layout *l)
{
	size_t size = t->is_ip6 ? 16 : 4;
	const uint8_t *udp = frame + l->udp;
	uint16_t sum = slow_pseudo_sum(t->is_ip6, udp - 2 * size, udp - size, 56);
	assert_int_equal(slow_sum(sum, udp, 56), 0xffff);
	if (!t->is_ip6)
		assert_int_equal(slow_sum(0, frame + l->ip, 20), 0xffff);
}

static void checksums_of_requests_are_right_for_every_client(void **state)
{
	uint64_t random = random_seed("plan checksums");
	(void)state;
	for (unsigned vlan = 0; vlan < 2; vlan++) {
		plan_fill(vlan != 0, 0);
		for (unsigned i = 0; i < 20000; i++) {
			uint64_t n = random_u64(&random) & PLAN_SEQUENCE_MASK;
			uint32_t client = (uint32_t)random_below(&random, PROFILE_CLIENTS_MAX);
			const struct plan_template *t = plan_template_of(&plan, n);
			(void)plan_write(&plan, n, client, frame);
			check_sums(t, &plan.layout[t->is_ip6]);
		}
	}
}

// A line more dirtied made IPv6 look a sixth slower than it is.
static void a_frame_dirties_no_cache_line_more_than_it_has(void **state)
{
	_Alignas(64) static uint8_t buffer[sizeof(frame)];
	static uint8_t clean[sizeof(frame)];
	(void)state;
	memset(clean, 0xa5, sizeof(clean));
	for (unsigned vlan = 0; vlan < 2; vlan++) {
		plan_fill(vlan != 0, 0);
		for (uint64_t n = 0; n < PLAN_SLOTS; n++) {
			memcpy(buffer, clean, sizeof(buffer));
			size_t end = (plan_write(&plan, n, 0, buffer) + 63u) / 64 * 64;
			assert_memory_equal(buffer + end, clean, sizeof(clean) - end);
		}
	}
}

// RFC 9769 section 2: receive is another number than transmit, and origin is T2 as it stood in the
// reply.
static void i1_asking_requests_have_both_names_and_right_sums(void **state)
{
	uint64_t random = random_seed("plan asking");
	(void)state;
	for (unsigned vlan = 0; vlan < 2; vlan++) {
		plan_fill(vlan != 0, 0);
		for (unsigned i = 0; i < 20000; i++) {
			uint64_t n = random_u64(&random) & PLAN_SEQUENCE_MASK & ~PLAN_RECEIVE;
			uint32_t client = (uint32_t)random_below(&random, PROFILE_CLIENTS_MAX);
			uint64_t t2 = random_u64(&random);
			const struct plan_template *t = plan_template_of(&plan, n);
			const uint8_t *ntp = frame + plan.layout[t->is_ip6].ntp;
			uint64_t id = plan_id(&plan, n, client);
			assert_int_equal(plan_may_ask(&plan, n), t->kind == REQUEST_V4);
			assert_int_equal(plan_write_asking(&plan, n, client, t2, frame), t->length);
			check_sums(t, &plan.layout[t->is_ip6]);
			assert_int_equal(reply_u64(ntp + 24), t2);
			assert_memory_equal(ntp + 40, &id, sizeof(id));
			id ^= PLAN_RECEIVE;
			assert_memory_equal(ntp + 32, &id, sizeof(id));
		}
	}
}

static void clients_have_addresses_of_the_net_from_1_on(void **state)
{
	static const uint8_t first4[4] = {198, 18, 0, 1};
	static const uint8_t last4[4] = {199, 18, 0, 0};
	static const uint8_t first6[16] = {0x20, 0x01, 0x00, 0x02, [15] = 1};
	(void)state;
	plan_fill(false, 0);
	for (uint64_t n = 0; n < 64; n++) {
		const struct plan_template *t = plan_template_of(&plan, n);
		(void)plan_write(&plan, n, 0, frame);
		if (t->is_ip6)
			assert_memory_equal(frame + 22, first6, sizeof(first6));
		else
			assert_memory_equal(frame + 26, first4, sizeof(first4));
		(void)plan_write(&plan, n, PROFILE_CLIENTS_MAX - 1, frame);
		if (!t->is_ip6)
			assert_memory_equal(frame + 26, last4, sizeof(last4));
	}
}

static void no_two_requests_have_one_timestamp(void **state)
{
	(void)state;
	plan_fill(false, 0);
	uint64_t first = plan_id(&plan, 0, 0);
	assert_int_not_equal(first, plan_id(&plan, 1, 0));
	assert_int_not_equal(first, plan_id(&plan, 0, 1));
	assert_int_not_equal(plan_id(&plan, PLAN_SEQUENCE_MASK, 0), plan_id(&plan, 0, 1));
}

static void shares_are_kept_and_counted(void **state)
{
	(void)state;
	for (unsigned percent = 0; percent < 100; percent += 9) {
		plan_fill(false, percent);
		uint64_t junk = plan_count_junk(&plan, PLAN_SLOTS);
		// Each template's share is right to one slot.
		uint64_t want = percent * PLAN_SLOTS / 100;
		assert_in_range(junk + 16, want, want + 32);
		for (uint64_t n = 0; n < 3 * PLAN_SLOTS; n += 77) {
			uint64_t sum = 0;
			for (unsigned i = 0; i < plan.template_count; i++)
				sum += plan_count(&plan, i, n);
			assert_int_equal(sum, n);
		}
	}
}

static void kinds_come_in_their_shares(void **state)
{
	uint64_t seen[REQUEST_COUNT] = {0};
	(void)state;
	plan_fill(false, 0);
	for (unsigned i = 0; i < plan.template_count; i++)
		seen[plan.template[i].kind] += plan_count(&plan, i, PLAN_SLOTS);
	for (unsigned kind = 0; kind < REQUEST_COUNT; kind++) {
		uint64_t want = (kind + 1) * PLAN_SLOTS / 21;
		assert_in_range(seen[kind], want - 2, want + 2);
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, every_request_is_answered_and_no_junk);
	TABLE_ADD(&t, checksums_of_requests_are_right_for_every_client);
	TABLE_ADD(&t, a_frame_dirties_no_cache_line_more_than_it_has);
	TABLE_ADD(&t, i1_asking_requests_have_both_names_and_right_sums);
	TABLE_ADD(&t, clients_have_addresses_of_the_net_from_1_on);
	TABLE_ADD(&t, no_two_requests_have_one_timestamp);
	TABLE_ADD(&t, shares_are_kept_and_counted);
	TABLE_ADD(&t, kinds_come_in_their_shares);
	return table_run("plan", &t);
}
