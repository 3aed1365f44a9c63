// SPDX-License-Identifier: BSD-3-Clause
// Damaged and hostile pages: none is read, whatever its head says.
#include "status/statseg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/random.h"
#include "harness/scratch.h"
#include "harness/table.h"

static const unsigned nodes[2] = {0, 0};

// A good status segment as bytes, at an address as aligned as a mapping. Static storage.
static struct statseg_head *good_page(size_t *ret_size)
{
	static alignas(4096) uint8_t bytes[1u << 19];
	const char *dir = scratch_path("run");
	struct statseg p;
	assert_int_equal(statseg_create(dir, 1, nodes, 2, &p), 0);
	p.head->port_count = 1;
	p.head->magic = STATSEG_MAGIC;
	assert_true(p.size <= sizeof(bytes));
	memcpy(bytes, p.head, p.size);
	*ret_size = p.size;
	statseg_close(&p, dir, true);
	return (struct statseg_head *)(void *)bytes;
}

static void a_good_page_is_good(void **state)
{
	(void)state;
	struct statseg_shape shape;
	size_t size;
	struct statseg_head *head = good_page(&size);
	assert_true(statseg_check(head, size, &shape));
	assert_int_equal(shape.worker_count, 2);
	assert_int_equal(shape.port_count, 1);
}

// A status segment whose writer numbered the words of table `which` otherwise: rows a and b changed
// places.
static bool is_read_permuted(unsigned which, unsigned a, unsigned b)
{
	static struct word rows[256];
	const struct word_table *tables[STATSEG_WORDS];
	struct word_table other = *statseg_words[which];
	struct statseg_shape shape;
	size_t size;
	struct statseg_head *head = good_page(&size);
	assert_true(other.count <= TABLE_LENGTH(rows));
	memcpy(rows, other.row, other.count * sizeof(*rows));
	rows[a] = other.row[b];
	rows[b] = other.row[a];
	other.row = rows;
	memcpy(tables, statseg_words, sizeof(tables));
	tables[which] = &other;
	head->layout = statseg_layout_of(tables, STATSEG_WORDS);
	return statseg_check(head, size, &shape);
}

// An older reader would take each number for another word.
static void no_two_words_may_change_places(void **state)
{
	(void)state;
	for (unsigned t = 0; t < STATSEG_WORDS; t++) {
		assert_true(statseg_words[t]->count >= 2);
		assert_true(is_read_permuted(t, 0, 0));
		for (unsigned i = 1; i < statseg_words[t]->count; i++)
			assert_false(is_read_permuted(t, i - 1, i));
	}
}

static void each_word_of_a_table_is_another_one(void **state)
{
	(void)state;
	for (unsigned t = 0; t < STATSEG_WORDS; t++) {
		const struct word_table *w = statseg_words[t];
		assert_string_equal(word_text(w, w->count), "unknown");
		assert_string_equal(word_sentence(w, w->count), "unknown");
		for (unsigned i = 0; i < w->count; i++) {
			assert_true(w->row[i].text[0] != '\0' && w->row[i].sentence[0] != '\0');
			for (unsigned j = 0; j < i; j++)
				assert_string_not_equal(w->row[i].text, w->row[j].text);
		}
	}
}

// One change of a good status segment's head.
struct damage {
	const char *name;
	void (*make)(struct statseg_head *head);
};

#define DAMAGE(name, change)                                                                       \
	static void name(struct statseg_head *h)                                                   \
	{                                                                                          \
		change;                                                                            \
	}

DAMAGE(no_magic, h->magic = 0)
DAMAGE(another_magic, h->magic ^= 1)
DAMAGE(a_later_version, h->version++)
DAMAGE(version_zero, h->version = 0)
DAMAGE(another_layout, h->layout ^= 1u << 31)
DAMAGE(a_size_that_is_too_small, h->size--)
DAMAGE(a_size_that_is_too_large, h->size++)
DAMAGE(a_size_of_four_gigabytes, h->size = UINT32_MAX)
DAMAGE(no_nodes, h->node_count = 0)
DAMAGE(seventeen_nodes, h->node_count = CONFIG_NODES + 1)
DAMAGE(all_the_nodes_there_could_be, h->node_count = UINT32_MAX)
DAMAGE(no_workers, h->worker_count = 0)
DAMAGE(one_worker_too_many, h->worker_count = CONFIG_WORKERS + 1)
DAMAGE(workers_beyond_the_file, h->worker_count = 3)
DAMAGE(all_the_workers_there_could_be, h->worker_count = UINT32_MAX)
DAMAGE(seventeen_ports, h->port_count = CONFIG_PORTS + 1)
DAMAGE(snapshots_in_the_head, h->snapshot_offset = 0)
DAMAGE(snapshots_beyond_the_file, h->snapshot_offset = h->size)
DAMAGE(snapshots_at_the_end_of_numbers, h->snapshot_offset = UINT32_MAX - 127)
DAMAGE(snapshots_not_aligned, h->snapshot_offset += 8)
DAMAGE(snapshots_on_each_other, h->snapshot_stride = 0)
DAMAGE(snapshots_at_an_odd_stride, h->snapshot_stride += 1)
DAMAGE(counters_in_the_head, h->counters_offset = 128)
DAMAGE(counters_beyond_the_file, h->counters_offset = h->size - 128)
DAMAGE(counters_not_aligned, h->counters_offset += 64)
DAMAGE(counters_on_each_other, h->counters_stride = 128)
DAMAGE(counters_with_a_huge_stride, h->counters_stride = 1u << 31)

