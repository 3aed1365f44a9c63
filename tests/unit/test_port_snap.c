// SPDX-License-Identifier: BSD-3-Clause
#include "core/port_snap.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "core/snapshot.h"
#include "harness/table.h"

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
	}
	return NULL;
}

// For TSan, and for torn copies: every field holds the same byte.
static void t03_no_copy_is_torn(void **state)
{
	(void)state;
	static struct shared s;
	struct port_snap_cache cache = {0};
	struct timespec begin;
	struct timespec now;
	pthread_t writer;
	unsigned copies = 0;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(pthread_create(&writer, NULL, publish, &s), 0);
	do {
		uint64_t before = cache.sequence;
		if (port_snap_read(&s.snap, &cache) && cache.sequence != before) {
			const struct port_view want = view_of(cache.view.ref_ticks);
			assert_memory_equal(&cache.view, &want, sizeof(want));
			copies++;
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - begin.tv_sec) * 1000000000 + now.tv_nsec - begin.tv_nsec <
		 500000000);
	atomic_store(&s.stop, 1);
	assert_int_equal(pthread_join(writer, NULL), 0);
	assert_true(copies > 0);
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
