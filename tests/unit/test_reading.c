// SPDX-License-Identifier: BSD-3-Clause
// What ntpwirectl makes of a status segment: states, ages, served times, sums and rates.
#include "status/reading.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/scratch.h"
#include "harness/table.h"
#include "ctl/json.h"
#include "ctl/rates.h"
#include "ctl/stats.h"
#include "ctl/status.h"

#define HZ       1000000000u
#define NS_PER_S 1000000000LL
#define PPM_15   64425u

static const unsigned nodes[2] = {0, 0};

static uint64_t monotonic_ns(void)
{
	struct timespec t;
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (uint64_t)(t.tv_sec * NS_PER_S + t.tv_nsec);
}

// A server's page with two workers and a port, shown, with nothing published yet.
static struct statseg server_begin(void)
{
	struct statseg p;
	assert_int_equal(statseg_create(scratch_path("run"), 1, nodes, 2, &p), 0);
	struct statseg_head *head = p.head;
	head->port_count = 1;
	head->worker[1] = (struct statseg_worker){.core = 5, .node = 0, .queue_count = 2};
	snprintf(head->server_version, sizeof(head->server_version), "9.9");
	head->references.count = 1;
	snprintf(head->references.reference[0].source, 16, "fixed");
	snprintf(head->idle, sizeof(head->idle), "sleep");
	snprintf(head->port[0].device, CONFIG_TEXT, "net_null0");
	head->port[0].link_up = 1;
	head->port[0].imissed = 12;
	assert_int_equal(statseg_announce(&p, scratch_path("run")), 0);
	return p;
}

static void server_end(struct statseg *p)
{
	statseg_close(p, scratch_path("run"), true);
}

// Publishes a snapshot that was made age_ns ago, with the counter at 10^12 then.
static void publish(struct statseg *p, uint64_t age_ns, uint8_t leap, uint8_t state)
{
	const struct clock_view view = {
		.ref_cycles = {1000000000000u},
		.ref_time = {1},
		.mult = ((uint64_t)1 << (32 + NTP_MULT_SHIFT - 30)), // 2^32 units in 2^30 cycles
		.root_dispersion = 1u << 22,                         // 976 us
		.dispersion_rate = PPM_15,
		.valid_cycles = {300ull * HZ},
		.error_bound = 430,    // 100 ns
		.root_delay = 1u << 8, // 3.9 ms
		.reference_id = 0x4c4f434c,
		.leap = leap,
		.stratum = leap == LEAP_UNKNOWN ? 0 : 10,
		.state = state,
	};
	snapshot_publish(statseg_snapshot(p, 0), &view);
	p->head->sync_state = state;
	p->head->counter_hz = HZ;
	p->head->control_beat_ns = monotonic_ns() - age_ns;
}

static struct reading *look(void)
{
	struct reading *r = NULL;
	assert_int_equal(reading_take(scratch_path("run"), &r), 0);
	assert_non_null(r);
	return r;
}

static enum reading_state state_now(void)
{
	struct reading *r = look();
	enum reading_state s = r->state;
	free(r);
	return s;
}

static void no_server_is_an_error(void **state)
{
	(void)state;
	struct reading *r = NULL;
	assert_int_equal(reading_take(scratch_path("none"), &r), -ENOENT);
	assert_null(r);
}

static void every_state_is_recognised(void **state)
{
	(void)state;
	struct statseg p = server_begin();
	assert_int_equal(state_now(), READING_STARTING);
	publish(&p, 0, LEAP_NONE, SYNC_STATE_SYNC);
	assert_int_equal(state_now(), READING_SYNC);
	publish(&p, 0, LEAP_INSERT, SYNC_STATE_HOLDOVER);
	assert_int_equal(state_now(), READING_HOLDOVER);
	publish(&p, 0, LEAP_UNKNOWN, SYNC_STATE_START);
	assert_int_equal(state_now(), READING_STARTING);
	publish(&p, 0, LEAP_UNKNOWN, SYNC_STATE_UNSYNC);
	assert_int_equal(state_now(), READING_UNSYNC);
	publish(&p, 0, LEAP_UNKNOWN, SYNC_STATE_STEP);
	assert_int_equal(state_now(), READING_STEP);
	publish(&p, 2 * NS_PER_S, LEAP_NONE, SYNC_STATE_SYNC);
	assert_int_equal(state_now(), READING_HUNG);
	p.head->stopping = 1;
	assert_int_equal(state_now(), READING_STOPPING);
	server_end(&p);
}

