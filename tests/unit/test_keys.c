// SPDX-License-Identifier: BSD-3-Clause
// The workers' table of keys: every id is found or not (E7), and a table changes hands under load
// without one being used after it was freed.
#include "core/auth/keys.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "harness/random.h"
#include "harness/table.h"

static struct keys table;

static void ids_draw(uint64_t *random, unsigned count)
{
	uint32_t id = 0;
	table.count = count;
	for (unsigned i = 0; i < count; i++) {
		uint32_t most = (UINT32_MAX - id) / (count - i);
		id += 1 + (uint32_t)random_below(random, i % 3 == 0 ? 2 : most);
		table.id[i] = id;
		table.key[i].id = id;
	}
}

static void e7_every_id_is_found_and_no_other(void **state)
{
	(void)state;
	uint64_t random = random_seed("ids");
	assert_null(keys_find(NULL, 1));
	for (unsigned run = 0; run < 200; run++) {
		ids_draw(&random, run < 40 ? run : 1 + (unsigned)random_below(&random, KEYS_MAX));
		for (unsigned i = 0; i < table.count; i++) {
			uint32_t id = table.id[i];
			uint32_t next = i + 1 < table.count ? table.id[i + 1] : 0;
			assert_ptr_equal(keys_find(&table, id), &table.key[i]);
			if (next != id + 1)
				assert_null(keys_find(&table, id + 1));
		}
		assert_null(keys_find(&table, 0));
	}
}

#define WORKERS 3
#define TABLES  200

static struct key_handover post[WORKERS];
static _Atomic unsigned is_over;

// A table's count stands in its last id; poisoned before it is freed.
static void *work(void *arg)
{
	struct key_handover *p = arg;
	const struct keys *mine = NULL;
	uintptr_t bad = 0;
	while (!atomic_load(&is_over)) {
		sched_yield();
		(void)key_handover_adopt(p, &mine);
		if (mine != NULL)
			bad += mine->id[KEYS_MAX - 1] != mine->count;
	}
	return (void *)bad;
}

static bool all_took(void)
{
	for (unsigned w = 0; w < WORKERS; w++)
		if (!key_handover_is_adopted(&post[w]))
			return false;
	return true;
}

static void a_table_changes_hands_under_load(void **state)
{
	(void)state;
	pthread_t thread[WORKERS];
	struct keys *old = NULL;
	for (unsigned w = 0; w < WORKERS; w++)
		assert_int_equal(pthread_create(&thread[w], NULL, work, &post[w]), 0);
	for (unsigned n = 1; n <= TABLES; n++) {
		struct keys *new = malloc(sizeof(*new));
		assert_non_null(new);
		new->count = n;
		new->id[KEYS_MAX - 1] = n;
		for (unsigned w = 0; w < WORKERS; w++)
			key_handover_publish(&post[w], new);
		while (!all_took())
			sched_yield();
		if (old != NULL)
			memset(old, 0xdb, offsetof(struct keys, key));
		free(old);
		old = new;
	}
	atomic_store(&is_over, 1);
	for (unsigned w = 0; w < WORKERS; w++) {
		void *bad;
		assert_int_equal(pthread_join(thread[w], &bad), 0);
		assert_ptr_equal(bad, NULL);
	}
	free(old);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, e7_every_id_is_found_and_no_other);
	TABLE_ADD(&t, a_table_changes_hands_under_load);
	return table_run("keys", &t);
}
