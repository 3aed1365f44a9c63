// SPDX-License-Identifier: BSD-3-Clause
// The status segment's life: made, shown, read, left behind, replaced, and what it refuses.
#include "status/statseg.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/scratch.h"
#include "harness/table.h"

static const unsigned nodes[3] = {0, 0, 0};

// A run_dir that is not there yet, of this test's own.
static const char *run_dir_new(void)
{
	static unsigned number;
	static char name[32];
	snprintf(name, sizeof(name), "run%u", number++);
	return scratch_path(name);
}

static bool is_there(const char *dir, const char *name)
{
	char path[SCRATCH_PATH + 32];
	struct stat s;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return lstat(path, &s) == 0;
}

static unsigned mode_of(const char *dir, const char *name)
{
	char path[SCRATCH_PATH + 32];
	struct stat s;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(stat(path, &s), 0);
	return s.st_mode & 07777;
}

// A status segment of two workers, shown.
static struct statseg statseg_new(const char *dir)
{
	struct statseg p;
	assert_int_equal(statseg_create(dir, 2, nodes, 2, &p), 0);
	assert_int_equal(statseg_announce(&p, dir), 0);
	return p;
}

static void readers_see_what_the_server_wrote(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	const struct clock_view view = {.mult = 7, .stratum = 3};
	struct snapshot_cache cache = {0};
	struct statseg reader;
	struct statseg server;
	assert_int_equal(statseg_create(dir, 2, nodes, 3, &server), 0);
	server.head->port_count = 1;
	assert_int_equal(statseg_announce(&server, dir), 0);
	snapshot_publish(statseg_snapshot(&server, 1), &view);
	counters_add(&statseg_counters(&server, 2)->verdict[V_ANSWER_V4], 5);
	assert_int_equal(statseg_open(dir, &reader), 0);
	assert_int_equal(reader.shape.node_count, 2);
	assert_int_equal(reader.shape.worker_count, 3);
	assert_int_equal(reader.shape.port_count, 1);
	assert_int_equal(reader.head->pid, getpid());
	assert_true(snapshot_read(statseg_snapshot(&reader, 1), &cache));
	assert_int_equal(cache.view.mult, 7);
	assert_int_equal(cache.view.stratum, 3);
	assert_int_equal(counters_get(&statseg_counters(&reader, 2)->verdict[V_ANSWER_V4]), 5);
	statseg_close(&reader, dir, false);
	statseg_close(&server, dir, true);
}

static void every_block_has_memory_pages_of_its_own(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	struct statseg p = statseg_new(dir);
	uintptr_t at[] = {(uintptr_t)statseg_snapshot(&p, 0), (uintptr_t)statseg_snapshot(&p, 1),
		(uintptr_t)statseg_counters(&p, 0), (uintptr_t)statseg_counters(&p, 1)};
	for (unsigned i = 0; i < TABLE_LENGTH(at); i++) {
		assert_int_equal(at[i] % 4096, 0);
		assert_true(i == 0 || at[i] - at[i - 1] >= 4096);
	}
	assert_true(at[0] - (uintptr_t)p.head >= sizeof(struct statseg_head));
	assert_true(at[3] - (uintptr_t)p.head + sizeof(struct counters) <= p.size);
	statseg_close(&p, dir, true);
}

static void nobody_sees_a_page_before_it_is_announced(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	struct statseg p;
	struct statseg reader;
	assert_int_equal(statseg_create(dir, 1, nodes, 1, &p), 0);
	assert_int_equal(statseg_open(dir, &reader), -ENOENT);
	assert_int_equal(statseg_announce(&p, dir), 0);
	assert_int_equal(statseg_open(dir, &reader), 0);
	statseg_close(&reader, dir, false);
	statseg_close(&p, dir, true);
}

static void anyone_may_read_it_and_nobody_else_write(void **state)
{
	(void)state;
	mode_t was = umask(077);
	const char *dir = run_dir_new();
	struct statseg p = statseg_new(dir);
	assert_int_equal(mode_of(dir, "statseg"), 0644);
	assert_int_equal(mode_of(dir, "lock"), 0600);
	assert_int_equal(mode_of(dir, "."), 0755);
	statseg_close(&p, dir, true);
	(void)umask(was);
}

