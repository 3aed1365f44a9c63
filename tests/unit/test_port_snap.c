// SPDX-License-Identifier: BSD-3-Clause
#include "core/port_snap.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/snapshot.h"
#include "harness/table.h"

// The test for torn copies lasts until each reader has made so many.
#define READERS      2
#define COPIES_LEAST 2000
#define PAUSES       100 // of 10 ms, at the least
#define PAUSES_MOST  3000

static struct port_view view_of(uint64_t n)
{
	return (struct port_view){
		.ref_ticks = n,
		.ref_cycles = {n},
		.mult = n,
		.valid_cycles = {n},
		.error_bound = {n},
		.max_age = (uint32_t)n,
		.byte_time = (uint32_t)n,
		.epoch = (uint32_t)n,
		.ref_fraction = (uint16_t)n,
		.width = (uint8_t)n,
		.flags = (uint8_t)n,
	};
}

static void what_was_published_is_read(void **state)
{
	(void)state;
	static struct port_snap s;
	struct port_snap_cache cache = {0};
	for (uint64_t i = 1; i < 100; i++) {
		struct port_view view = view_of(0x0101010101010101u * i);
		port_snap_publish(&s, &view);
		assert_true(port_snap_read(&s, &cache));
		assert_memory_equal(&cache.view, &view, sizeof(view));
		assert_true(cache.sequence == 2 * i);
	}
}

static void nothing_published_is_a_line_that_may_not_be_used(void **state)
{
	(void)state;
	static struct port_snap s;
	struct port_snap_cache cache = {0};
	assert_true(port_snap_read(&s, &cache));
	assert_int_equal(cache.view.flags & PORT_VIEW_FIT, 0);
}

// R-02 for the port's copy.
static void r02_a_stuck_writer_leaves_the_copy_as_it_was(void **state)
{
	(void)state;
	static struct port_snap s;
	struct port_snap_cache cache = {0};
	struct port_view view = view_of(7);
	port_snap_publish(&s, &view);
	assert_true(port_snap_read(&s, &cache));
	atomic_fetch_add(&s.sequence, 1);
	atomic_store(&s.word[0], 99);
	assert_false(port_snap_read(&s, &cache));
	assert_memory_equal(&cache.view, &view, sizeof(view));
	view = view_of(8);
	port_snap_publish(&s, &view);
	assert_true(port_snap_read(&s, &cache));
	assert_memory_equal(&cache.view, &view, sizeof(view));
}

struct shared {
	struct port_snap snap;
	_Atomic uint32_t stop;
};

static void *publish(void *argument)
{
	struct shared *s = argument;
	for (uint64_t i = 0; atomic_load(&s->stop) == 0; i++) {
		struct port_view view = view_of(0x0101010101010101u * (i % 255 + 1));
		port_snap_publish(&s->snap, &view);
		// Now and then a pause, much shorter than the real one: readers must get through.
		if (i % 512 == 0)
			nanosleep(&(struct timespec){.tv_nsec = 1000}, NULL);
	}
	return NULL;
}

// What a reader saw. Only it writes here while it reads.
struct reader {
	struct shared *shared;
	uint64_t torn;
	_Atomic uint64_t copies;
};

// Every field of a whole copy holds the same byte.
static void *read_all(void *argument)
{
	struct reader *r = argument;
	struct port_snap_cache cache = {0};
	while (atomic_load(&r->shared->stop) == 0) {
		uint64_t before = cache.sequence;
		if (!port_snap_read(&r->shared->snap, &cache) || cache.sequence == before)
			continue;
		const struct port_view want = view_of(cache.view.ref_ticks);
		r->torn += memcmp(&cache.view, &want, sizeof(want)) != 0;
		atomic_fetch_add(&r->copies, 1);
	}
	return NULL;
}

static void readers_wait(struct reader *reader)
{
	unsigned done = 0;
	for (unsigned i = 0; i < PAUSES || (done < READERS && i < PAUSES_MOST); i++) {
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
		while (done < READERS && atomic_load(&reader[done].copies) > COPIES_LEAST)
			done++;
	}
}

// And for TSan.
static void t03_no_copy_is_torn(void **state)
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
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		printf("# %lu copies, %lu torn\n", atomic_load(&reader[i].copies), reader[i].torn);
		assert_true(reader[i].torn == 0);
		assert_true(atomic_load(&reader[i].copies) > COPIES_LEAST);
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, what_was_published_is_read);
	TABLE_ADD(&t, nothing_published_is_a_line_that_may_not_be_used);
	TABLE_ADD(&t, r02_a_stuck_writer_leaves_the_copy_as_it_was);
	TABLE_ADD(&t, t03_no_copy_is_torn);
	return table_run("port_snap", &t);
}
