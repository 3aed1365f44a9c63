// SPDX-License-Identifier: BSD-3-Clause
// Preloaded by as_machine: a process believes in as many processors as AS_MACHINE_PROCESSORS says.
// It may use each of them, whatever it was bound to, and what is bound to a made-up one runs on a
// real one.
//
// The kernel's files about processors are as_machine's, below AS_MACHINE_FILES. `ip netns exec`
// mounts a /sys of its own over them, so they are put there again as each program begins, in the
// mount namespace that was made for it.
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROCESSORS    "/sys/devices/system/cpu"
#define REAL_MOST     8192
#define WORD_BITS     (8 * sizeof(unsigned long))
#define EXPORT        __attribute__((visibility("default")))
#define NEXT(name, f) (*(void **)&(f) = dlsym(RTLD_NEXT, name))

static unsigned made_up;
static unsigned real_count;
static int real[REAL_MOST]; // those that this process may use

static void real_read(void)
{
	unsigned long word[REAL_MOST / WORD_BITS] = {0};
	if (syscall(SYS_sched_getaffinity, 0, sizeof(word), word) < 0)
		return;
	for (int i = 0; i < REAL_MOST; i++)
		if ((word[(size_t)i / WORD_BITS] >> ((size_t)i % WORD_BITS) & 1) != 0)
			real[real_count++] = i;
}

// Only where mounts are nobody else's: as_machine names the namespace that it was called in. A
// program without the right to mount is none that has to know.
static void files_put(const char *files, const char *outside)
{
	char here[64] = "";
	if (files == NULL || outside == NULL || access(PROCESSORS "/made_up", F_OK) == 0)
		return;
	if (readlink("/proc/self/ns/mnt", here, sizeof(here) - 1) > 0 && strcmp(here, outside) != 0)
		(void)mount(files, PROCESSORS, NULL, MS_BIND, NULL);
}

__attribute__((constructor)) static void begin(void)
{
	int error = errno;
	const char *count = getenv("AS_MACHINE_PROCESSORS");
	made_up = count == NULL ? 0 : (unsigned)strtoul(count, NULL, 10);
	real_read();
	files_put(getenv("AS_MACHINE_FILES"), getenv("AS_MACHINE_OUTSIDE"));
	errno = error;
}

static bool is_played(void)
{
	return made_up > 0 && real_count > 0;
}

// As the kernel does it: a set with room for fewer than there are is refused.
static bool set_fill(size_t size, cpu_set_t *set)
{
	if (size * 8 < made_up || size % sizeof(unsigned long) != 0)
		return false;
	memset(set, 0, size);
	for (unsigned i = 0; i < made_up; i++)
		CPU_SET_S(i, size, set);
	return true;
}

// False: none of the set is among those made up.
static bool set_translate(size_t size, const cpu_set_t *set, cpu_set_t *ret_real)
{
	bool any = false;
	CPU_ZERO_S(CPU_ALLOC_SIZE(REAL_MOST), ret_real);
	for (unsigned i = 0; i < made_up && i < size * 8; i++) {
		if (!CPU_ISSET_S(i, size, set))
			continue;
		CPU_SET_S((size_t)real[i % real_count], CPU_ALLOC_SIZE(REAL_MOST), ret_real);
		any = true;
	}
	return any;
}

EXPORT int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	int (*next)(pid_t, size_t, cpu_set_t *);
	if (!is_played()) {
		NEXT("sched_getaffinity", next);
		return next(pid, size, set);
	}
	if (set_fill(size, set))
		return 0;
	errno = EINVAL;
	return -1;
}

EXPORT int pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t *set)
{
	int (*next)(pthread_t, size_t, cpu_set_t *);
	if (!is_played()) {
		NEXT("pthread_getaffinity_np", next);
		return next(thread, size, set);
	}
	return set_fill(size, set) ? 0 : EINVAL;
}

EXPORT int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
	int (*next)(pid_t, size_t, const cpu_set_t *);
	unsigned long word[REAL_MOST / WORD_BITS];
	cpu_set_t *translated = (cpu_set_t *)(void *)word;
	NEXT("sched_setaffinity", next);
	if (!is_played())
		return next(pid, size, set);
	if (set_translate(size, set, translated))
		return next(pid, sizeof(word), translated);
	errno = EINVAL;
	return -1;
}

EXPORT int pthread_setaffinity_np(pthread_t thread, size_t size, const cpu_set_t *set)
{
	int (*next)(pthread_t, size_t, const cpu_set_t *);
	unsigned long word[REAL_MOST / WORD_BITS];
	cpu_set_t *translated = (cpu_set_t *)(void *)word;
	NEXT("pthread_setaffinity_np", next);
	if (!is_played())
		return next(thread, size, set);
	return set_translate(size, set, translated) ? next(thread, sizeof(word), translated) :
	                                              EINVAL;
}