static void a_clean_end_leaves_nothing(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	struct statseg p = statseg_new(dir);
	statseg_close(&p, dir, true);
	assert_false(is_there(dir, "."));
}

static void a_directory_that_was_there_stays(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	assert_int_equal(mkdir(dir, 0755), 0);
	struct statseg p = statseg_new(dir);
	statseg_close(&p, dir, true);
	assert_true(is_there(dir, "."));
	assert_false(is_there(dir, "statseg"));
	assert_false(is_there(dir, "statseg.new"));
	assert_false(is_there(dir, "lock"));
}

static void a_start_that_fails_leaves_nothing(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	struct statseg p;
	assert_int_equal(statseg_create(dir, 1, nodes, 1, &p), 0);
	statseg_close(&p, dir, true);
	assert_false(is_there(dir, "."));
}

static void a_second_server_is_refused(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	struct statseg first;
	struct statseg second;
	assert_int_equal(statseg_create(dir, 1, nodes, 1, &first), 0);
	assert_int_equal(statseg_create(dir, 1, nodes, 1, &second), -EBUSY);
	assert_int_equal(statseg_announce(&first, dir), 0);
	assert_int_equal(statseg_create(dir, 1, nodes, 1, &second), -EBUSY);
	// Being refused took nothing away from the first.
	assert_int_equal(statseg_open(dir, &second), 0);
	assert_true(statseg_is_served(&second));
	statseg_close(&second, dir, false);
	statseg_close(&first, dir, true);
}

