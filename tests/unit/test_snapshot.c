// SPDX-License-Identifier: BSD-3-Clause
#include "core/snapshot.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "harness/random.h"
#include "harness/table.h"

#define SECOND (1ull << 32)
// Of the test for torn views, which lasts until each reader has seen so many new ones. That is soon
// where threads have a core each; where they take turns a reader sees one in a turn, as a rule.
#define READERS      2
#define NEWS_LEAST   10000
#define SECONDS      2
#define SECONDS_MOST 600 // for whom others keep from the processors

// One counter cycle is one NTP unit: ages can be read off.
static struct clock_view plain_view(void)
{
	return (struct clock_view){
		.ref_cycles = {5000},
		.ref_time = {900000},
		.mult = 1ull << NTP_MULT_SHIFT,
		.root_dispersion = 1000,
		.dispersion_rate = 64425, // 15 ppm of 2^32
		.valid_cycles = {300 * SECOND},
		.leap = LEAP_NONE,
		.stratum = 1,
		.precision = -20,
	};
}

static void what_was_published_is_read(void **state)
{
	(void)state;
	static struct snapshot s;
	struct snapshot_cache cache = {0};
	struct clock_view view = plain_view();
	view.reserved[1] = 77;
	snapshot_publish(&s, &view);
	assert_true(snapshot_read(&s, &cache));
	assert_memory_equal(&cache.view, &view, sizeof(view));
	view.epoch = 9;
	snapshot_publish(&s, &view);
	assert_true(snapshot_read(&s, &cache));
	assert_memory_equal(&cache.view, &view, sizeof(view));
}

static void the_sequence_is_even_and_rises_by_two(void **state)
{
	(void)state;
	static struct snapshot s;
	struct clock_view view = plain_view();
	for (uint64_t i = 1; i <= 100; i++) {
		snapshot_publish(&s, &view);
		assert_true(atomic_load(&s.sequence) == 2 * i);
	}
}

static void nothing_published_reads_as_not_synchronised(void **state)
{
	(void)state;
	static struct snapshot s;
	struct snapshot_cache cache = {0};
	assert_true(snapshot_read(&s, &cache));
	assert_true(cache.sequence == 0);
	assert_false(clock_view_is_good(&cache.view, (struct cycles){0}));
	assert_false(clock_view_is_good(&cache.view, (struct cycles){1ull << 40}));
}

// a writer killed in the middle.
static void r02_a_stuck_writer_leaves_the_cache_as_it_was(void **state)
{
	(void)state;
	static struct snapshot s;
	struct snapshot_cache cache = {0};
	struct clock_view view = plain_view();
	snapshot_publish(&s, &view);
	assert_true(snapshot_read(&s, &cache));
	struct snapshot_cache before = cache;
	atomic_store(&s.sequence, 3);
	atomic_store(&s.word[0], 1234);
	assert_false(snapshot_read(&s, &cache));
	assert_memory_equal(&cache, &before, sizeof(cache));
	struct snapshot_cache empty = {0};
	struct snapshot_cache zero = {0};
	assert_false(snapshot_read(&s, &empty));
	assert_memory_equal(&empty, &zero, sizeof(empty));
}

// What a reader holds may have been taken back by the views that it missed.
static void r02_a_stuck_writer_and_a_view_that_was_missed_are_no_time(void **state)
{
	(void)state;
	static struct snapshot s;
	struct snapshot_cache cache = {0};
	struct clock_view view = plain_view();
	snapshot_publish(&s, &view);
	assert_true(snapshot_read(&s, &cache));
	assert_true(clock_view_is_good(&cache.view, view.ref_cycles));
	snapshot_publish(&s, &view);
	atomic_fetch_add(&s.sequence, 1);
	assert_false(snapshot_read(&s, &cache));
	assert_false(clock_view_is_good(&cache.view, view.ref_cycles));
	snapshot_publish(&s, &view);
	assert_true(snapshot_read(&s, &cache));
	assert_true(clock_view_is_good(&cache.view, view.ref_cycles));
}

static void r02_publishing_mends_an_odd_sequence(void **state)
{
	(void)state;
	static struct snapshot s;
	struct snapshot_cache cache = {0};
	struct clock_view view = plain_view();
	atomic_store(&s.sequence, 7);
	snapshot_publish(&s, &view);
	assert_true(atomic_load(&s.sequence) == 8);
	assert_true(snapshot_read(&s, &cache));
	assert_memory_equal(&cache.view, &view, sizeof(view));
}

