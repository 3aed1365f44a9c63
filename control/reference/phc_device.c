// SPDX-License-Identifier: BSD-3-Clause
#include "reference/phc_device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ptp_clock.h>
#include <sys/ioctl.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "common/units.h"

// Seconds beyond this would overflow; what they mean is judged in phc.c.
#define SECONDS_MAX 9000000000LL

static int device_open(void *context, const char *device)
{
	struct phc_device *d = context;
	const int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	d->fd = open(device, O_RDWR | flags);
	if (d->fd < 0 && (errno == EACCES || errno == EPERM || errno == EROFS))
		d->fd = open(device, O_RDONLY | flags);
	return d->fd < 0 ? -errno : 0;
}

static void device_close(void *context)
{
	struct phc_device *d = context;
	if (d->fd >= 0)
		(void)close(d->fd);
	d->fd = -1;
}

static struct nanos raw_read(void *context)
{
	struct timespec t;
	(void)context;
	(void)clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (struct nanos){t.tv_sec * NANOS_PER_S + t.tv_nsec};
}

static struct nanos nanos_of(const struct ptp_clock_time *t)
{
	int64_t seconds = t->sec;
	if (seconds > SECONDS_MAX)
		seconds = SECONDS_MAX;
	if (seconds < -SECONDS_MAX)
		seconds = -SECONDS_MAX;
	return (struct nanos){seconds * NANOS_PER_S + t->nsec};
}

// Both clocks at one moment, latched by hardware.
static int precise_read(int fd, struct phc_sample *s)
{
	struct ptp_sys_offset_precise o = {0};
	if (ioctl(fd, PTP_SYS_OFFSET_PRECISE, &o) < 0)
		return -errno;
	s->before = s->after = nanos_of(&o.sys_realtime);
	s->phc = nanos_of(&o.device);
	return 1;
}

static int extended_read(int fd, struct phc_sample *s)
{
	struct ptp_sys_offset_extended o = {.n_samples = PHC_READINGS};
	if (ioctl(fd, PTP_SYS_OFFSET_EXTENDED, &o) < 0)
		return -errno;
	for (unsigned i = 0; i < PHC_READINGS; i++)
		s[i] = (struct phc_sample){
			nanos_of(&o.ts[i][0]), nanos_of(&o.ts[i][1]), nanos_of(&o.ts[i][2])};
	return PHC_READINGS;
}

static int basic_read(int fd, struct phc_sample *s)
{
	struct ptp_sys_offset o = {.n_samples = PHC_READINGS};
	const struct ptp_clock_time *t = o.ts;
	if (ioctl(fd, PTP_SYS_OFFSET, &o) < 0)
		return -errno;
	for (unsigned i = 0; i < PHC_READINGS; i++, t += 2)
		s[i] = (struct phc_sample){nanos_of(&t[0]), nanos_of(&t[1]), nanos_of(&t[2])};
	return PHC_READINGS;
}

static int device_read(void *context, enum phc_method method, struct phc_sample *ret_samples)
{
	const struct phc_device *d = context;
	switch (method) {
	case PHC_PRECISE:
		return precise_read(d->fd, ret_samples);
	case PHC_EXTENDED:
		return extended_read(d->fd, ret_samples);
	case PHC_BASIC:
	case PHC_METHODS:
		break;
	}
	return basic_read(d->fd, ret_samples);
}

static int frequency_read(void *context, long *ret_frequency)
{
	const struct phc_device *d = context;
	struct timex t = {.modes = 0};
	// The clock behind a descriptor, as the kernel numbers it (clock_getres(2)).
	clockid_t id = (clockid_t)(~(unsigned)d->fd << 3 | 3);
	if (clock_adjtime(id, &t) < 0)
		return -errno;
	*ret_frequency = t.freq;
	return 0;
}

struct phc_source phc_device_source(struct phc_device *d)
{
	d->fd = -1;
	return (struct phc_source){
		d, device_open, device_read, frequency_read, raw_read, device_close};
}
