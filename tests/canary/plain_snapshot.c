// SPDX-License-Identifier: BSD-3-Clause
// The snapshot's protocol with a payload that is not atomic: right on most machines, a race in C.
// The sequence orders nothing here, so that it is one even if the writer ends before the reader
// begins.
#include <pthread.h>
#include <stdatomic.h>

static _Atomic unsigned sequence;
static unsigned long word[2];

static void *publish(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < 10000; i++) {
		atomic_fetch_add_explicit(&sequence, 1, memory_order_relaxed);
		word[0] = i;
		word[1] = i;
		atomic_fetch_add_explicit(&sequence, 1, memory_order_relaxed);
	}
	return NULL;
}

int main(void)
{
	pthread_t writer;
	unsigned long sum = 0;
	pthread_create(&writer, NULL, publish, NULL);
	for (unsigned i = 0; i < 10000; i++) {
		unsigned before = atomic_load_explicit(&sequence, memory_order_relaxed);
		sum += word[0] + word[1];
		sum += before;
	}
	pthread_join(writer, NULL);
	return sum == 1;
}