// With the same number nothing is copied, so a change that was not published is not seen.
static void an_unchanged_sequence_is_not_read_again(void **state)
{
	(void)state;
	static struct snapshot s;
	struct snapshot_cache cache = {0};
	struct clock_view view = plain_view();
	snapshot_publish(&s, &view);
	assert_true(snapshot_read(&s, &cache));
	cache.view.epoch = 1234;
	assert_true(snapshot_read(&s, &cache));
	assert_int_equal(cache.view.epoch, 1234);
}

static void time_lies_on_the_line_before_and_after_its_reference(void **state)
{
	(void)state;
	struct clock_view v = plain_view();
	assert_true(clock_view_time(&v, (struct cycles){5000}).raw == 900000);
	assert_true(clock_view_time(&v, (struct cycles){5007}).raw == 900007);
	assert_true(clock_view_time(&v, (struct cycles){4990}).raw == 899990);
	v.ref_cycles.n = UINT64_MAX - 2;
	assert_true(clock_view_time(&v, (struct cycles){7}).raw == 900010);
}

// T-02: the era ends while packets are in flight.
static void t02_the_line_crosses_the_era(void **state)
{
	(void)state;
	struct clock_view v = plain_view();
	v.ref_time.raw = UINT64_MAX;
	assert_true(clock_view_time(&v, (struct cycles){5001}).raw == 0);
	v.ref_time.raw = (uint64_t)-1000000;
	assert_true(clock_view_time(&v, (struct cycles){5000 + 1000000 + 5}).raw == 5);
	assert_true(clock_view_time(&v, (struct cycles){5000 + 1000000 - 1}).raw == UINT64_MAX);
}

// T-16: exact at the edge.
static void t16_a_line_is_void_one_cycle_after_its_limit(void **state)
{
	(void)state;
	struct clock_view v = plain_view();
	uint64_t edge = v.ref_cycles.n + v.valid_cycles.n;
	assert_true(clock_view_is_good(&v, (struct cycles){edge - 1}));
	assert_true(clock_view_is_good(&v, (struct cycles){edge}));
	assert_false(clock_view_is_good(&v, (struct cycles){edge + 1}));
	assert_false(clock_view_is_good(&v, (struct cycles){edge + 400 * SECOND}));
	assert_true(clock_view_is_good(&v, (struct cycles){v.ref_cycles.n - 1}));
	v.ref_cycles.n = UINT64_MAX - 10;
	edge = v.ref_cycles.n + v.valid_cycles.n;
	assert_true(clock_view_is_good(&v, (struct cycles){edge}));
	assert_false(clock_view_is_good(&v, (struct cycles){edge + 1}));
}

// a machine woke up with its counter at nothing.
static void r17_a_line_is_void_when_the_counter_went_back(void **state)
{
	(void)state;
	struct clock_view v = plain_view();
	v.ref_cycles.n = 10 * v.valid_cycles.n;
	uint64_t early = v.valid_cycles.n >> CLOCK_VIEW_EARLIER;
	assert_true(clock_view_is_good(&v, (struct cycles){v.ref_cycles.n - early}));
	assert_false(clock_view_is_good(&v, (struct cycles){v.ref_cycles.n - early - 1}));
	assert_false(clock_view_is_good(&v, (struct cycles){5}));
	assert_false(clock_view_is_good(&v, (struct cycles){v.ref_cycles.n + INT64_MAX}));
	assert_false(clock_view_is_good(&v, (struct cycles){v.ref_cycles.n + (1ull << 63)}));
}

static void leap_unknown_or_stratum_0_is_not_good(void **state)
{
	(void)state;
	struct clock_view v = plain_view();
	struct cycles now = {5000};
	assert_true(clock_view_is_good(&v, now));
	v.leap = LEAP_UNKNOWN;
	assert_false(clock_view_is_good(&v, now));
	v.leap = LEAP_DELETE;
	assert_true(clock_view_is_good(&v, now));
	v.stratum = 0;
	assert_false(clock_view_is_good(&v, now));
}

static void dispersion_grows_at_its_rate_and_never_down(void **state)
{
	(void)state;
	__extension__ typedef unsigned __int128 uint128;
	uint64_t random = random_seed("dispersion");
	for (int i = 0; i < 200000; i++) {
		struct clock_view v = plain_view();
		v.root_dispersion = random_u64(&random) >> random_below(&random, 64);
		v.dispersion_rate = random_u64(&random) >> random_below(&random, 64);
		uint64_t age = random_u64(&random) >> (1 + random_below(&random, 62));
		uint128 exact = (uint128)age * v.dispersion_rate;
		uint128 up = (exact >> 32) + ((exact & UINT32_MAX) != 0) + v.root_dispersion;
		uint64_t got = clock_view_dispersion(&v, (struct cycles){5000 + age});
		if (up > UINT64_MAX)
			assert_true(got == UINT64_MAX);
		else
			assert_true(got >= up && (got - (uint64_t)up <= 1));
	}
}

