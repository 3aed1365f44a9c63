// SPDX-License-Identifier: BSD-3-Clause
// Several references over real sockets: a chronyd that comes and goes, and what stands behind it;
// and what of it reaches the status segment and its readers.
#include "reference/reference_set.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chrony_answer.h"
#include "harness/scratch.h"
#include "harness/table.h"
#include "ctl/json.h"
#include "status/reading.h"
#include "ctl/status.h"

#define NS_PER_S 1000000000LL

// 2026-11-24 02:27:02 UTC.
static const struct nanos start = {1795487222 * NS_PER_S};
static const unsigned node = 0;
static const struct phc_tai nobody;
static struct config config;
static struct reference_set set;
static struct nanos passed;
static int daemon_fd = -1;
static struct reference_word last; // that there was to hear
static bool is_local;              // the daemon follows nothing but its own clock
static bool is_stuck;              // the daemon: its clock is not set any more

// The first is a chronyd on a port of the test's own; the second the program's own word.
static void open_both(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(at);
	daemon_fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(daemon_fd, (struct sockaddr *)&at, size), 0);
	assert_int_equal(getsockname(daemon_fd, (struct sockaddr *)&at, &size), 0);
	config = (struct config){.reference_count = 2};
	config.reference[0] =
		(struct config_reference){.source = REFERENCE_CHRONY, .address = "127.0.0.1"};
	config.reference[0].port = ntohs(at.sin_port);
	config.reference[1] = (struct config_reference){
		.source = REFERENCE_FIXED, .place = 1, .stratum = 7, .reference_id = "LAB"};
	passed = (struct nanos){0};
	is_stuck = false;
	is_local = false;
	reference_set_open(&set, &config, &nobody);
}

static void daemon_answer(int64_t now_ns)
{
	uint8_t message[CHRONY_MESSAGE];
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	struct be32 sequence;
	assert_int_equal(
		recvfrom(daemon_fd, message, sizeof(message), 0, (struct sockaddr *)&from, &size),
		CHRONY_MESSAGE);
	memcpy(&sequence, message + 8, sizeof(sequence));
	answer_make(message, be32_get(sequence), now_ns / NS_PER_S);
	if (is_local)
		put32(message, ANSWER_ID, 0x7f7f0101);
	assert_int_equal(
		sendto(daemon_fd, message, CHRONY_MESSAGE, 0, (struct sockaddr *)&from, size),
		CHRONY_MESSAGE);
}

// A second with one poll; the last thing there was to hear. False: nothing.
static bool second(bool answers, struct reference *ret_reference)
{
	bool is_news = false;
	reference_set_ask(&set, kernel_clock_read(), (struct nanos){start.n + passed.n}, passed);
	if (answers)
		daemon_answer(is_stuck ? start.n : start.n + passed.n);
	for (unsigned tick = 0; tick < 100; tick++) {
		const struct nanos now = {start.n + passed.n};
		uint64_t changes = set.select.changes;
		if (reference_set_look(&set, now, passed, &last)) {
			*ret_reference = last.reference;
			is_news = true;
		}
		// Whoever is followed from now on has just spoken.
		if (set.select.changes != changes)
			assert_true(now.n - ret_reference->as_of.n <= NS_PER_S / 100);
		passed.n += NS_PER_S / 100;
	}
	return is_news;
}

static int end(void **state)
{
	reference_set_close(&set);
	if (daemon_fd >= 0)
		(void)close(daemon_fd);
	daemon_fd = -1;
	return scratch_end(state);
}

// Each is judged by its own setting, once; what is handed on says so.
static void local_is_judged_by_the_setting_of_each(void **state)
{
	(void)state;
	struct reference r;
	for (unsigned allowed = 0; allowed < 2; allowed++) {
		open_both();
		is_local = true;
		config.reference[0].allow_local = allowed == 1;
		config.reference[1].allow_local = allowed == 0;
		assert_true(second(true, &r));
		assert_true(r.is_local);
		assert_int_equal(last.fault, allowed ? SYNC_REASON_NONE : SYNC_REASON_LOCAL);
		assert_int_equal(set.select.word[0].said.fault, last.fault);
		reference_set_close(&set);
		(void)close(daemon_fd);
		daemon_fd = -1;
	}
}

static void r03_the_second_is_followed_while_the_first_is_gone(void **state)
{
	(void)state;
	struct reference r;
	open_both();
	for (unsigned i = 0; i < 3; i++) {
		assert_true(second(true, &r));
		assert_int_equal(r.source, REFERENCE_CHRONY);
		assert_int_equal(r.stratum, 2);
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_true(second(false, &r));
		assert_false(r.answered);
		assert_int_equal(reference_set_followed(&set)->source, REFERENCE_CHRONY);
	}
	for (unsigned i = 0; i < 3; i++)
		(void)second(false, &r);
	assert_true(r.answered);
	assert_int_equal(r.source, REFERENCE_FIXED);
	assert_int_equal(r.stratum, 7);
	assert_ptr_equal(reference_set_followed(&set), &config.reference[1]);
	assert_int_equal(set.select.changes, 1);
}

// The questions that nobody took are in the daemon's queue: it answers the newest.
static void questions_forget(void)
{
	uint8_t message[CHRONY_MESSAGE];
	while (recv(daemon_fd, message, sizeof(message), MSG_DONTWAIT) > 0)
		continue;
}

