// SPDX-License-Identifier: BSD-3-Clause
#include "status/statseg.h"

#include <errno.h>
#include <fcntl.h>
#include <numa.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "status/statseg_file.h"

#define STATSEG_NAME     "statseg"
#define STATSEG_NEW      "statseg.new"
#define STATSEG_LOCK     "lock"
#define STATSEG_ALIGN    4096u
#define STATSEG_SIZE_MAX (64u << 20)
#define BLOCK_ALIGN      128u

static_assert(alignof(struct statseg_node) <= BLOCK_ALIGN, "snapshots lie at aligned offsets");
static_assert(alignof(struct statseg_block) <= BLOCK_ALIGN, "counters lie at aligned offsets");
static_assert(ATOMIC_INT_LOCK_FREE == 2, "32-bit fields of the head must be lock-free");

static uint32_t round_up(size_t n)
{
	return (uint32_t)((n + STATSEG_ALIGN - 1) / STATSEG_ALIGN * STATSEG_ALIGN);
}

// FNV-1a, 64 bits, over a text and a byte that ends it.
static uint64_t hash_text(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
	while (*text++ != '\0');
	return hash;
}

uint64_t statseg_layout_of(const struct word_table *const *tables, unsigned count)
{
	char sizes[64];
	snprintf(sizes, sizeof(sizes), "%zu %zu %zu %zu", sizeof(struct statseg_head),
		sizeof(struct statseg_block), sizeof(struct clock_view),
		sizeof(struct statseg_node));
	uint64_t hash = hash_text(0xcbf29ce484222325u, sizes);
	for (unsigned t = 0; t < count; t++) {
		hash = hash_text(hash, tables[t]->name);
		for (unsigned i = 0; i < tables[t]->count; i++)
			hash = hash_text(hash, tables[t]->row[i].text);
	}
	return hash;
}

uint64_t statseg_layout(void)
{
	return statseg_layout_of(statseg_words, STATSEG_WORDS);
}

// Whether `count` blocks of at least `block` bytes lie inside the file and behind the head.
static bool area_fits(const struct statseg_head *head, uint32_t offset, uint32_t stride,
	uint64_t count, size_t block)
{
	bool aligned = offset % BLOCK_ALIGN == 0 && stride % BLOCK_ALIGN == 0;
	return aligned && offset >= sizeof(*head) && stride >= block &&
	       offset + stride * count <= head->size;
}

bool statseg_check(const void *at, size_t size, struct statseg_shape *ret_shape)
{
	struct statseg_head head; // a copy: what is checked is what is used
	if (size < sizeof(head) || size > STATSEG_SIZE_MAX)
		return false;
	memcpy(&head, at, sizeof(head));
	bool known = head.magic == STATSEG_MAGIC && head.version == STATSEG_VERSION &&
	             head.layout == statseg_layout() && head.size == size;
	bool counts = head.node_count >= 1 && head.node_count <= CONFIG_NODES &&
	              head.worker_count >= 1 && head.worker_count <= CONFIG_WORKERS &&
	              head.port_count <= CONFIG_PORTS;
	if (!known || !counts ||
		!area_fits(&head, head.snapshot_offset, head.snapshot_stride, head.node_count,
			sizeof(struct statseg_node)) ||
		!area_fits(&head, head.counters_offset, head.counters_stride, head.worker_count,
			sizeof(struct statseg_block)))
		return false;
	*ret_shape = (struct statseg_shape){
		.node_count = head.node_count,
		.worker_count = head.worker_count,
		.port_count = head.port_count,
		.snapshot_offset = head.snapshot_offset,
		.snapshot_stride = head.snapshot_stride,
		.counters_offset = head.counters_offset,
		.counters_stride = head.counters_stride,
	};
	return true;
}

static struct statseg_shape shape_plan(unsigned node_count, unsigned worker_count)
{
	struct statseg_shape s = {.node_count = node_count, .worker_count = worker_count};
	s.snapshot_offset = round_up(sizeof(struct statseg_head));
	s.snapshot_stride = round_up(sizeof(struct statseg_node));
	s.counters_offset = s.snapshot_offset + node_count * s.snapshot_stride;
	s.counters_stride = round_up(sizeof(struct statseg_block));
	return s;
}

static void *block_at(const struct statseg *p, uint32_t offset, uint32_t stride, unsigned i)
{
	return (uint8_t *)p->head + offset + (size_t)stride * i;
}

static struct statseg_node *statseg_node(const struct statseg *p, unsigned n)
{
	assert(n < p->shape.node_count);
	return block_at(p, p->shape.snapshot_offset, p->shape.snapshot_stride, n);
}

struct snapshot *statseg_snapshot(const struct statseg *p, unsigned n)
{
	return &statseg_node(p, n)->snapshot;
}

struct port_snap *statseg_port_snap(const struct statseg *p, unsigned n, unsigned i)
{
	assert(i < CONFIG_PORTS);
	return &statseg_node(p, n)->port[i];
}