static void dispersion_is_the_published_one_at_the_reference(void **state)
{
	(void)state;
	struct clock_view v = plain_view();
	assert_true(clock_view_dispersion(&v, (struct cycles){5000}) == 1000);
	assert_true(clock_view_dispersion(&v, (struct cycles){4000}) == 1000);
	// 15 ppm over 300 s are 4.5 ms.
	uint64_t grown = clock_view_dispersion(&v, (struct cycles){5000 + 300 * SECOND}) - 1000;
	assert_in_range(grown, SECOND * 45 / 10000, SECOND * 46 / 10000);
}

static void dispersion_saturates(void **state)
{
	(void)state;
	struct clock_view v = plain_view();
	v.root_dispersion = UINT64_MAX - 10;
	assert_true(clock_view_dispersion(&v, (struct cycles){5000 + SECOND}) == UINT64_MAX);
	v.root_dispersion = 0;
	v.dispersion_rate = UINT64_MAX;
	assert_true(
		clock_view_dispersion(&v, (struct cycles){5000 + (SECOND << 20)}) == UINT64_MAX);
}

// A slow counter can be far enough from its reference that the age is more than 68 years; the error
// is then large, not small.
static void dispersion_does_not_shrink_at_absurd_ages(void **state)
{
	(void)state;
	struct clock_view v = plain_view();
	v.mult <<= 15;
	uint64_t last = 0;
	for (unsigned shift = 0; shift < 63; shift++) {
		uint64_t now = clock_view_dispersion(&v, (struct cycles){5000 + (1ull << shift)});
		assert_true(now >= last);
		last = now;
	}
}

struct shared {
	struct snapshot snapshot;
	_Atomic uint32_t stop;
	_Atomic uint64_t published;
};

// All words of a view are one number, so a mixture of two shows.
static void fill_view(struct clock_view *view, uint64_t n)
{
	uint64_t word[SNAPSHOT_WORDS];
	for (size_t i = 0; i < SNAPSHOT_WORDS; i++)
		word[i] = n * 0x0101010101010101u;
	memcpy(view, word, sizeof(*view));
}

static bool is_whole(const struct clock_view *view)
{
	uint64_t word[SNAPSHOT_WORDS];
	memcpy(word, view, sizeof(word));
	for (size_t i = 1; i < SNAPSHOT_WORDS; i++) {
		if (word[i] != word[0])
			return false;
	}
	return true;
}

static void *publish(void *argument)
{
	struct shared *s = argument;
	uint64_t n = 0;
	while (atomic_load(&s->stop) == 0) {
		struct clock_view view;
		fill_view(&view, ++n);
		snapshot_publish(&s->snapshot, &view);
		// Now and then a pause, much shorter than the real one: readers must get through.
		if (n % 64 == 0)
			nanosleep(&(struct timespec){.tv_nsec = 1000}, NULL);
	}
	atomic_store(&s->published, n);
	return NULL;
}

static bool is_over(const struct timespec *begin, time_t seconds)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - begin->tv_sec > seconds ||
	       (now.tv_sec - begin->tv_sec == seconds && now.tv_nsec >= begin->tv_nsec);
}

// What a reader saw. Only it writes here while it reads.
struct reader {
	struct shared *shared;
	struct snapshot_cache cache;
	uint64_t reads;
	uint64_t torn;
	uint64_t back; // sequences that went back, or of a view half written
	uint64_t refused;
	_Atomic uint64_t news;
};

static void *read_all(void *argument)
{
	struct reader *r = argument;
	while (atomic_load(&r->shared->stop) == 0) {
		uint64_t before = r->cache.sequence;
		bool read = snapshot_read(&r->shared->snapshot, &r->cache);
		r->reads++;
		r->refused += !read;
		// A view that was refused is void: the reader itself has changed it.
		r->torn += read && !is_whole(&r->cache.view);
		r->back += r->cache.sequence < before || r->cache.sequence % 2 != 0;
		if (r->cache.sequence != before)
			atomic_fetch_add(&r->news, 1);
	}
	return NULL;
}

static void readers_wait(struct reader *reader)
{
	struct timespec begin;
	unsigned done = 0;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (!is_over(&begin, SECONDS) || (done < READERS && !is_over(&begin, SECONDS_MOST))) {
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
		while (done < READERS && atomic_load(&reader[done].news) > NEWS_LEAST)
			done++;
	}
}