static const struct damage damages[] = {
// clang-format 14 and 19 differ about such macros.
// clang-format off
#define ROW(name) {#name, name}
	// clang-format on
	ROW(no_magic),
	ROW(another_magic),
	ROW(a_later_version),
	ROW(version_zero),
	ROW(another_layout),
	ROW(a_size_that_is_too_small),
	ROW(a_size_that_is_too_large),
	ROW(a_size_of_four_gigabytes),
	ROW(no_nodes),
	ROW(seventeen_nodes),
	ROW(all_the_nodes_there_could_be),
	ROW(no_workers),
	ROW(one_worker_too_many),
	ROW(workers_beyond_the_file),
	ROW(all_the_workers_there_could_be),
	ROW(seventeen_ports),
	ROW(snapshots_in_the_head),
	ROW(snapshots_beyond_the_file),
	ROW(snapshots_at_the_end_of_numbers),
	ROW(snapshots_not_aligned),
	ROW(snapshots_on_each_other),
	ROW(snapshots_at_an_odd_stride),
	ROW(counters_in_the_head),
	ROW(counters_beyond_the_file),
	ROW(counters_not_aligned),
	ROW(counters_on_each_other),
	ROW(counters_with_a_huge_stride),
};

// Writes the bytes as the status segment of a run_dir.
static const char *run_dir_with(const void *bytes, size_t size)
{
	const char *dir = scratch_path("hostile");
	(void)mkdir(dir, 0755);
	(void)scratch_write("hostile/statseg", bytes, size);
	return dir;
}

static void damage_is_refused(void **state)
{
	const struct damage *d = *state;
	struct statseg_shape shape = {.node_count = 77};
	struct statseg p;
	size_t size;
	struct statseg_head *head = good_page(&size);
	d->make(head);
	assert_false(statseg_check(head, size, &shape));
	assert_int_equal(shape.node_count, 77);
	assert_int_equal(statseg_open(run_dir_with(head, size), &p), -EPROTO);
}

static void a_page_cut_anywhere_is_refused(void **state)
{
	(void)state;
	struct statseg p;
	size_t size;
	struct statseg_head *head = good_page(&size);
	for (size_t cut = 0; cut < size; cut += cut < 4096 ? 37 : 1021)
		assert_int_equal(statseg_open(run_dir_with(head, cut), &p), -EPROTO);
	assert_int_equal(statseg_open(run_dir_with(head, size), &p), 0);
	assert_false(statseg_is_served(&p));
	statseg_close(&p, scratch_path("hostile"), false);
}

// Heads of random bytes in the fields that count: what is taken for good lies inside the file.
static void what_is_accepted_lies_inside(void **state)
{
	(void)state;
	struct statseg_shape s;
	size_t size;
	struct statseg_head *head = good_page(&size);
	uint64_t seed = random_seed("what_is_accepted_lies_inside");
	unsigned accepted = 0;
	for (unsigned i = 0; i < 200000; i++) {
		head->node_count = (uint32_t)random_below(&seed, 4);
		head->worker_count = (uint32_t)random_below(&seed, 4);
		head->snapshot_offset = (uint32_t)random_below(&seed, 1500) * 128;
		head->snapshot_stride = (uint32_t)random_below(&seed, 1000) * 128;
		head->counters_offset = (uint32_t)random_below(&seed, 1500) * 128;
		head->counters_stride = (uint32_t)random_below(&seed, 1000) * 128;
		if (!statseg_check(head, size, &s))
			continue;
		accepted++;
		struct statseg p = {.head = head, .size = size, .shape = s};
		uint8_t *end = (uint8_t *)head + size;
		unsigned last = s.node_count - 1;
		assert_true((uint8_t *)(statseg_snapshot(&p, last) + 1) <= end);
		assert_true((uint8_t *)(statseg_port_snap(&p, last, CONFIG_PORTS - 1) + 1) <= end);
		assert_true((uint8_t *)(statseg_counters(&p, s.worker_count - 1) + 1) <= end);
		assert_true((uint8_t *)statseg_snapshot(&p, 0) >= (uint8_t *)(head + 1));
		assert_true((uint8_t *)statseg_counters(&p, 0) >= (uint8_t *)(head + 1));
	}
	assert_true(accepted > 100);
}

// The reader's geometry is what was checked, even if the file changes under it.
static void a_page_that_changes_does_not_move_its_blocks(void **state)
{
	(void)state;
	struct statseg p;
	size_t size;
	struct statseg_head *head = good_page(&size);
	assert_int_equal(statseg_open(run_dir_with(head, size), &p), 0);
	struct counters *before = statseg_counters(&p, 1);
	head->counters_offset = 1u << 30;
	FILE *file = fopen(scratch_path("hostile/statseg"), "r+");
	assert_non_null(file);
	assert_int_equal(fwrite(head, 1, sizeof(*head), file), sizeof(*head));
	assert_int_equal(fclose(file), 0);
	assert_int_equal(p.head->counters_offset, 1u << 30);
	assert_ptr_equal(statseg_counters(&p, 1), before);
	statseg_close(&p, scratch_path("hostile"), false);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, a_good_page_is_good);
	TABLE_ADD(&t, no_two_words_may_change_places);
	TABLE_ADD(&t, each_word_of_a_table_is_another_one);
	for (size_t i = 0; i < TABLE_LENGTH(damages); i++)
		table_add(&t, damages[i].name, damage_is_refused, &damages[i]);
	TABLE_ADD(&t, a_page_cut_anywhere_is_refused);
	TABLE_ADD(&t, what_is_accepted_lies_inside);
	TABLE_ADD(&t, a_page_that_changes_does_not_move_its_blocks);
	return table_run_between("statseg_check", &t, scratch_begin, scratch_end);
}