// Makes and shows a status segment in a process of its own, which then ends by SIGKILL.
static void killed_server(const char *dir)
{
	int status;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct statseg p;
		if (statseg_create(dir, 1, nodes, 1, &p) == 0 && statseg_announce(&p, dir) == 0) {
			p.head->counter = COUNTER_KERNEL;
			p.head->counter_hz = 2596122000;
			(void)raise(SIGKILL);
		}
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static void a_killed_servers_page_is_told_from_a_living_ones(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	struct statseg p;
	killed_server(dir);
	assert_int_equal(statseg_open(dir, &p), 0);
	assert_false(statseg_is_served(&p));
	statseg_close(&p, dir, false);
}

// for a warm start.
static void a_killed_servers_rate_is_found_and_no_living_ones(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	struct statseg p;
	assert_int_equal(statseg_last_rate(dir, COUNTER_KERNEL), 0);
	killed_server(dir);
	assert_int_equal(statseg_last_rate(dir, COUNTER_KERNEL), 2596122000);
	// Of another counter it says nothing.
	assert_int_equal(statseg_last_rate(dir, COUNTER_TSC), 0);
	assert_int_equal(statseg_create(dir, 1, nodes, 1, &p), 0);
	assert_int_equal(statseg_announce(&p, dir), 0);
	p.head->counter_hz = 7;
	assert_int_equal(statseg_last_rate(dir, COUNTER_KERNEL), 0);
	statseg_close(&p, dir, true);
	assert_int_equal(statseg_last_rate(dir, COUNTER_KERNEL), 0);
}

static void a_killed_servers_page_is_replaced(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	struct statseg old;
	struct statseg p;
	killed_server(dir);
	assert_int_equal(statseg_open(dir, &old), 0);
	p = statseg_new(dir);
	assert_int_equal(p.head->pid, getpid());
	// Who still looks at the old status segment goes on seeing it, and that it is dead.
	assert_int_not_equal(old.head->pid, getpid());
	assert_false(statseg_is_served(&old));
	statseg_close(&old, dir, false);
	statseg_close(&p, dir, true);
	assert_false(is_there(dir, "statseg"));
}

// No process but a server may keep a server from starting: readers hold no lock that matters.
static void a_readers_lock_does_not_hinder_a_start(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	struct flock l = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	struct statseg reader;
	killed_server(dir);
	assert_int_equal(statseg_open(dir, &reader), 0);
	assert_int_equal(fcntl(reader.fd, F_OFD_SETLK, &l), 0);
	struct statseg p = statseg_new(dir);
	statseg_close(&reader, dir, false);
	statseg_close(&p, dir, true);
}

static void an_end_takes_no_other_servers_page(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	char path[SCRATCH_PATH + 32];
	struct statseg p = statseg_new(dir);
	snprintf(path, sizeof(path), "%s/statseg", dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	statseg_close(&p, dir, true);
	assert_true(is_there(dir, "statseg"));
}

static void a_symbolic_link_as_run_dir_is_refused(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	const char *link = run_dir_new();
	char with_slash[SCRATCH_PATH + 2];
	struct statseg p;
	assert_int_equal(mkdir(dir, 0755), 0);
	assert_int_equal(symlink(dir, link), 0);
	snprintf(with_slash, sizeof(with_slash), "%s/", link);
	assert_int_equal(statseg_create(link, 1, nodes, 1, &p), -ELOOP);
	assert_int_equal(statseg_create(with_slash, 1, nodes, 1, &p), -ELOOP);
	assert_false(is_there(dir, "statseg.new"));
}

// Puts a symbolic link of this name into a new run_dir and tries to make and to read a status
// segment there.
static void link_is_refused(const char *name, int create, int open)
{
	const char *dir = run_dir_new();
	const char *target = scratch_write("target", "untouched", 9);
	char path[SCRATCH_PATH + 32];
	struct stat s;
	struct statseg p;
	assert_int_equal(mkdir(dir, 0755), 0);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(statseg_create(dir, 1, nodes, 1, &p), create);
	if (create == 0)
		statseg_close(&p, dir, true);
	assert_int_equal(statseg_open(dir, &p), open);
	assert_int_equal(stat(target, &s), 0);
	assert_int_equal(s.st_size, 9);
}

static void symbolic_links_in_run_dir_lead_nowhere(void **state)
{
	(void)state;
	link_is_refused("statseg", -ELOOP, -ELOOP);
	link_is_refused("lock", -ELOOP, -ENOENT);
	link_is_refused("statseg.new", 0, -ENOENT); // replaced, not followed
}

static void a_directory_that_others_may_write_is_refused(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	struct statseg p;
	assert_int_equal(mkdir(dir, 0755), 0);
	assert_int_equal(chmod(dir, 01777), 0);
	assert_int_equal(statseg_create(dir, 1, nodes, 1, &p), -EUCLEAN);
	assert_int_equal(chmod(dir, 0775), 0);
	assert_int_equal(statseg_create(dir, 1, nodes, 1, &p), -EUCLEAN);
}

static void what_is_no_run_dir_is_refused(void **state)
{
	(void)state;
	struct statseg p;
	assert_int_equal(statseg_create("/nonexistent/ntpwire", 1, nodes, 1, &p), -ENOENT);
	assert_int_equal(statseg_create("/dev/null", 1, nodes, 1, &p), -ENOTDIR);
	assert_int_equal(statseg_open("/nonexistent/ntpwire", &p), -ENOENT);
	assert_int_equal(statseg_open("", &p), -ENOENT);
	assert_int_equal(statseg_create("", 1, nodes, 1, &p), -ENOENT);
}

// A server knows its workers only after it has taken its run_dir.
static void a_page_is_made_anew_for_fewer_workers(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	struct statseg server;
	struct statseg reader;
	struct statseg second;
	assert_int_equal(statseg_create(dir, 2, nodes, 3, &server), 0);
	size_t size = server.size;
	counters_add(&statseg_counters(&server, 0)->verdict[V_ANSWER_V4], 5);
	server.head->port_count = 1;
	assert_int_equal(statseg_settle(&server, 0, nodes, 1), -EINVAL);
	assert_int_equal(statseg_settle(&server, 1, nodes, 1), 0);
	assert_true(server.size < size);
	assert_int_equal(statseg_create(dir, 1, nodes, 1, &second), -EBUSY);
	assert_int_equal(statseg_announce(&server, dir), 0);
	assert_int_equal(statseg_open(dir, &reader), 0);
	assert_int_equal(reader.size, server.size);
	assert_int_equal(reader.shape.node_count, 1);
	assert_int_equal(reader.shape.worker_count, 1);
	assert_int_equal(reader.head->worker_count, 1);
	assert_int_equal(reader.head->port_count, 0);
	assert_int_equal(counters_get(&statseg_counters(&reader, 0)->verdict[V_ANSWER_V4]), 0);
	assert_true(statseg_is_served(&reader));
	statseg_close(&reader, dir, false);
	statseg_close(&server, dir, true);
	assert_false(is_there(dir, "."));
}

static void counts_out_of_range_are_refused(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	struct statseg p;
	assert_int_equal(statseg_create(dir, 0, nodes, 1, &p), -EINVAL);
	assert_int_equal(statseg_create(dir, CONFIG_NODES + 1, nodes, 1, &p), -EINVAL);
	assert_int_equal(statseg_create(dir, 1, nodes, 0, &p), -EINVAL);
	assert_int_equal(statseg_create(dir, 1, nodes, CONFIG_WORKERS + 1, &p), -EINVAL);
	assert_false(is_there(dir, "."));
}

static void a_pipe_as_page_is_refused(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	char path[SCRATCH_PATH + 32];
	struct statseg p;
	assert_int_equal(mkdir(dir, 0755), 0);
	snprintf(path, sizeof(path), "%s/statseg", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(statseg_open(dir, &p), -EPROTO);
}

// All of the file is there from the start: no SIGBUS when the disk is full later.
static void the_page_takes_its_memory_at_once(void **state)
{
	(void)state;
	const char *dir = run_dir_new();
	struct statseg p = statseg_new(dir);
	struct stat s;
	assert_int_equal(fstat(p.fd, &s), 0);
	assert_true((size_t)s.st_blocks * 512 >= p.size);
	statseg_close(&p, dir, true);
}

static void failures_have_sentences(void **state)
{
	(void)state;
	static const int errors[] = {-EBUSY, -ENOENT, -ELOOP, -EUCLEAN, -EPERM, -EACCES, -ENOTDIR,
		-ENOSPC, -EROFS, -EPROTO, -EIO};
	struct diagnostic diagnostic;
	for (unsigned i = 0; i < TABLE_LENGTH(errors); i++) {
		statseg_complain("/run/x", errors[i], &diagnostic);
		assert_int_equal(strncmp(diagnostic.sentence, "run_dir /run/x: ", 16), 0);
		assert_non_null(strstr(diagnostic.sentence, "; "));
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, readers_see_what_the_server_wrote);
	TABLE_ADD(&t, every_block_has_memory_pages_of_its_own);
	TABLE_ADD(&t, nobody_sees_a_page_before_it_is_announced);
	TABLE_ADD(&t, anyone_may_read_it_and_nobody_else_write);
	TABLE_ADD(&t, a_clean_end_leaves_nothing);
	TABLE_ADD(&t, a_directory_that_was_there_stays);
	TABLE_ADD(&t, a_start_that_fails_leaves_nothing);
	TABLE_ADD(&t, a_second_server_is_refused);
	TABLE_ADD(&t, a_killed_servers_page_is_told_from_a_living_ones);
	TABLE_ADD(&t, a_killed_servers_rate_is_found_and_no_living_ones);
	TABLE_ADD(&t, a_killed_servers_page_is_replaced);
	TABLE_ADD(&t, a_readers_lock_does_not_hinder_a_start);
	TABLE_ADD(&t, an_end_takes_no_other_servers_page);
	TABLE_ADD(&t, a_symbolic_link_as_run_dir_is_refused);
	TABLE_ADD(&t, symbolic_links_in_run_dir_lead_nowhere);
	TABLE_ADD(&t, a_directory_that_others_may_write_is_refused);
	TABLE_ADD(&t, what_is_no_run_dir_is_refused);
	TABLE_ADD(&t, a_page_is_made_anew_for_fewer_workers);
	TABLE_ADD(&t, counts_out_of_range_are_refused);
	TABLE_ADD(&t, a_pipe_as_page_is_refused);
	TABLE_ADD(&t, the_page_takes_its_memory_at_once);
	TABLE_ADD(&t, failures_have_sentences);
	return table_run_between("statseg", &t, scratch_begin, scratch_end);
}
