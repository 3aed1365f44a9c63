// SPDX-License-Identifier: BSD-3-Clause
// What the kernel tells of frames that go by, asked as a worker asks, on this thread's CPU. Where
// the machine does not let its kernel be watched, what needs that is skipped.
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/table.h"
#include "kernel/tx_stamps.h"
#include "worker/worker_clock.h"
#include "worker/xdp_stamp.h"

static struct tx_stamps stamps;

// This CPU's place, with the thread kept on it.
static _Atomic uint64_t *place_open(void)
{
	cpu_set_t one;
	int cpu = sched_getcpu();
	CPU_ZERO(&one);
	CPU_SET((unsigned)cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	int r = tx_stamps_open(&stamps, OBJECT);
	if (r == -EPERM || r == -EACCES) {
		print_message("# the kernel lets nobody watch it here: %s\n", strerror(-r));
		skip();
	}
	assert_int_equal(r, 0);
	_Atomic uint64_t *place = tx_stamps_place(&stamps, (unsigned)cpu);
	assert_non_null(place);
	return place;
}

// Loopback takes a frame where a veth pair does.
static void frame_send(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_true(fd >= 0);
	(void)sendto(fd, "frame", 5, 0, (const struct sockaddr *)&to, sizeof(to));
	assert_int_equal(close(fd), 0);
}

// A softirq may come before the send: then it is asked again.
static void i2_a_frame_that_goes_by_is_told_once(void **state)
{
	(void)state;
	_Atomic uint64_t *place = place_open();
	uint64_t before = 0;
	for (unsigned tries = 0; tries < 100 && *place <= TX_STAMP_WANTED; tries++) {
		before = worker_stamps_clock();
		*place = TX_STAMP_WANTED;
		frame_send();
	}
	uint64_t told = *place;
	assert_in_range(told, before, worker_stamps_clock());
	frame_send();
	assert_int_equal(*place, told);
	*place = TX_STAMP_NONE;
	frame_send();
	assert_int_equal(*place, TX_STAMP_NONE);
	tx_stamps_close(&stamps);
}

// The timer's, at the latest. What it may deliver is not the frame that is waited for.
static void i6_a_softirq_ends_the_waiting(void **state)
{
	(void)state;
	_Atomic uint64_t *place = place_open();
	uint64_t begin = worker_stamps_clock();
	*place = TX_STAMP_WANTED;
	while (*place == TX_STAMP_WANTED && worker_stamps_clock() - begin < 2000000000)
		continue;
	assert_int_equal(*place, TX_STAMP_NONE);
	tx_stamps_close(&stamps);
}

static void what_is_not_there_is_none(void **state)
{
	(void)state;
	struct tx_stamps t = {0};
	assert_null(tx_stamps_place(&t, 0));
	assert_int_equal(tx_stamps_open(&t, "/nonexistent"), -ENOENT);
	assert_null(tx_stamps_place(&t, 0));
	tx_stamps_close(&t);
	assert_false(tx_stamps_reach("lo"));
	assert_false(tx_stamps_reach("nonexistent"));
	(void)place_open();
	assert_null(tx_stamps_place(&stamps, 1u << 20));
	tx_stamps_close(&stamps);
	assert_null(tx_stamps_place(&stamps, 0));
	tx_stamps_close(&stamps);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, i2_a_frame_that_goes_by_is_told_once);
	TABLE_ADD(&t, i6_a_softirq_ends_the_waiting);
	TABLE_ADD(&t, what_is_not_there_is_none);
	return table_run("tx_stamps", &t);
}