static void a_page_without_its_server_is_dead(void **state)
{
	(void)state;
	struct statseg p = server_begin();
	static uint8_t copy[1u << 19];
	size_t size = p.size;
	memcpy(copy, p.head, size);
	server_end(&p);
	assert_int_equal(statseg_create(scratch_path("run"), 1, nodes, 1, &p), 0);
	(void)scratch_write("run/statseg", copy, size);
	assert_int_equal(state_now(), READING_DEAD);
	assert_int_equal(remove(scratch_path("run/statseg")), 0);
	server_end(&p);
}

static void the_judges_word_is_read_and_no_nonsense(void **state)
{
	(void)state;
	struct statseg p = server_begin();
	publish(&p, 0, LEAP_NONE, SYNC_STATE_HOLDOVER);
	p.head->sync_reason = SYNC_REASON_SILENT;
	p.head->sync_complaint = SYNC_REASON_FAR;
	p.head->announce = ANNOUNCE_DEGRADED;
	p.head->sync_since_ns = monotonic_ns() - 90 * NS_PER_S;
	p.head->entered[SYNC_STATE_HOLDOVER] = 4;
	p.head->correction_ns = (uint64_t)-1500;
	struct reading *r = look();
	assert_int_equal(r->judge.reason, SYNC_REASON_SILENT);
	assert_int_equal(r->judge.complaint, SYNC_REASON_FAR);
	assert_int_equal(r->judge.announce, ANNOUNCE_DEGRADED);
	assert_in_range(r->judge.lasting_ns, 90 * NS_PER_S, 95 * NS_PER_S);
	assert_int_equal(r->judge.entered[SYNC_STATE_HOLDOVER], 4);
	assert_int_equal(r->clock.correction_ns, -1500);
	free(r);
	p.head->sync_state = p.head->sync_reason = p.head->announce = UINT64_MAX;
	p.head->sync_since_ns = UINT64_MAX;
	r = look();
	assert_int_equal(r->judge.state, SYNC_STATE_UNSYNC);
	assert_string_equal(sync_reason_text(r->judge.reason), "unknown");
	assert_int_equal(r->judge.announce, ANNOUNCE_DOWN);
	assert_int_equal(r->judge.lasting_ns, 0);
	free(r);
	server_end(&p);
}

static void times_are_those_served_now(void **state)
{
	(void)state;
	struct statseg p = server_begin();
	publish(&p, 0, LEAP_NONE, SYNC_STATE_SYNC);
	struct reading *r = look();
	assert_true(r->clock.is_good);
	assert_int_equal(r->clock.root_delay_ns, 3906250);
	assert_in_range(r->clock.root_dispersion_ns, 976562, 976562 + 100000);
	assert_int_equal(r->clock.root_distance_ns, r->clock.root_dispersion_ns + 3906250 / 2);
	assert_in_range(r->clock.error_bound_ns, 100, 101);
	free(r);
	server_end(&p);
}

// 100 s at 15 ppm are 1.5 ms; the rate that publish() gives is 7 % low, and so is the growth.
static void dispersion_grows_with_age_and_time_becomes_void(void **state)
{
	(void)state;
	struct statseg p = server_begin();
	publish(&p, 100 * NS_PER_S, LEAP_NONE, SYNC_STATE_SYNC);
	struct reading *r = look();
	assert_true(r->clock.is_good);
	assert_in_range(r->clock.age_ns, 100 * NS_PER_S, 101 * NS_PER_S);
	assert_in_range(r->clock.root_dispersion_ns, 976562 + 1390000, 976562 + 1500000);
	free(r);
	publish(&p, 301 * NS_PER_S, LEAP_NONE, SYNC_STATE_SYNC);
	r = look();
	assert_false(r->clock.is_good);
	free(r);
	server_end(&p);
}

// What is printed into memory. Static storage.
static char *printed;
static size_t printed_length;

static FILE *print_begin(void)
{
	free(printed);
	printed = NULL;
	FILE *out = open_memstream(&printed, &printed_length);
	assert_non_null(out);
	return out;
}

static void both_print(const struct reading *r)
{
	FILE *out = print_begin();
	status_print(out, r);
	assert_int_equal(json_print_status(out, r, false), 0);
	assert_int_equal(fclose(out), 0);
}

