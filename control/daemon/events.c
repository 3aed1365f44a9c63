// SPDX-License-Identifier: BSD-3-Clause
#include "daemon/events.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int signals_open(void)
{
	sigset_t set;
	// Drivers write to sockets of peers that may have gone: an error there, not our end.
	(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	int r = pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (r != 0) {
		errno = r;
		return -1;
	}
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

// Armed for a moment that does not come: only the cancellation counts.
static int set_timer_arm(int fd)
{
	struct itimerspec never = {.it_value.tv_sec = INT32_MAX};
	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

int events_open(struct events *ret_events)
{
	struct events e = {-1, -1, -1};
	e.signal_fd = signals_open();
	e.tick_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	e.set_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (e.signal_fd < 0 || e.tick_fd < 0 || e.set_fd < 0 || set_timer_arm(e.set_fd) < 0) {
		int r = -errno;
		events_close(&e);
		return r;
	}
	*ret_events = e;
	return 0;
}

int events_start_ticks(const struct events *e, unsigned rate)
{
	struct timespec period = {.tv_nsec = (long)(1000000000u / rate)};
	struct itimerspec ticks = {.it_interval = period, .it_value = period};
	return timerfd_settime(e->tick_fd, 0, &ticks, NULL) < 0 ? -errno : 0;
}

static void signals_read(int fd, struct happened *h)
{
	struct signalfd_siginfo info;
	while (read(fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			h->reload = true;
		else
			h->stops++;
	}
}

int events_wait(const struct events *e, struct happened *ret_happened)
{
	uint64_t expirations;
	struct happened h = {0};
	struct pollfd fds[] = {
		{.fd = e->signal_fd, .events = POLLIN},
		{.fd = e->tick_fd, .events = POLLIN},
		{.fd = e->set_fd, .events = POLLIN},
	};
	if (poll(fds, sizeof(fds) / sizeof(fds[0]), -1) < 0 && errno != EINTR)
		return -errno;
	signals_read(e->signal_fd, &h);
	h.tick = read(e->tick_fd, &expirations, sizeof(expirations)) > 0;
	if (read(e->set_fd, &expirations, sizeof(expirations)) < 0 && errno == ECANCELED) {
		h.clock_was_set = true;
		if (set_timer_arm(e->set_fd) < 0)
			return -errno;
	}
	*ret_happened = h;
	return 0;
}

static void fd_close(int *fd)
{
	if (*fd > 0)
		(void)close(*fd);
	*fd = -1;
}

void events_close(struct events *e)
{
	fd_close(&e->signal_fd);
	fd_close(&e->tick_fd);
	fd_close(&e->set_fd);
}