static struct statseg_block *statseg_block(const struct statseg *p, unsigned w)
{
	assert(w < p->shape.worker_count);
	return block_at(p, p->shape.counters_offset, p->shape.counters_stride, w);
}

struct counters *statseg_counters(const struct statseg *p, unsigned w)
{
	return &statseg_block(p, w)->counters;
}

struct key_counters *statseg_key_counters(const struct statseg *p, unsigned w)
{
	return &statseg_block(p, w)->keys;
}

struct statseg_keys *statseg_keys(const struct statseg *p)
{
	return &statseg_node(p, 0)->keys;
}

// Asks for the memory of a block on its node, before anything has touched it.
static void block_place(void *at, size_t size, unsigned node)
{
	if (numa_available() >= 0 && (int)node <= numa_max_node() && numa_max_node() > 0)
		numa_tonode_memory(at, size, (int)node);
}

static void blocks_place(const struct statseg *p, const unsigned *worker_node)
{
	for (unsigned n = 0; n < p->shape.node_count; n++)
		block_place(statseg_snapshot(p, n), p->shape.snapshot_stride, n);
	for (unsigned w = 0; w < p->shape.worker_count; w++)
		block_place(statseg_counters(p, w), p->shape.counters_stride, worker_node[w]);
}

static int map(struct statseg *p)
{
	int protection = p->writable ? PROT_READ | PROT_WRITE : PROT_READ;
	void *at = mmap(NULL, p->size, protection, MAP_SHARED, p->fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	p->head = at;
	return 0;
}

// Nodes are chosen first: taking the memory is what settles them.
static int statseg_memory_take(struct statseg *p, const unsigned *worker_node)
{
	if (ftruncate(p->fd, (off_t)p->size) < 0)
		return -errno;
	int r = map(p);
	if (r < 0)
		return r;
	blocks_place(p, worker_node);
	return -posix_fallocate(p->fd, 0, (off_t)p->size);
}

static void head_fill(const struct statseg *p)
{
	struct statseg_head *head = p->head;
	head->version = STATSEG_VERSION;
	head->size = (uint32_t)p->size;
	head->layout = statseg_layout();
	head->pid = (int32_t)getpid();
	head->node_count = p->shape.node_count;
	head->worker_count = p->shape.worker_count;
	head->snapshot_offset = p->shape.snapshot_offset;
	head->snapshot_stride = p->shape.snapshot_stride;
	head->counters_offset = p->shape.counters_offset;
	head->counters_stride = p->shape.counters_stride;
}

static int statseg_layout_make(struct statseg *p, const unsigned *worker_node)
{
	p->size =
		p->shape.counters_offset + (size_t)p->shape.worker_count * p->shape.counters_stride;
	int r = statseg_memory_take(p, worker_node);
	if (r == 0)
		head_fill(p);
	return r;
}

// Whether a status segment may be put here: the old one, if any, is a file of a dead server.
static int old_check(int dir)
{
	int fd = statseg_file_open(dir, STATSEG_NAME);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	bool lives = statseg_file_is_locked(fd);
	(void)close(fd);
	return lives ? -EBUSY : 0;
}

static int statseg_own_statseg_make(struct statseg *p, int dir, const unsigned *worker_node)
{
	p->lock = statseg_lock_take(dir);
	if (p->lock < 0)
		return p->lock;
	int r = old_check(dir);
	if (r < 0)
		return r;
	p->fd = statseg_file_make(dir, STATSEG_NEW);
	if (p->fd < 0)
		return p->fd;
	return statseg_layout_make(p, worker_node);
}

static bool counts_are_right(unsigned node_count, unsigned worker_count)
{
	return node_count >= 1 && node_count <= CONFIG_NODES && worker_count >= 1 &&
	       worker_count <= CONFIG_WORKERS;
}

int statseg_create(const char *run_dir, unsigned node_count, const unsigned *worker_node,
	unsigned worker_count, struct statseg *ret_page)
{
	struct statseg p = {.fd = -1, .lock = -1, .writable = true};
	if (!counts_are_right(node_count, worker_count))
		return -EINVAL;
	p.shape = shape_plan(node_count, worker_count);
	int dir = statseg_dir_open(run_dir, true, &p.made_dir);
	if (dir < 0)
		return dir;
	int r = statseg_own_statseg_make(&p, dir, worker_node);
	(void)close(dir);
	if (r < 0)
		statseg_close(&p, run_dir, true);
	else
		*ret_page = p;
	return r;
}

// Emptied in between, so that each block gets memory of its own node again.
int statseg_settle(
	struct statseg *p, unsigned node_count, const unsigned *worker_node, unsigned worker_count)
{
	if (!counts_are_right(node_count, worker_count))
		return -EINVAL;
	(void)munmap(p->head, p->size);
	p->head = NULL;
	if (ftruncate(p->fd, 0) < 0)
		return -errno;
	p->shape = shape_plan(node_count, worker_count);
	return statseg_layout_make(p, worker_node);
}

static int rename_into_place(const struct statseg *p, int dir)
{
	if (!statseg_file_is_same(dir, STATSEG_NEW, p->fd))
		return -ENOENT;
	if (fchmod(p->fd, 0644) < 0 || renameat(dir, STATSEG_NEW, dir, STATSEG_NAME) < 0)
		return -errno;
	return 0;
}

int statseg_announce(struct statseg *p, const char *run_dir)
{
	bool made;
	int dir = statseg_dir_open(run_dir, true, &made);
	if (dir < 0)
		return dir;
	// Pairs with nothing but the file's name: who finds it finds the head complete.
	atomic_store_explicit(&p->head->magic, STATSEG_MAGIC, memory_order_release);
	int r = rename_into_place(p, dir);
	(void)close(dir);
	return r;
}

static int statseg_map_checked(struct statseg *p)
{
	struct stat s;
	if (fstat(p->fd, &s) < 0)
		return -errno;
	if (s.st_size < (off_t)sizeof(struct statseg_head) || s.st_size > (off_t)STATSEG_SIZE_MAX)
		return -EPROTO;
	p->size = (size_t)s.st_size;
	int r = map(p);
	if (r == 0 && !statseg_check(p->head, p->size, &p->shape))
		r = -EPROTO;
	return r;
}

int statseg_open(const char *run_dir, struct statseg *ret_page)
{
	struct statseg p = {.fd = -1, .lock = -1};
	bool made;
	int dir = statseg_dir_open(run_dir, false, &made);
	if (dir < 0)
		return dir;
	p.fd = statseg_file_open(dir, STATSEG_NAME);
	(void)close(dir);
	if (p.fd < 0)
		return p.fd;
	int r = statseg_map_checked(&p);
	if (r < 0)
		statseg_close(&p, run_dir, false);
	else
		*ret_page = p;
	return r;
}

uint64_t statseg_last_rate(const char *run_dir, enum counter counter)
{
	struct statseg p;
	if (statseg_open(run_dir, &p) < 0)
		return 0;
	bool is_of_use = !statseg_is_served(&p) && p.head->counter == (uint32_t)counter;
	uint64_t hz = is_of_use ? counters_get(&p.head->counter_hz) : 0;
	statseg_close(&p, run_dir, false);
	return hz;
}

bool statseg_is_served(const struct statseg *p)
{
	return statseg_file_is_locked(p->fd);
}

static void remove_own(int dir, const char *name, int fd)
{
	if (fd >= 0 && statseg_file_is_same(dir, name, fd))
		(void)unlinkat(dir, name, 0);
}

// The lock's file goes last, while the lock is still held.
static void statseg_remove(const struct statseg *p, const char *run_dir)
{
	bool made;
	int dir = statseg_dir_open(run_dir, false, &made);
	if (dir < 0)
		return;
	remove_own(dir, STATSEG_NAME, p->fd);
	remove_own(dir, STATSEG_NEW, p->fd);
	remove_own(dir, STATSEG_LOCK, p->lock);
	(void)close(dir);
	if (p->made_dir)
		(void)rmdir(run_dir);
}

void statseg_close(struct statseg *p, const char *run_dir, bool remove)
{
	if (remove)
		statseg_remove(p, run_dir);
	if (p->head != NULL)
		(void)munmap(p->head, p->size);
	if (p->fd >= 0)
		(void)close(p->fd);
	if (p->lock >= 0)
		(void)close(p->lock);
	*p = (struct statseg){.fd = -1, .lock = -1};
}

// What to do about it, for errors that people can mend.
static const char *statseg_remedy(int error)
{
	switch (error) {
	case EBUSY:
		return "another ntpwired runs there; stop it, or give this one its own run_dir";
	case ENOENT:
		return "no such directory; make it, or correct run_dir";
	case ELOOP:
		return "is or holds a symbolic link; name the directory it leads to";
	case EUCLEAN:
		return "others than its owner may write there; chmod 0755 it, or choose a run_dir "
		       "of the server's own";
	case EACCES:
	case EPERM:
		return "no permission; run as root, or choose a run_dir of your own";
	case ENOTDIR:
		return "is not a directory; choose another run_dir";
	case ENOSPC:
		return "no space left there; free some, or choose another run_dir";
	case EROFS:
		return "cannot be written; choose a run_dir that can, e.g. below /run";
	case EPROTO:
		return "its status segment is of another version or damaged; use the ntpwirectl "
		       "that came "
		       "with the server";
	default:
		return NULL;
	}
}

int statseg_complain(const char *run_dir, int error, struct diagnostic *d)
{
	const char *words = statseg_remedy(error < 0 ? -error : error);
	return diagnostic_fail(d, error, "run_dir %s: %s%s", run_dir,
		words == NULL ? strerror(error < 0 ? -error : error) : words,
		words == NULL ? "; choose another run_dir" : "");
}