// Publishes what publish() does, with a leap second an eighth of a second ahead.
static void near_leap_publish(struct statseg *p, uint8_t flags)
{
	struct snapshot_cache cache = {0};
	publish(p, 0, LEAP_NONE, SYNC_STATE_SYNC);
	assert_true(snapshot_read(statseg_snapshot(p, 0), &cache));
	cache.view.leap_at = (struct ntp_time){1 + (1u << 29)};
	cache.view.leap_step = 1;
	cache.view.leap_flags = LEAP_ANNOUNCED | flags;
	snapshot_publish(statseg_snapshot(p, 0), &cache.view);
}

// Stratum, identifier and dispersion are those that go with leap 3, as workers send them.
static void r18_what_is_shown_with_leap_3_is_what_is_served(void **state)
{
	(void)state;
	struct statseg p = server_begin();
	for (unsigned i = 0; i < 2; i++) {
		if (i == 0)
			near_leap_publish(&p, LEAP_WINDOW);
		else
			publish(&p, 301 * NS_PER_S, LEAP_NONE, SYNC_STATE_SYNC);
		struct reading *r = look();
		assert_int_equal(r->state, i == 0 ? READING_UNSYNC : READING_HUNG);
		assert_int_equal(r->clock.leap, LEAP_UNKNOWN);
		assert_false(r->clock.is_good);
		both_print(r);
		assert_non_null(strstr(printed, "\nstratum         0\n"));
		assert_non_null(strstr(printed, "identifier 0.0.0.0\n"));
		assert_non_null(strstr(printed, "root dispersion 1000.000 ms now"));
		assert_non_null(strstr(printed, "\"synchronised\":false"));
		assert_non_null(strstr(printed, "\"stratum\":0,"));
		assert_non_null(strstr(printed, "\"root_dispersion_ns\":1000000000,"));
		assert_null(strstr(printed, "still to be corrected"));
		free(r);
	}
	server_end(&p);
}

static void heartbeats_have_ages(void **state)
{
	(void)state;
	struct statseg p = server_begin();
	publish(&p, 0, LEAP_NONE, SYNC_STATE_SYNC);
	counters_set(&statseg_counters(&p, 1)->traffic[TRAFFIC_HEARTBEAT], 1000000000000u - HZ / 4);
	struct reading *r = look();
	assert_false(r->worker[0].has_heartbeat);
	assert_true(r->worker[1].has_heartbeat);
	assert_in_range(r->worker[1].heartbeat_ns, NS_PER_S / 4, NS_PER_S / 2);
	assert_int_equal(r->worker[1].core, 5);
	assert_int_equal(r->worker[1].queue_count, 2);
	free(r);
	server_end(&p);
}

static void totals_are_sums(void **state)
{
	(void)state;
	struct statseg p = server_begin();
	counters_set(&statseg_counters(&p, 0)->verdict[V_ANSWER_V4], 3);
	counters_set(&statseg_counters(&p, 1)->verdict[V_ANSWER_V4], 4);
	counters_set(&statseg_counters(&p, 1)->verdict[V_NTP_SHORT], 5);
	counters_set(&statseg_counters(&p, 1)->traffic[TRAFFIC_RX_PACKETS], 12);
	struct reading *r = look();
	assert_int_equal(r->total.verdict[V_ANSWER_V4], 7);
	assert_int_equal(rates_sum_answered(&r->total), 7);
	assert_int_equal(rates_sum_silent(&r->total), 5);
	assert_int_equal(r->total.traffic[TRAFFIC_RX_PACKETS], 12);
	assert_int_equal(r->port[0].imissed, 12);
	free(r);
	server_end(&p);
}

static void rates_need_two_looks_at_one_server(void **state)
{
	(void)state;
	static struct reading before = {.pid = 1, .monotonic_ns = 5 * NS_PER_S};
	static struct reading now = {.pid = 1, .monotonic_ns = 7 * NS_PER_S};
	assert_true(rates_are_possible(&before, &now));
	assert_false(rates_are_possible(NULL, &now));
	assert_false(rates_are_possible(&now, &now));
	assert_int_equal((int)rates_of(&before, &now, 100, 150), 25);
	assert_int_equal((int)rates_of(&now, &now, 100, 150), (int)RATE_UNKNOWN);
	now.pid = 2;
	assert_false(rates_are_possible(&before, &now));
}

