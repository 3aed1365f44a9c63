// SPDX-License-Identifier: BSD-3-Clause
// What `ntpwirectl health` makes of a reading.
#include "ctl/health.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "harness/table.h"

#define MS 1000000LL
#define S  1000000000LL

// A server that is up, with two workers. Static storage.
static struct reading *good(void)
{
	static struct reading r;
	memset(&r, 0, sizeof(r));
	r.state = READING_SYNC;
	r.pid = 77;
	r.judge = (struct reading_judge){
		.state = SYNC_STATE_SYNC,
		.reason = SYNC_REASON_GOOD,
		.announce = ANNOUNCE_UP,
		.lasting_ns = 90 * S,
	};
	r.clock = (struct reading_clock){.is_known = true,
		.is_good = true,
		.view.stratum = 2,
		.age_ns = 9 * MS,
		.root_distance_ns = 1234567};
	r.worker_count = 2;
	r.worker[0] = (struct reading_worker){.has_heartbeat = true, .heartbeat_ns = 5000};
	r.worker[1] =
		(struct reading_worker){.core = 5, .has_heartbeat = true, .heartbeat_ns = 900 * MS};
	return &r;
}

// Why, where the code is as wanted.
static const char *judged(const struct reading *r, enum health_code wanted)
{
	static struct health h;
	health_judge(r, &h);
	assert_int_equal(h.code, wanted);
	return h.why;
}

static void a_server_that_is_announced_is_up(void **state)
{
	(void)state;
	assert_string_equal(
		judged(good(), HEALTH_UP), "synchronised, stratum 2, root distance 1.235 ms");
}

static void the_servers_own_word_is_taken(void **state)
{
	static const struct {
		enum sync_state state;
		enum announce announce;
		enum sync_reason reason;
		enum sync_reason complaint;
		enum health_code code;
		const char *why;
	} rows[] = {
		{SYNC_STATE_SYNC, ANNOUNCE_DEGRADED, SYNC_REASON_GOOD, SYNC_REASON_CORRECTION,
			HEALTH_DEGRADED,
			"sync for 90 s: the system clock is still being corrected by over 1 ms"},
		{SYNC_STATE_SYNC, ANNOUNCE_DOWN, SYNC_REASON_GOOD, SYNC_REASON_FAR, HEALTH_DOWN,
			"sync for 90 s: the root distance is over 50 ms"},
		{SYNC_STATE_HOLDOVER, ANNOUNCE_DEGRADED, SYNC_REASON_SILENT, SYNC_REASON_NONE,
			HEALTH_DEGRADED, "holdover for 90 s: the reference does not answer"},
		{SYNC_STATE_STEP, ANNOUNCE_UP, SYNC_REASON_MISS, SYNC_REASON_FITTING, HEALTH_UP,
			"step for 90 s: the system clock jumped off its line"},
		{SYNC_STATE_STEP, ANNOUNCE_DOWN, SYNC_REASON_SET, SYNC_REASON_FITTING, HEALTH_DOWN,
			"step for 90 s: someone set the system clock"},
		{SYNC_STATE_UNSYNC, ANNOUNCE_DOWN, SYNC_REASON_AGE, SYNC_REASON_SILENT, HEALTH_DOWN,
			"unsync for 90 s: the reference does not answer"},
	};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++) {
		struct reading *r = good();
		r->judge.state = rows[i].state;
		r->judge.announce = rows[i].announce;
		r->judge.reason = rows[i].reason;
		r->judge.complaint = rows[i].complaint;
		assert_string_equal(judged(r, rows[i].code), rows[i].why);
	}
}

// In the two seconds around a leap second leap 3 is served, and the server is as good as ever.
static void r18_a_leap_second_is_no_reason_to_withdraw(void **state)
{
	(void)state;
	struct reading *r = good();
	r->state = READING_UNSYNC;
	r->clock.is_good = false;
	r->clock.view.stratum = 0;
	assert_string_equal(
		judged(r, HEALTH_UP), "sync for 90 s: the reference and the clock are good");
}

