// SPDX-License-Identifier: BSD-3-Clause
// The publication protocol of the core: a sequence number and a payload of words, all atomic.
//
// One writer, any number of readers that never wait. Odd: the writer is at work, or died there.
// Modelled in tests/model/snapshot.pml.
#pragma once

#include <stdatomic.h>
#include <stdint.h>

// Publishes n words. Only on the one writing thread. Also mends a sequence that a killed writer
// left odd.
static inline void seqcount_publish(
	_Atomic uint64_t *sequence, _Atomic uint64_t *to, const uint64_t *from, unsigned n)
{
	uint64_t odd = atomic_load_explicit(sequence, memory_order_relaxed) | 1;
	atomic_store_explicit(sequence, odd, memory_order_relaxed);
	// Pairs with the acquire fence in seqcount_copy: who sees a new word sees the odd sequence.
	atomic_thread_fence(memory_order_release);
	for (unsigned i = 0; i < n; i++)
		atomic_store_explicit(&to[i], from[i], memory_order_relaxed);
	// Pairs with the acquire load in seqcount_copy: who sees the even sequence sees all words.
	atomic_store_explicit(sequence, odd + 1, memory_order_release);
}

// One try to copy n words. The number of the copy made, or 0 if the writer was at work: what
// ret_word holds is then worth nothing. *ret_seen: the sequence when it began. Any thread.
static inline uint64_t seqcount_copy(const _Atomic uint64_t *sequence, const _Atomic uint64_t *from,
	uint64_t *ret_word, unsigned n, uint64_t *ret_seen)
{
	uint64_t before = atomic_load_explicit(sequence, memory_order_acquire);
	*ret_seen = before;
	if (before & 1)
		return 0;
	for (unsigned i = 0; i < n; i++)
		ret_word[i] = atomic_load_explicit(&from[i], memory_order_relaxed);
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(sequence, memory_order_relaxed) == before ? before : 0;
}