static void identifiers_are_text_or_an_address(void **state)
{
	(void)state;
	char text[16];
	assert_string_equal(reading_reference_id(0x4c4f434c, text), "LOCL");
	assert_string_equal(reading_reference_id(0x50505300, text), "PPS");
	assert_string_equal(reading_reference_id(0x58590000, text), "XY");
	assert_string_equal(reading_reference_id(0xc0000201, text), "192.0.2.1");
	assert_string_equal(reading_reference_id(0x41004200, text), "65.0.66.0");
	assert_string_equal(reading_reference_id(0, text), "0.0.0.0");
}

// Texts of a status segment may hold anything, and lack their end.
static void hostile_texts_do_no_harm(void **state)
{
	(void)state;
	struct statseg p = server_begin();
	memset(p.head->server_version, '\033', sizeof(p.head->server_version));
	memset(p.head->port[0].device, 'x', CONFIG_TEXT);
	struct reading *r = look();
	assert_int_equal(strlen(r->version), sizeof(r->version) - 1);
	assert_null(strchr(r->version, '\033'));
	assert_int_equal(strlen(r->port[0].device), CONFIG_TEXT - 1);
	free(r);
	server_end(&p);
}

static void people_read_state_and_counters(void **state)
{
	(void)state;
	struct statseg p = server_begin();
	publish(&p, 0, LEAP_NONE, SYNC_STATE_SYNC);
	counters_set(&statseg_counters(&p, 0)->verdict[V_NTP_SHORT], 3);
	struct reading *r = look();
	FILE *out = print_begin();
	status_print(out, r);
	stats_print(out, r);
	stats_print_live(out, NULL, r);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(printed, "ntpwired 9.9, pid "));
	assert_non_null(strstr(printed, "state           synchronised\n"));
	assert_non_null(strstr(printed, "stratum         10\n"));
	assert_non_null(strstr(printed, "fixed, identifier LOCL"));
	assert_non_null(strstr(printed, "3  ntp_short            NTP message under 48 bytes\n"));
	assert_non_null(
		strstr(printed, "ntp_short                         -                    3"));
	assert_non_null(strstr(printed, "missed 12,"));
	free(r);
	server_end(&p);
}

static json_object *json_get(const char *first, const char *second)
{
	static json_object *whole;
	json_object *part;
	json_object *value;
	json_object_put(whole);
	whole = json_tokener_parse(printed);
	assert_non_null(whole);
	assert_true(json_object_object_get_ex(whole, first, &part));
	assert_true(json_object_object_get_ex(part, second, &value));
	return value;
}

static void programs_read_json(void **state)
{
	(void)state;
	struct statseg p = server_begin();
	publish(&p, 0, LEAP_NONE, SYNC_STATE_SYNC);
	counters_set(&statseg_counters(&p, 0)->verdict[V_ANSWER_V4], UINT64_MAX);
	struct reading *r = look();
	FILE *out = print_begin();
	assert_int_equal(json_print_status(out, r, false), 0);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(json_object_get_string(json_get("server", "state")), "sync");
	assert_int_equal(json_object_get_int64(json_get("clock", "root_delay_ns")), 3906250);
	out = print_begin();
	assert_int_equal(json_print_stats(out, NULL, r, true), 0);
	assert_int_equal(fclose(out), 0);
	assert_ptr_equal(strchr(printed, '\n'), printed + printed_length - 1);
	assert_true(json_object_get_uint64(json_get("total", "answered")) == UINT64_MAX);
	json_object *all = json_get("total", "verdicts");
	assert_int_equal(json_object_object_length(all), VERDICT_COUNT);
	free(r);
	server_end(&p);
}

// What the control thread says of leap seconds, in words and in JSON.
static void leap_publish(struct statseg *p, uint64_t file_state, int64_t step)
{
	struct statseg_head *head = p->head;
	snprintf(head->leap_file, sizeof(head->leap_file), "/etc/leap.list");
	counters_set(&head->leap_file_state, file_state);
	counters_set(&head->leap_file_expires, 1800000000);
	counters_set(&head->leap_step, (uint64_t)step);
	counters_set(&head->leap_midnight, 1814400000);
	counters_set(&head->leap_witnesses, LEAP_BY_LIST | LEAP_BY_KERNEL);
	counters_set(&head->leap_armed, 2);
	counters_set(&head->leap_cancelled, 1);
}