static void the_first_is_followed_again(void **state)
{
	(void)state;
	struct reference r;
	open_both();
	for (unsigned i = 0; i < 3; i++)
		(void)second(false, &r);
	assert_int_equal(r.source, REFERENCE_FIXED);
	questions_forget();
	for (unsigned i = 0; i < 2; i++) {
		assert_true(second(true, &r));
		assert_int_equal(r.source, REFERENCE_FIXED);
	}
	assert_true(second(true, &r));
	assert_int_equal(r.source, REFERENCE_CHRONY);
	assert_int_equal(r.stratum, 2);
	assert_int_equal(set.select.changes, 2);
}

static void assert_says(const struct reading *r, bool is_json, const char *words)
{
	static char text[16384];
	memset(text, 0, sizeof(text));
	FILE *out = fmemopen(text, sizeof(text), "w");
	assert_non_null(out);
	if (is_json)
		assert_int_equal(json_print_status(out, r, true), 0);
	else
		status_print(out, r);
	(void)fclose(out);
	if (strstr(text, words) == NULL)
		fail_msg("\"%s\" is not in:\n%s", words, text);
}

static void people_and_programs_are_told(void **state)
{
	(void)state;
	struct statseg p;
	struct reference r;
	struct reading *seen = NULL;
	open_both();
	assert_int_equal(statseg_create(scratch_path("run"), 1, &node, 1, &p), 0);
	reference_set_introduce(&config, p.head);
	assert_int_equal(statseg_announce(&p, scratch_path("run")), 0);
	(void)second(true, &r);
	for (unsigned i = 0; i < 7; i++)
		(void)second(false, &r);
	const struct kernel_clock kernel = {.state = TIME_ERROR, .status = STA_UNSYNC};
	for (unsigned i = 0; i < 3; i++)
		reference_set_check(&set, kernel);
	reference_set_publish(&set, passed, p.head);
	assert_int_equal(reading_take(scratch_path("run"), &seen), 0);
	assert_says(seen, false, "2 of 2 is followed, changed 1 times");
	assert_says(seen, false,
		"stratum 2, leap 0, root distance 9.062 ms, 8 s ago; the reference does not "
		"answer");
	assert_says(
		seen, false, "-> fixed at stratum 7: stratum 7, leap 0, root distance 1.000 ms");
	assert_says(seen, true, "\"kernel_disagreements\":0,\"reference_changes\":1");
	assert_says(seen, true, "\"source\":\"chrony\"");
	assert_says(seen, true, "\"kernel_agrees\":null,\"kernel_says\":\"not_compared\"");
	assert_says(seen, true, "\"followed\":false,\"fault\":\"silent\"");
	assert_says(seen, true, "\"reference_id\":\"192.0.2.1\",\"root_distance_ns\":9062");
	assert_says(seen, true, "\"answers\":1,\"failures\":7");
	assert_says(seen, true, "\"followed\":true,\"fault\":\"none\"");
	free(seen);
	statseg_close(&p, scratch_path("run"), true);
}

// It says leap 0 all the time; its last update was 10 s before the start, and it updates each 64.5
// s.
static void r04_one_that_ages_is_left(void **state)
{
	(void)state;
	struct reference r;
	open_both();
	is_stuck = true;
	for (unsigned i = 0; i < 505; i++) {
		assert_true(second(true, &r));
		assert_int_equal(r.source, REFERENCE_CHRONY);
	}
	for (unsigned i = 0; i < 8; i++)
		(void)second(true, &r);
	assert_int_equal(r.source, REFERENCE_FIXED);
	assert_int_equal(set.select.reason, SYNC_REASON_OLD);
	assert_int_equal(set.select.word[0].said.reference.leap, LEAP_NONE);
	is_stuck = false;
	for (unsigned i = 0; i < 3; i++)
		(void)second(true, &r);
	assert_int_equal(r.source, REFERENCE_CHRONY);
}

static void a_kernel_that_disagrees_is_told(void **state)
{
	(void)state;
	struct statseg p;
	struct reference r;
	struct reading *seen = NULL;
	const struct kernel_clock kernel = {.state = TIME_ERROR, .status = STA_UNSYNC};
	open_both();
	assert_int_equal(statseg_create(scratch_path("run"), 1, &node, 1, &p), 0);
	reference_set_introduce(&config, p.head);
	assert_int_equal(statseg_announce(&p, scratch_path("run")), 0);
	(void)second(true, &r);
	for (unsigned i = 0; i < 3; i++)
		reference_set_check(&set, kernel);
	reference_set_publish(&set, passed, p.head);
	assert_int_equal(reading_take(scratch_path("run"), &seen), 0);
	assert_says(seen, true,
		"\"kernel_agrees\":false,\"kernel_says\":\"unsync\",\"kernel_disagreements\":1");
	assert_says(seen, false,
		"it says that its clock is not synchronised (STA_UNSYNC); it began to disagree 1 "
		"times");
	free(seen);
	statseg_close(&p, scratch_path("run"), true);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, local_is_judged_by_the_setting_of_each);
	TABLE_ADD(&t, r03_the_second_is_followed_while_the_first_is_gone);
	TABLE_ADD(&t, the_first_is_followed_again);
	TABLE_ADD(&t, r04_one_that_ages_is_left);
	TABLE_ADD(&t, a_kernel_that_disagrees_is_told);
	TABLE_ADD(&t, people_and_programs_are_told);
	return table_run_between("reference_set", &t, scratch_begin, end);
}