static void r01_a_silent_control_thread_is_down_after_three_seconds(void **state)
{
	(void)state;
	struct reading *r = good();
	r->state = READING_HUNG;
	r->clock.age_ns = 3 * S;
	(void)judged(r, HEALTH_UP);
	r->clock.age_ns = 3 * S + 100 * MS;
	assert_string_equal(judged(r, HEALTH_DOWN), "the control thread hangs: silent for 3.1 s");
}

static void r12_a_silent_worker_is_down_after_a_second(void **state)
{
	(void)state;
	struct reading *r = good();
	r->worker[1].heartbeat_ns = S;
	(void)judged(r, HEALTH_UP);
	r->worker[1].heartbeat_ns = S + 100 * MS;
	assert_string_equal(judged(r, HEALTH_DOWN), "worker 1 on core 5 hangs: silent for 1.1 s");
	r = good();
	r->worker[0].has_heartbeat = false;
	(void)judged(r, HEALTH_DOWN);
}

// One port that is served is enough.
static void r06_a_server_whose_ports_are_all_away_is_down(void **state)
{
	(void)state;
	struct reading *r = good();
	r->port_count = 2;
	snprintf(r->port[0].device, sizeof(r->port[0].device), "net_x");
	r->port[0].state = PORT_AWAY;
	(void)judged(r, HEALTH_UP);
	r->port[1].state = PORT_LEAVING;
	assert_string_equal(judged(r, HEALTH_DOWN),
		"port net_x: polling paused: in reset, in recovery, or of another speed");
}

// Whatever it said last.
static void r14_a_server_that_is_not_in_service_is_down(void **state)
{
	static const enum reading_state states[] = {
		READING_DEAD, READING_STOPPING, READING_STARTING};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(states); i++) {
		struct reading *r = good();
		r->state = states[i];
		assert_string_equal(judged(r, HEALTH_DOWN), reading_state_sentence(states[i]));
	}
}

// One line. Static storage.
static char *printed(const struct reading *r, bool is_json)
{
	static char *text;
	size_t length;
	free(text);
	text = NULL;
	struct health h = {.code = HEALTH_DOWN, .why = "no server in run_dir \"x\""};
	if (r != NULL)
		health_judge(r, &h);
	FILE *out = open_memstream(&text, &length);
	assert_non_null(out);
	health_print(out, &h, r, is_json);
	assert_int_equal(fclose(out), 0);
	assert_ptr_equal(strchr(text, '\n'), text + length - 1);
	return text;
}

static void people_read_one_line(void **state)
{
	(void)state;
	assert_string_equal(
		printed(good(), false), "up: synchronised, stratum 2, root distance 1.235 ms\n");
	assert_string_equal(printed(NULL, false), "down: no server in run_dir \"x\"\n");
}

static void programs_read_one_object(void **state)
{
	(void)state;
	assert_string_equal(printed(good(), true),
		"{\"announce\":\"up\",\"why\":\"synchronised, stratum 2, root distance 1.235 ms\","
		"\"state\":\"sync\",\"pid\":77,\"control_age_ns\":9000000,"
		"\"heartbeat_age_max_ns\":900000000,\"root_distance_ns\":1234567}\n");
	assert_string_equal(printed(NULL, true),
		"{\"announce\":\"down\",\"why\":\"no server in run_dir \\\"x\\\"\",\"state\":null,"
		"\"pid\":null,\"control_age_ns\":null,\"heartbeat_age_max_ns\":null,"
		"\"root_distance_ns\":null}\n");
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, a_server_that_is_announced_is_up);
	TABLE_ADD(&t, the_servers_own_word_is_taken);
	TABLE_ADD(&t, r18_a_leap_second_is_no_reason_to_withdraw);
	TABLE_ADD(&t, r01_a_silent_control_thread_is_down_after_three_seconds);
	TABLE_ADD(&t, r12_a_silent_worker_is_down_after_a_second);
	TABLE_ADD(&t, r06_a_server_whose_ports_are_all_away_is_down);
	TABLE_ADD(&t, r14_a_server_that_is_not_in_service_is_down);
	TABLE_ADD(&t, people_read_one_line);
	TABLE_ADD(&t, programs_read_one_object);
	return table_run("health", &t);
}