// A server that is in sync and not announced as good says why, as `health` does.
static void what_speaks_against_the_state_is_told(void **state)
{
	static const struct {
		enum sync_state state;
		enum announce announce;
		enum sync_reason reason;
		enum sync_reason complaint;
		const char *words; // NULL: nothing is added
	} rows[] = {
		{SYNC_STATE_SYNC, ANNOUNCE_UP, SYNC_REASON_GOOD, SYNC_REASON_NONE, NULL},
		{SYNC_STATE_SYNC, ANNOUNCE_UP, SYNC_REASON_GOOD, SYNC_REASON_SILENT, NULL},
		{SYNC_STATE_SYNC, ANNOUNCE_DEGRADED, SYNC_REASON_GOOD, SYNC_REASON_CORRECTION,
			" degraded because the system clock is still being corrected by over 1 ms\n"},
		{SYNC_STATE_SYNC, ANNOUNCE_DOWN, SYNC_REASON_GOOD, SYNC_REASON_FAR,
			" down because the root distance is over 50 ms\n"},
		{SYNC_STATE_HOLDOVER, ANNOUNCE_DEGRADED, SYNC_REASON_SILENT, SYNC_REASON_SILENT,
			NULL},
		{SYNC_STATE_HOLDOVER, ANNOUNCE_DEGRADED, SYNC_REASON_SILENT, SYNC_REASON_LEAP,
			" not in sync because the reference says that it is not synchronised\n"},
		{SYNC_STATE_UNSYNC, ANNOUNCE_DOWN, SYNC_REASON_DISTANCE, SYNC_REASON_STRATUM,
			" not in sync because the reference's stratum is not 1 to 15\n"},
	};
	(void)state;
	struct statseg p = server_begin();
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++) {
		publish(&p, 0, LEAP_NONE, (uint8_t)rows[i].state);
		p.head->announce = rows[i].announce;
		p.head->sync_reason = rows[i].reason;
		p.head->sync_complaint = rows[i].complaint;
		struct reading *r = look();
		both_print(r);
		const char *found =
			strstr(printed, rows[i].words == NULL ? "because" : rows[i].words);
		if ((found == NULL) != (rows[i].words == NULL))
			fail_msg("row %u: %s", i, printed);
		free(r);
	}
	server_end(&p);
}

static void r18_leap_seconds_are_told(void **state)
{
	static const struct {
		uint64_t file_state;
		int64_t step;
		const char *words[4];
	} rows[] = {
		{LEAP_LIST_EXPIRED, 0,
			{"none is armed (armed 2 times, taken back 1)\n",
				"/etc/leap.list EXPIRED on 2027-01-15\n",
				"\"file_state\":\"expired\"", "\"file_expired\":true"}},
		{LEAP_LIST_GOOD, 1,
			{"one inserted at the end of 2027-06-30, by the word of: the list, the "
			 "kernel (",
				"/etc/leap.list expires on 2027-01-15\n", "\"at_unix\":1814400000",
				"\"file_expired\":false"}},
		{LEAP_LIST_GOOD, -1,
			{"one left out at the end of 2027-06-30, by", "\"step\":-1",
				"\"by\":\"the list, the kernel\"", "\"armed\":2"}},
		{LEAP_LIST_NONE, 0,
			{"no list: /etc/leap.list cannot be used\n", "\"at_unix\":null",
				"\"by\":null", "\"tai_offset\":null"}},
		{77, 99, {"no list: ", "none is armed", "\"file_state\":\"none\"", "\"step\":0"}},
	};
	(void)state;
	struct statseg p = server_begin();
	publish(&p, 0, LEAP_NONE, SYNC_STATE_SYNC);
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++) {
		leap_publish(&p, rows[i].file_state, rows[i].step);
		struct reading *r = look();
		both_print(r);
		for (unsigned k = 0; k < 4; k++)
			if (strstr(printed, rows[i].words[k]) == NULL)
				fail_msg("row %u: no \"%s\" in %s", i, rows[i].words[k], printed);
		free(r);
	}
	server_end(&p);
}