// T-03, and what the TSan build is for.
static void t03_no_reader_ever_sees_a_torn_view(void **state)
{
	(void)state;
	static struct shared s;
	static struct reader reader[READERS];
	pthread_t thread[READERS];
	pthread_t writer;
	assert_int_equal(pthread_create(&writer, NULL, publish, &s), 0);
	for (unsigned i = 0; i < READERS; i++) {
		reader[i].shared = &s;
		assert_int_equal(pthread_create(&thread[i], NULL, read_all, &reader[i]), 0);
	}
	readers_wait(reader);
	atomic_store(&s.stop, 1);
	assert_int_equal(pthread_join(writer, NULL), 0);
	for (unsigned i = 0; i < READERS; i++) {
		struct reader *r = &reader[i];
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		printf("# %lu reads, %lu new, %lu refused, %lu torn, %lu published\n", r->reads,
			atomic_load(&r->news), r->refused, r->torn, atomic_load(&s.published));
		assert_true(r->torn == 0);
		assert_true(r->back == 0);
		assert_true(atomic_load(&r->news) > NEWS_LEAST);
		assert_true(snapshot_read(&s.snapshot, &r->cache));
		assert_true(r->cache.sequence == 2 * atomic_load(&s.published));
	}
}

static void *publish_slowly(void *argument)
{
	struct shared *s = argument;
	struct clock_view view = plain_view();
	while (atomic_load(&s->stop) == 0) {
		snapshot_publish(&s->snapshot, &view);
		for (volatile unsigned i = 0; i < 300; i = i + 1) {
		}
	}
	return NULL;
}

// A reader that gives up knows nothing only if a publication was missed: not where the one that it
// saw being written was done just after its last try, and no other was begun.
static bool is_void_for_nothing(struct snapshot *s, struct snapshot_cache *cache)
{
	uint64_t had = cache->sequence;
	uint64_t before = atomic_load(&s->sequence);
	if (snapshot_read(s, cache) || cache->view.stratum != 0)
		return false;
	return (before & ~1ull) == had && atomic_load(&s->sequence) <= had + 2;
}

static void r02_a_writer_that_was_just_done_takes_no_time_away(void **state)
{
	(void)state;
	static struct shared s;
	struct snapshot_cache cache = {0};
	struct timespec begin;
	pthread_t writer;
	uint64_t reads = 0;
	uint64_t wrong = 0;
	// Before the first publication nothing is known, rightly, and a thread may be long in
	// coming.
	const struct clock_view view = plain_view();
	snapshot_publish(&s.snapshot, &view);
	assert_true(snapshot_read(&s.snapshot, &cache));
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(pthread_create(&writer, NULL, publish_slowly, &s), 0);
	while (!is_over(&begin, SECONDS) ||
		(cache.sequence <= 2000 && !is_over(&begin, SECONDS_MOST)))
		for (int i = 0; i < 1000; i++, reads++)
			wrong += is_void_for_nothing(&s.snapshot, &cache);
	atomic_store(&s.stop, 1);
	assert_int_equal(pthread_join(writer, NULL), 0);
	printf("# %lu reads, %lu void for nothing\n", reads, wrong);
	assert_int_equal(wrong, 0);
	assert_true(cache.sequence > 2000);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, what_was_published_is_read);
	TABLE_ADD(&t, the_sequence_is_even_and_rises_by_two);
	TABLE_ADD(&t, nothing_published_reads_as_not_synchronised);
	TABLE_ADD(&t, r02_a_stuck_writer_leaves_the_cache_as_it_was);
	TABLE_ADD(&t, r02_a_stuck_writer_and_a_view_that_was_missed_are_no_time);
	TABLE_ADD(&t, r02_publishing_mends_an_odd_sequence);
	TABLE_ADD(&t, an_unchanged_sequence_is_not_read_again);
	TABLE_ADD(&t, time_lies_on_the_line_before_and_after_its_reference);
	TABLE_ADD(&t, t02_the_line_crosses_the_era);
	TABLE_ADD(&t, t16_a_line_is_void_one_cycle_after_its_limit);
	TABLE_ADD(&t, r17_a_line_is_void_when_the_counter_went_back);
	TABLE_ADD(&t, leap_unknown_or_stratum_0_is_not_good);
	TABLE_ADD(&t, dispersion_grows_at_its_rate_and_never_down);
	TABLE_ADD(&t, dispersion_is_the_published_one_at_the_reference);
	TABLE_ADD(&t, dispersion_saturates);
	TABLE_ADD(&t, dispersion_does_not_shrink_at_absurd_ages);
	TABLE_ADD(&t, t03_no_reader_ever_sees_a_torn_view);
	TABLE_ADD(&t, r02_a_writer_that_was_just_done_takes_no_time_away);
	return table_run("snapshot", &t);
}
