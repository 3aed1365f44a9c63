// SPDX-License-Identifier: BSD-3-Clause
#include "core/counters.h"

#include <ctype.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "harness/table.h"

static void adding_and_setting_can_be_read_back(void **state)
{
	(void)state;
	static struct counters c;
	counters_add(&c.verdict[V_ANSWER_V4], 3);
	counters_add(&c.verdict[V_ANSWER_V4], 4);
	counters_set(&c.traffic[TRAFFIC_HEARTBEAT], 99);
	assert_true(counters_get(&c.verdict[V_ANSWER_V4]) == 7);
	assert_true(counters_get(&c.traffic[TRAFFIC_HEARTBEAT]) == 99);
	for (int v = 0; v < VERDICT_COUNT; v++)
		assert_true(v == V_ANSWER_V4 || counters_get(&c.verdict[v]) == 0);
}

static void a_counter_wraps_at_2_to_the_64(void **state)
{
	(void)state;
	static struct counters c;
	counters_set(&c.traffic[TRAFFIC_RX_BYTES], UINT64_MAX);
	counters_add(&c.traffic[TRAFFIC_RX_BYTES], 2);
	assert_true(counters_get(&c.traffic[TRAFFIC_RX_BYTES]) == 1);
}

static void two_blocks_share_no_cache_line(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct counters) % 128, 0);
	assert_int_equal(_Alignof(struct counters), 128);
}

// Stable texts are metric names: lower case, digits, underscores, each once.
static void texts_are_metric_names_and_sentences_are_there(void **state)
{
	(void)state;
	for (int t = 0; t < TRAFFIC_COUNT; t++) {
		const char *text = traffic_text((enum traffic)t);
		assert_true(text[0] != '\0');
		for (const char *c = text; *c != '\0'; c++)
			assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) ||
				    *c == '_');
		assert_true(strlen(traffic_sentence((enum traffic)t)) > 4);
		for (int u = 0; u < t; u++)
			assert_string_not_equal(text, traffic_text((enum traffic)u));
		for (int v = 0; v < VERDICT_COUNT; v++)
			assert_string_not_equal(text, verdict_text((enum verdict)v));
	}
}

static void stamps_have_metric_names_and_sentences(void **state)
{
	(void)state;
	for (int s = 0; s < STAMP_COUNT; s++) {
		assert_int_equal(strncmp(stamp_text((enum stamp)s), "rx_stamp_", 9), 0);
		assert_true(strlen(stamp_sentence((enum stamp)s)) > 4);
		for (int other = 0; other < s; other++)
			assert_string_not_equal(
				stamp_text((enum stamp)s), stamp_text((enum stamp)other));
	}
	assert_string_equal(stamp_text(STAMP_COUNT), "unknown");
	assert_string_equal(stamp_sentence(STAMP_COUNT), "unknown");
}

static void no_traffic_counter_is_unknown(void **state)
{
	(void)state;
	assert_string_equal(traffic_text(TRAFFIC_COUNT), "unknown");
	assert_string_equal(traffic_text((enum traffic) - 1), "unknown");
	assert_non_null(traffic_sentence(TRAFFIC_COUNT));
}

struct shared {
	struct counters counters;
	_Atomic uint32_t stop;
};

static void *count(void *argument)
{
	struct shared *s = argument;
	uint64_t rounds = 0;
	while (atomic_load(&s->stop) == 0) {
		counters_add(&s->counters.verdict[V_ANSWER_V4], 1);
		counters_add(&s->counters.traffic[TRAFFIC_RX_BYTES], 1ull << 32 | 1);
		rounds++;
	}
	counters_set(&s->counters.traffic[TRAFFIC_POLLS], rounds);
	return NULL;
}

static double seconds_since(const struct timespec *begin)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

// For TSan, and for torn reads: both halves of the byte counter are the same number.
static void a_reader_sees_whole_numbers_that_only_grow(void **state)
{
	(void)state;
	static struct shared s;
	struct timespec begin;
	pthread_t writer;
	uint64_t last = 0;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(pthread_create(&writer, NULL, count, &s), 0);
	while (seconds_since(&begin) < 0.5) {
		for (int i = 0; i < 1000; i++) {
			uint64_t now = counters_get(&s.counters.traffic[TRAFFIC_RX_BYTES]);
			assert_true(now >= last);
			assert_true(now >> 32 == (now & UINT32_MAX));
			last = now;
		}
	}
	atomic_store(&s.stop, 1);
	assert_int_equal(pthread_join(writer, NULL), 0);
	assert_true(last > 0);
	assert_true(counters_get(&s.counters.verdict[V_ANSWER_V4]) ==
		    counters_get(&s.counters.traffic[TRAFFIC_POLLS]));
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, adding_and_setting_can_be_read_back);
	TABLE_ADD(&t, a_counter_wraps_at_2_to_the_64);
	TABLE_ADD(&t, two_blocks_share_no_cache_line);
	TABLE_ADD(&t, texts_are_metric_names_and_sentences_are_there);
	TABLE_ADD(&t, stamps_have_metric_names_and_sentences);
	TABLE_ADD(&t, no_traffic_counter_is_unknown);
	TABLE_ADD(&t, a_reader_sees_whole_numbers_that_only_grow);
	return table_run("counters", &t);
}
