// SPDX-License-Identifier: BSD-3-Clause
// The publication of the snapshot (dataplane/core/seqcount.h): one writer, two readers, two words.
//
// Memory is weaker than program order. The writer's relaxed stores go into a buffer and become visible
// in any order; a release fence, and a release store, wait until all stores before them are visible.
// A reader's relaxed loads happen in any order between its acquire load and its acquire fence. So a
// fence that is missing shows here as a torn copy; -DNO_RELEASE_FENCE, -DNO_RELEASE_STORE and
// -DNO_ACQUIRE_FENCE take one away each, and the model must then fail.
//
// Checked: a reader never accepts words of two publications, it ends after TRIES tries whatever the
// writer does, and a writer that dies at any point (it may stop between any two steps) leaves the
// reader with its cached copy or a whole newer one.

#define WORDS        2
#define PUBLICATIONS 2
#define TRIES        3
#define READERS      2

byte seq;
byte word[WORDS];
bool done[READERS];

// A store that is not yet visible.
bool pending_odd, pending_even;
bool pending_word[WORDS];
byte odd_value, even_value, word_value;

#define WORDS_VISIBLE (!pending_word[0] && !pending_word[1])

#ifdef NO_RELEASE_STORE
#define MAY_SHOW_EVEN (pending_even)
#else
#define MAY_SHOW_EVEN (pending_even && WORDS_VISIBLE && !pending_odd)
#endif

// Makes buffered stores visible, one at a time, in any order.
active proctype memory() {
end:
	do
	:: atomic { pending_odd -> seq = odd_value; pending_odd = false }
	:: atomic { MAY_SHOW_EVEN -> seq = even_value; pending_even = false }
	:: atomic { pending_word[0] -> word[0] = word_value; pending_word[0] = false }
	:: atomic { pending_word[1] -> word[1] = word_value; pending_word[1] = false }
	od
}

active proctype writer() {
	byte n = 1;
	do
	:: n <= PUBLICATIONS ->
		// One location's stores become visible in their order.
		!pending_even;
		atomic { odd_value = 2 * n - 1; pending_odd = true }
#ifndef NO_RELEASE_FENCE
		!pending_odd;
#endif
		WORDS_VISIBLE;
		word_value = n;
		pending_word[0] = true;
		pending_word[1] = true;
		!pending_odd;
		atomic { even_value = 2 * n; pending_even = true }
		n++
	:: true -> break // dies here, or has published all
	:: n > PUBLICATIONS -> break
	od
	// The writer may also die in the middle: a reader that is scheduled alone sees just that, since
	// nothing obliges the writer to be scheduled.
}

proctype reader(byte me) {
	byte tries, before, after, copy[WORDS], order;
	byte cached, cached_seq;
	do
	:: tries == TRIES -> break
	:: tries < TRIES ->
		tries++;
		before = seq;
		if
		:: before % 2 == 1 -> skip
		:: else ->
			// Relaxed loads, in either order.
			if
			:: copy[0] = word[0]; copy[1] = word[1]
			:: copy[1] = word[1]; copy[0] = word[0]
#ifdef NO_ACQUIRE_FENCE
			// The second load of the sequence may then go before those of the words.
			:: after = seq; copy[0] = word[0]; copy[1] = word[1]; order = 1
			:: copy[0] = word[0]; after = seq; copy[1] = word[1]; order = 1
#endif
			fi;
			if
			:: order == 0 -> after = seq
			:: else -> order = 0
			fi;
			if
			:: before == after ->
				assert(copy[0] == copy[1]);
				assert(copy[0] == before / 2);
				assert(before >= cached_seq);
				cached = copy[0];
				cached_seq = before;
				break
			:: else -> skip
			fi
		fi
	od;
	assert(cached == cached_seq / 2);
	done[me] = true
}

init {
	atomic {
		run reader(0);
		run reader(1)
	}
}

// A reader ends whether or not the writer goes on.
ltl readers_end { <> (done[0] && done[1]) }
