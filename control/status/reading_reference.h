// SPDX-License-Identifier: BSD-3-Clause
// The references as the status segment shows them: which is followed, and what each said last. See
// reading.h.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "status/words.h"
#include "status/words.h"
#include "status/statseg.h"

struct reading_reference {
	char source[16];
	char text[REFERENCE_TEXT]; // and how it is asked
	enum sync_reason fault;    // of the last poll; NONE: none
	bool has_answered;         // else what follows but for the counts is zero
	int64_t heard_ns;          // since the last answer
	uint8_t leap;              // enum leap
	uint8_t stratum;
	uint32_t reference_id;
	int64_t distance_ns;
	int64_t correction_ns;
	uint64_t answers; // polls
	uint64_t failures;
};

struct reading_references {
	unsigned count;    // at least 1
	unsigned followed; // index
	uint64_t changes;
	enum kernel_word kernel; // beside the one followed
	uint64_t kernel_disagreements;
	struct reading_reference reference[CONFIG_REFERENCES];
};

// Reads them from a status segment at monotonic_ns.
void reading_references_take(const struct statseg_head *head, int64_t monotonic_ns,
	struct reading_references *ret_references);

// Texts of a status segment may lack their end, and hold anything: copies what is printable.
void reading_text_copy(char *to, size_t size, const char *from);