// Whether smeared time runs, and what it is off then; that it is refused.
static void r18_smeared_time_is_told(void **state)
{
	static const struct {
		uint32_t smear;
		bool is_near;
		uint8_t flags;
		bool runs;
		const char *words[3];
	} rows[] = {
		{SMEAR_OFF, true, 0, false, {"\"smear\":\"off\"", "\"smear_running\":false"}},
		{SMEAR_LINEAR, false, 0, false,
			{"smeared time    linear, now the same as UTC\n", "\"smear\":\"linear\""}},
		{SMEAR_LINEAR, true, 0, true,
			{"smeared time    linear, under way: UTC -0.", "\"smear_refused\":false"}},
		{SMEAR_COSINE, true, LEAP_WINDOW, true,
			{"smeared time    cosine, under way: UTC -0.", "\"smear_running\":true"}},
		{SMEAR_COSINE, true, LEAP_NO_SMEAR, false,
			{"cosine, REFUSED until the noon after: its addresses answer leap 3\n",
				"\"smear_running\":false", "\"smear_refused\":true"}},
		{77, true, 0, false, {"\"smear\":\"off\"", "\"smear_offset_ns\":null"}},
	};
	(void)state;
	struct statseg p = server_begin();
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++) {
		p.head->smear = rows[i].smear;
		if (rows[i].is_near)
			near_leap_publish(&p, rows[i].flags);
		else
			publish(&p, 0, LEAP_NONE, SYNC_STATE_SYNC);
		struct reading *r = look();
		both_print(r);
		for (unsigned k = 0; k < 3 && rows[i].words[k] != NULL; k++)
			if (strstr(printed, rows[i].words[k]) == NULL)
				fail_msg("row %u: no \"%s\" in %s", i, rows[i].words[k], printed);
		// The middle of the smear is the leap: half a second.
		if (rows[i].runs)
			assert_in_range(-r->leap.smeared_ns, 499900000, 500100000);
		assert_int_equal(
			strstr(printed, "smeared time") != NULL, r->leap.smear != SMEAR_OFF);
		free(r);
	}
	server_end(&p);
}

static void r06_what_happened_to_a_port_is_told(void **state)
{
	static const char *const words[] = {"link changes 4, resets asked for 2, recovered 1\n",
		"polling paused: in reset, in recovery, or of another speed\n",
		"\"state\":\"away\"", "\"link_changes\":4", "\"reset\":2", "\"failed\":0"};
	(void)state;
	struct statseg p = server_begin();
	struct statseg_port *port = &p.head->port[0];
	publish(&p, 0, LEAP_NONE, SYNC_STATE_SYNC);
	struct reading *r = look();
	both_print(r);
	assert_null(strstr(printed, "link changes"));
	assert_null(strstr(printed, "polls it"));
	free(r);
	counters_set(&port->state, PORT_AWAY);
	counters_set(&port->link_changes, 4);
	counters_set(&port->event[PORT_EVENT_RESET], 2);
	counters_set(&port->event[PORT_EVENT_RECOVERED], 1);
	r = look();
	both_print(r);
	for (unsigned i = 0; i < TABLE_LENGTH(words); i++)
		assert_non_null(strstr(printed, words[i]));
	free(r);
	counters_set(&port->state, 77);
	r = look();
	both_print(r);
	assert_non_null(strstr(printed, "\"state\":\"unknown\""));
	free(r);
	server_end(&p);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, r06_what_happened_to_a_port_is_told);
	TABLE_ADD(&t, r18_leap_seconds_are_told);
	TABLE_ADD(&t, r18_smeared_time_is_told);
	TABLE_ADD(&t, r18_what_is_shown_with_leap_3_is_what_is_served);
	TABLE_ADD(&t, what_speaks_against_the_state_is_told);
	TABLE_ADD(&t, no_server_is_an_error);
	TABLE_ADD(&t, every_state_is_recognised);
	TABLE_ADD(&t, a_page_without_its_server_is_dead);
	TABLE_ADD(&t, the_judges_word_is_read_and_no_nonsense);
	TABLE_ADD(&t, times_are_those_served_now);
	TABLE_ADD(&t, dispersion_grows_with_age_and_time_becomes_void);
	TABLE_ADD(&t, heartbeats_have_ages);
	TABLE_ADD(&t, totals_are_sums);
	TABLE_ADD(&t, rates_need_two_looks_at_one_server);
	TABLE_ADD(&t, identifiers_are_text_or_an_address);
	TABLE_ADD(&t, hostile_texts_do_no_harm);
	TABLE_ADD(&t, people_read_state_and_counters);
	TABLE_ADD(&t, programs_read_json);
	return table_run_between("reading", &t, scratch_begin, scratch_end);
}
