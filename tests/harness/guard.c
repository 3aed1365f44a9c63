// SPDX-License-Identifier: BSD-3-Clause
#include "harness/guard.h"

#include "harness/table.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define POISON 0xa5

void guard_make(struct guard *g, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t inner = (size + page - 1) / page * page;
	uint8_t *all = mmap(
		NULL, inner + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(all != MAP_FAILED);
	assert_int_equal(mprotect(all, page, PROT_NONE), 0);
	assert_int_equal(mprotect(all + page + inner, page, PROT_NONE), 0);
	*g = (struct guard){.begin = all + page, .size = inner};
}

void guard_free(struct guard *g)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	assert_int_equal(munmap(g->begin - page, g->size + 2 * page), 0);
}

static uint8_t *place(struct guard *g, size_t offset, const uint8_t *bytes, size_t n)
{
	memset(g->begin, POISON, g->size);
	g->frame = g->begin + offset;
	g->length = n;
	if (n > 0)
		memcpy(g->frame, bytes, n);
	return g->frame;
}

uint8_t *guard_place_end(struct guard *g, const uint8_t *bytes, size_t n)
{
	assert_true(n <= g->size);
	return place(g, g->size - n, bytes, n);
}

uint8_t *guard_place_begin(struct guard *g, const uint8_t *bytes, size_t n)
{
	assert_true(n <= g->size);
	return place(g, 0, bytes, n);
}

// The bytes at p are all poison: the first is, and each equals its neighbour.
static void poison_check(const uint8_t *p, size_t n)
{
	if (n > 0 && (p[0] != POISON || memcmp(p, p + 1, n - 1) != 0))
		fail_msg("a byte beside the frame was written");
}

void guard_check(const struct guard *g)
{
	const uint8_t *behind = g->frame + g->length;
	poison_check(g->begin, (size_t)(g->frame - g->begin));
	poison_check(behind, (size_t)(g->begin + g->size - behind));
}
