// SPDX-License-Identifier: BSD-3-Clause
// a queue that control has shut is control's alone until it opens it again.
#include "core/quiesce.h"

#include <pthread.h>
#include <sched.h>

#include "harness/table.h"

static void r06_shut_and_open_are_heeded(void **state)
{
	(void)state;
	struct quiesce g = {.told = 0};
	assert_true(quiesce_is_acked(&g));
	assert_int_equal(quiesce_take(&g), 0);
	quiesce_request(&g, 5);
	assert_false(quiesce_is_acked(&g));
	assert_int_equal(quiesce_take(&g), 5);
	assert_true(quiesce_is_acked(&g));
	quiesce_request(&g, UINT32_C(1) << 31);
	quiesce_release(&g, 1);
	assert_false(quiesce_is_acked(&g));
	assert_int_equal(quiesce_take(&g), 4 | UINT32_C(1) << 31);
	assert_int_equal(quiesce_take(&g), 4 | UINT32_C(1) << 31);
}

// Open and shut again before the worker looked: it may be on its way back, so this is not heeded
// yet.
static void r06_who_was_away_before_has_not_left_again(void **state)
{
	(void)state;
	struct quiesce g = {.told = 0};
	quiesce_request(&g, 1);
	(void)quiesce_take(&g);
	quiesce_release(&g, 1);
	quiesce_request(&g, 1);
	assert_false(quiesce_is_acked(&g));
	(void)quiesce_take(&g);
	assert_true(quiesce_is_acked(&g));
}

#define QUEUES 3
#define RESETS 3000

// Not atomic on purpose: only who may touch a queue does.
static unsigned port[QUEUES];
static struct quiesce quiesce;
static _Atomic unsigned is_over;

static void *work(void *arg)
{
	uintptr_t bad = 0;
	(void)arg;
	while (!atomic_load(&is_over)) {
		uint32_t shut = quiesce_take(&quiesce);
		for (unsigned q = 0; q < QUEUES; q++)
			if ((shut >> q & 1) == 0)
				bad += port[q]++ >= UINT32_MAX / 2;
		sched_yield();
	}
	return (void *)bad;
}

static void r06_a_shut_queue_is_controls_alone(void **state)
{
	(void)state;
	pthread_t thread;
	void *bad;
	assert_int_equal(pthread_create(&thread, NULL, work, NULL), 0);
	for (unsigned n = 0; n < RESETS; n++) {
		unsigned q = n % QUEUES;
		quiesce_request(&quiesce, UINT32_C(1) << q);
		while (!quiesce_is_acked(&quiesce))
			sched_yield();
		port[q] = UINT32_MAX;
		port[q] = 0;
		quiesce_release(&quiesce, UINT32_C(1) << q);
	}
	atomic_store(&is_over, 1);
	assert_int_equal(pthread_join(thread, &bad), 0);
	assert_ptr_equal(bad, NULL);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, r06_shut_and_open_are_heeded);
	TABLE_ADD(&t, r06_who_was_away_before_has_not_left_again);
	TABLE_ADD(&t, r06_a_shut_queue_is_controls_alone);
	return table_run("gate", &t);
}
